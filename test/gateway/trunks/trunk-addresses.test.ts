import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { Trunk } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { NetworkSet, plainAddress } from '../../../gateway/trunks/network-set.ts'
import { TrunkAddresses } from '../../../gateway/trunks/trunk-addresses.ts'
import { hostsOf } from '../../../gateway/trunks/trunk-hosts.ts'

t.test('one form for each address', async (t) => {
  const rows: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', ''],
    ['192.0.2', ''],
    ['192.0.2.1.5', ''],
    ['carrier.example', ''],
  ]
  for (const [given, plain] of rows) t.equal(plainAddress(given), plain, given)
})

t.test('addresses and networks of both families', async (t) => {
  const set = new NetworkSet([
    '192.0.2.7',
    '203.0.113.0/24',
    '2001:db8:1::/48',
    '::ffff:198.51.100.0/120',
    'nonsense',
    '192.0.2.0/33',
    '192.0.2.0/x',
    '',
  ])
  for (const address of [
    '192.0.2.7',
    '::ffff:192.0.2.7',
    '203.0.113.0',
    '203.0.113.255',
    '::ffff:cb00:71ff',
    '2001:db8:1:ffff::1',
    '198.51.100.9',
  ])
    t.ok(set.has(address), address)
  for (const address of ['192.0.2.8', '203.0.114.0', '2001:db8:2::1', '198.51.101.1', '', 'x'])
    t.notOk(set.has(address), address)
  t.ok(new NetworkSet(['0.0.0.0/0']).has('192.0.2.1'))
  t.notOk(new NetworkSet(['0.0.0.0/0']).has('2001:db8::1'))
})

const trunk = (name: string, more: Partial<Trunk> = {}): Trunk => ({
  name,
  domain: `${name}.example`,
  numbers: [],
  ...more,
})

t.test('the hosts behind a trunk', async (t) => {
  const name = (host: string, hasServices: boolean) => ({ kind: 'name', name: host, hasServices })
  const address = (host: string) => ({ kind: 'address', address: host })
  const rows: [Partial<Trunk>, object[]][] = [
    [{ domain: 'Sip.Carrier.example.' }, [name('sip.carrier.example', true)]],
    [{ domain: 'sip.carrier.example:5061' }, [name('sip.carrier.example', false)]],
    [{ domain: '192.0.2.1:5060' }, [address('192.0.2.1')]],
    [{ domain: '[2001:DB8::1]:5060' }, [address('2001:db8::1')]],
    [
      { domain: 'a.example', proxy: 'sip:192.0.2.9;transport=tcp' },
      [name('a.example', true), address('192.0.2.9')],
    ],
    [
      { domain: '192.0.2.1', proxy: 'sip:p.example:5080;transport=tls' },
      [address('192.0.2.1'), name('p.example', false)],
    ],
    [{ domain: 'localhost' }, [address('127.0.0.1'), address('::1')]],
    [{ domain: 'one.invalid' }, []],
  ]
  for (const [given, hosts] of rows)
    t.same(hostsOf(trunk('x', given)), hosts, JSON.stringify(given))
})

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Name servers that say what the test says. */
function stage(t: Test, zone: Record<string, string[]>, services: Record<string, string[]> = {}) {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const asked: string[] = []
  const lines: string[] = []
  let changes = 0
  const addresses = new TrunkAddresses({
    logger: createLogger('info', { write: (line: string) => void lines.push(line) }),
    names: {
      addresses: (host) => {
        asked.push(host)
        return Promise.resolve(zone[host] ?? [])
      },
      targets: (domain) => {
        asked.push(`SRV ${domain}`)
        return Promise.resolve(services[domain] ?? [])
      },
      close: () => void asked.push('close'),
    },
    onChange: () => (changes += 1),
  })
  t.teardown(() => addresses.close())
  return { addresses, asked, lines, changes: () => changes }
}

t.test('literal at once, names in the background with their services', async (t) => {
  const zone = { 'a.example': ['192.0.2.1'], 'edge.a.example': ['192.0.2.2', '2001:DB8::2'] }
  const { addresses, asked, changes } = stage(t, zone, { 'a.example': ['edge.a.example'] })
  const [a, b, c] = [
    trunk('a'),
    trunk('b', { domain: 'a.example:5060', proxy: 'sip:198.51.100.1' }),
    trunk('c', { inbound: { addresses: ['203.0.113.0/24'] } }),
  ]
  addresses.replace([a, b, c])
  t.same(addresses.all, ['198.51.100.1', '203.0.113.0/24'])
  t.notOk(addresses.isOf(a, '192.0.2.1'), 'not known yet')
  await settle()
  t.same(asked, ['SRV a.example', 'a.example', 'edge.a.example'], 'each once; written ones never')
  t.same(addresses.all, ['192.0.2.1', '192.0.2.2', '2001:db8::2', '198.51.100.1', '203.0.113.0/24'])
  t.equal(changes(), 2)
  for (const [its, address, expected] of [
    [a, '192.0.2.1', true],
    [a, '::ffff:192.0.2.2', true],
    [a, '2001:db8::2', true],
    [a, '198.51.100.1', false],
    [b, '198.51.100.1', true],
    [c, '203.0.113.7', true],
    [c, '192.0.2.1', false],
  ] as const)
    t.equal(addresses.isOf(its, address), expected, `${its.name} ${address}`)
})

t.test('asked again every five minutes; what was found is kept when nothing is', async (t) => {
  const zone: Record<string, string[]> = { 'a.example': ['192.0.2.1'] }
  const { addresses, asked, lines, changes } = stage(t, zone)
  const a = trunk('a', { domain: 'a.example:5060' })
  addresses.replace([a])
  await settle()
  zone['a.example'] = []
  mock.timers.tick(300_000)
  await settle()
  t.equal(asked.length, 2)
  t.ok(addresses.isOf(a, '192.0.2.1'), 'kept')
  t.equal(lines.length, 1, 'told once')
  zone['a.example'] = ['192.0.2.3', '192.0.2.1']
  mock.timers.tick(300_000)
  await settle()
  t.ok(addresses.isOf(a, '192.0.2.3'))
  zone['a.example'] = ['192.0.2.1', '192.0.2.3']
  const before = changes()
  mock.timers.tick(300_000)
  await settle()
  t.equal(changes(), before, 'another order is no change')
  addresses.close()
  mock.timers.tick(3_000_000)
  await settle()
  t.same(asked.slice(-2), ['a.example', 'close'])
})

t.test('a name that nobody knew yet is asked again soon', async (t) => {
  const zone: Record<string, string[]> = {}
  const { addresses, lines } = stage(t, zone)
  const a = trunk('a')
  addresses.replace([a])
  await settle()
  t.equal(lines.length, 1)
  zone['a.example'] = ['192.0.2.1']
  mock.timers.tick(30_000)
  await settle()
  t.ok(addresses.isOf(a, '192.0.2.1'))
})

t.test('where the registrar answers from, until the registration ends', async (t) => {
  const { addresses, changes } = stage(t, {})
  const a = trunk('a', { domain: 'a.invalid' })
  const b = trunk('b', { domain: 'b.invalid', inbound: { addresses: [] } })
  addresses.replace([a, b])
  addresses.learn('a', '::ffff:192.0.2.1')
  addresses.learn('a', '192.0.2.1')
  addresses.learn('a', 'nonsense')
  addresses.learn('b', '192.0.2.2')
  t.same(addresses.all, ['192.0.2.1'], 'not where addresses are written down')
  t.ok(addresses.isOf(a, '192.0.2.1'))
  t.equal(changes(), 1)
  for (let at = 1; at < 30; at += 1) addresses.learn('a', `192.0.2.${at}`)
  t.equal(addresses.all.length, 8, 'bounded')
  addresses.forget('a')
  t.same(addresses.all, [])
})
