// Whose call it is: by its address, its certificate or its credentials, as the trunks are defined.
import t, { type Test } from 'tap'
import type { E164, InboundAccount, Trunk } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { createDigestClient } from '../../../gateway/sip/digest/digest-client.ts'
import {
  openTrunkBook,
  type CallerFacts,
  type Recognition,
  type TrunkBook,
} from '../../../gateway/trunks/trunk-book.ts'

const OURS = '+4930555100' as E164
const OTHER = '+4930555200' as E164
const REQUEST = { method: 'INVITE', uri: 'sip:+4930555100@198.51.100.9', body: 'v=0\r\n' }

const trunk = (name: string, more: Partial<Trunk> = {}): Trunk => ({
  name,
  domain: `${name}.invalid`,
  numbers: [OURS],
  health: 'off',
  ...more,
})
const at = (...addresses: string[]): Partial<Trunk> => ({ inbound: { addresses } })
const account = (username: string, more: Partial<InboundAccount> = {}): InboundAccount => ({
  username,
  password: `of ${username}`,
  ...more,
})

function bookOf(t: Test, ...trunks: Trunk[]): TrunkBook {
  const away = (): Promise<never> => Promise.reject(new AppError('SIP_UNAVAILABLE', 'not here'))
  const sip = { isConnected: false, register: away, options: away }
  const names = {
    addresses: () => Promise.resolve([]),
    targets: () => Promise.resolve([]),
    close: () => undefined,
  }
  const deps = { logger: createLogger('silent'), clock: createClock(), metrics: createMetrics() }
  const book = openTrunkBook({ ...deps, sip, names }, trunks)
  t.teardown(() => book.close())
  return book
}

const caller = (sourceAddress: string, more: Partial<CallerFacts> = {}): CallerFacts => ({
  sourceAddress,
  tlsNames: [],
  toUser: OURS,
  request: REQUEST,
  authorization: '',
  ...more,
})

const told = (recognition: Recognition): string =>
  recognition.kind === 'trunk' ? recognition.trunk.name : recognition.kind

function challengesOf(recognition: Recognition): readonly string[] {
  if (recognition.kind !== 'challenge') throw new Error(recognition.kind)
  return recognition.challenges
}

/** Sends the INVITE again with what the challenges ask for. */
function answered(book: TrunkBook, facts: CallerFacts, { username, password }: InboundAccount) {
  const exchange = createDigestClient({ username, password }).begin()
  const challenges = challengesOf(book.recognize(facts))
  if (!exchange.accept(401, [challenges.join(', ')])) throw new Error('no challenge to answer')
  const headers = exchange.headersFor(facts.request)
  const authorization = headers.map(([, value]) => value).join(', ')
  return { recognition: book.recognize({ ...facts, authorization }), authorization }
}

t.test('by address: written ones, else the domain and the proxy', async (t) => {
  const book = bookOf(
    t,
    trunk('written', at('192.0.2.0/24', '2001:db8::/32')),
    trunk('literal', { domain: '198.51.100.1:5080' }),
    trunk('proxied', { proxy: 'sip:198.51.100.2:5060;transport=tcp' }),
    trunk('nobody', at()),
  )
  for (const [address, expected] of [
    ['192.0.2.77', 'written'],
    ['::ffff:192.0.2.77', 'written'],
    ['2001:db8::1', 'written'],
    ['198.51.100.1', 'literal'],
    ['198.51.100.2', 'proxied'],
    ['198.51.100.3', 'stranger'],
    ['', 'stranger'],
  ] as const)
    t.equal(told(book.recognize(caller(address))), expected, address)
  t.same(book.knownAddresses(), ['192.0.2.0/24', '2001:db8::/32', '198.51.100.1', '198.51.100.2'])
  t.equal(book.asksEverybody, false)
})

t.test('trunks that share an address: by the number that is called, else the first', async (t) => {
  const first = trunk('first', at('192.0.2.1'))
  const second = trunk('second', { ...at('192.0.2.1'), numbers: [OTHER], numberFormat: 'digits' })
  const book = bookOf(t, first, second)
  for (const [toUser, expected] of [
    [OURS, 'first'],
    [OTHER, 'second'],
    [OTHER.slice(1), 'second'],
    ['alice', 'first'],
  ] as const)
    t.equal(told(book.recognize(caller('192.0.2.1', { toUser }))), expected, toUser)
})

t.test('by the names in its certificate', async (t) => {
  const tlsNames = ['*.pstn.carrier.example', 'Sip.Carrier.example']
  const book = bookOf(t, trunk('tls', { inbound: { addresses: [], tlsNames } }))
  t.equal(book.asksEverybody, true)
  for (const [names, expected] of [
    [['sip.carrier.example'], 'tls'],
    [['SIP.CARRIER.EXAMPLE'], 'tls'],
    [['x.example', 'a.PSTN.carrier.example'], 'tls'],
    [['*.pstn.carrier.example'], 'tls'],
    [['pstn.carrier.example'], 'stranger'],
    [['a.b.pstn.carrier.example'], 'stranger'],
    [['.pstn.carrier.example'], 'stranger'],
    [['*.carrier.example'], 'stranger'],
    [['sip.carrier.example.evil.example'], 'stranger'],
    [[''], 'stranger'],
    [[], 'stranger'],
  ] as const)
    t.equal(told(book.recognize(caller('192.0.2.1', { tlsNames: names }))), expected, names.join())
})

t.test('by its certificate alone, where no addresses are named beside it', async (t) => {
  const inbound = { tlsNames: ['sip.carrier.example'] }
  const book = bookOf(t, trunk('tls', { domain: '192.0.2.1', inbound }))
  t.equal(told(book.recognize(caller('192.0.2.1'))), 'stranger', 'an address can be forged')
  t.equal(told(book.recognize(caller('192.0.2.1', { tlsNames: inbound.tlsNames }))), 'tls')
  t.same(book.knownAddresses(), ['192.0.2.1'], 'it is no stranger to those who count messages')
  const both = { ...inbound, addresses: ['192.0.2.1'] }
  book.replace([trunk('tls', { inbound: both })])
  t.equal(told(book.recognize(caller('192.0.2.1'))), 'tls')
})

t.test('by credentials: from anywhere, and never without them', async (t) => {
  const alice = account('alice')
  const book = bookOf(t, trunk('a', { domain: '192.0.2.1', inbound: { account: alice } }))
  t.equal(book.asksEverybody, true)
  for (const address of ['192.0.2.1', '203.0.113.5']) {
    const facts = caller(address)
    t.match(book.recognize(facts), { kind: 'challenge', refused: false, challenges: { length: 1 } })
    t.match(challengesOf(book.recognize(facts))[0], /^Digest realm="192\.0\.2\.1", .*algorithm=MD5/)
    const { recognition, authorization } = answered(book, facts, alice)
    t.equal(told(recognition), 'a')
    t.match(
      book.recognize({ ...facts, authorization }),
      { kind: 'challenge', refused: true },
      'once',
    )
    for (const wrong of [account('alice', { password: 'guess' }), account('bob')])
      t.match(answered(book, facts, wrong).recognition, { kind: 'challenge', refused: true })
  }
})

t.test('an account with addresses: both are needed', async (t) => {
  const alice = account('alice')
  const book = bookOf(t, trunk('a', { inbound: { addresses: ['192.0.2.1'], account: alice } }))
  t.equal(book.asksEverybody, false)
  t.equal(told(answered(book, caller('192.0.2.1'), alice).recognition), 'a')
  t.equal(told(book.recognize(caller('203.0.113.5'))), 'stranger')
})

t.test('several accounts: user and realm say which trunk it is', async (t) => {
  const [alice, bob, carol] = [account('alice'), account('bob'), account('carol')]
  const inbound = (its: InboundAccount): Partial<Trunk> => ({
    domain: 'shared.invalid',
    inbound: { account: its },
  })
  const book = bookOf(
    t,
    trunk('alice', inbound(alice)),
    trunk('bob', inbound(bob)),
    trunk('carol', {
      inbound: { account: { ...carol, algorithms: ['SHA-256', 'MD5'] } },
    }),
    trunk('open', at('192.0.2.9')),
    trunk('near', { inbound: { addresses: ['192.0.2.8'], account: account('dave') } }),
  )
  const facts = caller('203.0.113.5')
  const realms = (recognition: Recognition): string[] =>
    challengesOf(recognition).map((value) =>
      /realm="([^"]*)".*algorithm=([\w-]+)/.exec(value)!.slice(1).join(' '),
    )
  const everybodys = ['shared.invalid MD5', 'carol.invalid SHA-256', 'carol.invalid MD5']
  t.same(realms(book.recognize(facts)), everybodys)
  for (const [its, expected] of [
    [alice, 'alice'],
    [bob, 'bob'],
    [carol, 'carol'],
  ] as const)
    t.equal(told(answered(book, facts, its).recognition), expected)
  t.equal(told(book.recognize(caller('192.0.2.9'))), 'open', 'a known address is enough')
  t.same(realms(book.recognize(caller('192.0.2.8'))), ['near.invalid MD5', ...everybodys])
  t.equal(told(answered(book, caller('192.0.2.8'), account('dave')).recognition), 'near')
})

t.test('a challenge has room for eight realms', async (t) => {
  const many = Array.from({ length: 12 }, (_, index) =>
    trunk(`t${index}`, { inbound: { account: account('a') } }),
  )
  t.equal(challengesOf(bookOf(t, ...many).recognize(caller('192.0.2.1'))).length, 8)
})

t.test('one account for two trunks of a realm: by the number that is called', async (t) => {
  const alice = account('alice')
  const shared = { domain: 'shared.invalid', inbound: { account: alice } }
  const book = bookOf(t, trunk('one', shared), trunk('two', { ...shared, numbers: [OTHER] }))
  t.equal(told(answered(book, caller('192.0.2.1'), alice).recognition), 'one')
  const facts = caller('192.0.2.1', { toUser: OTHER })
  t.equal(told(answered(book, facts, alice).recognition), 'two')
})

t.test('another set: a challenge that stands is still good; what changed is told', async (t) => {
  const alice = account('alice')
  const a = trunk('a', { inbound: { account: alice } })
  const book = bookOf(t, a)
  let changes = 0
  book.onKnownAddresses(() => (changes += 1))
  const facts = caller('192.0.2.1')
  const exchange = createDigestClient(alice).begin()
  exchange.accept(401, challengesOf(book.recognize(facts)))
  book.replace([{ ...a, numbers: [OTHER] }])
  const authorization = exchange.headersFor(REQUEST)[0]![1]
  t.equal(told(book.recognize({ ...facts, authorization })), 'a')
  t.equal(changes, 0)
  book.replace([a, trunk('b', at('192.0.2.7'))])
  t.equal(changes, 1)
  book.replace([trunk('b', at('192.0.2.7'))])
  t.equal(changes, 2)
  t.equal(book.asksEverybody, false)
  t.equal(told(book.recognize({ ...facts, authorization })), 'stranger')
})
