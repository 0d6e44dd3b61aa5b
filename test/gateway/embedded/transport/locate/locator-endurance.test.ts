// Name servers that are silent, slow or busy; names from strangers; servers that failed; the system's own way.
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { locate, LOOPBACK, openLocator, rigWithDns, TCP, UDP, UDP6, uri } from './locator-rig.ts'

t.test(
  'a silent name server: the host after 2.5 s, dns-error after 4 s, never later',
  async (t) => {
    const { dns, locator } = await rigWithDns(t)
    dns
      .mood('SRV', '_sip._udp.half.example', 'silent')
      .mood('SRV', '_sip._tcp.half.example', 'silent')
      .addresses('half.example', ['192.0.2.9'])
    for (const question of ['SRV _sip._udp.', 'SRV _sip._tcp.', 'A ']) {
      const [type, prefix = ''] = question.split(' ')
      dns.mood(type as 'SRV' | 'A', `${prefix}mute.example`, 'silent')
    }
    const started = performance.now()
    const timed = async (text: string) => ({
      found: await locate(locator, text),
      afterMs: performance.now() - started,
    })
    const [half, mute] = await Promise.all([
      timed('sip:1@half.example'),
      timed('sip:1@mute.example'),
    ])
    t.strictSame(half.found, ['udp 192.0.2.9:5060'])
    t.ok(half.afterMs > 2_400 && half.afterMs < 3_300, 'half', half)
    t.equal(mute.found, 'dns-error')
    t.ok(mute.afterMs > 3_900 && mute.afterMs < 4_800, 'mute', mute)
  },
)

t.test(
  'a name server that fails: the host itself; a slow second choice holds nobody up',
  async (t) => {
    const { dns, locator } = await rigWithDns(t, { transports: [UDP, TCP, UDP6] })
    dns
      .mood('SRV', '_sip._udp.ill.example', 'servfail')
      .mood('SRV', '_sip._tcp.ill.example', 'servfail')
      .addresses('ill.example', ['192.0.2.9'])
      .mood('AAAA', 'slow.example', 1_500)
      .addresses('slow.example', ['192.0.2.8', '2001:db8::8'])
      .srv('_sip._udp.late.example', [{ target: 'first.example.net' }])
      .mood('SRV', '_sip._udp.late.example', 500)
      .srv('_sip._tcp.late.example', [{ target: 'second.example.net' }])
      .addresses('first.example.net', ['192.0.2.6'])
      .addresses('second.example.net', ['192.0.2.7'])
    t.strictSame(await locate(locator, 'sip:1@ill.example'), ['udp 192.0.2.9:5060'])
    const started = performance.now()
    t.strictSame(await locate(locator, 'sip:1@slow.example:5060'), ['udp 192.0.2.8:5060'])
    const tookMs = performance.now() - started
    t.ok(tookMs < 1_000, 'did not wait for AAAA', { tookMs })
    t.strictSame(
      await locate(locator, 'sip:1@late.example'),
      ['udp 192.0.2.6:5060', 'tcp 192.0.2.7:5060'],
      'the first choice is waited for',
    )
  },
)

t.test(
  'many calls to one name ask once a time to live; failures are kept for a second',
  async (t) => {
    const { dns, locator } = await rigWithDns(t, { transports: [UDP] })
    dns.addresses('busy.example', ['192.0.2.9'], 1).addresses('kept.example', ['192.0.2.8'], 60)
    const started = performance.now()
    let calls = 0
    while (performance.now() - started < 2_500) {
      const burst = ['busy', 'kept', 'gone'].flatMap((name) =>
        Array.from({ length: 3 }, () => locate(locator, `sip:1@${name}.example:5060`)),
      )
      await Promise.all(burst)
      calls += burst.length
      await delay(10)
    }
    const asked = {
      calls,
      busy: dns.count('A', 'busy.example'),
      kept: dns.count('A', 'kept.example'),
      gone: dns.count('A', 'gone.example'),
    }
    t.ok(calls > 300, 'calls', asked)
    t.ok(asked.busy >= 2 && asked.busy <= 3, 'a time to live of 1 s', asked)
    t.equal(asked.kept, 1)
    t.ok(asked.gone >= 2 && asked.gone <= 3, 'unknown', asked)
    dns.addresses('gone.example', ['192.0.2.7'])
    await delay(1_050)
    t.strictSame(await locate(locator, 'sip:1@gone.example:5060'), ['udp 192.0.2.7:5060'])
  },
)

t.test('what failed goes to the end, the latest last, and is never left out', async (t) => {
  const { dns, locator } = await rigWithDns(t, { transports: [UDP] })
  dns.addresses('example.com', ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
  const order = async () => {
    const location = await locator.locate(uri('sip:1@example.com:5060'))
    if (location.kind !== 'found') throw new Error(location.kind)
    return location.destinations
  }
  const last = (list: readonly { peer: { address: string } }[]) =>
    list.map(({ peer }) => peer.address.at(-1)).join('')
  const [one, two, three] = await order()
  locator.noteFailure(one!)
  t.equal(last(await order()), '231')
  await delay(2)
  locator.noteFailure(two!)
  t.equal(last(await order()), '312')
  await delay(2)
  locator.noteFailure(three!)
  t.equal(last(await order()), '123')
  await delay(2)
  locator.noteFailure(one!)
  t.equal(last(await order()), '231')
  t.strictSame(await locate(locator, 'sip:1@192.0.2.1'), ['udp 192.0.2.1:5060'])
})

t.test('the system is asked when no name servers are given: localhost, without SRV', async (t) => {
  const locator = openLocator(t, { transports: [LOOPBACK, UDP] })
  const started = performance.now()
  const location = await locator.locate(uri('sip:1@localhost'))
  t.match(location, {
    kind: 'found',
    destinations: [
      { transport: LOOPBACK, peer: { address: '127.0.0.1', port: 5060, domain: 'localhost' } },
    ],
  })
  t.ok(performance.now() - started < 1_000)
  t.equal(await locate(locator, 'sip:1@no-such-host.invalid:5060'), 'dns-error')
})

t.test('localhost is not asked of a name server', async (t) => {
  const { dns, locator } = await rigWithDns(t, { transports: [LOOPBACK] })
  dns.addresses('localhost', ['192.0.2.66'])
  t.strictSame(await locate(locator, 'sip:1@LOCALHOST'), ['udp 127.0.0.1:5060'])
  t.strictSame(dns.asked, [])
})

t.test('names that are none are not asked for, and nothing throws', async (t) => {
  const { dns, locator } = await rigWithDns(t)
  const base = uri('sip:1@example.com')
  const hosts = [
    '',
    '.',
    '..',
    'a..b',
    '-a.example',
    'a'.repeat(64) + '.example',
    'a.'.repeat(127) + 'example',
    'x y.example',
    'é.example',
    'a\0b.example',
    '127.1',
    '1',
    '0x7f000001',
    '0',
    '999.999.999.999',
    '::1::2',
    'a/b',
    '%00',
    '__proto__!',
  ]
  for (const host of hosts) {
    for (const scheme of ['sip', 'sips', 'tel'] as const) {
      const location = await locator.locate({ ...base, scheme, host })
      t.equal(location.kind, 'dns-error', JSON.stringify(host.slice(0, 20)))
    }
    const maddr = new Map([['maddr', host]])
    if (host === '') continue
    t.equal((await locator.locate({ ...base, parameters: maddr })).kind, 'dns-error')
  }
  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    t.equal((await locator.locate({ ...base, host: '192.0.2.9', port })).kind, 'no-transport')
  t.strictSame(dns.asked, [])
  dns.addresses('_a_b.example', ['192.0.2.9'])
  t.strictSame(await locate(locator, 'sip:1@_a_b.example'), ['udp 192.0.2.9:5060'])
  const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
  dns.addresses(longest, ['192.0.2.8'])
  t.strictSame(await locate(locator, `sip:1@${longest}`), ['udp 192.0.2.8:5060'])
})

t.test('a flood of names that nobody answers is bounded, and takes nothing away', async (t) => {
  const { dns, locator } = await rigWithDns(t, { transports: [UDP] })
  dns.addresses('known.example', ['192.0.2.8'], 1)
  t.strictSame(await locate(locator, 'sip:1@known.example:5060'), ['udp 192.0.2.8:5060'])
  await delay(1_050)
  const flood = Array.from({ length: 900 }, (_, index) => {
    dns.mood('A', `n${index}.example`, 'silent')
    return locate(locator, `sip:1@n${index}.example:5060`)
  })
  t.strictSame(await locate(locator, 'sip:1@192.0.2.9'), ['udp 192.0.2.9:5060'])
  t.strictSame(
    await locate(locator, 'sip:1@known.example:5060'),
    ['udp 192.0.2.8:5060'],
    'what was known is used although its time is over',
  )
  await delay(200)
  t.ok(dns.asked.length <= 501, 'under way at a time', { asked: dns.asked.length })
  locator.close()
  t.ok((await Promise.all(flood)).every((found) => found === 'dns-error'))
})

t.test('close ends what is under way at once', async (t) => {
  const { dns, locator } = await rigWithDns(t)
  dns
    .mood('SRV', '_sip._udp.mute.example', 'silent')
    .mood('SRV', '_sip._tcp.mute.example', 'silent')
    .mood('A', 'silent.example', 'silent')
  const waiting = [
    locate(locator, 'sip:1@mute.example'),
    locate(locator, 'sip:1@silent.example:5060'),
  ]
  await delay(50)
  const before = dns.asked.length
  const started = performance.now()
  locator.close()
  locator.close()
  t.strictSame(await Promise.all(waiting), ['dns-error', 'dns-error'])
  t.ok(performance.now() - started < 500)
  t.equal(await locate(locator, 'sip:1@other.example'), 'dns-error')
  await delay(50)
  t.equal(dns.asked.length, before, 'nothing more is asked')
})

t.test('a name server that is no address is refused at the start', async (t) => {
  t.throws(() => openLocator(t, { nameServers: ['ns.example.com'] }))
})
