// Where requests go and in which order (RFC 3263), asked of a real name server on loopback.
import t from 'tap'
import type { Location } from '../../../../../gateway/embedded/transport/locate/server-locator.ts'
import {
  locate,
  LOOPBACK,
  openLocator,
  rigWithDns,
  seeded,
  shown,
  TCP,
  TCP6,
  TLS,
  transport,
  UDP,
  UDP6,
  uri,
} from './locator-rig.ts'

t.test('an address is found at once, without a promise', async (t) => {
  const locator = openLocator(t, { transports: [UDP, TCP, TLS, UDP6, LOOPBACK] })
  const cases: readonly [string, readonly string[] | string][] = [
    ['sip:1@192.0.2.9', ['udp 192.0.2.9:5060']],
    ['sip:1@192.0.2.9:5080', ['udp 192.0.2.9:5080']],
    ['sip:1@192.0.2.9;transport=TCP', ['tcp 192.0.2.9:5060']],
    ['sip:1@192.0.2.9;transport=tls', ['tls 192.0.2.9:5061']],
    ['sips:1@192.0.2.9', ['tls 192.0.2.9:5061']],
    ['sips:1@192.0.2.9:5071;transport=tcp', ['tls 192.0.2.9:5071']],
    ['sip:1@[2001:db8::9]', ['udp 2001:db8::9:5060']],
    ['sip:1@[2001:db8::9];transport=tcp', 'no-transport'],
    ['sip:1@192.0.2.9;transport=sctp', 'no-transport'],
    ['sip:1@192.0.2.9;transport=ws', 'no-transport'],
    ['sip:1@192.0.2.9;transport', 'no-transport'],
    ['sip:1@example.com;transport=ws', 'no-transport'],
    ['sip:1@example.com;maddr=192.0.2.8', ['udp 192.0.2.8:5060']],
    ['sip:1@example.com;maddr=[2001:db8::8]', ['udp 2001:db8::8:5060']],
  ]
  for (const [text, expected] of cases) {
    const location = locator.locate(uri(text))
    t.notOk(location instanceof Promise, text)
    t.strictSame(shown(location as Location), expected, text)
  }
})

t.test('the nearest transport takes it, and the domain is that of the URI', async (t) => {
  const locator = openLocator(t, { transports: [LOOPBACK, transport('udp', '198.51.100.1'), UDP] })
  const nearest = (text: string) => locator.locate(uri(text)) as Location
  t.match(nearest('sip:1@192.0.2.9'), { destinations: [{ transport: UDP }] })
  t.match(nearest('sip:1@127.0.0.9'), {
    destinations: [{ transport: LOOPBACK, peer: { domain: '127.0.0.9' } }],
  })
  t.match(nearest('sip:1@trunk.example;maddr=198.51.100.7'), {
    destinations: [
      { transport: { local: { host: '198.51.100.1' } }, peer: { domain: 'trunk.example' } },
    ],
  })
})

t.test('without UDP of the family an address is reached by TCP', async (t) => {
  const locator = openLocator(t, { transports: [UDP, TCP6] })
  t.strictSame(shown(locator.locate(uri('sip:1@[2001:db8::9]')) as Location), [
    'tcp 2001:db8::9:5060',
  ])
  t.equal(shown(locator.locate(uri('sips:1@192.0.2.9')) as Location), 'no-transport')
})

t.test('a port means the host itself: no SRV', async (t) => {
  const { dns, locator } = await rigWithDns(t)
  dns.addresses('sip.example.com', ['192.0.2.9', '192.0.2.10'])
  t.strictSame(await locate(locator, 'sip:1@sip.example.com:5080'), [
    'udp 192.0.2.9:5080',
    'udp 192.0.2.10:5080',
  ])
  t.strictSame(await locate(locator, 'sip:1@SIP.Example.com.:5080;transport=tls'), [
    'tls 192.0.2.9:5080',
    'tls 192.0.2.10:5080',
  ])
  t.strictSame(dns.asked, ['A sip.example.com'], 'asked once')
})

t.test(
  'SRV: by priority, UDP first, TCP behind it; the domain stays that of the URI',
  async (t) => {
    const { dns, locator } = await rigWithDns(t)
    dns
      .srv('_sip._udp.example.com', [
        { target: 'b.example.net', priority: 20, port: 5062 },
        { target: 'a.example.net', priority: 10, port: 5061 },
      ])
      .srv('_sip._tcp.example.com', [{ target: 'a.example.net', priority: 1 }])
      .addresses('a.example.net', ['192.0.2.11', '192.0.2.12'])
      .addresses('b.example.net', ['192.0.2.21'])
    const location = await locator.locate(uri('sip:1@example.com'))
    t.strictSame(shown(location), [
      'udp 192.0.2.11:5061',
      'udp 192.0.2.12:5061',
      'udp 192.0.2.21:5062',
      'tcp 192.0.2.11:5060',
      'tcp 192.0.2.12:5060',
    ])
    t.ok(
      location.kind === 'found' &&
        location.destinations.every(({ peer }) => peer.domain === 'example.com'),
    )
    t.notOk(dns.asked.includes('A example.com'), 'the host itself is not asked for')
  },
)

t.test('SRV for TCP alone; with a transport named only its service is asked for', async (t) => {
  const { dns, locator } = await rigWithDns(t)
  dns
    .srv('_sip._tcp.example.com', [{ target: 'a.example.net', port: 5070 }])
    .addresses('a.example.net', ['192.0.2.11'])
    .addresses('example.com', ['192.0.2.99'])
  t.strictSame(await locate(locator, 'sip:1@example.com'), ['tcp 192.0.2.11:5070'])
  t.strictSame(await locate(locator, 'sip:1@example.com;transport=tcp'), ['tcp 192.0.2.11:5070'])
  t.strictSame(await locate(locator, 'sip:1@example.com;transport=udp'), ['udp 192.0.2.99:5060'])
  t.equal(dns.count('SRV', '_sips._tcp.example.com'), 0)
})

t.test('sips and transport=tls ask for _sips._tcp, then for the host with port 5061', async (t) => {
  const { dns, locator } = await rigWithDns(t)
  dns
    .srv('_sips._tcp.example.com', [{ target: 'a.example.net', port: 5071 }])
    .addresses('a.example.net', ['192.0.2.11'])
    .addresses('plain.example', ['192.0.2.99'])
  t.strictSame(await locate(locator, 'sips:1@example.com'), ['tls 192.0.2.11:5071'])
  t.strictSame(await locate(locator, 'sip:1@example.com;transport=tls'), ['tls 192.0.2.11:5071'])
  t.strictSame(await locate(locator, 'sips:1@plain.example'), ['tls 192.0.2.99:5061'])
  t.notOk(dns.asked.some((asked) => asked.includes('_sip.')))
})

t.test('the load is shared by weight, drawn for each call (RFC 2782)', async (t) => {
  const seed = 4711
  const { dns, locator } = await rigWithDns(t, { random: seeded(seed), transports: [UDP] })
  dns.srv('_sip._udp.example.com', [
    { target: 'heavy.example.net', priority: 1, weight: 60 },
    { target: 'light.example.net', priority: 1, weight: 20 },
    { target: 'none.example.net', priority: 1, weight: 0 },
    { target: 'last.example.net', priority: 2, weight: 1000 },
  ])
  for (const [index, name] of ['heavy', 'light', 'none', 'last'].entries())
    dns.addresses(`${name}.example.net`, [`192.0.2.${index + 1}`])
  const firsts = new Map<string, number>()
  const calls = 4_000
  for (let call = 0; call < calls; call += 1) {
    const found = await locate(locator, 'sip:1@example.com')
    firsts.set(found[0]!, (firsts.get(found[0]!) ?? 0) + 1)
    if (found.length !== 4 || found[3] !== 'udp 192.0.2.4:5060') t.fail('order', { found })
  }
  const share = (index: number): number => (firsts.get(`udp 192.0.2.${index}:5060`) ?? 0) / calls
  const shares = { seed, shares: [1, 2, 3].map(share) }
  t.ok(Math.abs(share(1) - 60 / 81) < 0.03, 'weight 60', shares)
  t.ok(Math.abs(share(2) - 20 / 81) < 0.03, 'weight 20', shares)
  t.ok(share(3) > 0 && share(3) < 0.03, 'weight 0: seldom', shares)
  t.equal(dns.asked.length, 5, 'each asked once')
})

t.test('without any weight the load is shared, too', async (t) => {
  const { dns, locator } = await rigWithDns(t, { random: seeded(7), transports: [UDP] })
  dns
    .srv('_sip._udp.example.com', [{ target: 'a.example.net' }, { target: 'b.example.net' }])
    .addresses('a.example.net', ['192.0.2.1'])
    .addresses('b.example.net', ['192.0.2.2'])
  let first = 0
  for (let call = 0; call < 1_000; call += 1) {
    if ((await locate(locator, 'sip:1@example.com'))[0] === 'udp 192.0.2.1:5060') first += 1
  }
  t.ok(first > 430 && first < 570, 'half and half', { first })
})

t.test('no SRV: the host itself at port 5060; no such name: dns-error', async (t) => {
  const { dns, locator } = await rigWithDns(t)
  dns.addresses('example.com', ['192.0.2.9'])
  t.strictSame(await locate(locator, 'sip:1@example.com'), ['udp 192.0.2.9:5060'])
  t.strictSame(dns.asked.slice(0, 2).toSorted(), [
    'SRV _sip._tcp.example.com',
    'SRV _sip._udp.example.com',
  ])
  t.equal(await locate(locator, 'sip:1@nowhere.example'), 'dns-error')
  t.equal(await locate(locator, 'sip:1@nowhere.example:5060'), 'dns-error')
})

t.test('only TCP of ours: only TCP is asked for', async (t) => {
  const { dns, locator } = await rigWithDns(t, { transports: [TCP] })
  dns.addresses('example.com', ['192.0.2.9'])
  t.strictSame(await locate(locator, 'sip:1@example.com'), ['tcp 192.0.2.9:5060'])
  t.strictSame(dns.asked, ['SRV _sip._tcp.example.com', 'A example.com'])
})

t.test('a service with the target "." is not there, whatever address the host has', async (t) => {
  const { dns, locator } = await rigWithDns(t)
  dns
    .srv('_sip._udp.none.example', [{ target: '.', port: 0 }])
    .srv('_sip._tcp.none.example', [{ target: '.', port: 0 }])
    .addresses('none.example', ['192.0.2.9'])
    .srv('_sip._udp.half.example', [{ target: '.', port: 0 }])
    .addresses('half.example', ['192.0.2.8'])
  t.equal(await locate(locator, 'sip:1@none.example'), 'dns-error')
  t.strictSame(await locate(locator, 'sip:1@half.example'), ['tcp 192.0.2.8:5060'])
  t.strictSame(await locate(locator, 'sip:1@none.example:5060'), ['udp 192.0.2.9:5060'])
})

t.test('targets that lead nowhere are passed over', async (t) => {
  const { dns, locator } = await rigWithDns(t, { transports: [UDP] })
  dns
    .srv('_sip._udp.example.com', [
      { target: 'gone.example.net', priority: 1 },
      { target: 'zero.example.net', priority: 2, port: 0 },
      { target: '192.0.2.7', priority: 3 },
      { target: 'a.example.net', priority: 4 },
      { target: 'alias.example.net', priority: 5 },
    ])
    .addresses('zero.example.net', ['192.0.2.6'])
    .addresses('a.example.net', ['192.0.2.8'])
    .addresses('alias.example.net', ['192.0.2.8'])
    .srv('_sip._udp.lost.example', [{ target: 'gone.example.net' }])
    .addresses('lost.example', ['192.0.2.5'])
  t.strictSame(await locate(locator, 'sip:1@example.com'), [
    'udp 192.0.2.7:5060',
    'udp 192.0.2.8:5060',
  ])
  t.equal(await locate(locator, 'sip:1@lost.example'), 'dns-error', 'SRV rules out the host')
})

t.test('AAAA is asked for when we speak to that family', async (t) => {
  const { dns, locator } = await rigWithDns(t, { transports: [UDP, UDP6] })
  dns
    .addresses('both.example', ['192.0.2.9', '2001:db8::9'])
    .addresses('six.example', ['2001:db8:0:1::7'])
  t.strictSame(await locate(locator, 'sip:1@both.example:5080'), [
    'udp 192.0.2.9:5080',
    'udp 2001:db8::9:5080',
  ])
  t.strictSame(await locate(locator, 'sip:1@six.example'), ['udp 2001:db8:0:1::7:5060'])
  const four = openLocator(t, { nameServers: [dns.hostPort], transports: [UDP] })
  dns.asked.length = 0
  t.equal(await locate(four, 'sip:1@six.example:5060'), 'dns-error')
  t.strictSame(dns.asked, ['A six.example'])
})
