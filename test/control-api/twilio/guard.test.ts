// Who may speak as Twilio: the official library and the vectors it was tried with agree with ours; what is forged, or for
// another address, gets 403; what is signed may come again and changes nothing.
import twilioLibrary from 'twilio'
import t from 'tap'
import {
  isSignedBy,
  signatureOf,
  type SignedParams,
} from '../../../control-api/twilio/signature.ts'
import { openStage, PUBLIC_URL } from './stage.ts'

const TOKEN = '12345'
const LONG: SignedParams = [
  ['CallSid', 'CA1234567890ABCDE'],
  ['Caller', '+14158675309'],
  ['Digits', '1234'],
  ['From', '+14158675309'],
  ['To', '+18005551212'],
]
const other = LONG.map(([name, value]) => [name, value.replace(/309$/, '310')] as const)

/** Made with the official library. */
const VECTORS: readonly (readonly [url: string, params: SignedParams, signature: string])[] = [
  ['https://mycompany.com/myapp.php?foo=1&bar=2', LONG, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ['https://mycompany.com/myapp.php?foo=1&bar=2', other, 'GvWf1cFY/Q7PnoempGyD5oXAezc='],
  ['https://h/x', [], 'utCI9oBpf5ZWsSxu3sr/8Hwx/jg='],
  ['https://h/x', [['Digits', '']], '66uAkoaroaGmRQycKPQUM9Piqr0='],
  ['https://h/x', [['a', '1'], ['B', '2']], '5rpCjD6xaXEa+HXFDeWrp8REVxk='], // oxfmt-ignore
  ['https://h/x', [['CallerName', 'Müller']], 'Ws0wkvQPgx5S1gPPln01iWix6ys='],
  ['https://h/x', [['A', 'b'], ['A', 'a'], ['A', 'a']], '3TteYSQjyytL4V5Q4cX8XkCjpgQ='], // oxfmt-ignore
  ['wss://h/stream', [], '+kGIgS42Q2yWuUkD3ZZ/ewbS8CQ='],
  [
    'https://h/x?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    [],
    'Qq/Qg7QGu0OfcuVWjCrhASw4nks=',
  ],
]

/** As the library wants them. */
const grouped = (params: SignedParams): Record<string, string | string[]> => {
  const all = Object.groupBy(params, ([name]) => name)
  return Object.fromEntries(
    Object.entries(all).map(([name, pairs = []]) => {
      const values = pairs.map(([, value]) => value)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

t.test('the nine vectors, and what the official validator says of them', (t) => {
  for (const [url, params, signature] of VECTORS) {
    t.equal(signatureOf(TOKEN, url, params), signature, `${url} ${params.length}`)
    t.ok(isSignedBy([TOKEN], signature, { url, params }))
    t.ok(twilioLibrary.validateRequest(TOKEN, signature, url, grouped(params)))
    t.notOk(isSignedBy(['54321'], signature, { url, params }))
    t.ok(isSignedBy(['54321', TOKEN], signature, { url, params }), 'the former token')
    t.notOk(isSignedBy([TOKEN], signature, { url: `${url}/`.replace('wss', 'https'), params }))
  }
  t.end()
})

t.test('ports, slashes and bodies', (t) => {
  const says = (verified: string, signed: string): readonly [ours: boolean, theirs: boolean] => {
    const signature = signatureOf(TOKEN, signed, [])
    return [
      isSignedBy([TOKEN], signature, { url: verified, params: [] }),
      twilioLibrary.validateRequest(TOKEN, signature, verified, {}),
    ]
  }
  t.same(says('https://h:8443/x', 'https://h/x'), [true, true])
  t.same(says('https://h/x', 'https://h:443/x'), [true, true])
  t.same(says('https://h/x', 'https://h:8443/x'), [false, false])
  t.same(says('wss://h:8443/s', 'wss://h/s'), [true, true])
  t.same(says('https://h/s', 'wss://h/s'), [false, false])
  t.same(says('https://h/s', 'https://h/s/'), [false, false])
  t.equal(says('wss://h/s', 'wss://h/s/')[0], true, 'Twilio may write a slash there')
  t.equal(says('wss://h/s/', 'wss://h/s')[0], true)
  t.equal(isSignedBy([TOKEN], 'x', { url: '/relative', params: [] }), false)
  const [url, params, signature] = VECTORS[8] ?? ['', [], '']
  t.ok(isSignedBy([TOKEN], signature, { url, params, rawBody: '{"a":1}' }))
  t.notOk(isSignedBy([TOKEN], signature, { url, params, rawBody: '{"a":2}' }))
  t.end()
})

const SID = `CA${'0'.repeat(16)}${'f'.repeat(16)}`

await t.test('what is not signed by Twilio for our address is refused', async (t) => {
  const stage = await openStage(t, {
    config: { rehearsal: false, apiKey: 'k'.repeat(32), requireKey: true },
  })
  const { twilio, voiceUrl } = stage
  const form = new URLSearchParams({
    CallSid: SID,
    From: '+4930900000',
  }).toString()
  const post = (signature?: string, headers: Record<string, string> = {}, body = form) =>
    stage.request('/webhook/voice', {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(signature === undefined ? {} : { 'x-twilio-signature': signature }),
        ...headers,
      },
    })
  const params = [...new URLSearchParams(form)]
  for (const [what, signature] of [
    ['none', undefined],
    ['nonsense', 'nonsense'],
    ['another account', signatureOf('another', voiceUrl, params)],
    ['another host', signatureOf(twilio.authToken, 'https://evil.example/webhook/voice', params)],
    ['other parameters', signatureOf(twilio.authToken, voiceUrl, [])],
  ] as const) {
    const answer = await post(signature)
    t.equal(answer.status, 403, what)
    t.match(answer.headers.get('content-type'), 'application/problem+json')
    t.match(await answer.json(), { code: 'TWILIO_SIGNATURE_INVALID' })
  }
  const signed = signatureOf(twilio.authToken, voiceUrl, params)
  for (const cut of [
    `CallSid=${SID}From%2B4930900000`,
    `CallSid=${SID.slice(0, 18)}&${SID.slice(18)}From=%2B4930900000`,
  ]) {
    const answer = await post(signed, {}, cut)
    t.equal(answer.status, 403, `what was signed, cut elsewhere: ${cut}`)
  }
  t.same(stage.told, [], 'nothing was begun')
  const right = await post(signed)
  t.equal(right.status, 200)
  t.match(right.headers.get('content-type'), 'text/xml')
})

await t.test(
  'in rehearsal this machine need not sign; a wrong signature is one all the same',
  async (t) => {
    const stage = await openStage(t)
    // As the old system's handbook had it.
    const body = 'From=%2B4973929378420&CallSid=test_call'
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const plain = await stage.request('/webhook/voice', { method: 'POST', body, headers })
    t.equal(plain.status, 200)
    t.match(await plain.text(), /^<\?xml .*<Gather .*<Redirect/)
    for (const name of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']) {
      const by = { ...headers, [name]: '203.0.113.5' }
      const brought = await stage.request('/webhook/voice', { method: 'POST', body, headers: by })
      t.equal(brought.status, 403, `a proxy on this machine brings strangers: ${name}`)
    }
    const signed = { ...headers, 'x-twilio-signature': 'nonsense' }
    const wrong = await stage.request('/webhook/voice', { method: 'POST', body, headers: signed })
    t.equal(wrong.status, 403)
  },
)

await t.test('a repeated request gets the same again and changes nothing', async (t) => {
  const stage = await openStage(t)
  const { twilio, voiceUrl, statusUrl } = stage
  const call = twilio.callIn({
    voiceUrl,
    statusCallback: statusUrl,
    script: { keys: ['1', '4711#', '1', '2'], webhooks: 'repeated' },
  })
  await call.waitForEnd()
  const view = await stage.onlyCall()
  await stage.ended(view.call_id)
  const byToken = Map.groupBy(
    call.webhooks.filter(({ kind }) => kind === 'voice'),
    ({ idempotencyToken, url, params }) => `${idempotencyToken} ${url} ${params['Digits'] ?? ''}`,
  )
  for (const [, sent] of byToken) {
    const answers = new Set(sent.map(({ body }) => body))
    t.equal(answers.size, 1, sent[0]?.url ?? '')
  }
  t.ok(call.webhooks.filter(({ kind }) => kind === 'voice').length >= 10)
  const story = stage.told.map(({ type }) => type)
  t.equal(story.filter((type) => type === 'consent.given').length, 1)
  t.equal(story.filter((type) => type === 'provider.invited').length, 1)
  const { items } = await stage.find<{ items: unknown[] }>('/api/orders')
  t.equal(items.length, 1)
  // And long after.
  const before = stage.told.length
  for (const webhook of call.webhooks.filter(({ kind }) => kind === 'voice')) {
    const again = await twilio.replay(webhook)
    t.equal(again.status, 200)
    t.match(again.body, /<Hangup\/>/)
  }
  t.equal(stage.told.length, before)
})

await t.test('without an account its routes say what is missing', async (t) => {
  const stage = await openStage(t, { config: { twilio: undefined } })
  for (const path of ['voice', 'consent', 'order', 'order_confirm', 'help', 'status']) {
    const answer = await stage.request(`/webhook/${path}`, { method: 'POST', body: 'CallSid=CA1' })
    t.equal(answer.status, 501, path)
    const { code, detail } = (await answer.json()) as { code: string; detail: string }
    t.equal(code, 'PROVIDER_NOT_CONFIGURED')
    t.match(detail, /TWILIO_ACCOUNT_SID/)
  }
  t.equal((await stage.request('/twilio/stream')).status, 501)
})

t.equal(new URL(PUBLIC_URL).protocol, 'https:')
