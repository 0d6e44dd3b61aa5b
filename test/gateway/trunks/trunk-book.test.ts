// The trunks on a real SIP server, between simulated carriers: registered, asked, changed while all of it goes on.
import { mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { E164, Trunk, TrunkView } from '../../../core/contracts/index.ts'
import { createLogger, createMetrics, type Metrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import type { RegisterRequest } from '../../../gateway/sip/sip-port.ts'
import { firstDelay } from '../../../gateway/trunks/health-policy.ts'
import { openTrunkBook, type TrunkBook } from '../../../gateway/trunks/trunk-book.ts'
import { startCarrier, type Carrier } from '../../../simulators/carrier/index.ts'
import { eventually } from '../../support/process.ts'
import { openSipStage, USER } from './sip-stage.ts'

const OURS = '+4930555100' as E164
const TO = '+4930123456' as E164
const OFTEN = { intervalSeconds: 0.05, downAfter: 3, upAfter: 2 }

async function openCarrier(t: Test, users: readonly string[] = []): Promise<Carrier> {
  const accounts = users.map((user) => ({ user, password: `of ${user}` }))
  const carrier = await startCarrier({ registrar: { accounts } })
  t.teardown(() => carrier.close())
  return carrier
}

const domainOf = ({ address: { host, port } }: Carrier): string => `${host}:${port}`

const trunkTo = (name: string, carrier: Carrier, user?: string): Trunk => ({
  name,
  domain: domainOf(carrier),
  numbers: [OURS],
  health: 'off',
  ...(user === undefined
    ? {}
    : { account: { user, password: `of ${user}`, registers: true, settings: 'here' } }),
})

const viewOf = (book: TrunkBook, name: string): TrunkView => {
  const view = book.views().find((each) => each.name === name)
  if (!view) throw new Error(`no trunk ${name}`)
  return view
}
const order = (book: TrunkBook): string[] => book.candidates({ to: TO }).map(({ name }) => name)

const sample = async (metrics: Metrics, name: string): Promise<string[]> =>
  (await metrics.render()).body.split('\n').filter((line) => line.startsWith(`voicegate_${name}{`))

t.test('a trunk that answers OPTIONS is up; down and last when it stops; up again', async (t) => {
  const stage = await openSipStage(t)
  const [one, two] = [await openCarrier(t), await openCarrier(t)]
  const { book, metrics } = stage.book([
    {
      ...trunkTo('one', one),
      health: OFTEN,
      routes: [{ prefixes: ['+'], priority: 1, weight: 1 }],
    },
    { ...trunkTo('two', two), health: OFTEN },
    trunkTo('silent', two),
  ])
  const reaches = (name: string, reach: string): Promise<boolean> =>
    eventually(`${name} to be ${reach}`, 5000, () => viewOf(book, name).health.reach === reach)
  t.match(viewOf(book, 'one').health, { reach: 'unasked', since: null, sipStatus: null })
  t.same(await sample(metrics, 'trunk_up'), [], 'nothing is said before it is known')
  await reaches('one', 'up')
  await reaches('two', 'up')
  t.match(viewOf(book, 'one').health, { sipStatus: 200, detail: null, since: Number })
  t.same(order(book)[0], 'one')

  one.failOptions('unavailable')
  await reaches('one', 'down')
  t.match(viewOf(book, 'one').health, { sipStatus: 503, detail: null })
  t.same(order(book).at(-1), 'one', 'last, not left out')
  t.same((await sample(metrics, 'trunk_up')).sort(), [
    'voicegate_trunk_up{trunk="one"} 0',
    'voicegate_trunk_up{trunk="two"} 1',
  ])
  one.failOptions(undefined)
  await reaches('one', 'up')
  t.same(order(book)[0], 'one')
  await two.close()
  await reaches('two', 'down')
  const { sipStatus, detail } = viewOf(book, 'two').health
  t.same([sipStatus, typeof detail], [null, 'string'], 'nobody answers, and it says why')
  t.match(viewOf(book, 'silent').health, { reach: 'unasked' }, 'off: never asked')
  const told = stage.lines.filter((line) =>
    /the trunk (answers|says that it takes no calls|does not answer)/.test(line),
  )
  t.equal(told.length, 5, 'one line for each change')
})

t.test(
  'the SIP server goes away: that says nothing of a trunk; asked at once when it is back',
  async (t) => {
    const stage = await openSipStage(t)
    const carrier = await openCarrier(t)
    const { book } = stage.book([
      { ...trunkTo('a', carrier), health: { intervalSeconds: 0.2, downAfter: 1, upAfter: 1 } },
    ])
    await eventually('it to be up', 5000, () => viewOf(book, 'a').health.reach === 'up')
    stage.relay.cut()
    await eventually('the loss', 5000, () => !stage.sip.isConnected)
    await sleep(600)
    t.equal(viewOf(book, 'a').health.reach, 'up')
    carrier.failOptions('unavailable')
    stage.relay.mend()
    await eventually('it to be down', 5000, () => viewOf(book, 'a').health.reach === 'down')
  },
)

t.test('another set of trunks: what stays the same goes on undisturbed', async (t) => {
  const stage = await openSipStage(t)
  const carrier = await openCarrier(t, ['stays', 'leaves', 'comes', 'moves'])
  const { registrar } = carrier
  const trunk = (name: string, user: string): Trunk => trunkTo(name, carrier, user)
  const { book, metrics } = stage.book([
    trunk('stays', 'stays'),
    trunk('leaves', 'leaves'),
    trunk('before', 'moves'),
  ])
  const isRegistered = (name: string): Promise<boolean> =>
    eventually(
      `${name} to be registered`,
      5000,
      () => viewOf(book, name).registration === 'registered',
    )
  for (const name of ['stays', 'leaves', 'before']) await isRegistered(name)
  const first = registrar.bindingOf('stays')
  const slots = ['stays', 'leaves'].map((name) => book.take(book.find(name)!, 'inbound'))
  t.match(viewOf(book, 'stays'), { calls: 1, registers: true, numbers: 1, expiresAt: Number })
  t.equal(viewOf(book, 'stays').domain, domainOf(carrier))

  book.replace([
    { ...trunk('stays', 'stays'), limits: { maxConcurrentCalls: 1 } },
    // The same account by another name: its farewell must not undo the new registration.
    trunk('after', 'moves'),
    trunk('comes', 'comes'),
  ])
  t.same(
    book.views().map(({ name, registration }) => [name, registration]),
    [
      ['stays', 'registered'],
      ['after', 'registering'],
      ['comes', 'registering'],
    ],
  )
  for (const name of ['after', 'comes']) await isRegistered(name)
  t.equal(registrar.bindingOf('leaves'), undefined, 'unregistered')
  t.ok(registrar.bindingOf('moves'))
  t.same(registrar.bindingOf('stays'), first, 'not registered again')
  t.equal(book.take(book.find('stays')!, 'inbound'), undefined, 'its call still counts')
  for (const slot of slots) slot?.release()
  t.ok(book.take(book.find('stays')!, 'inbound'))
  t.same((await sample(metrics, 'trunk_registered')).sort(), [
    'voicegate_trunk_registered{trunk="after"} 1',
    'voicegate_trunk_registered{trunk="comes"} 1',
    'voicegate_trunk_registered{trunk="stays"} 1',
  ])

  await book.close()
  for (const user of ['stays', 'moves', 'comes']) t.equal(registrar.bindingOf(user), undefined)
  book.replace([trunk('late', 'leaves')])
  await sleep(50)
  t.equal(registrar.bindingOf('leaves'), undefined, 'closed is closed')
})

t.test(
  'another password: unregistered and registered anew; a trunk that fails comes last',
  async (t) => {
    const stage = await openSipStage(t)
    const carrier = await openCarrier(t, ['alice'])
    const alice = trunkTo('alice', carrier, 'alice')
    const wrong = { ...alice, account: { ...alice.account!, password: 'wrong' } }
    const plain = {
      ...trunkTo('plain', carrier),
      routes: [{ prefixes: ['+'], priority: 900, weight: 1 }],
    }
    const { book } = stage.book([wrong, plain])
    await eventually('the refusal', 5000, () => viewOf(book, 'alice').registration === 'failing')
    t.same(order(book), ['plain', 'alice'])
    book.replace([alice, plain])
    await eventually('the binding', 5000, () => viewOf(book, 'alice').registration === 'registered')
    t.same(order(book), ['alice', 'plain'])
    book.replace([wrong, plain])
    await eventually('the refusal', 5000, () => viewOf(book, 'alice').registration === 'failing')
    t.equal(carrier.registrar.bindingOf('alice'), undefined)
  },
)

t.test('health of a changed trunk is asked anew; of a removed one nothing is left', async (t) => {
  const stage = await openSipStage(t)
  const carrier = await openCarrier(t)
  const a = { ...trunkTo('a', carrier), health: OFTEN }
  const { book, metrics } = stage.book([a])
  const isUp = (): Promise<boolean> =>
    eventually('it to be up', 5000, () => viewOf(book, 'a').health.reach === 'up')
  await isUp()
  const { since } = viewOf(book, 'a').health
  book.replace([{ ...a, passHeaders: true, codecs: ['PCMA'] }])
  t.equal(viewOf(book, 'a').health.since, since, 'it goes on')
  book.replace([{ ...a, transport: 'udp' }])
  t.equal(viewOf(book, 'a').health.reach, 'unasked')
  await isUp()
  book.replace([])
  await eventually('no metric', 1000, async () => (await sample(metrics, 'trunk_up')).length === 0)
})

t.test(
  'how full each trunk is, for as long as there is such a trunk or a call on it',
  async (t) => {
    const stage = await openSipStage(t)
    const carrier = await openCarrier(t)
    const a = { ...trunkTo('a', carrier), limits: { maxConcurrentCalls: 2 } }
    const b = trunkTo('b', carrier)
    const { book, metrics } = stage.book([a, b])
    const load = async (): Promise<string[]> =>
      [
        ...(await sample(metrics, 'trunk_calls_active')),
        ...(await sample(metrics, 'trunk_calls_limit')),
      ].map((line) => line.replace('voicegate_trunk_calls_', ''))
    t.same(await load(), ['active{trunk="a"} 0', 'active{trunk="b"} 0', 'limit{trunk="a"} 2'])
    const slots = [book.take(a, 'inbound'), book.take(a, 'outbound'), book.take(a, 'outbound')]
    t.same(await load(), ['active{trunk="a"} 2', 'active{trunk="b"} 0', 'limit{trunk="a"} 2'])
    book.replace([{ ...b, limits: { maxConcurrentCalls: 7 } }])
    t.same(await load(), ['active{trunk="a"} 2', 'active{trunk="b"} 0', 'limit{trunk="b"} 7'])
    for (const slot of slots) slot?.release()
    t.same(await load(), ['active{trunk="b"} 0', 'limit{trunk="b"} 7'])
  },
)

t.test('where a registrar answers from is known', async (t) => {
  const stage = await openSipStage(t)
  const carrier = await openCarrier(t, [USER])
  t.match(await stage.registerOnce(domainOf(carrier)), { sourceAddress: '127.0.0.1' })
  t.notOk('sourceAddress' in (await stage.registerOnce('127.0.0.1:1')), 'nobody answered')
})

t.test('a trunk that answers again is registered at once', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const none = { expiresSeconds: 0, minExpiresSeconds: undefined, retryAfterSeconds: undefined }
  const registered: RegisterRequest[] = []
  const sip = {
    isConnected: true,
    register: (request: RegisterRequest) => {
      registered.push(request)
      return Promise.resolve({ status: 503, detail: 'Port Closed', ...none })
    },
    options: () => Promise.resolve({ status: 200 }),
  }
  const health = { intervalSeconds: 30, downAfter: 3, upAfter: 2 }
  const account = { user: USER, password: 'p', registers: true, settings: 'here' }
  const deps = { clock: createClock(), metrics: createMetrics(), sip, random: () => 0.5 }
  const book = openTrunkBook({ ...deps, logger: createLogger('silent') }, [
    { name: 'one', domain: '192.0.2.9', numbers: [OURS], health, account },
  ])
  t.teardown(() => book.close())
  await settle()
  t.equal(registered.length, 1)
  mock.timers.tick(firstDelay(deps.random) - 1)
  await settle()
  t.equal(registered.length, 1, 'its pause')
  mock.timers.tick(1)
  await settle()
  t.equal(registered.length, 2)
})
