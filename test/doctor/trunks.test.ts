// Several trunks, each looked at by itself: out of a trunks file, behind a NAT, with another clock, over drachtio-server.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { judgeGreeting, sipServer } from '../../doctor/checks/sip-server.ts'
import { trunk } from '../../doctor/checks/trunk.ts'
import { judgeSkew } from '../../doctor/clock-skew.ts'
import { judgeVia, readVia } from '../../doctor/trunk/where-it-sees-us.ts'
import { startCarrier } from '../../simulators/carrier/index.ts'
import { SipPeer } from '../gateway/embedded/sip-peer.ts'
import { drachtioServerOptions, startDrachtioServer } from '../support/drachtio-server.ts'
import { freeTcpPort, temporaryFolder } from '../support/process.ts'
import { patient, textOf } from './patient.ts'
import { doctor } from './run-doctor.ts'

const PASSWORD = 'a password with blanks'

interface Answering {
  readonly status?: string
  readonly headers?: readonly string[]
  /** Put behind our Via. */
  readonly seenAs?: string
}

/** Answers OPTIONS, and REGISTER with 200. */
async function carrier(t: Test, { status = '200 OK', headers = [], seenAs = '' }: Answering = {}) {
  const peer = await SipPeer.open(t)
  let seen = 0
  const timer = setInterval(() => {
    for (const request of peer.received.slice(seen)) {
      seen += 1
      const text = request.text.replace(/^(Via:.*?;)rport(.*)\r\n/im, `$1${seenAs || 'x=y'}$2\r\n`)
      const via = /^Via:\s*(.*)\r\n/im.exec(text)?.[1] ?? ''
      const lines = [
        `SIP/2.0 ${request.what === 'OPTIONS' ? status : '200 OK'}`,
        `Via: ${via}`,
        ...['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${request.headers.get(name)}`),
        `To: ${request.headers.get('To')};tag=c`,
        ...headers,
        'Content-Length: 0',
      ]
      const { address: host, port } = request.from
      peer.send(`${lines.join('\r\n')}\r\n\r\n`, { host, port })
    }
  }, 5)
  t.teardown(() => clearInterval(timer))
  return peer
}

const file = (trunks: readonly string[]): string => `trunks:\n${trunks.join('')}`
const entry = (name: string, domain: string, more: readonly string[] = []): string =>
  [`  - name: ${name}`, `    domain: ${domain}`, ...more.map((line) => `    ${line}`), ''].join(
    '\n',
  )
const ACCOUNT = ['account:', '  user: customer', `  password: ${PASSWORD}`]

const BASE = {
  ELEVENLABS_AGENT_ID: 'agent_under_test',
  SIP_LISTEN: 'udp:127.0.0.1:0',
  TRUNKS_FILE: 'trunks.yaml',
}

async function look(text: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const seen = textOf(await trunk.run(patient({ ...BASE, ...more }, () => text)))
  t.notMatch(seen, PASSWORD)
  return seen
}

t.test('each trunk has its block, and a dead one spoils no other', async (t) => {
  const good = await carrier(t, { seenAs: 'rport;received=127.0.0.1' })
  const ill = await carrier(t, { status: '503 Service Unavailable' })
  const dead = await freeTcpPort()
  const text = await look(
    file([
      entry('good', good.hostPort, ACCOUNT),
      entry('ill', ill.hostPort, ['inbound:', '  addresses: [192.0.2.0/24, 198.51.100.7]']),
      entry('dead', `127.0.0.1:${dead}`),
      entry('unasked', `127.0.0.1:${dead}`, ['health: off']),
    ]),
  )
  t.match(text, /^ok {4}trunk good: OPTIONS is answered with 200$/m)
  t.match(text, /^ok {4}trunk good: REGISTER is answered with 200/m)
  t.match(text, /^ok {4}trunk good: it sees us where we say we are$/m)
  t.match(text, /^info {2}trunk good: calls from it are known by the addresses of its domain/m)
  t.match(text, /^warn {2}trunk ill: OPTIONS is answered with 503$/m)
  t.notMatch(text, /trunk ill: REGISTER/, 'it has no account')
  t.match(text, /^info {2}trunk ill: calls from it are known by 2 addresses or networks$/m)
  t.match(
    text,
    /^fail {2}trunk dead: OPTIONS is not answered: .*\n {6}→ Check domain of dead in the/m,
  )
  t.match(text, /^warn {2}trunk unasked: OPTIONS is not answered: .*\n {6}→ Nothing, if its calls/m)
})

t.test('behind a NAT: what SIP_ADVERTISE should be', async (t) => {
  const behind = await carrier(t, { seenAs: 'rport=61234;received=203.0.113.9' })
  const trunks = file([entry('out', behind.hostPort)])
  const text = await look(trunks)
  t.match(
    text,
    /^warn {2}trunk out: it sees us as 203\.0\.113\.9, and we say 127\.0\.0\.1: there is a NAT/m,
  )
  t.match(text, /→ Set SIP_ADVERTISE=203\.0\.113\.9\. Forward the SIP ports and the RTP range/)
  const wrong = await look(trunks, { SIP_ADVERTISE: '198.51.100.1' })
  t.match(wrong, /it sees us as 203\.0\.113\.9, and we say 198\.51\.100\.1/)
  t.notMatch(await look(trunks, { SIP_ADVERTISE: '203.0.113.9' }), /and we say 203/)
})

t.test('a carrier that tells another time', async (t) => {
  const date = new Date(Date.now() - 120_000).toUTCString()
  const late = await carrier(t, { headers: [`Date: ${date}`] })
  const text = await look(file([entry('late', late.hostPort)]))
  t.match(
    text,
    /^fail {2}trunk late: the clock of this machine is 1[12]\d s ahead of that of this/m,
  )
  t.match(text, /→ Have it set from the network/)
})

t.test('a Via in all its forms', async (t) => {
  t.match(readVia('SIP/2.0/UDP 192.0.2.1:5062;branch=z9;rport=7000;received=203.0.113.1'), {
    protocol: 'UDP',
    host: '192.0.2.1',
    port: 5062,
    received: '203.0.113.1',
    rport: 7000,
  })
  t.match(readVia('SIP / 2.0 / TLS [2001:db8::1] ; received = [2001:db8::2]'), {
    host: '2001:db8::1',
    port: 5061,
    received: '2001:db8::2',
  })
  const several = 'SIP/2.0/UDP 192.0.2.1:5060;rport=5060, SIP/2.0/UDP 192.0.2.2;received=192.0.2.3'
  t.equal(readVia(several)?.received, undefined, 'the first is ours')
  for (const none of ['', 'nonsense', 'SIP/2.0/UDP 192.0.2.1;received=not-an-address'])
    t.equal(readVia(none)?.received, undefined)
  const config = { sipAdvertise: undefined, drachtio: undefined }
  const over = (protocol: string) =>
    textOf(
      judgeVia('x', `SIP/2.0/${protocol} 192.0.2.1:5060;rport=61000;received=192.0.2.1`, config),
    )
  t.match(over('UDP'), /^warn {2}x: it sees us at port 61000, and we say 5060: a NAT changes it\n/)
  t.match(over('TCP'), /^ok/, 'a connection has a port of its own')
})

t.test('how far a clock may be off', async (t) => {
  const at = (offMs: number, tookMs = 100): string => {
    const now = Date.parse('2026-01-01T00:00:00Z')
    const asked = { sentAt: now + offMs, answeredAt: now + offMs + tookMs }
    return textOf(judgeSkew('clock', 'X', new Date(now).toUTCString(), asked))
  }
  t.match(at(0), /^ok/)
  t.match(at(-3000), /^ok/)
  t.match(at(-20_000), /^warn {2}clock: the clock of this machine is 20 s behind that of X\n/)
  t.match(at(90_000), /^fail {2}clock: the clock of this machine is 90 s ahead of that of X\n/)
  t.match(at(5000, 4000), /^ok/, 'a slow answer proves less')
  t.same(judgeSkew('clock', 'X', null, { sentAt: 0, answeredAt: 0 }), [])
  t.same(judgeSkew('clock', 'X', 'yesterday', { sentAt: 0, answeredAt: 0 }), [])
})

t.test('a broken trunks file is told line by line', async (t) => {
  const folder = temporaryFolder(t, 'trunks')
  const path = join(folder, 'trunks.yaml')
  writeFileSync(path, 'trunks:\n  - name: one\n    domian: sip.example.com\n')
  const { code, text } = await doctor(t, {
    env: { TRUNKS_FILE: path, ELEVENLABS_AGENT_ID: 'agent_under_test' },
  })
  t.equal(code, 1, text)
  t.match(text, /^fail {2}configuration: .*trunks\.yaml:\d+: .*domian.*\n {6}→ Mend it there/m)
})

t.test('--call over one of several', async (t) => {
  const folder = temporaryFolder(t, 'trunks')
  const path = join(folder, 'trunks.yaml')
  const [first, second] = [await startCarrier(), await startCarrier()]
  t.teardown(() => Promise.all([first.close(), second.close()]))
  const at = ({ address: { host, port } }: typeof first) => `${host}:${port}`
  const numbers = ["numbers: ['+4930555777']"]
  const dialledLast = [...numbers, 'routes: []']
  writeFileSync(
    path,
    file([entry('first', at(first), numbers), entry('second', at(second), dialledLast)]),
  )
  const number = '+4930998877'
  for (const each of [first, second])
    each.script(number, [{ ring: 50 }, { answer: true }, { say: { tone: 500, ms: 3000 } }])
  const env = { ...BASE, TRUNKS_FILE: path, DIAL_ALLOW_PREFIXES: '+49' }
  const call = (...more: readonly string[]) =>
    doctor(t, { args: ['--call', number, '--seconds', '1', ...more], env })
  const unsaid = await call()
  t.equal(unsaid.code, 2, unsaid.text)
  t.match(
    unsaid.text,
    /^fail {2}call: there are several trunks: first, second\n {6}→ .*--trunk NAME/m,
  )
  const unknown = await call('--trunk', 'third')
  t.equal(unknown.code, 2)
  t.match(unknown.text, /→ Configured: first, second\./)
  const seen = await call('--trunk', 'second')
  t.equal(seen.code, 0, seen.text)
  t.match(seen.text, /^calling \+•+77 over the trunk second, without an agent/m)
  t.same([first.calls.length, second.calls.length], [0, 1])
  const alone = await doctor(t, { args: ['--trunk', 'second'], env })
  t.equal(alone.code, 2)
  t.match(alone.stderr, /--trunk, --seconds and --ring-seconds are for --call/)
})

const UDP = { protocol: 'udp', host: '192.0.2.1', port: 5060 } as const
const LOCAL = { ...UDP, host: '127.0.0.1' } as const

t.test('what a drachtio-server says of itself', async (t) => {
  const access = { host: '192.0.2.7', port: 9022, secret: 'a secret of drachtio' }
  const env = {
    ...BASE,
    DRACHTIO_HOST: access.host,
    DRACHTIO_SECRET: access.secret,
    RTP_HOST: '192.0.2.1',
  }
  const { config } = patient(env, () => file([entry('far', '198.51.100.1')]))
  const told = (greeting: Parameters<typeof judgeGreeting>[0]): string => {
    const text = textOf(judgeGreeting(greeting, access, config))
    t.notMatch(text, access.secret)
    return text
  }
  const accepted = { kind: 'accepted', version: 'v0.9.10', addresses: [UDP] } as const
  t.match(told(accepted), /^ok {4}.*v0\.9\.10 takes us, and listens on udp 192\.0\.2\.1:5060$/)
  t.match(
    told({ ...accepted, version: 'v0.8.26' }),
    /^fail .*v0\.8\.26 is too old\n {6}→ Use 0\.9/m,
  )
  t.match(
    told({ ...accepted, addresses: [] }),
    /^fail .*listens nowhere\n {6}→ Start it with --contact/,
  )
  t.match(
    told({ ...accepted, addresses: [LOCAL] }),
    /^fail .*on loopback only, and a trunk is elsewhere/m,
  )
  t.match(told({ kind: 'not-drachtio' }), /^fail .*is no drachtio-server\n {6}→ Set DRACHTIO_PORT/)
  t.match(told({ kind: 'wrong-secret' }), /^fail .*refuses our secret\n {6}→ Set DRACHTIO_SECRET/)
})

t.test('over a real drachtio-server', drachtioServerOptions, async (t) => {
  const server = await startDrachtioServer()
  t.teardown(() => server.close())
  const { host, port, secret } = server.admin
  const access = { DRACHTIO_HOST: host, DRACHTIO_PORT: String(port), DRACHTIO_SECRET: secret }
  const { hostPort } = await carrier(t, { seenAs: 'rport;received=127.0.0.1' })
  const trunks = file([entry('good', hostPort, ACCOUNT)])
  const servers = async (more: Readonly<Record<string, string>> = {}) =>
    textOf(await sipServer.run(patient({ ...BASE, ...access, ...more }, () => trunks)))
  const well = await servers()
  t.match(
    well,
    /^ok {4}sip server: drachtio-server v?0\.9\.\S+ takes us, and listens on .*127\.0\.0\.1:/m,
  )
  t.match(well, /^info {2}sip server: callers whom no trunk knows are refused with 403/m)
  t.match(
    await servers({ DRACHTIO_SECRET: 'wrong', SIP_STRANGERS: 'drop' }),
    /^fail {2}sip server: drachtio-server refuses our secret\n {6}→ [^]*get no answer at all/m,
  )
  t.match(
    await servers({ DRACHTIO_PORT: String(await freeTcpPort()) }),
    /not reached \(ECONNREFUSED\)/,
  )
  t.match(
    await servers({ SIP_ADVERTISE: '203.0.113.9' }),
    /→ Start drachtio-server with --external-ip/,
  )
  const text = await look(trunks, access)
  t.match(text, /^ok {4}trunk good: OPTIONS is answered with 200$/m)
  t.match(text, /^ok {4}trunk good: REGISTER is answered with 200/m)
  t.match(text, /^ok {4}trunk good: it sees us where we say we are$/m)
})

t.test('--call where a real drachtio-server has the port', drachtioServerOptions, async (t) => {
  const server = await startDrachtioServer()
  const simulated = await startCarrier()
  t.teardown(() => Promise.all([server.close(), simulated.close()]))
  const number = '+4930998877'
  simulated.script(number, [{ answer: true }, { say: { tone: 500, ms: 3000 } }])
  const path = join(temporaryFolder(t, 'trunks'), 'trunks.yaml')
  const { host, port } = simulated.address
  writeFileSync(path, file([entry('only', `${host}:${port}`, ["numbers: ['+4930555777']"])]))
  const seen = await doctor(t, {
    args: ['--call', number, '--seconds', '1'],
    env: {
      ...BASE,
      TRUNKS_FILE: path,
      DIAL_ALLOW_PREFIXES: '+49',
      DRACHTIO_HOST: server.admin.host,
      DRACHTIO_PORT: String(server.admin.port),
      DRACHTIO_SECRET: server.admin.secret,
    },
  })
  t.equal(seen.code, 0, seen.text)
  t.match(
    seen.text,
    /^info {2}call: drachtio-server has the usual port: the call went from another/m,
  )
})
