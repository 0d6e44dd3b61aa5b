import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import type { RetentionDays } from '../../../control-api/privacy/retention.ts'
import { buildApp, eventually, freshDataDir, type BuiltApp } from '../../support/build-app.ts'
import { countIn, filesWith, NAME, NUMBER, plantCall, readRow, WORD } from './support.ts'

/** A control API of this policy on the data, when its first sweep is over. */
async function sweep(t: Test, dataDir: string, retentionDays: RetentionDays): Promise<BuiltApp> {
  const app = await buildApp(t, { dataDir, config: { retentionDays } })
  const { audio, transcripts, events } = retentionDays
  const key = `retention.sweep:audio=${audio},transcripts=${transcripts},events=${events}`
  const job = 'SELECT run_at FROM jobs WHERE dedupe_key = ?'
  await eventually('the sweep is over, and the next one is tomorrow', () =>
    Promise.resolve(Number(readRow(app, job, key)['run_at']) > Date.now() + 3600_000),
  )
  return app
}

const CALL = 'SELECT * FROM calls WHERE call_id = ?'

t.test('each kind goes when its own time is over; the figures of the call stay', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  const fresh = await plantCall(first, { daysAgo: 5, conversationId: 'conv_1' })
  const noAudio = await plantCall(first, { daysAgo: 20, conversationId: 'conv_2', consent: true })
  const noWords = await plantCall(first, { daysAgo: 40, conversationId: 'conv_3', consent: true })
  const bare = await plantCall(first, { daysAgo: 100, conversationId: 'conv_4', consent: true })
  await first.close()

  const app = await sweep(t, dataDir, { audio: 10, transcripts: 30, events: 60 })
  const statusOf = async (path: string) => {
    const response = await app.request(path)
    await response.arrayBuffer()
    return response.status
  }
  const parts = async (id: string) => [
    await statusOf(`/api/calls/${id}/recording`),
    await statusOf(`/api/calls/${id}/transcript`),
  ]
  t.same(await parts(fresh), [200, 200])
  t.same(await parts(noAudio), [404, 200])
  t.same(await parts(noWords), [404, 404])
  t.same(await parts(bare), [404, 404])
  t.ok(countIn(app, 'call_events', noAudio) > 5)
  const words = `SELECT count(*) AS n FROM call_events WHERE call_id = ? AND data LIKE '%${WORD}%'`
  t.equal(readRow(app, words, noWords)['n'], 0, 'the words are not in the timeline either')
  t.ok(countIn(app, 'call_events', noWords) > 3, 'the rest of the timeline is')
  t.equal(countIn(app, 'call_events', bare), 0)

  t.match(readRow(app, CALL, noWords), { from_number: NUMBER, erased_at: null })
  t.match(readRow(app, CALL, bare), {
    from_number: null,
    from_reversed: null,
    to_number: 'erased',
    to_reversed: null,
    metadata: '{}',
    recording_state: 'deleted',
    recording_key: null,
    has_transcript: 0,
    agent_seconds: 60,
    consent_given: 1,
    erased_at: Number,
  })
  const call = (await (await app.request(`/api/calls/${bare}`)).json()) as object
  t.match(call, { from: null, to: 'erased', status: 'ended', has_recording: false })
  t.equal(await app.api.mediaStore.size(`recordings/${bare}.wav`), undefined)
  t.match(app.logged(), /data whose time was over was deleted/)
  const { body } = await app.metrics.render()
  t.match(body, /retention_deleted_total\{kind="recordings"\} 3/)
})

t.test('the proof of consent stays as long as what it justifies', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  const call = await plantCall(first, { daysAgo: 40, consent: true })
  const types = `SELECT group_concat(type) AS types FROM call_events WHERE call_id = ?`
  await first.close()
  const policy = (audio: number) => ({ audio, transcripts: 10, events: 20 })
  const kept = await sweep(t, dataDir, policy(50))
  t.equal(readRow(kept, types, call)['types'], 'consent.given')
  await kept.close()
  const gone = await sweep(t, dataDir, policy(30))
  t.equal(readRow(gone, types, call)['types'], null)
  t.match(readRow(gone, CALL, call), { consent_given: 1, from_number: null })
})

t.test('nothing of it can be read in the files of the database', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  for (let at = 0; at < 12; at += 1)
    await plantCall(first, { daysAgo: 100 + at, conversationId: `conv_${at}` })
  t.ok((await filesWith(dataDir, WORD)).length > 1, 'it can before')
  await first.close()
  await sweep(t, dataDir, { audio: 91, transcripts: 91, events: 91 })
  for (const text of [WORD, NAME, NUMBER, NUMBER.slice(1), '1234567890394'])
    t.same(await filesWith(dataDir, text), [], text)
})

t.test('a clock that is far ahead of the last sweep deletes nothing for half a day', async (t) => {
  const dataDir = await freshDataDir(t)
  const days = { audio: 10, transcripts: 10, events: 10 }
  const first = await sweep(t, dataDir, days)
  const call = await plantCall(first, { daysAgo: 20 })
  await first.close()
  const dueSince = (daysAgo: number) => {
    const file = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
    const late = `UPDATE jobs SET run_at = ? WHERE kind = 'retention.sweep'`
    file.prepare(late).run(Date.now() - daysAgo * 24 * 3600_000)
    file.close()
  }
  dueSince(31)
  const doubting = await sweep(t, dataDir, days)
  t.match(readRow(doubting, CALL, call), { from_number: NUMBER, recording_state: 'stored' })
  t.match(doubting.logged(), /"overdueDays":31.*is the clock right/)
  await doubting.close()
  dueSince(29)
  const sure = await sweep(t, dataDir, days)
  t.match(readRow(sure, CALL, call), { from_number: null, recording_state: 'deleted' })
})

t.test('a clock that was set back while it runs deletes nothing either', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  const call = await plantCall(first, { daysAgo: 20 })
  await first.close()
  const { now } = Date
  Date.now = () => now() + 3 * 24 * 3600_000
  const starting = buildApp(t, {
    dataDir,
    config: { retentionDays: { audio: 10, transcripts: 10, events: 10 } },
  })
  Date.now = now
  const ahead = await starting
  await eventually('the doubt', () => Promise.resolve(/is the clock right/.test(ahead.logged())))
  t.match(readRow(ahead, CALL, call), { from_number: NUMBER, recording_state: 'stored' })
})

t.test('a file that is gone already is no trouble; an open call is left alone', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  const call = await plantCall(first, { daysAgo: 100 })
  await first.api.mediaStore.delete(`recordings/${call}.wav`)
  await first.close()
  const app = await sweep(t, dataDir, { audio: 1, transcripts: 1, events: 1 })
  t.match(readRow(app, CALL, call), { recording_state: 'deleted', recording_key: null })
})

t.test('what the vendor told goes too, dated or not, and so do kept answers', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir })
  await plantCall(first)
  const at = first.clock.now() - 100 * 24 * 3600_000
  await first.close()
  const file = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  const insert = file.prepare(`
    INSERT INTO conversations (conversation_id, call_id, vendor, state, started_at, updated_at, transcript, audio_key)
    VALUES (?, 'call_of_old', 'elevenlabs', 'done', ?, ?, ?, ?)`)
  // More than one look takes, of one second.
  for (let n = 0; n < 60; n += 1)
    insert.run(`conv_old_${n}`, n % 2 === 0 ? at : null, at, `["${WORD}"]`, `vendor-audio/${n}.mp3`)
  insert.run('conv_young', at + 95 * 24 * 3600_000, at, '[]', 'vendor-audio/young.mp3')
  const answer = file.prepare(`
    INSERT INTO idempotency (key, body_hash, state, status, response, created_at)
    VALUES (?, 'h', 'done', 202, ?, ?)`)
  for (let n = 0; n < 120; n += 1) answer.run(`k${n}`, NUMBER, at)
  answer.run('young', '{}', first.clock.now())
  file.close()
  const app = await sweep(t, dataDir, { audio: 10, transcripts: 10, events: 10 })
  const left = `SELECT group_concat(conversation_id) AS ids FROM conversations WHERE`
  t.equal(readRow(app, `${left} transcript IS NOT NULL`)['ids'], 'conv_young')
  t.equal(readRow(app, `${left} audio_key IS NOT NULL`)['ids'], 'conv_young')
  t.equal(readRow(app, 'SELECT group_concat(key) AS keys FROM idempotency')['keys'], 'young')
})
