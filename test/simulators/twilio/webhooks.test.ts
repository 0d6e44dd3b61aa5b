// Requests for TwiML: what they carry, how they are signed, repeated, redirected, and what becomes of bad answers.
import t from 'tap'
import twilio from 'twilio'
import { signatureOf, type TwilioOptions } from '../../../simulators/twilio/index.ts'
import { openVoiceApp, twiml, type VoiceAnswer, type VoiceApp } from './voice-app.ts'

t.test('the first request of a call that comes in, as the vendor writes it', async (t) => {
  const app = await openVoiceApp(t, { '/voice': twiml('<Say>Hello</Say>') })
  const call = app.twilio.callIn({
    voiceUrl: `${app.url}/voice?tenant=1`,
    from: '+441632960000',
    params: { StirVerstat: 'TN-Validation-Passed-A' },
  })
  t.equal(await call.waitForEnd(), 'completed')
  const [request] = app.requests
  t.equal(request?.isSigned, true)
  t.match(request?.params, {
    CallSid: /^CA[0-9a-f]{32}$/,
    AccountSid: app.twilio.accountSid,
    From: '+441632960000',
    Caller: '+441632960000',
    To: app.twilio.phoneNumber,
    Called: app.twilio.phoneNumber,
    CallStatus: 'ringing',
    Direction: 'inbound',
    ApiVersion: '2010-04-01',
    FromCity: '',
    CalledCountry: 'DE',
    StirVerstat: 'TN-Validation-Passed-A',
  })
  t.match(request?.headers, {
    'content-type': /^application\/x-www-form-urlencoded/,
    'user-agent': 'TwilioProxy/1.1',
    'i-twilio-idempotency-token': /./,
  })
  t.same(call.alerts, [])
})

t.test('a GET has its parameters in the URL, and the URL alone is signed', async (t) => {
  const app = await openVoiceApp(t, { '/voice': twiml('') })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice?a=1`, method: 'GET' })
  await call.waitForEnd()
  const [request] = app.requests
  t.match(request, { method: 'GET', isSigned: true, params: {} })
  t.match(request?.path, `/voice?a=1&AccountSid=${app.twilio.accountSid}&`)
})

t.test('relative URLs are relative to the document, after redirects too', async (t) => {
  const app = await openVoiceApp(t, {
    '/a/voice': { status: 307, headers: { location: '/b/voice' } },
    '/b/voice': twiml('<Redirect>next?x=%2B1</Redirect>'),
    '/b/next': twiml('<Redirect method="GET">../c?y=ä</Redirect>'),
    '/c': twiml('<Hangup/>'),
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/a/voice` })
  await call.waitForEnd()
  t.same(
    app.requests.map(({ method, path }) => `${method} ${path.replace(/&.*/, '')}`),
    ['POST /a/voice', 'POST /b/voice', 'POST /b/next?x=%2B1', 'GET /c?y=%C3%A4'],
  )
  t.ok(
    app.requests.every(({ isSigned }) => isSigned),
    'each over the URL that was asked',
  )
  t.same(call.alerts, [])
})

interface Retry {
  readonly name: string
  readonly fragment?: string
  readonly options?: TwilioOptions
  readonly answers: readonly VoiceAnswer[]
  readonly asked: number
  readonly heard: readonly string[]
  readonly alerts: readonly number[]
}

const OK = twiml('<Say>Well</Say>')
const RETRIES: readonly Retry[] = [
  {
    name: 'a 500 is an application error',
    answers: [{ status: 500 }, OK],
    asked: 1,
    heard: [],
    alerts: [11200],
  },
  {
    name: 'a 500 is repeated where the switch says so',
    options: { retry: { times: 2, on: ['5xx'] } },
    answers: [{ status: 500 }, { status: 503 }, OK],
    asked: 3,
    heard: ['Well'],
    alerts: [],
  },
  {
    name: 'a 500 is repeated where the URL says so',
    fragment: '#rc=1&rp=5xx,ct',
    answers: [{ status: 500 }, OK],
    asked: 2,
    heard: ['Well'],
    alerts: [],
  },
  {
    name: 'as often, and no more',
    fragment: '#rc=1&rp=all',
    answers: [{ status: 404 }, { status: 404 }, OK],
    asked: 2,
    heard: [],
    alerts: [11200],
  },
  {
    name: 'an answer that is lost is repeated as a timeout',
    options: { retry: { times: 1, on: ['timeout'] } },
    answers: [{ status: 0 }, OK],
    asked: 2,
    heard: ['Well'],
    alerts: [],
  },
  {
    name: 'what is no TwiML',
    answers: [{ status: 200, headers: { 'content-type': 'text/xml' }, body: '<Response>' }],
    asked: 1,
    heard: [],
    alerts: [12100],
  },
  {
    name: 'JSON',
    answers: [{ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }],
    asked: 1,
    heard: [],
    alerts: [12300],
  },
]

for (const { name, fragment = '', options, answers, asked, heard, alerts } of RETRIES) {
  t.test(name, async (t) => {
    const left = [...answers]
    const app = await openVoiceApp(t, { '/voice': () => left.shift() ?? { status: 404 } }, options)
    const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice${fragment}` })
    t.equal(await call.waitForEnd(), 'completed')
    t.equal(app.requests.length, asked)
    t.ok(
      app.requests.every(({ isSigned }) => isSigned),
      'the fragment is not signed',
    )
    const tokens = app.requests.map(({ headers }) => headers['i-twilio-idempotency-token'])
    t.equal(new Set(tokens).size, 1, 'one token for all attempts')
    t.same(
      new Set(app.requests.map(({ params }) => JSON.stringify(params))).size,
      1,
      'the same parameters',
    )
    t.same(
      call.heard.map(({ text }) => text),
      heard,
    )
    t.same(
      call.alerts.map(({ code }) => code),
      alerts,
    )
  })
}

t.test('nobody there: once more by default; a slow answer is none', async (t) => {
  const app = await openVoiceApp(
    t,
    { '/voice': () => new Promise((resolve) => setTimeout(() => resolve(OK), 300)) },
    { webhookTimeoutMs: 50 },
  )
  const slow = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await slow.waitForEnd()
  t.match(slow.alerts, [{ code: 11200, message: /timeout/ }])
  t.equal(slow.webhooks.length, 1)
  const nobody = app.twilio.callIn({ voiceUrl: 'http://127.0.0.1:1/voice' })
  await nobody.waitForEnd()
  t.match(nobody.webhooks, [
    { attempt: 1, status: 0 },
    { attempt: 2, status: 0 },
  ])
  t.match(nobody.alerts, [{ code: 11200, message: /connect/ }])
})

t.test('the fallback URL is asked with what went wrong', async (t) => {
  const app = await openVoiceApp(t, {
    '/voice': { status: 500 },
    '/fallback': twiml('<Say>Later</Say>'),
  })
  const call = app.twilio.callIn({
    voiceUrl: `${app.url}/voice`,
    fallbackUrl: `${app.url}/fallback`,
  })
  await call.waitForEnd()
  t.match(app.of('/fallback')[0]?.params, { ErrorCode: '11200', ErrorUrl: `${app.url}/voice` })
  t.match(call.heard, [{ text: 'Later' }])
})

t.test('documents that lead to each other for ever are a loop', async (t) => {
  const app = await openVoiceApp(
    t,
    { '/voice': twiml('<Redirect>/voice</Redirect>') },
    { maxDocuments: 7 },
  )
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await call.waitForEnd()
  t.equal(app.requests.length, 7)
  t.match(call.alerts, [{ message: /loop/ }])
})

t.test('Reject: the call is never answered', async (t) => {
  const app = await openVoiceApp(t, {
    '/busy': twiml('<Reject reason="busy"/>'),
    '/no': twiml('<Reject/>'),
  })
  const busy = app.twilio.callIn({ voiceUrl: `${app.url}/busy` })
  t.equal(await busy.waitForEnd(), 'busy')
  const rejected = app.twilio.callIn({ voiceUrl: `${app.url}/no` })
  t.equal(await rejected.waitForEnd(), 'failed')
  const statuses = [...busy.log, ...rejected.log].flatMap((entry) =>
    entry.type === 'status' ? [entry.status] : [],
  )
  t.same(statuses, ['busy', 'failed'])
})

t.test('repeated, forged, replayed with other values', async (t) => {
  let count = 0
  const app: VoiceApp = await openVoiceApp(t, {
    '/voice': ({ isSigned }) => (isSigned ? twiml(`<Say>${(count += 1)}</Say>`) : { status: 403 }),
  })
  const voiceUrl = `${app.url}/voice`
  const repeated = app.twilio.callIn({ voiceUrl, script: { webhooks: 'repeated' } })
  await repeated.waitForEnd()
  t.equal(app.requests.length, 2)
  t.match(repeated.heard, [{ text: '1' }], 'the first answer counts')
  const forged = app.twilio.callIn({ voiceUrl, script: { webhooks: 'forged' } })
  await forged.waitForEnd()
  t.match(forged.webhooks, [{ forged: true, status: 403 }])
  const [first] = repeated.webhooks
  if (first === undefined) throw new Error('unreachable')
  const again = await app.twilio.replay(first)
  t.match(again, { signature: first.signature, status: 200 })
  t.match(await app.twilio.replay(first, { forged: true }), { status: 403 })
  t.match(await app.twilio.replay(first, { params: { Digits: '1' } }), { status: 200 })
})

t.test('signed for the address that was given, reached where it is', async (t) => {
  const app: VoiceApp = await openVoiceApp(
    t,
    {
      '/voice': ({ headers }) => twiml(`<Redirect>/next?host=${headers.host ?? ''}</Redirect>`),
      '/next': twiml('<Connect><Stream url="wss://voice.example/stream"/></Connect>'),
    },
    { reach: (origin) => (origin === 'https://voice.example' ? app.url : origin) },
  )
  const call = app.twilio.callIn({ voiceUrl: 'https://voice.example/voice' })
  const stream = await call.waitForStream()
  t.equal(stream.url, 'wss://voice.example/stream')
  for (const { url, params, signature } of call.webhooks) {
    t.match(url, /^https:\/\/voice\.example\//)
    t.ok(twilio.validateRequest(app.twilio.authToken, signature, url, params))
  }
  t.equal(app.requests[1]?.path, '/next?host=voice.example')
  call.hangUp()
  await call.waitForEnd()
})

t.test('a stream without a path: the slash is signed, or is not, as the switch says', async (t) => {
  for (const slashOnStreamUrl of [false, true]) {
    const app: VoiceApp = await openVoiceApp(
      t,
      { '/voice': twiml('<Connect><Stream url="wss://voice.example"/></Connect>') },
      {
        slashOnStreamUrl,
        reach: (origin) => (origin.includes('voice.example') ? app.url : origin),
      },
    )
    const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
    await call.waitForStream()
    const signed = slashOnStreamUrl ? 'wss://voice.example/' : 'wss://voice.example'
    t.equal(app.streams[0]?.signature, signatureOf(app.twilio.authToken, signed))
    call.hangUp()
    await call.waitForEnd()
  }
})

t.test('another auth token signs from now on', async (t) => {
  const app = await openVoiceApp(t, { '/voice': twiml('') })
  app.twilio.rotateAuthToken('another')
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await call.waitForEnd()
  t.equal(app.twilio.authToken, 'another')
  t.equal(app.requests[0]?.isSigned, true)
})

t.test('Play fetches what it plays; digits are tones', async (t) => {
  const wav = Buffer.alloc(44 + 800)
  wav.write('RIFF')
  wav.writeUInt32LE(8000, 28)
  const app = await openVoiceApp(t, {
    '/voice': twiml('<Play loop="2">/hello.wav</Play><Play digits="12"/><Play>/none.wav</Play>'),
    '/hello.wav': { status: 200, body: wav.toString('latin1') },
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await call.waitForEnd()
  t.match(call.heard, [{ kind: 'play', text: `${app.url}/hello.wav` }, { text: '12' }])
  t.match(call.alerts, [{ code: 11200, message: /404/ }])
})
