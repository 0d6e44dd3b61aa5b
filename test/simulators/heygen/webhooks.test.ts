// Webhooks of the simulated HeyGen: registered, signed as its guide says, repeated, and wrong on purpose.
import { createHmac } from 'node:crypto'
import t from 'tap'
import { openMailbox, type Letter } from '../animation-studio/mailbox.ts'
import { openHeyGen } from './heygen-client.ts'

const EVENTS = ['avatar_video.success', 'avatar_video.fail']

const macOf = (secret: string, body: string): string =>
  createHmac('sha256', secret).update(body, 'utf8').digest('hex')
const isSigned = ({ headers, body }: Letter, secret: string): boolean =>
  headers['heygen-signature'] === macOf(secret, body)

t.test('success and failure are told to who wants them, signed by the whole secret', async (t) => {
  const { url, letters } = await openMailbox(t)
  const { heygen, ask, video } = await openHeyGen(t)
  const made = await ask('POST', '/v3/webhooks/endpoints', { url: `${url}/all`, events: EVENTS })
  const { secret, endpoint_id: endpointId } = made.body.data
  t.match(made.body.data, {
    url: `${url}/all`,
    events: EVENTS,
    status: 'enabled',
    created_at: String,
  })
  t.match(secret, /^whsec_/)
  await ask('POST', '/v3/webhooks/endpoints', { url: `${url}/fail`, events: EVENTS.slice(1) })
  const good = await video('Hello', { callback_id: 'task-1' })
  const bad = await video('Hello [fault:render-error]', { callback_id: 'task-2' })
  t.same(letters.map(({ path }) => path).sort(), ['/all', '/all', '/fail'])
  const [success, failure] = letters.filter(({ path }) => path === '/all') as [Letter, Letter]
  t.match(JSON.parse(success.body), {
    event_type: 'avatar_video.success',
    event_data: { video_id: good, url: /^http/, callback_id: 'task-1' },
  })
  t.match(JSON.parse(failure.body), {
    event_type: 'avatar_video.fail',
    event_data: {
      video_id: bad,
      msg: String,
      failure_code: 'rendering_failed',
      callback_id: 'task-2',
    },
  })
  for (const letter of [success, failure]) t.ok(isSigned(letter, secret))
  t.notOk(
    isSigned(
      letters.find(({ path }) => path === '/fail')!,
      secret,
    ),
    'another secret',
  )
  t.notOk('signature' in success.headers)
  const age = Date.now() / 1000 - Number(success.headers['heygen-timestamp'])
  t.ok(age >= 0 && age < 60)
  t.not(success.headers['heygen-event-id'], failure.headers['heygen-event-id'])
  t.match((await ask('GET', '/v3/webhooks/events')).body.data, [
    { event_type: 'avatar_video.fail', status: 'delivered' },
    { event_type: 'avatar_video.fail', status: 'delivered' },
    { event_id: success.headers['heygen-event-id'], video_id: good, status: 'delivered' },
  ])
  t.equal(heygen.webhooks.length, 3)
  t.ok(endpointId)
})

t.test('endpoints are listed without secrets, changed, rotated, deleted', async (t) => {
  const { url, letters } = await openMailbox(t)
  const { ask, video } = await openHeyGen(t)
  const path = '/v3/webhooks/endpoints'
  const { endpoint_id: id, secret } = (await ask('POST', path, { url, events: EVENTS })).body.data
  t.notMatch((await ask('GET', path)).body, { data: [{ secret: String }] })
  t.match((await ask('GET', path)).body.data, [{ endpoint_id: id, url }])
  const rotated = (await ask('POST', `${path}/${id}/rotate-secret`)).body.data.secret
  t.not(rotated, secret)
  await video('Hello')
  t.ok(isSigned(letters[0]!, rotated))
  t.notOk(isSigned(letters[0]!, secret))
  t.match((await ask('PATCH', `${path}/${id}`, { status: 'disabled' })).body.data, {
    status: 'disabled',
  })
  await video('Hello')
  t.equal(letters.length, 1)
  t.match(
    (await ask('PATCH', `${path}/${id}`, { status: 'enabled', url: `${url}/new` })).body.data,
    {
      url: `${url}/new`,
    },
  )
  await video('Hello')
  t.equal(letters[1]!.path, '/new')
  t.equal((await ask('DELETE', `${path}/${id}`)).status, 200)
  t.equal((await ask('DELETE', `${path}/${id}`)).status, 404)
  t.same((await ask('GET', path)).body.data, [])
  t.ok((await ask('GET', '/v3/webhooks/event-types')).body.data.includes('avatar_video.success'))
  for (const wrong of [{ url }, { url, events: ['unknown'] }, { url: 'ftp://x', events: EVENTS }])
    t.equal((await ask('POST', path, wrong)).status, 400)
})

t.test('before the answer, twice with one id, never, forged, stale, late', async (t) => {
  const { url, letters } = await openMailbox(t)
  const { ask, submit, video } = await openHeyGen(t)
  const made = await ask('POST', '/v3/webhooks/endpoints', { url, events: EVENTS })
  const { secret } = made.body.data
  await submit('Hello [fault:webhook-first]')
  t.equal(letters.length, 1, 'it was there before the answer')
  await video('Hello [fault:webhook-twice]')
  t.equal(letters.length, 3)
  t.equal(letters[1]!.headers['heygen-event-id'], letters[2]!.headers['heygen-event-id'])
  await video('Hello [fault:webhook-never]')
  t.equal(letters.length, 3)
  await video('Hello [fault:webhook-forged]')
  t.equal(letters.length, 4)
  t.notOk(isSigned(letters[3]!, secret))
  await video('Hello [fault:webhook-stale]')
  t.ok(isSigned(letters[4]!, secret))
  t.ok(Date.now() / 1000 - Number(letters[4]!.headers['heygen-timestamp']) > 3000)
  await video('Hello [fault:webhook-late:20]')
  t.equal(letters.length, 6)
})

t.test('an event is repeated until it is taken, as often as told, with one id', async (t) => {
  const { url, letters, answerWith } = await openMailbox(t)
  const { heygen, ask, video } = await openHeyGen(t, { webhookRetryMs: [1, 1] })
  await ask('POST', '/v3/webhooks/endpoints', { url, events: EVENTS })
  answerWith(500, 302, 204)
  await video('Hello')
  t.same(
    heygen.webhooks.map(({ status }) => status),
    [500, 302, 204],
  )
  t.equal(new Set(letters.map(({ headers }) => headers['heygen-event-id'])).size, 1)
  answerWith(500, 500, 500, 500)
  await video('Hello')
  t.equal(heygen.webhooks.length, 6)
  t.match((await ask('GET', '/v3/webhooks/events')).body.data, [
    { status: 'failed' },
    { status: 'delivered' },
  ])
})

t.test('a callback_url is told too, unsigned or signed; headers as in older days', async (t) => {
  const { url, letters } = await openMailbox(t)
  const plain = await openHeyGen(t)
  await plain.video('Hello', { callback_url: `${url}/callback`, callback_id: 'x' })
  t.equal(letters[0]!.path, '/callback')
  t.notOk('heygen-signature' in letters[0]!.headers)
  const legacy = await openHeyGen(t, { signatureHeaders: 'legacy', signsCallbacks: true })
  const made = await legacy.ask('POST', '/v3/webhooks/endpoints', {
    url: `${url}/e`,
    events: EVENTS,
  })
  await legacy.video('Hello', { callback_url: `${url}/callback` })
  const { secret } = made.body.data
  for (const { headers, body } of letters.slice(1)) {
    t.equal(headers['signature'], macOf(secret, body))
    t.notOk('heygen-signature' in headers)
  }
  const both = await openHeyGen(t, { signatureHeaders: 'both' })
  await both.ask('POST', '/v3/webhooks/endpoints', { url, events: EVENTS })
  await both.video('Hello')
  const { headers } = letters.at(-1)!
  t.equal(headers['signature'], headers['heygen-signature'])
})

t.test(
  'an endpoint that does not answer OPTIONS is not registered, where that is asked',
  async (t) => {
    const { url, letters, answerWith } = await openMailbox(t)
    const { ask } = await openHeyGen(t, { probesEndpoints: true, webhookRetryMs: [600_000] })
    answerWith(404)
    const endpoint = { url, events: EVENTS }
    t.equal((await ask('POST', '/v3/webhooks/endpoints', endpoint)).status, 400)
    t.equal((await ask('POST', '/v3/webhooks/endpoints', endpoint)).status, 200)
    t.same(
      letters.map(({ method }) => method),
      ['OPTIONS', 'OPTIONS'],
    )
  },
)
