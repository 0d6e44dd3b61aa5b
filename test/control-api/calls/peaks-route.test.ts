// Peaks of a recording, and the silences it makes exact, over real HTTP.
import { readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { pathsOf } from '../../../control-api/storage/disk-paths.ts'
import { epochMs, newCallId, type CallId } from '../../../core/contracts/index.ts'
import { aFile } from '../../contract/media-store.ts'
import { aDialog } from '../../support/a-dialog.ts'
import { buildApp, type BuiltApp } from '../../support/build-app.ts'
import { wav } from '../../support/wav-file.ts'

interface Drawn {
  readonly duration_seconds: number
  readonly offset_ms: number
  readonly points_per_second: number
  readonly channels: { readonly caller: readonly number[]; readonly agent: readonly number[] }
}
const ENDED = { result: 'success', reason: 'hangup', by: 'caller', sipStatus: 200 } as const
const urlOf = (callId: string, query = ''): string => `/api/calls/${callId}/recording/peaks${query}`
const read = async <T>(response: Response): Promise<T> => (await response.json()) as T

/** Answered at 1 s and recorded from there, 20 s: the agent speaks 1–4 and 12–14, the caller 6–7, faintly all the time. */
async function recordedCall(t: Test, app: BuiltApp): Promise<CallId> {
  const { callId, createdAt } = await app.control.begin()
  const at = (seconds: number) => epochMs(createdAt + seconds * 1000)
  const heard = { eventId: 1, heardMs: 2000, spokenMs: 2000, interrupted: false }
  const agent = (second: number): number =>
    (second >= 1 && second < 4) || (second >= 12 && second < 14) ? 9000 : 0
  // Of the agent's voice some comes back a quarter of a second later.
  const caller = (second: number): number =>
    second >= 6 && second < 7 ? 6000 : 60 + agent(second - 0.25) * 0.2
  const path = await aFile(t, wav(20, caller, agent))
  const key = `recordings/${callId}.wav`
  const { bytes, sha256 } = await app.api.mediaStore.putFile(key, path, 'audio/wav')
  app.emit('sip.invite', callId, { direction: 'inbound', sipCallId: 's' }, at(0))
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(1))
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at(1) }
  app.emit('recording.started', callId, {}, at(1))
  app.emit('agent.attempted', callId, { evidence, attempt: 1 }, at(1))
  app.emit('agent.opened', callId, { evidence, upgradeSentAt: at(1) }, at(1.5))
  app.emit('agent.first_audio', callId, {}, at(2))
  app.emit('agent.heard', callId, { ...heard, startedAt: at(2), endedAt: at(5) }, at(5))
  // The vendor tells of the caller's words a second after they were said.
  app.emit('agent.user_transcript', callId, { text: 'Yes, please.', eventId: 2 }, at(9))
  app.emit('agent.heard', callId, { ...heard, startedAt: at(13), endedAt: at(15) }, at(15))
  app.emit('recording.stored', callId, { key, bytes, sha256, durationMs: 20_000 }, at(21))
  app.emit('call.ended', callId, { termination: ENDED }, at(21))
  await app.recorded(callId, 11)
  return callId
}

t.test('over HTTP: shape, axis, bounds', async (t) => {
  const app = await buildApp(t)
  const callId = await recordedCall(t, app)
  const response = await app.request(urlOf(callId))
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), /^application\/json/)
  t.match(response.headers.get('cache-control'), /no-store/)
  const found = await read<Drawn>(response)
  t.same(Object.keys(found), ['duration_seconds', 'offset_ms', 'points_per_second', 'channels'])
  t.match(found, { duration_seconds: 20, offset_ms: 1000, points_per_second: 200 })
  t.equal(found.channels.caller.length, 4000)
  t.equal(found.channels.agent.length, 4000)
  t.equal(found.channels.agent[300], Math.round((9000 * 127) / 32_768))
  t.equal(found.channels.agent[900], 0)
  t.equal(found.channels.caller[1300], Math.round((6000 * 127) / 32_768))
  const few = await read<Drawn>(await app.request(urlOf(callId, '?points=20')))
  t.match(few, { points_per_second: 1, channels: { agent: [0, 35, 35, 35, 0] } })
  for (const query of ['?points=0', '?points=200001', '?points=x', '?width=5'])
    t.equal((await app.request(urlOf(callId, query))).status, 400, query)
  t.equal((await app.request(urlOf(callId, '?points=200000'))).status, 200)
})

t.test('why there are none; what was erased is told to nobody', async (t) => {
  const app = await buildApp(t)
  const why = async (callId: string): Promise<unknown> => {
    const response = await app.request(urlOf(callId))
    const { code, detail } = await read<Record<string, string>>(response)
    return `${response.status} ${String(code)} ${String(detail)}`
  }
  t.match(await why(newCallId()), /^404 NOT_FOUND /)
  const { callId: bare } = await app.control.begin()
  t.match(await why(bare), /^404 RECORDING_NOT_FOUND Nothing /)
  const callId = await recordedCall(t, app)
  t.equal((await app.request(urlOf(callId))).status, 200)
  const deleted = await app.request(`/api/calls/${callId}/recording`, { method: 'DELETE' })
  t.equal(deleted.status, 204)
  t.match(await why(callId), /^404 RECORDING_NOT_FOUND .*deleted/, 'though it was kept in memory')
  const other = await recordedCall(t, app)
  const { fanned: path } = pathsOf(join(app.dataDir, 'media'), `recordings/${other}.wav`)
  await writeFile(path, Buffer.alloc(5000, 'a'))
  t.match(await why(other), /^404 RECORDING_NOT_FOUND .*can read/)
  t.ok(app.logged().includes('not in our own format'))
  await rm(path)
  t.match(await why(other), /^404 RECORDING_NOT_FOUND .*deleted/)
  const files = await Promise.all(
    (await readdir('/proc/self/fd')).map((one) => readlink(`/proc/self/fd/${one}`).catch(() => '')),
  )
  t.notOk(
    files.some((one) => one.endsWith('.wav')),
    'no file stays open',
  )
})

interface Silences {
  readonly items: readonly Record<string, unknown>[]
  readonly speech: readonly {
    readonly who: string
    readonly from_ms: number
    readonly to_ms: number
  }[]
}

t.test('silences go by the recording, and without it by the events', async (t) => {
  const app = await buildApp(t)
  const callId = await recordedCall(t, app)
  const url = `/api/calls/${callId}/silences`
  const told = ({ items }: Silences): string[] =>
    items.map(
      (one) =>
        `${String(one['from_ms'])}–${String(one['to_ms'])} ${String(one['cause'])} ${String(one['reason'])}`,
    )
  const exact = await read<Silences>(await app.request(url))
  t.same(told(exact), [
    '1000–1500 agent agent-opening',
    '1500–2000 agent first-audio-slow',
    '5000–7000 caller callers-turn',
    '8000–13000 agent answer-slow',
    '15000–21000 caller callers-turn',
  ])
  t.same(exact.speech, [
    { who: 'agent', from_ms: 2000, to_ms: 5000 },
    { who: 'caller', from_ms: 7000, to_ms: 8000 },
    { who: 'agent', from_ms: 13_000, to_ms: 15_000 },
  ])
  await app.request(`/api/calls/${callId}/recording`, { method: 'DELETE' })
  const guessed = await read<Silences>(await app.request(url))
  t.match(told(guessed)[2], /^5000–8220 caller callers-turn/)
  const { silences } = await read<{ silences: Silences }>(
    await app.request(`/api/calls/${callId}/debug`),
  )
  t.same(silences, guessed, 'the bundle goes by the events')
  const { callId: ringing } = await app.control.begin()
  t.same(await read(await app.request(`/api/calls/${ringing}/silences`)), { items: [], speech: [] })
  t.equal((await app.request(`/api/calls/${newCallId()}/silences`)).status, 404)
})
