import t from 'tap'
import type { E164, Trunk, TrunkRoute } from '../../../core/contracts/index.ts'
import { selectTrunks, type Wanted } from '../../../gateway/routing/select-trunks.ts'

const OURS = '+4930555100' as E164
const OTHER = '+4930555200' as E164
const BERLIN = '+4930123456' as E164
const LONDON = '+442071234567' as E164

const route = (prefix: string | string[], priority = 100, weight = 1): TrunkRoute => ({
  prefixes: [prefix].flat(),
  priority,
  weight,
})
const trunk = (name: string, routes?: TrunkRoute[], numbers: readonly E164[] = [OURS]): Trunk => ({
  name,
  domain: `${name}.example`,
  numbers,
  ...(routes ? { routes } : {}),
})

const lowest = (): number => 0
const names = (
  trunks: readonly Trunk[],
  wanted: Wanted,
  { down = [], random = lowest }: { down?: string[]; random?: () => number } = {},
): string =>
  selectTrunks(
    trunks.map((each) => ({ trunk: each, isUsable: !down.includes(each.name) })),
    wanted,
    random,
  )
    .map(({ name }) => name)
    .join(' ')

t.test('only trunks with a route for the number', async (t) => {
  const trunks = [trunk('all'), trunk('uk', [route('+44')]), trunk('none', [])]
  t.equal(names(trunks, { to: BERLIN }), 'all')
  t.equal(
    names(trunks, { to: LONDON }),
    'uk all',
    'no routes: every number, by the shortest prefix',
  )
  t.throws(() => names([trunk('uk', [route('+44')]), trunk('none', [])], { to: BERLIN }), {
    code: 'NO_TRUNK',
    message: /no trunk has a route for this number/,
  })
  t.throws(() => names([], { to: BERLIN }), { code: 'NO_TRUNK', message: /no trunk is configured/ })
})

t.test(
  'the longest prefix, then the lowest priority, whatever the order of the file',
  async (t) => {
    const trunks = [
      trunk('backup', [route('+', 200)]),
      trunk('default'),
      trunk('germany', [route(['+33', '+49'], 150)]),
      trunk('berlin', [route('+4930', 900)]),
      trunk('cheap', [route('+49', 10)]),
    ]
    for (const given of [trunks, trunks.toReversed()])
      t.equal(names(given, { to: BERLIN }), 'berlin cheap germany default backup')
  },
)

t.test('a trunk with several routes is tried once, by the one that fits best', async (t) => {
  const several = trunk('several', [
    route('+', 1),
    route('+49', 50),
    route('+49', 5),
    route('+4', 1),
  ])
  t.equal(names([several, trunk('x', [route('+49', 6)])], { to: BERLIN }), 'several x')
  t.equal(names([several, trunk('x', [route('+49', 4)])], { to: BERLIN }), 'x several')
})

t.test('among equals by weight: each share as it should be', async (t) => {
  const trunks = [
    trunk('a', [route('+', 1, 60)]),
    trunk('b', [route('+', 1, 30)]),
    trunk('c', [route('+', 1, 10)]),
    trunk('never', [route('+', 1, 0)]),
  ]
  const first = new Map<string, number>()
  const orders = new Set<string>()
  const steps = 100
  for (let one = 0; one < steps; one += 1)
    for (let two = 0; two < steps; two += 1) {
      const draws = [(one + 0.5) / steps, (two + 0.5) / steps]
      const order = names(trunks, { to: BERLIN }, { random: () => draws.shift() ?? 0 })
      orders.add(order)
      const [name = ''] = order.split(' ')
      first.set(name, (first.get(name) ?? 0) + 1)
    }
  t.same(Object.fromEntries(first), { a: 6000, b: 3000, c: 1000 })
  t.equal(orders.size, 6, 'every order of the three')
  t.ok(
    [...orders].every((order) => order.endsWith('never')),
    'a weight of 0 is last, not left out',
  )
  t.equal(
    names(trunks.slice(3), { to: BERLIN }, { random: () => 0.99 }),
    'never',
    'alone it is tried',
  )
  t.equal(names(trunks, { to: BERLIN }, { random: () => 1 - 2 ** -53 }).split(' ')[0], 'c')
})

t.test('what cannot be used now comes last, in the same order, and is not left out', async (t) => {
  const trunks = [
    trunk('best', [route('+49', 1)]),
    trunk('second', [route('+49', 2)]),
    trunk('any', [route('+')]),
  ]
  t.equal(names(trunks, { to: BERLIN }, { down: ['best'] }), 'second any best')
  t.equal(names(trunks, { to: BERLIN }, { down: ['best', 'second'] }), 'any best second')
  const all = ['best', 'second', 'any']
  t.equal(names(trunks, { to: BERLIN }, { down: all }), 'best second any', 'all down: still tried')
})

t.test('a trunk by name: this one and no other, whatever its routes say', async (t) => {
  const trunks = [trunk('a'), trunk('uk', [route('+44')]), trunk('none', [])]
  t.equal(names(trunks, { to: BERLIN, trunk: 'uk' }), 'uk')
  t.equal(names(trunks, { to: BERLIN, trunk: 'none' }), 'none')
  t.equal(names(trunks, { to: BERLIN, trunk: 'a' }, { down: ['a'] }), 'a')
  t.throws(() => names(trunks, { to: BERLIN, trunk: 'b' }), {
    code: 'REQUEST_INVALID',
    message: /no trunk of that name is configured/,
  })
})

t.test('a caller number: trunks that may not show it are left out', async (t) => {
  const trunks = [trunk('a', [route('+', 1)]), trunk('b', [route('+', 2)], [OTHER, OURS])]
  t.equal(names(trunks, { to: BERLIN, from: OURS }), 'a b')
  t.equal(names(trunks, { to: BERLIN, from: OTHER }), 'b')
  t.equal(names(trunks, { to: BERLIN, from: OTHER }, { down: ['b'] }), 'b')
  for (const wanted of [{ from: LONDON }, { from: OTHER, trunk: 'a' }])
    t.throws(() => names(trunks, { to: BERLIN, ...wanted }), { code: 'FROM_NOT_ALLOWED' })
  t.throws(() => names([trunk('uk', [route('+44')], [OTHER])], { to: BERLIN, from: OTHER }), {
    code: 'NO_TRUNK',
  })
})

t.test('a trunk that would dial another number than this is left out', async (t) => {
  const to = '+4908816312345678' as E164
  const numberFormat = { country: '49', nationalPrefix: '0', internationalPrefix: '00' }
  const national = { ...trunk('national'), numberFormat }
  t.equal(names([national, trunk('plain')], { to }), 'plain')
  for (const wanted of [{ to }, { to, trunk: 'national' }])
    t.throws(() => names([national], wanted), { code: 'NUMBER_NOT_ALLOWED' })
  t.equal(names([national], { to: LONDON }), 'national')
})

t.test('a key that may use some trunks alone is dialled by no other', (t) => {
  const trunks = [trunk('one'), trunk('two'), trunk('uk', [route('+44')])]
  t.equal(names(trunks, { to: BERLIN, allowedTrunks: ['two'] }), 'two')
  t.equal(names(trunks, { to: BERLIN, trunk: 'two', allowedTrunks: ['two'] }), 'two')
  const refused = (wanted: Wanted, code: string) =>
    t.throws(() => names(trunks, wanted), { code }, code)
  refused({ to: BERLIN, trunk: 'one', allowedTrunks: ['two'] }, 'DIAL_NOT_ALLOWED')
  refused({ to: BERLIN, trunk: 'gone', allowedTrunks: ['two'] }, 'REQUEST_INVALID')
  refused({ to: BERLIN, allowedTrunks: ['uk'] }, 'NO_TRUNK')
  refused({ to: BERLIN, allowedTrunks: ['gone'] }, 'NO_TRUNK')
  refused({ to: BERLIN, allowedTrunks: [] }, 'NO_TRUNK')
  t.end()
})
