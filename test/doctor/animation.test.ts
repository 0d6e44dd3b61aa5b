// What the doctor says of the providers of animations: their keys, and what is left.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { animation } from '../../doctor/checks/animation.ts'
import { startDId } from '../../simulators/d-id/index.ts'
import { startHeyGen } from '../../simulators/heygen/index.ts'
import { patient, textOf } from './patient.ts'

const DID_KEY = 'c29tZWJvZHk:planted-d-id-secret'
const HEYGEN_KEY = 'planted-heygen-secret'

interface Answer {
  readonly status: number
  readonly body: object
}

async function provider(t: Test, answer: (request: IncomingMessage) => Answer): Promise<string> {
  const server = createServer((request, response) => {
    const { status, body } = answer(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const look = async (env: Readonly<Record<string, string>> = {}): Promise<string> =>
  textOf(await animation.run(patient(env)))
const dId = (baseUrl: string) => ({
  DID_API_KEY: DID_KEY,
  DID_BASE_URL: baseUrl,
  PUBLIC_URL: 'https://voice.example',
})
const heyGen = (baseUrl: string) => ({
  HEYGEN_API_KEY: HEYGEN_KEY,
  HEYGEN_BASE_URL: baseUrl,
  PUBLIC_URL: 'https://voice.example',
})

t.test('nobody is asked where nobody is configured', async (t) => {
  t.equal(await look(), '')
  t.match(
    await look({ ELEVENLABS_AGENT_ID: 'agent_under_test' }),
    /^info {2}animation: no provider is configured/,
  )
})

t.test('D-ID: what is left is read, and nothing else asked', async (t) => {
  const asked: string[] = []
  let remaining = 17
  const url = await provider(t, ({ method, url, headers }) => {
    asked.push(`${method ?? ''} ${url ?? ''} ${headers.authorization ?? ''}`)
    return { status: 200, body: { remaining, total: 20, credits: [] } }
  })
  t.equal(await look(dId(url)), 'ok    animation: D-ID takes the key; 17 credits are left')
  t.same(asked, [`GET /credits Basic ${DID_KEY}`])
  remaining = 0
  t.match(await look(dId(url)), /^warn {2}animation: .*0 credits are left\n {6}→ Top up at D-ID/)
})

t.test('HeyGen: the same, and that it has no voice of its own', async (t) => {
  const url = await provider(t, (request) => ({
    status:
      request.url === '/v3/users/me' && request.headers['x-api-key'] === HEYGEN_KEY ? 200 : 404,
    body: { data: { billing_type: 'wallet', wallet: { remaining_balance: 4.5, currency: 'usd' } } },
  }))
  const seen = await look(heyGen(url))
  t.match(seen, /^ok {4}animation: HeyGen takes the key; 4\.5 \w+ are left$/m)
  t.match(seen, /^info {2}animation: HEYGEN_VOICE_ID is not set/m)
  t.notMatch(await look({ ...heyGen(url), HEYGEN_VOICE_ID: 'voice' }), 'HEYGEN_VOICE_ID')
})

t.test('both simulated vendors, and a key that they do not know', async (t) => {
  const [one, other] = await Promise.all([startDId(), startHeyGen()])
  t.teardown(() => Promise.all([one.close(), other.close()]))
  const env = { ...dId(one.baseUrl), ...heyGen(other.baseUrl) }
  const seen = await look({ ...env, DID_API_KEY: one.apiKey, HEYGEN_API_KEY: other.apiKey })
  t.match(seen, /^ok {4}animation: D-ID takes the key; \d+ credits are left$/m)
  t.match(seen, /^ok {4}animation: HeyGen takes the key; [\d.]+ \w+ are left$/m)
  const refused = await look(env)
  t.match(refused, /^fail {2}animation: D-ID does not accept the key/m)
  t.match(refused, /^fail {2}animation: HeyGen does not accept the key/m)
  t.notMatch(refused, 'planted')
})

t.test('a key that is refused, a provider that is away: what to do, and no secret', async (t) => {
  const refusing = await provider(t, () => ({
    status: 401,
    body: { kind: 'AuthorizationError', description: `who is ${DID_KEY}?` },
  }))
  const refused = await look(dId(refusing))
  t.match(refused, /^fail {2}animation: D-ID does not accept the key.*\n {6}→ Set DID_API_KEY/)
  const busy = await provider(t, () => ({ status: 429, body: { message: 'slow down' } }))
  t.match(await look(heyGen(busy)), /^warn {2}animation: HeyGen .*\n {6}→ Ask again in a minute/m)
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  const away = await look(dId(`http://127.0.0.1:${port}`))
  t.match(away, /^fail {2}animation: D-ID .*\n {6}→ Check that https leaves .* DID_BASE_URL\.$/)
  for (const secret of ['planted', String(port)]) t.notMatch(refused + away, secret)
})
