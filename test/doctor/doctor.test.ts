// npm run doctor as its user meets it: a program with an exit code, on good and bad surroundings.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import t, { type Test } from 'tap'
import { createClock } from '#core/time'
import { createDigestAuthenticator } from '../../gateway/sip/digest/digest-authenticator.ts'
import { startElevenLabs } from '../../simulators/elevenlabs/index.ts'
import { SipPeer } from '../gateway/embedded/sip-peer.ts'
import {
  makeCertificates,
  opensslOptions,
  pemOf,
  type CertificateFiles,
} from '../support/certificates.ts'
import { startChild } from '../support/child-product.ts'
import { kamailioOptions, startKamailio } from '../support/kamailio.ts'
import { freeTcpPort, temporaryFolder } from '../support/process.ts'
import { AGENT, doctor, hasNoSecret, KEY, PASSWORD, production, USER } from './run-doctor.ts'

// Each run starts a program: a busy machine takes its time.
t.setTimeout(110_000)

t.test('a rehearsal: nothing is wrong, and the same for programs', async (t) => {
  const file = join(temporaryFolder(t, 'json'), 'doctor.json')
  const { code, text, stderr } = await doctor(t, { args: ['--json', file] })
  t.equal(code, 0, text)
  t.equal(stderr, '')
  t.match(text, /^ok {4}configuration: valid; nothing real is configured/m)
  t.match(text, /^ok {4}trunk: none is configured: the carrier is simulated$/m)
  t.match(text, /^ok {4}agent: none is configured: it is simulated$/m)
  const left = [
    'client certificates',
    'NAPTR',
    'RFC 5626',
    'proxying',
    'WebSocket',
    'cdr',
    'queues',
  ]
  for (const each of left)
    t.match(text, new RegExp(`^info {2}sip server: .*${each}`, 'm'), 'what drachtio-server has')
  t.match(text, /^no problem found, 0 to think about$/m)
  const report = JSON.parse(readFileSync(file, 'utf8')) as { findings: object[] }
  t.match(report, { format: 1, passed: true })
  for (const finding of report.findings)
    t.match(finding, { check: String, verdict: /^(ok|info|warn)$/, seen: String })
})

t.test('a broken .env: every problem at once, and what was written is not repeated', async (t) => {
  const envFile = 'HTTP_PROT=8000\nMAX_CONCURRENT_CALLS=nosuchnumber\n'
  const { code, lines, text } = await doctor(t, { envFile })
  t.equal(code, 1)
  const failed = lines.filter((line) => line.startsWith('fail'))
  t.equal(failed.length, 2, text)
  t.match(failed[0], /HTTP_PROT is not a setting of ours; did you mean HTTP_PORT\?/)
  t.match(failed[1], /MAX_CONCURRENT_CALLS/)
  t.equal(lines.filter((line) => line.includes('→')).length, 2, 'each with what to do')
  t.notMatch(text, 'nosuchnumber')
  t.match(text, /^2 problems/m)
})

t.test('what cannot be asked for is refused', async (t) => {
  const call = await doctor(t, { args: ['--call', '030998877'] })
  t.equal(call.code, 2)
  t.match(call.stderr, /--call names is no phone number: write it with a plus/)
  t.equal(call.text, '')
  t.notMatch(call.stderr, '30998877')
  const blanks = await doctor(t, { args: ['--call', '+49', '30998877'] })
  t.equal(blanks.code, 2)
  t.match(blanks.stderr, /write a number without blanks, or in quotes/)
  t.notMatch(blanks.stderr, '30998877')
  for (const args of [
    ['--seconds', '5'],
    ['--call', '+4930123456', '--seconds', '61'],
  ])
    t.equal((await doctor(t, { args })).code, 2)
  t.equal((await doctor(t, { args: ['--call'] })).code, 2)
  t.equal((await doctor(t, { args: ['--nonsense'] })).code, 2)
})

async function vendor(t: Test) {
  const agent = await startElevenLabs({ apiKey: KEY })
  t.teardown(() => agent.close())
  agent.script(AGENT, {})
  return agent
}

t.test('a busy port: settled in rehearsal, a problem elsewhere', async (t) => {
  const port = await freeTcpPort()
  const taken = createServer().listen(port, '127.0.0.1')
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  await Promise.all([once(taken, 'listening'), once(socket, 'listening')])
  t.teardown(() => [taken.close(), socket.close()])
  const env = { SIP_LISTEN: `udp:127.0.0.1:${port},tcp:127.0.0.1:${port}` }
  const rehearsal = await doctor(t, { env })
  t.equal(rehearsal.code, 0, rehearsal.text)
  t.match(rehearsal.text, new RegExp(`^warn {2}ports: sip udp 127.0.0.1:${port} is taken`, 'm'))
  t.match(rehearsal.text, new RegExp(`^warn {2}ports: sip tcp 127.0.0.1:${port} is taken`, 'm'))

  const { restUrl } = await vendor(t)
  const real = { ...env, ELEVENLABS_API_KEY: KEY, ELEVENLABS_AGENT_ID: AGENT }
  const elsewhere = await doctor(t, { env: { ...real, ELEVENLABS_BASE_URL: restUrl } })
  t.equal(elsewhere.code, 1, elsewhere.text)
  t.match(elsewhere.text, new RegExp(`^fail {2}ports: sip udp 127.0.0.1:${port} is taken`, 'm'))
  t.match(elsewhere.text, /→ Stop that program, or set SIP_LISTEN/)
  t.match(elsewhere.text, /^2 problems/m)
})

t.test('a port that voicegate itself holds is no problem', async (t) => {
  const port = String(await freeTcpPort())
  const env = { HTTP_PORT: port, SIP_LISTEN: `udp:127.0.0.1:${await freeTcpPort()}` }
  const product = await startChild(t, { env })
  const { code, text } = await doctor(t, { env })
  t.equal(code, 0, text)
  t.match(text, /^ok {4}ports: http .* a voicegate is running here$/m)
  t.match(text, /^ok {4}ports: sip udp .* a voicegate is running here$/m)
  await product.stop()
})

t.test('an address that is not ours', async (t) => {
  const { code, text } = await doctor(t, { env: { HTTP_HOST: '192.0.2.1' } })
  t.equal(code, 1)
  t.match(text, /^fail {2}ports: http 192.0.2.1:0 cannot be had \(EADDRNOTAVAIL\)$/m)
  t.match(text, /→ No interface has it: set HTTP_HOST to the private address of this machine/)
})

/** Answers OPTIONS, and REGISTER to those who know the password. */
async function registrar(t: Test, password: string): Promise<SipPeer> {
  const peer = await SipPeer.open(t)
  const authenticator = createDigestAuthenticator({
    realm: 'test',
    credentials: (user) => (user === USER ? password : undefined),
    clock: createClock(),
  })
  let seen = 0
  const timer = setInterval(() => {
    for (const request of peer.received.slice(seen)) {
      seen += 1
      if (request.what === 'OPTIONS') peer.reply(request, '200 OK', { tag: 'r' })
      if (request.what !== 'REGISTER') continue
      const authorization = request.headers.get('Authorization') ?? ''
      const [, uri = ''] = request.text.split(' ')
      const verdict = authenticator.verify({ method: 'REGISTER', uri, body: '' }, authorization)
      if (verdict.kind === 'ok') peer.reply(request, '200 OK', { tag: 'r' })
      else {
        const headers = authenticator.challenge().map((value) => `WWW-Authenticate: ${value}`)
        peer.reply(request, '401 Unauthorized', { tag: 'r', headers })
      }
    }
  }, 5)
  t.teardown(() => clearInterval(timer))
  return peer
}

t.test('a trunk that answers and knows us, and an agent that can be opened', async (t) => {
  const agent = await vendor(t)
  const peer = await registrar(t, PASSWORD)
  const seen = await doctor(t, { env: production(peer.hostPort, agent.restUrl) })
  t.equal(seen.code, 0, seen.text)
  t.match(seen.text, /^ok {4}trunk exolve: OPTIONS is answered with 200$/m)
  t.match(
    seen.text,
    /^ok {4}trunk exolve: REGISTER is answered with 200: user and password are right$/m,
  )
  t.match(seen.text, /^ok {4}agent: the key opens it, and its host can be reached$/m)
  hasNoSecret(t, seen)
  for (const { what, headers } of peer.received)
    if (what === 'REGISTER') t.notOk(headers.has('Contact'), 'it registers nobody')
  t.equal(peer.count('REGISTER'), 2)
  t.equal(agent.sessions.length, 0, 'nothing that costs money')
})

t.test('a wrong password, and a key that is not known', async (t) => {
  const agent = await vendor(t)
  const peer = await registrar(t, 'another')
  const env = { ...production(peer.hostPort, agent.restUrl), ELEVENLABS_API_KEY: `${KEY}x` }
  const seen = await doctor(t, { env })
  t.equal(seen.code, 1, seen.text)
  t.match(
    seen.text,
    /^fail {2}trunk exolve: REGISTER is answered with 401: the registrar refuses us$/m,
  )
  t.match(seen.text, /→ Check EXOLVE_SIP_USER and EXOLVE_SIP_PASS\./)
  t.match(seen.text, /^fail {2}agent: the signed URL was refused with HTTP 401/m)
  t.match(seen.text, /^2 problems/m)
  hasNoSecret(t, seen)
})

t.test('a registrar that refuses a REGISTER without Contact is a warning', async (t) => {
  const agent = await vendor(t)
  const peer = await SipPeer.open(t)
  const answered = Promise.all([
    peer.wait('OPTIONS', 1, 20_000).then((options) => peer.reply(options, '200 OK', { tag: 'r' })),
    peer
      .wait('REGISTER', 1, 20_000)
      .then((register) => peer.reply(register, '400 Contact Header Missing', { tag: 'r' })),
  ])
  const seen = await doctor(t, { env: production(peer.hostPort, agent.restUrl) })
  await answered
  t.equal(seen.code, 0, seen.text)
  t.match(seen.text, /^warn {2}trunk exolve: REGISTER is answered with 400$/m)
  t.match(seen.text, /→ It was asked who is registered, which some registrars do not answer/)
})

t.test('what is valid but mostly a mistake is a warning', async (t) => {
  const agent = await vendor(t)
  const peer = await registrar(t, PASSWORD)
  const port = await freeTcpPort()
  const seen = await doctor(t, {
    env: {
      ...production(peer.hostPort, agent.restUrl),
      DIAL_ALLOW_PREFIXES: '',
      SIP_LISTEN: `udp:127.0.0.1:0,tls:127.0.0.1:${port}`,
    },
  })
  t.equal(seen.code, 0, seen.text)
  t.match(seen.text, /^warn {2}configuration: DIAL_ALLOW_PREFIXES is empty: .*403/m)
  t.match(seen.text, /→ Set it to the beginnings of the numbers that may be made to ring/)
  t.match(seen.text, /^warn {2}configuration: SIP_TLS_CERT is missing: nothing listens/m)
  t.notMatch(seen.text, `${port} is free`, 'nothing will listen there')
  t.match(seen.text, /^no problem found, 2 to think about$/m)
})

t.test('a certificate that is not right: whose, and which setting', opensslOptions, async (t) => {
  const { ca, good, otherName } = makeCertificates(t)
  const { restUrl } = await vendor(t)
  const shows = async ({ cert, key }: CertificateFiles, more: Record<string, string>) => {
    const server = createTlsServer({ cert: pemOf(cert), key: pemOf(key) }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const { port } = server.address() as AddressInfo
    const env = {
      ...production('127.0.0.1', restUrl),
      SIP_LISTEN: 'tls:127.0.0.1:0',
      EXOLVE_SIP_PROXY: `sip:127.0.0.1:${port};transport=tls`,
      ...more,
    }
    return (await doctor(t, { env })).text
  }
  const unknown = await shows(good, {})
  t.match(unknown, /^warn {2}configuration: SIP_TLS_CERT is missing: .*the connection that we/m)
  t.match(unknown, /^fail {2}trunk exolve: OPTIONS is not answered: Certificate Not Trusted$/m)
  t.match(unknown, /→ Set SIP_TLS_CA to a PEM file/)
  const another = await shows(otherName, { SIP_TLS_CA: ca })
  t.match(
    another,
    /^fail {2}trunk exolve: OPTIONS is not answered: Certificate Is For Another Name$/m,
  )
  t.match(another, /→ Write the host in EXOLVE_SIP_PROXY as the carrier’s certificate names it/)
})

async function silentPort(t: Test): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return socket
}

t.test('a dead trunk: nobody listens, or nobody answers', async (t) => {
  const closed = await freeTcpPort()
  const silent = (await silentPort(t)).address().port
  const [refused, unanswered] = await Promise.all(
    [closed, silent].map((port) =>
      doctor(t, { env: production(`127.0.0.1:${port}`, `http://127.0.0.1:${closed}`) }),
    ),
  )
  for (const seen of [refused!, unanswered!]) {
    t.equal(seen.code, 1, seen.text)
    t.match(seen.text, /→ Check EXOLVE_SIP_DOMAIN, EXOLVE_SIP_PROXY and the firewall\./)
    t.match(seen.text, /^fail {2}agent: .*ECONNREFUSED/m)
    t.notMatch(seen.text, 'REGISTER', 'nobody is there to ask')
    hasNoSecret(t, seen)
  }
  t.match(refused!.text, /^fail {2}trunk exolve: OPTIONS is not answered: [A-Z][\w ]+$/m)
  t.match(
    unanswered!.text,
    /^fail {2}trunk exolve: OPTIONS is not answered: No Answer In 5 Seconds$/m,
  )
})

t.test(
  'Debian’s Kamailio over TCP: our password is right, nobody is registered',
  kamailioOptions,
  async (t) => {
    const agent = await vendor(t)
    const kamailio = await startKamailio(t)
    const env = {
      ...production(kamailio.address('tcp'), agent.restUrl),
      SIP_LISTEN: 'tcp:127.0.0.1:0',
      EXOLVE_SIP_USER: kamailio.user,
      EXOLVE_SIP_PASS: kamailio.password,
      EXOLVE_SIP_PROXY: kamailio.proxyUri('tcp'),
    }
    const { code, text } = await doctor(t, { env })
    t.equal(code, 0, text)
    t.match(
      text,
      /^ok {4}trunk exolve: REGISTER is answered with 200: user and password are right$/m,
    )
    t.same(await kamailio.contacts(), [])
  },
)
