// The gate's rules, each by itself and at a clock of the test's own.
import t from 'tap'
import { Gate } from '../../../../gateway/embedded/gate/gate.ts'
import { KnownAddresses } from '../../../../gateway/embedded/gate/known-addresses.ts'
import { RateByAddress } from '../../../../gateway/embedded/gate/rate-by-address.ts'
import { isScanner } from '../../../../gateway/embedded/gate/scanners.ts'
import { SipHeaders } from '../../../../gateway/embedded/message/sip-headers.ts'

const LIMITS = {
  strangerMessagesPerSecond: 50,
  strangerMessageBurst: 100,
  strangerRefusalsPerSecond: 5,
}
const CARRIER = '203.0.113.7'
const STRANGER = '198.51.100.9'
const OUTSIDE = { method: 'INVITE', headers: new SipHeaders().append('To', '<sip:a@b>') }
const TAGGED = { method: 'BYE', headers: new SipHeaders().append('To', '<sip:a@b>;tag=x') }

const by = (agent: string) => ({ method: 'OPTIONS', headers: headers(agent) })
const headers = (agent: string, from = '<sip:a@b>;tag=1'): SipHeaders =>
  new SipHeaders().append('User-Agent', agent).append('From', from).append('To', '<sip:a@b>')

t.test('addresses and networks of both families are known', async (t) => {
  const known = new KnownAddresses([CARRIER, '192.0.2.0/25', '2001:db8::7', '2001:db8:1::/48'])
  for (const [address, isKnown] of [
    [CARRIER, true],
    ['203.0.113.8', false],
    ['192.0.2.127', true],
    ['192.0.2.128', false],
    ['2001:db8::7', true],
    ['2001:DB8:0:0::7', true],
    ['2001:db8::8', false],
    ['2001:db8:1:ffff::1', true],
    ['2001:db8:2::1', false],
    ['', false],
    ['example.test', false],
  ] as const)
    t.equal(known.has(address), isKnown, address)
  t.ok(new KnownAddresses(['fe80::/10']).has('fe80::1%eth0'), 'a zone is no part of the address')
})

t.test('what is neither an address nor a network is refused', async (t) => {
  for (const text of ['', 'sip.test', '1.2.3', '1.2.3.4/33', '::/129', '1.2.3.4/', '1.2.3.4/8/8'])
    t.throws(() => new KnownAddresses([text]), { code: 'EINVAL' }, text)
})

t.test('a bucket has its burst at once, then its rate', async (t) => {
  const rate = new RateByAddress({ perSecond: 50, burst: 100, maxAddresses: 3 })
  const taken = (address: string, times: number, at: number): number =>
    Array.from({ length: times }, () => rate.take(address, at)).filter(Boolean).length
  t.equal(taken('192.0.2.1', 300, 0), 100)
  t.equal(taken('192.0.2.1', 300, 1_000), 50)
  t.equal(taken('192.0.2.2', 300, 1_000), 100, 'another address has its own')
  t.equal(taken('192.0.2.1', 300, 60_000), 100, 'never more than the burst')
  t.equal(taken('2001:db8::1', 60, 0) + taken('2001:db8::2:2', 60, 0), 100, 'a /64 counts as one')
  t.equal(rate.size, 3)
  t.equal(taken('192.0.2.3', 1, 0), 1)
  t.equal(rate.size, 3, 'the longest silent is forgotten')
  t.equal(taken('192.0.2.1', 1, 60_000), 0, 'not the one that is still at it')
})

t.test('programs that search for servers are known by their names', async (t) => {
  for (const agent of [
    'friendly-scanner',
    'Friendly-Scanner 1.0',
    'sipvicious',
    'my SIPVicious',
    'sundayddr',
    'sipcli/v1.8',
    'VaxSIPUserAgent/3.1',
    'VaxIPUserAgent',
    'sip-scan',
    'sipscan 2',
    'pplsip',
    'smap 0.6.0',
    'iWar',
    'SIVuS',
    'gulp',
    '"friendly-scanner"',
  ])
    t.ok(isScanner(headers(agent), true), agent)
  for (const agent of ['Asterisk PBX 20', 'CSipSimple_p', 'smapps 1', 'Gulpin', 'Scanco 3', ''])
    t.notOk(isScanner(headers(agent), false), agent)
  t.ok(isScanner(headers('sipsak 0.9'), false))
  t.notOk(isScanner(headers('sipsak 0.9'), true), 'an administrator of the carrier may ask by it')
  t.ok(isScanner(headers('Phone', '"sipvicious"<sip:100@1.1.1.1>;tag=1'), true))
  t.notOk(isScanner(OUTSIDE.headers, false))
})

t.test('without options everybody is known', async (t) => {
  const gate = new Gate(LIMITS)
  for (let n = 0; n < 1_000; n += 1) t.ok(gate.admits(STRANGER) || t.fail('not admitted'))
  t.equal(gate.refusalOf(by('friendly-scanner'), STRANGER), undefined)
})

t.test('what becomes of a stranger', async (t) => {
  const told = (status: number) => ({ response: { status }, cause: 'stranger' })
  const silent = { cause: 'stranger' }
  for (const [strangers, outside, tagged, ack] of [
    ['drop', silent, silent, silent],
    ['refuse', told(403), told(481), silent],
    ['ask', undefined, undefined, undefined],
  ] as const) {
    const gate = new Gate(LIMITS, { known: [CARRIER], strangers })
    t.strictSame(gate.refusalOf(OUTSIDE, STRANGER), outside, strangers)
    t.strictSame(gate.refusalOf(TAGGED, STRANGER), tagged, 'anybody can write a To tag')
    t.strictSame(gate.refusalOf({ ...TAGGED, method: 'ACK' }, STRANGER), ack)
    t.equal(
      gate.refusalOf(TAGGED, STRANGER, () => true),
      undefined,
      'a dialog there is',
    )
    t.equal(gate.refusalOf(OUTSIDE, CARRIER), undefined)
    t.strictSame(gate.refusalOf(by('sipvicious'), CARRIER), { cause: 'scanner' })
    t.strictSame(gate.refusalOf(by('sipsak'), STRANGER), { cause: 'scanner' })
  }
})

t.test('a stranger is told five times a second, and dropped beyond', async (t) => {
  let now = 0
  const gate = new Gate(LIMITS, { known: [], strangers: 'refuse' }, () => now)
  const told = (address: string): number =>
    Array.from({ length: 20 }, () => gate.refusalOf(OUTSIDE, address)).filter(
      (refusal) => refusal?.response !== undefined,
    ).length
  t.equal(told(STRANGER), 5)
  now = 1_000
  t.equal(told(STRANGER), 5)
  t.equal(told('198.51.100.10'), 5, 'another one has its own')
})

t.test(
  'only strangers have a rate; whom we asked something is none for five minutes',
  async (t) => {
    let now = 0
    const gate = new Gate(LIMITS, { known: [CARRIER], strangers: 'drop' }, () => now)
    const admitted = (address: string): number =>
      Array.from({ length: 1_000 }, () => gate.admits(address)).filter(Boolean).length
    t.equal(admitted(CARRIER), 1_000)
    t.equal(admitted(STRANGER), 100)
    gate.expect(STRANGER)
    t.equal(admitted(STRANGER), 1_000)
    t.equal(gate.refusalOf(OUTSIDE, STRANGER), undefined)
    now = 300_000
    t.equal(admitted(STRANGER), 100)
    t.strictSame(gate.refusalOf(OUTSIDE, STRANGER), { cause: 'stranger' })
  },
)

t.test('another set of addresses counts at once; a wrong one changes nothing', async (t) => {
  const gate = new Gate(LIMITS, { known: [CARRIER], strangers: 'drop' })
  t.equal(gate.refusalOf(OUTSIDE, CARRIER), undefined)
  t.throws(() => gate.replace({ known: ['nowhere'], strangers: 'ask' }), { code: 'EINVAL' })
  t.ok(gate.refusalOf(OUTSIDE, STRANGER), 'as before')
  gate.replace({ known: [STRANGER], strangers: 'drop' })
  t.equal(gate.refusalOf(OUTSIDE, STRANGER), undefined)
  t.ok(gate.refusalOf(OUTSIDE, CARRIER), 'no longer known')
})
