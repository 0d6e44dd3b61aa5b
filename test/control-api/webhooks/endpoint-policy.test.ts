// Where webhooks may go: a table of what people try (SSRF), and names that move (DNS rebinding).
import t from 'tap'
import {
  createEndpointPolicy,
  type EndpointPolicyOptions,
} from '../../../control-api/webhooks/endpoint-policy.ts'
import { createPublicResolver } from '../../../control-api/webhooks/resolve-host.ts'
import { StubDns } from '../../support/stub-dns.ts'

const PUBLIC = '93.184.215.14'
const policy = (options: Partial<EndpointPolicyOptions> = {}) =>
  createEndpointPolicy({
    allowHosts: [],
    allowLoopback: false,
    resolvePublic: () => Promise.resolve([PUBLIC]),
    resolveAllowed: () => Promise.resolve(['10.0.0.7']),
    ...options,
  })

const HOSTILE = [
  // Not what we send to.
  'http://example.com/hook',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://example.com:70/_x',
  'data:text/plain,x',
  'javascript:alert(1)',
  'unix:/run/docker.sock',
  'https+unix://%2Frun%2Fdocker.sock/x',
  '//example.com/x',
  'example.com/x',
  '',
  'https://',
  // Other ports, credentials, parts no server sees.
  'https://example.com:22/',
  'https://example.com:8443/',
  'https://example.com:80/',
  'https://user@example.com/',
  'https://user:password@example.com/',
  'https://:password@example.com/',
  'https://example.com@169.254.169.254/',
  'https://example.com/#x',
  `https://example.com/${'x'.repeat(2048)}`,
  // IPv4 by every spelling.
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.0.1./',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://%31%32%37.0.0.1/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://0xa9fea9fe/',
  'https://2852039166/',
  'https://100.64.0.1/',
  'https://192.0.0.192/',
  'https://198.18.0.1/',
  'https://203.0.113.7/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://240.0.0.1/',
  // IPv6, and IPv4 within it.
  'https://[::1]/',
  'https://[::]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:0:10.0.0.1]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[64:ff9b::10.0.0.1]/',
  'https://[64:ff9b:1::10.0.0.1]/',
  'https://[2002:7f00:1::]/',
  'https://[2002:a9fe:a9fe::1]/',
  'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'https://[fe80::1]/',
  'https://[fe80::1%25eth0]/',
  'https://[fec0::1]/',
  'https://[fc00::1]/',
  'https://[fd00:ec2::254]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://[100::1]/',
  'https://[4000::1]/',
]

t.test('what is not https on port 443 of a public address is refused', async (t) => {
  for (const url of HOSTILE) {
    const result = await policy().examine(url)
    t.match(result, { kind: 'refused', why: /\w/ }, url)
    if (result.kind === 'refused')
      t.notMatch(result.why, /example|169|127/, 'and the words quote nothing')
  }
})

t.test('public ones are allowed, with the addresses that were checked', async (t) => {
  const url = 'https://example.com/hook?token=1'
  const found = await policy().examine(url)
  t.match(found, { kind: 'allowed', addresses: [PUBLIC] })
  for (const url of ['https://example.com:443/', 'https://1.1.1.1/', 'https://[2606:4700::1111]/'])
    t.match(await policy().examine(url), { kind: 'allowed' }, url)
})

t.test('one private address among public ones is enough to be refused', async (t) => {
  for (const bad of ['127.0.0.1', '::1', '10.1.2.3', '::ffff:169.254.169.254', 'fd00::1', 'x']) {
    const resolvePublic = () => Promise.resolve([PUBLIC, '2606:4700::1111', bad])
    t.match(
      await policy({ resolvePublic }).examine('https://example.com/'),
      { kind: 'refused' },
      bad,
    )
  }
})

t.test('a name without an address is not refused for good, and not called', async (t) => {
  const nothing = policy({ resolvePublic: () => Promise.resolve([]) })
  t.match(await nothing.examine('https://example.com/'), { kind: 'unresolved' })
  const failing = policy({ resolvePublic: () => Promise.reject(new Error('SERVFAIL')) })
  t.match(await failing.examine('https://example.com/'), { kind: 'unresolved' })
})

t.test('WEBHOOK_ALLOW_HOSTS exempts what it names, and nothing beside it', async (t) => {
  const { examine } = policy({
    allowHosts: ['n8n:5678', 'Intranet.example', '10.0.0.7', '[fd00::1]:8080', 'fd00::2', 'x:443'],
  })
  const allowed = [
    'http://n8n:5678/webhook',
    'https://n8n:5678/webhook',
    'http://intranet.example/',
    'https://intranet.example.:8443/',
    'http://10.0.0.7:9/',
    'http://0xa000007/',
    'http://[fd00::1]:8080/',
    'http://[fd00:0::2]:1/',
    'https://x/',
  ]
  for (const url of allowed) t.match(await examine(url), { kind: 'allowed' }, url)
  const refused = [
    'http://n8n/',
    'http://n8n:5679/',
    'https://n8n.example:5678/',
    'http://sub.intranet.example/',
    'http://10.0.0.8/',
    'http://[fd00::1]/',
    'http://x/',
    'http://user@10.0.0.7/',
  ]
  for (const url of refused) t.match(await examine(url), { kind: 'refused' }, url)
})

t.test('rehearsals reach this machine, and nothing else of a network', async (t) => {
  const { examine } = policy({
    allowLoopback: true,
    resolveAllowed: () => Promise.resolve(['127.0.0.1', '::1']),
  })
  for (const url of ['http://127.0.0.1:8080/', 'http://localhost:1/', 'http://[::1]:1/'])
    t.match(await examine(url), { kind: 'allowed' }, url)
  for (const url of ['http://10.0.0.1/', 'http://169.254.169.254/', 'http://example.com/'])
    t.match(await examine(url), { kind: 'refused' }, url)
  const hijacked = policy({
    allowLoopback: true,
    resolveAllowed: () => Promise.resolve(['10.0.0.1']),
  })
  t.match(await hijacked.examine('http://localhost/'), { kind: 'refused' })
})

t.test(
  'each question to the name servers is a new one: a name that moves is refused',
  async (t) => {
    const dns = await StubDns.open(t)
    dns.addresses('moving.example', [PUBLIC], 0)
    const { examine } = policy({ resolvePublic: createPublicResolver([dns.hostPort]) })
    t.match(await examine('https://moving.example/'), { kind: 'allowed', addresses: [PUBLIC] })
    dns.addresses('moving.example', ['169.254.169.254'], 0)
    t.match(await examine('https://moving.example/'), { kind: 'refused' })
    dns.addresses('moving.example', [PUBLIC], 0).addresses('moving.example', ['::1'], 0)
    t.match(await examine('https://moving.example/'), { kind: 'refused' }, 'by its other family')
    t.match(await examine('https://unknown.example/'), { kind: 'unresolved' })
    t.not((await examine('https://localhost/')).kind, 'allowed')
  },
)
