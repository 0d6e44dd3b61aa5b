// The transcript of a call over HTTP: while it is live, once it has ended, after a crash, and why there is none. And the
// review of a call.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { Value } from 'typebox/value'
import { transcriptSchema } from '../../control-api/calls/transcript/transcript-view.ts'
import { epochMs, newCallId, type CallId } from '../../core/contracts/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { buildApp, eventually, freshDataDir, json, type BuiltApp } from '../support/build-app.ts'

type Body = Record<string, unknown>
const read = async (response: Response): Promise<Body> => (await response.json()) as Body
const transcriptOf = async (app: BuiltApp, callId: CallId): Promise<Body> =>
  read(await app.request(`/api/calls/${callId}/transcript`))
const TERMINATION = { result: 'success', reason: 'hangup', by: 'callee', sipStatus: 200 } as const
const GREETING = 'Hello, how can I help you today?'

/** An answered call on which the agent is cut off. Four events. */
async function begin(app: BuiltApp) {
  const call = await app.control.begin()
  const at = (ms: number) => epochMs(call.createdAt + ms)
  const { callId } = call
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog({}) }, at(100))
  app.emit('agent.response', callId, { text: GREETING, eventId: 1 }, at(300))
  const span = { startedAt: at(320), endedAt: at(1520) }
  const heard = { eventId: 1, heardMs: 1200, spokenMs: 2400, interrupted: true, ...span }
  app.emit('agent.heard', callId, { ...heard, text: 'Hello, how can' }, at(1520))
  app.emit('agent.user_transcript', callId, { text: 'Wait.', eventId: 2 }, at(1900))
  await app.recorded(callId, 4)
  const iso = (ms: number) => new Date(at(ms)).toISOString()
  return { callId, at, iso }
}

t.test('a live call shows what is so far, an ended one all of it', async (t) => {
  const app = await buildApp(t)
  const { callId, at, iso } = await begin(app)
  const live = await transcriptOf(app, callId)
  t.ok(Value.Check(transcriptSchema, live))
  const turns = [
    {
      role: 'agent',
      at: iso(320),
      offset_ms: 320,
      ended_at: iso(1520),
      text: GREETING,
      tentative: false,
      interrupted: true,
      heard: 'part',
      heard_text: 'Hello, how can',
      heard_text_by: 'audio',
      heard_ms: 1200,
      spoken_ms: 2400,
      prompt_id: null,
    },
    {
      role: 'caller',
      at: iso(1900),
      offset_ms: 1900,
      ended_at: null,
      text: 'Wait.',
      tentative: false,
      interrupted: false,
      heard: null,
      heard_text: null,
      heard_text_by: null,
      heard_ms: null,
      spoken_ms: null,
      prompt_id: null,
    },
  ]
  t.same(live, { call_id: callId, status: 'live', source: 'socket', items: turns })
  t.match(await read(await app.request(`/api/calls/${callId}`)), { has_transcript: true })

  app.emit('agent.response', callId, { text: 'Yes?', eventId: 3 }, at(2000))
  app.emit('call.ended', callId, { termination: TERMINATION }, at(2100))
  await app.recorded(callId, 6)
  const final = await transcriptOf(app, callId)
  t.ok(Value.Check(transcriptSchema, final))
  const unheard = { text: 'Yes?', heard: 'nothing', heard_text: '', heard_ms: 0, spoken_ms: 0 }
  t.match(final, { status: 'final', items: [...turns, unheard] })
  const list = await read(await app.request('/api/calls'))
  t.match(list, { items: [{ has_transcript: true }] })
})

t.test('of an agent that floods the call the same is shown live and at the end', async (t) => {
  const app = await buildApp(t)
  const { callId, at } = await begin(app)
  for (let i = 0; i < 50; i++) {
    const text = `${i} ${'x'.repeat(16_000)}`
    app.emit('agent.response', callId, { text, eventId: 10 + i }, at(2000 + i))
  }
  await app.recorded(callId, 54)
  const live = JSON.stringify((await transcriptOf(app, callId))['items'])
  t.ok(live.length < 600 * 1024, `${live.length} letters`)
  app.emit('call.ended', callId, { termination: TERMINATION }, at(2100))
  await app.recorded(callId, 55)
  t.same((await transcriptOf(app, callId))['items'], JSON.parse(live))
})

t.test('what is told after the end is in the transcript too', async (t) => {
  const app = await buildApp(t)
  const { callId, at } = await begin(app)
  app.emit('call.ended', callId, { termination: TERMINATION }, at(2100))
  const late = { text: 'I was about to s', eventId: 5, tentative: true }
  app.emit('agent.user_transcript', callId, late, at(2200))
  await app.recorded(callId, 6)
  const { items } = await transcriptOf(app, callId)
  t.match(items, [{}, {}, { text: late.text, tentative: true }])
  const found = await read(await app.request('/api/calls/search', json({ text: 'about wait' })))
  t.match(found, { items: [{ call_id: callId }] })
})

t.test('a call that a crash cut off has its transcript', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const { callId, at } = await begin(before)
  before.emit('agent.response', callId, { text: 'Yes?', eventId: 3 }, at(2000))
  await before.recorded(callId, 5)
  const live = await transcriptOf(before, callId)
  await before.close()
  const app = await buildApp(t, { dataDir })
  const after = await transcriptOf(app, callId)
  t.same(after, { ...live, status: 'final' }, 'and what is not known is not claimed')
  t.match(after['items'], [{}, {}, { heard: 'unknown', heard_ms: null }])
  const found = await read(await app.request('/api/calls/search', json({ text: 'hello' })))
  t.match(found, { items: [{ call_id: callId, has_transcript: true }] })
})

t.test('without a transcript the answer says why', async (t) => {
  const app = await buildApp(t)
  const why = async (callId: CallId) => {
    const problem = await transcriptOf(app, callId)
    if (problem['code'] !== 'TRANSCRIPT_NOT_FOUND') t.fail(JSON.stringify(problem))
    return problem['detail']
  }
  t.match(await transcriptOf(app, newCallId()), { status: 404, code: 'NOT_FOUND' })
  const { callId } = await app.control.begin()
  t.equal(await why(callId), 'The call is not answered yet.')
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog({}) })
  await app.recorded(callId, 1)
  t.equal(await why(callId), 'Nobody has said anything yet.')
  app.emit('call.ended', callId, { termination: TERMINATION })
  await app.recorded(callId, 2)
  t.match(await why(callId), /no agent was there/)
  t.match(await read(await app.request(`/api/calls/${callId}`)), { has_transcript: false })
  const other = (await app.control.begin()).callId
  app.emit('call.ended', other, { termination: TERMINATION })
  await app.recorded(other, 1)
  t.equal(await why(other), 'The call was not answered.')
})

t.test('a call is reviewed, live and ended, and the timeline keeps each change', async (t) => {
  const app = await buildApp(t)
  const { callId, at } = await begin(app)
  const review = (body: unknown) => app.request(`/api/calls/${callId}/status`, json(body))
  const first = await review({ status: 'problem', note: '  The agent hung up.  ' })
  t.equal(first.status, 200)
  const answer = await read(first)
  t.match(answer, { call_id: callId, review_status: 'problem', note: 'The agent hung up.' })
  app.emit('call.ended', callId, { termination: TERMINATION }, at(2100))
  t.equal((await review({ status: 'completed' })).status, 200)
  t.match(await read(await app.request(`/api/calls/${callId}`)), { review_status: 'completed' })
  t.equal((await review({ status: null, note: null })).status, 200)
  t.match(await read(await app.request(`/api/calls/${callId}`)), { review_status: null })
  const { items } = await read(await app.request(`/api/calls/${callId}/timeline`))
  const reviews = (items as Body[]).filter(({ type }) => type === 'call.reviewed')
  t.match(reviews, [
    { status: 'problem', note: 'The agent hung up.', at: answer['at'] },
    { status: 'completed', note: null },
    { status: null, note: null },
  ])
  t.notMatch(app.logged(), 'hung up.', 'a note is not logged')

  for (const [body, field] of [
    [{}, 'status'],
    [{ status: 'done' }, 'status'],
    [{ status: 'problem', notes: 'x' }, 'notes'],
    [{ status: 'problem', note: 'x'.repeat(2001) }, 'note'],
  ] as const)
    t.match(await read(await review(body)), { status: 400, errors: [{ field }] }, field)
  const unknown = await app.request(`/api/calls/${newCallId()}/status`, json({ status: null }))
  t.match(await read(unknown), { code: 'NOT_FOUND' })
})

t.test('a call that ended before the last start is reviewed as well', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const { callId } = await begin(before)
  await before.close()
  const app = await buildApp(t, { dataDir })
  const body = json({ status: 'processing' })
  t.equal((await app.request(`/api/calls/${callId}/status`, body)).status, 200)
  await eventually('the review in the timeline', async () => {
    const { items } = await read(await app.request(`/api/calls/${callId}/timeline`))
    return (items as Body[]).at(-1)?.['type'] === 'call.reviewed'
  })
})

t.test(
  'where the words cannot be kept, the end of a call is, now and at the next start',
  async (t) => {
    const dataDir = await freshDataDir(t)
    const app = await buildApp(t, { dataDir })
    const [ended, cut] = [await begin(app), await begin(app)]
    const file = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { timeout: 5000 })
    t.teardown(() => file.close())
    file.exec('DROP TABLE call_words')
    app.emit('call.ended', ended.callId, { termination: TERMINATION }, ended.at(2000))
    await app.recorded(ended.callId, 5)
    t.match(await read(await app.request(`/api/calls/${ended.callId}`)), { status: 'ended' })
    t.match(app.logged(), 'a transcript was not kept')
    // Of a run that dies here.
    file.exec(`UPDATE calls SET status = 'answered' WHERE call_id = '${cut.callId}'`)
    await app.close()
    const after = await buildApp(t, { dataDir })
    t.match(await read(await after.request(`/api/calls/${cut.callId}`)), {
      termination: { reason: 'gateway-crashed' },
    })
  },
)
