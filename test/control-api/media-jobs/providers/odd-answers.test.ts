// What our clients make of providers that are away, answer with something else, or are nobody we know: nothing of a key, of
// an address or of what was asked for is in what is said.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { sample } from '../../../support/build-app.ts'
import {
  A_TASK,
  answering,
  clientOf,
  failureOf,
  SPOKEN,
  someFiles,
  still,
  submissionOf,
} from './provider-stage.ts'

const KEY = 'dXNlckBleGFtcGxlLmNvbQ==:planted-key'
const NAMES = ['d-id', 'heygen'] as const
type Listener = Parameters<typeof answering>[1]

const asked = (name: (typeof NAMES)[number]) =>
  submissionOf(name === 'd-id' ? 's3://d-id-images/photo.jpg' : 'asset_1')

async function reached(t: Test, name: (typeof NAMES)[number], listener: Listener, key = KEY) {
  const baseUrl = await answering(t, listener)
  return clientOf(name, { baseUrl, apiKey: key })
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Listener =>
  (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  }

const cut: Listener = (request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"id":', () => response.destroy())
  })
}

const flood: Listener = (request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200)
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, 32)));
    }
    response.on('drain', more)
    more()
  })
}

/** Where somebody was, and is no more. */
async function nobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

/** What it says, its kind, and whether a submission may have been taken. */
const ANSWERS: readonly (readonly [string, Listener, string, boolean])[] = [
  ['a page for humans', json(200, '<html>'), 'transient', true],
  ['a list', json(200, []), 'transient', true],
  ['nothing', json(200, ''), 'transient', true],
  ['no id', json(201, { data: {}, status: 'created' }), 'transient', true],
  [
    'an id that is a path',
    json(201, { id: '../credits', data: { video_id: '../x' } }),
    'transient',
    true,
  ],
  ['half an answer', cut, 'transient', true],
  ['an endless answer', flood, 'transient', true],
  ['500 with a page for humans', json(500, '<html>'), 'transient', true],
  ['504 of a gateway', json(504, { message: 'Endpoint request timed out' }), 'transient', true],
  ['a redirect', json(302, '', { location: 'http://127.0.0.1:9/' }), 'unknown', false],
  ['404 with a page for humans', json(404, '<html>'), 'not_found', false],
  ['418', json(418, { message: 'a teapot' }), 'unknown', false],
  ['400 with an error in words', json(400, { error: 'the script is odd' }), 'invalid_input', false],
  ['413', json(413, { message: 'Request Too Long' }), 'any', false],
  ['429 without Retry-After', json(429, ''), 'rate_limited', false],
]

for (const name of NAMES)
  for (const [what, listener, kind, isUnsettled] of ANSWERS)
    t.test(`${name}, a submission is answered by ${what}`, async (t) => {
      const { provider } = await reached(t, name, listener)
      const thrown = await failureOf(t, provider.submit(asked(name), still()))
      if (kind !== 'any') t.equal(thrown.kind, kind)
      t.equal(thrown.isUnsettled, isUnsettled)
      t.notOk(thrown.isPassing && thrown.kind === 'unknown')
    })

for (const name of NAMES)
  t.test(`${name}: a read is never unsettled`, async (t) => {
    for (const listener of [cut, flood, json(500, ''), json(200, '<html>')]) {
      const { provider } = await reached(t, name, listener)
      const thrown = await failureOf(t, provider.balance(still()))
      t.match(thrown, { kind: 'transient', isUnsettled: false })
      if (listener === flood) t.match(thrown.message, /too large/)
    }
  })

for (const name of NAMES)
  t.test(`${name}: what never left was not done`, async (t) => {
    const gone = { baseUrl: await nobody(), apiKey: KEY }
    const { provider, metrics } = clientOf(name, gone)
    const refused = await failureOf(t, provider.submit(asked(name), still()))
    t.match(refused, { kind: 'transient', isUnsettled: false, message: /ECONNREFUSED/ })
    const labels = `vendor="${name}",operation="submit",result="failed"`
    t.equal(await sample(metrics, `vendor_requests_total{${labels}}`), 1)
    const nowhere = clientOf(name, { ...gone, baseUrl: 'http://no-such-host.invalid' })
    const unknown = await failureOf(t, nowhere.provider.submit(asked(name), still()))
    t.match(unknown, { kind: 'transient', isUnsettled: false })
    t.notMatch(unknown.message, /no-such-host/)
  })

for (const name of NAMES)
  t.test(`${name}: a key that no header can carry`, async (t) => {
    for (const key of ['planted\nkey', 'planted-ключ']) {
      const { provider, logged } = await reached(t, name, json(200, {}), key)
      // In base64 anything can be carried.
      const thrown = await failureOf(t, provider.submit(asked(name), still()))
      t.notMatch(thrown.message + String(thrown.cause) + logged(), /planted/)
      if (name === 'heygen') t.match(thrown, { kind: 'auth', isUnsettled: false })
    }
  })

for (const name of NAMES)
  t.test(`${name}: nothing secret comes back in what is said`, async (t) => {
    const words =
      `The text "${SPOKEN}" with ${KEY} (${Buffer.from(KEY).toString('base64')}) of user@example.com is bad: see ` +
      'https://bucket.s3.amazonaws.com/photo.jpg?X-Amz-Signature=abc, s3://d-id-images/photo.jpg, ' +
      'call +49 30 1234567\r\n\u001b[31m{"level":"fatal"}' +
      'x'.repeat(5000)
    const code = `Odd ${KEY}`
    const bodies = [
      { kind: code, description: words, error: { code, message: words } },
      { message: words, error: words },
    ]
    for (const body of bodies) {
      const { provider, logged } = await reached(t, name, json(400, body))
      const thrown = await failureOf(t, provider.submit(asked(name), still()))
      const all = [thrown.message, thrown.code, thrown.stack, String(thrown.cause), logged()].join()
      t.notMatch(all, /planted|dXNlck|born by the sea|https?:\/\/|s3:|amazonaws|@example|1234567/)
      t.notMatch(thrown.message, /[\r\n\u001b]/)
      t.ok(thrown.message.length < 600)
      t.equal(thrown.code, null)
    }
  })

t.test('Retry-After in seconds, as a date, and as nonsense', async (t) => {
  const now = Date.UTC(2026, 10, 21, 12)
  const TOLD = [
    ['30', 30_000],
    [new Date(now + 90_000).toUTCString(), 90_000],
    [new Date(now - 90_000).toUTCString(), 0],
    ['soon', undefined],
    ['99999999', 600_000],
  ] as const
  for (const [header, expected] of TOLD) {
    const baseUrl = await answering(t, json(429, {}, { 'retry-after': header }))
    const { provider } = clientOf('heygen', { baseUrl, apiKey: KEY, now: () => now })
    t.equal((await failureOf(t, provider.balance(still()))).retryAfterMs, expected, header)
  }
})

t.test('results are taken of https alone, and of a simulator on this machine', async (t) => {
  const ADDRESSES = [
    ['https://a.s3.amazonaws.com/v.mp4?X-Amz-Signature=1', 'done'],
    ['http://127.0.0.1:80/v.mp4', 'done'],
    ['file:///etc/passwd', 'running'],
    ['s3://bucket/v.mp4', 'running'],
    ['', 'running'],
    [null, 'running'],
    [`https://a.example/${'x'.repeat(9000)}`, 'running'],
  ] as const
  for (const [url, state] of ADDRESSES) {
    const talk = { id: 'a', status: 'done', result_url: url }
    const video = { data: { id: 'a', status: 'completed', video_url: url } }
    const dId = await reached(t, 'd-id', json(200, talk))
    t.equal((await dId.provider.get('a', still())).state, state, String(url).slice(0, 40))
    const heyGen = await reached(t, 'heygen', json(200, video))
    t.equal((await heyGen.provider.get('a', still())).state, state)
  }
})

t.test('what says no id of a job says no path', async (t) => {
  const paths: (string | undefined)[] = []
  const { provider } = await reached(t, 'd-id', (request, response) => {
    paths.push(request.url)
    response.end('{"status":"started"}')
  })
  await provider.get('../credits?x=1', still())
  t.same(paths, ['/talks/..%2Fcredits%3Fx%3D1'])
})

t.test('balances of HeyGen, by how the account is billed', async (t) => {
  const USERS = [
    [{ billing_type: 'wallet', wallet: { remaining_balance: 12.5 } }, 12.5, 'USD'],
    [{ billing_type: 'wallet', wallet: { remaining_balance: '3', currency: 'eur' } }, 3, 'EUR'],
    [{ billing_type: 'subscription', subscription: { credits: 40 } }, 40, 'credits'],
    [
      {
        billing_type: 'subscription',
        subscription: { credits: { a: { remaining: 1 }, b: { remaining: 2 } } },
      },
      3,
      'credits',
    ],
    [{ billing_type: 'usage_based', usage_based: { remaining_credits: 7 } }, 7, 'credits'],
    [{ billing_type: 'new', usage_based: { remaining_credits: 7 } }, 7, 'credits'],
    [{ billing_type: 'wallet' }, null, 'USD'],
    [{}, null, 'credits'],
  ] as const
  for (const [data, remaining, unit] of USERS) {
    const { provider } = await reached(t, 'heygen', json(200, { data }))
    t.same(await provider.balance(still()), { remaining, unit })
  }
})

t.test('files that are not there are no matter of the provider', async (t) => {
  const { folder } = await someFiles(t)
  const { provider } = await reached(t, 'd-id', json(201, { url: 's3://x' }))
  const missing = { path: `${folder}/none.jpg`, contentType: 'image/jpeg' } as const
  await t.rejects(provider.uploadImage(missing, still()), { name: /^(?!ProviderFailure)/ })
})

t.test('a text without a voice is not sent to HeyGen', async (t) => {
  let requests = 0
  const { provider } = await reached(t, 'heygen', (_request, response) => {
    requests += 1
    response.end('{}')
  })
  const speech = { kind: 'text', text: SPOKEN, voiceId: null } as const
  const thrown = await failureOf(
    t,
    provider.submit(submissionOf('asset_1', { speech, clientRef: `${A_TASK}-1` }), still()),
  )
  t.match(thrown, { kind: 'invalid_input', isUnsettled: false, message: /voice_id/ })
  t.equal(requests, 0)
})
