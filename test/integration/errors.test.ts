// Refusals: over REST and at the start. Each says what is wrong, and leaves nothing behind.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runMain, startChild } from '../support/child-product.ts'
import { temporaryFolder } from '../support/process.ts'
import { ProductView } from '../support/product-view.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const API_KEY = 'a-key-of-the-tests-that-is-long-enough'
const AGENT = { ELEVENLABS_AGENT_ID: 'agent_of_somebody' }

async function nothingHappened(t: Test, product: Product, view = product.view): Promise<void> {
  t.same(await view.history(), [], 'no record')
  t.same(product.voicegate.gateway.calls.list(), [], 'no live call')
  t.equal(product.voicegate.bridge.sessionCount(), 0, 'no media')
  t.same(product.carrier.calls, [], 'nothing rang')
  t.same(product.agent.connections, [], 'the agent was not asked')
}

t.test('what cannot be dialled is refused in clear words', async (t) => {
  const product = await startProduct(t, { settings: { DIAL_ALLOW_PREFIXES: '+49' } })
  const refusals: readonly (readonly [string, object, number, string])[] = [
    ['not a number', { phone_number: 'hello' }, 400, 'NUMBER_INVALID'],
    ['no plus sign', { phone_number: '4930123456' }, 400, 'NUMBER_INVALID'],
    ['too short', { phone_number: '+4912' }, 400, 'NUMBER_INVALID'],
    ['another country', { phone_number: '+12125550123' }, 403, 'NUMBER_NOT_ALLOWED'],
    ['no number', {}, 400, 'REQUEST_INVALID'],
    ['an unknown field', { phone_number: '+4930123456', colour: 'red' }, 400, 'REQUEST_INVALID'],
    [
      'a number that is not ours',
      { phone_number: '+4930123456', from: '+4930999999' },
      403,
      'FROM_NOT_ALLOWED',
    ],
  ]
  for (const [name, body, status, code] of refusals) {
    const response = await product.view.request('/api/calls/start', {
      method: 'POST',
      body: JSON.stringify(body),
    })
    const problem = (await response.json()) as Record<string, unknown>
    t.match({ status: response.status, code: problem['code'] }, { status, code }, name)
    t.match(response.headers.get('content-type'), /^application\/problem\+json/)
    t.notMatch(JSON.stringify(problem), /12125550123|\+4930999999/, 'no number in an error text')
  }
  const broken = await product.view.request('/api/calls/start', { method: 'POST', body: '{"phone' })
  t.equal(broken.status, 400, 'broken JSON')
  t.equal(
    (await product.view.request('/api/calls/call_00000000000000000000000000000000')).status,
    404,
  )
  t.equal((await product.view.request('/api/calls/nonsense/timeline')).status, 404)
  t.equal(await product.view.hangUp('call_00000000000000000000000000000000'), 404)
  await nothingHappened(t, product)
})

t.test('without the key: 401; with it: served', async (t) => {
  const product = await startProduct(t, { requireKey: true, settings: { API_KEY } })
  const stranger = product.view
  const owner = new ProductView(stranger.apiUrl, API_KEY)
  const liar = new ProductView(stranger.apiUrl, `${API_KEY}x`)
  for (const view of [stranger, liar]) {
    const { status, body } = await view.start({ phone_number: '+4930123456' })
    t.match({ status, code: body['code'] }, { status: 401, code: 'UNAUTHENTICATED' })
    for (const path of ['/api/calls', '/api/calls/call_00000000000000000000000000000000/timeline'])
      t.equal((await view.request(path)).status, 401, path)
  }
  for (const path of ['/health', '/api/health', '/ready', '/docs', '/openapi.json', '/'])
    t.equal((await stranger.request(path)).status, 200, `${path} needs no key`)
  await nothingHappened(t, product, owner)
  const callId = await owner.place('+4930123472')
  await product.carrier.waitForCall(({ to }) => to === '+4930123472', 5000)
  t.equal(await owner.hangUp(callId), 202)
  await owner.ended(callId)
})

t.test('a wrong setting stops the start, with all problems at once', async (t) => {
  const dataDir = join(temporaryFolder(t, 'data'), 'never-made')
  const program = runMain(t, {
    dataDir,
    envFile: 'HTTP_PROT=8000\nREDIS_URL=redis://localhost\n',
    env: { RTP_PORT_MIN: 'many', DIAL_ALLOW_PREFIXES: '49' },
  })
  const { code } = await program.ended
  t.not(code, 0)
  const { stderr } = program
  t.match(stderr, /^voicegate did not start: the configuration is not valid:/)
  t.match(stderr, /HTTP_PROT is not a setting of ours; did you mean HTTP_PORT\?/)
  t.match(stderr, /REDIS_URL .*not built yet/)
  t.match(stderr, /RTP_PORT_MIN must be a whole number/)
  t.match(stderr, /DIAL_ALLOW_PREFIXES .*plus sign/)
  t.match(stderr, /Nothing was started/)
  t.notMatch(stderr, /^ +at /m, 'no stack: this is the user’s to read')
  t.equal(program.stdout, '')
  t.notOk(existsSync(dataDir), 'no folder was made')
})

t.test('busy ports', async (t) => {
  const http = createServer().listen(0, '127.0.0.1')
  const sip = createSocket('udp4').bind(0, '127.0.0.1')
  await Promise.all([once(http, 'listening'), once(sip, 'listening')])
  t.teardown(() => {
    http.close()
    sip.close()
  })
  const httpPort = (http.address() as AddressInfo).port
  const sipPort = sip.address().port
  const busy = { HTTP_PORT: String(httpPort), SIP_LISTEN: `udp:127.0.0.1:${sipPort}` }

  await t.test('in rehearsal others are taken, and printed', async (t) => {
    const product = await startChild(t, { env: busy })
    t.equal((await product.view.request('/ready')).status, 200)
    t.not(new URL(product.view.apiUrl).port, String(httpPort))
    t.not(product.sipTarget.split(':')[1], String(sipPort))
    t.equal(await product.stop(), 0)
  })
  for (const [name, value] of Object.entries(busy)) {
    await t.test(`elsewhere a busy ${name} is fatal, and named`, async (t) => {
      const program = runMain(t, { env: { API_KEY, ...AGENT, [name]: value } })
      const { code } = await program.ended
      t.not(code, 0)
      t.match(program.stderr, /^voicegate did not start: /m)
      t.match(program.stderr, new RegExp(name), 'the setting is named')
      t.match(program.stderr, /in use|taken|busy/i)
      t.notMatch(program.stderr, /^ +at /m, 'no stack')
      t.equal(program.stdout, '')
    })
  }
})
