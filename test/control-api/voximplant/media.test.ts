// Transcripts and audio of calls of Voximplant: from the agent's vendor by the application's own key, else from Voximplant;
// served from here, and never over what is held, deleted or not agreed to.
import t, { type Test } from 'tap'
import { startElevenLabs, type ElevenLabsSimulator } from '../../../simulators/elevenlabs/index.ts'
import { eventually } from '../../support/build-app.ts'
import { hadTalk } from '../../support/vendor-talk.ts'
import { DAY_MS, pastSession, shown, syncRange, utc, type PastSession } from './past-sessions.ts'
import { anApplication, aStage, type Stage } from './stage.ts'

const KEY = 'key-of-the-application'
const AGENT = 'agent_1'
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const AT = TODAY - 2 * DAY_MS
const day = (at: number): string => utc(at).slice(0, 10)
const RANGE = { from_date: day(TODAY - 3 * DAY_MS), to_date: day(TODAY - DAY_MS) }
const FAST = { firstMs: 20, maxMs: 100, missingAfterMs: 300, giveUpAfterMs: 1500 }

interface Talked {
  readonly stage: Stage
  readonly agent: ElevenLabsSimulator
  readonly id: string
  readonly vendorId: number
}

/** The node has no key of its own: the application has one. */
async function talked(
  t: Test,
  recording: 'off' | 'announced' | 'consent',
  { firstMs = 20, key = KEY } = {},
): Promise<Talked> {
  const agent = await startElevenLabs({ apiKey: KEY, onlyScripted: true })
  t.teardown(() => agent.close())
  // A machine that is quick would ask before the vendor is done.
  agent.script(AGENT, { burstSpeed: 100, postCall: { processingMs: 0 } })
  const stage = await aStage(t, {
    config: { agentVendor: { restUrl: agent.restUrl, timing: FAST } },
    dataTiming: { audio: { firstMs, maxMs: Math.max(100, firstMs), giveUpAfterMs: 300_000 } },
  })
  const { id, vendorId } = await anApplication(stage, {
    elevenlabs_api_key: key,
    options: {
      language: 'de',
      recording,
      answering_machine_model: null,
      max_duration_seconds: 600,
      announcement: null,
    },
  })
  return { stage, agent, id, vendorId }
}

const withTalk = (conversationId: string): string => JSON.stringify({ c: conversationId })

async function calls({ stage, id }: Talked): Promise<readonly Record<string, unknown>[]> {
  const found = await stage.app.request(`/api/calls?application_id=${id}`)
  return ((await found.json()) as { items: Record<string, unknown>[] }).items
}

async function synced(all: Talked, ...sessions: PastSession[]): Promise<string> {
  all.stage.vendor.addHistory(sessions.map(pastSession))
  await syncRange(all.stage, all.id, RANGE)
  const [newest] = await calls(all)
  return String(newest?.['call_id'])
}

const recordingOf = ({ stage }: Talked, callId: string, init?: RequestInit) =>
  stage.app.request(`/api/calls/${callId}/recording`, init)

t.test(
  'a call of the history brings its transcript and its audio, by the key of its application',
  async (t) => {
    const all = await talked(t, 'announced')
    const conversation = await hadTalk(all.agent, AGENT, KEY)
    const of = { applicationId: all.vendorId, at: AT, talkSeconds: 30 }
    const callId = await synced(all, { ...of, id: 1, customData: withTalk(conversation) })
    await eventually(
      'the audio is here',
      async () => (await recordingOf(all, callId)).status === 200,
    )
    await eventually('the transcript is here', async () => {
      const got = await all.stage.app.request(`/api/calls/${callId}/transcript`)
      return got.status === 200
    })
    const transcript = await shown(all.stage.app.request(`/api/calls/${callId}/transcript`))
    t.match(transcript, { status: 'final', source: 'vendor' })
    t.ok(transcript.items.some((one: { role: string }) => one.role === 'agent'))
    const whole = await recordingOf(all, callId)
    t.match(whole.headers.get('content-type'), 'audio/mpeg')
    t.match(whole.headers.get('content-disposition'), `${callId}.mp3`)
    const bytes = (await whole.arrayBuffer()).byteLength
    const part = await recordingOf(all, callId, { headers: { range: 'bytes=10-19' } })
    t.equal(part.status, 206)
    t.equal(part.headers.get('content-range'), `bytes 10-19/${bytes}`)
    t.equal((await part.arrayBuffer()).byteLength, 10)
    const peaks = await all.stage.app.request(`/api/calls/${callId}/recording/peaks`)
    t.match(await peaks.json(), { status: 404, detail: /MP3/ })
    t.equal((await all.stage.app.request(`/api/calls/${callId}/silences`)).status, 200)
    const found = await shown(all.stage.app.request('/api/calls?provider=voximplant'))
    t.match(found.items, [{ call_id: callId, agent: { conversation_id: conversation } }])
    const again = await all.stage.ask('POST', `/calls/${callId}/sync`)
    t.match(again.body, { transcript: { result: 'held' }, audio: { result: 'held' } })
    t.notMatch(all.stage.app.logged(), KEY)
  },
)

t.test(
  'without a conversation, the recording of Voximplant, with the account’s key, also an hour late',
  async (t) => {
    const all = await talked(t, 'announced')
    const of = { applicationId: all.vendorId, at: AT, talkSeconds: 30, id: 1 }
    const callId = await synced(all, of)
    t.equal((await recordingOf(all, callId)).status, 404)
    all.stage.vendor.addRecord(
      1,
      { record_id: 5, start_time: utc(AT), duration: 30, cost: 0.1 },
      { secure: true },
    )
    t.match(await syncRange(all.stage, all.id, RANGE), { updated_calls: 1 })
    await eventually('it is here', async () => (await recordingOf(all, callId)).status === 200)
    const got = await (await all.stage.app.request(`/api/calls/${callId}`)).text()
    t.notMatch(got, all.stage.vendor.baseUrl, 'no address of a vendor')
  },
)

t.test(
  'where the application does not record nothing is fetched, unless somebody asks',
  async (t) => {
    const all = await talked(t, 'off')
    const of = { applicationId: all.vendorId, at: AT, talkSeconds: 30 }
    const callId = await synced(all, { ...of, id: 1, recordId: 9 })
    const { requests } = all.stage.vendor
    t.notOk(requests.some(({ command }) => command === 'record-file'))
    t.equal((await recordingOf(all, callId)).status, 404)
    const asked = await all.stage.ask('POST', `/calls/${callId}/sync-audio`)
    t.match(asked.body, { transcript: null, audio: { result: 'stored' } }, asked.text)
    t.equal((await recordingOf(all, callId)).status, 200)
    t.match(await syncRange(all.stage, all.id, RANGE), { new_calls: 0, updated_calls: 0 })
  },
)

t.test(
  'where the other side is asked, nothing of the agent’s vendor is fetched unless it has agreed',
  async (t) => {
    const all = await talked(t, 'consent')
    const conversation = await hadTalk(all.agent, AGENT, KEY)
    const of = { applicationId: all.vendorId, at: AT, talkSeconds: 30 }
    const callId = await synced(all, { ...of, id: 1, customData: withTalk(conversation) })
    await eventually('the transcript is here', async () => {
      const got = await all.stage.app.request(`/api/calls/${callId}/transcript`)
      return got.status === 200
    })
    const asked = await all.stage.ask('POST', `/calls/${callId}/sync-audio`)
    t.match(asked.body.audio, { result: 'none', detail: /agreed/ })
    t.equal((await recordingOf(all, callId)).status, 404)
    // It began behind the consent.
    const record = { record_id: 5, start_time: utc(AT), duration: 30, cost: 0.1 }
    all.stage.vendor.addRecord(1, record)
    t.match(await syncRange(all.stage, all.id, RANGE), { updated_calls: 1 })
    await eventually('it is here', async () => (await recordingOf(all, callId)).status === 200)
    const { requests } = all.stage.vendor
    t.ok(requests.some(({ command }) => command === 'record-file'))
  },
)

t.test('what was deleted does not come back', async (t) => {
  const all = await talked(t, 'announced')
  const of = { applicationId: all.vendorId, at: AT, talkSeconds: 30 }
  const callId = await synced(all, { ...of, id: 1, recordId: 9 })
  await eventually('it is here', async () => (await recordingOf(all, callId)).status === 200)
  const gone = await all.stage.app.request(`/api/calls/${callId}/recording`, { method: 'DELETE' })
  t.ok(gone.ok, String(gone.status))
  const asked = await all.stage.ask('POST', `/calls/${callId}/sync-audio`)
  t.match(asked.body, { audio: { result: 'none', detail: /deleted/ } })
  const left = await Array.fromAsync(all.stage.app.api.mediaStore.entries('recordings/'))
  t.same(left, [])
})

t.test('what is no MP3 is not kept, and said', async (t) => {
  const all = await talked(t, 'off')
  const session = pastSession({
    applicationId: all.vendorId,
    at: AT,
    talkSeconds: 30,
    id: 1,
    recordId: 9,
  })
  all.stage.vendor.addHistory([session], {
    sound: Buffer.from('{"no":"sound at all, and never was"}'),
  })
  await syncRange(all.stage, all.id, RANGE)
  const [call] = await calls(all)
  const asked = await all.stage.ask('POST', `/calls/${String(call?.['call_id'])}/sync-audio`)
  t.match(asked.body.audio, { result: 'failed', detail: /MP3/ })
})

t.test('everything that is missing is fetched in one run, and what fails is counted', async (t) => {
  const all = await talked(t, 'announced', { firstMs: 60_000, key: 'no-such-key' })
  const conversations: string[] = []
  for (let n = 0; n < 3; n += 1) conversations.push(await hadTalk(all.agent, AGENT, KEY))
  const of = { applicationId: all.vendorId, talkSeconds: 30 }
  await synced(
    all,
    ...[...conversations, 'conv_nobody_knows'].map((one, n) => ({
      ...{ ...of, at: AT + n * 1000, id: n + 1 },
      customData: withTalk(one),
    })),
  )
  const path = `/applications/${all.id}/sync-pending`
  const counts = { total_processed: 4, transcripts_synced: 0, audios_synced: 0, failed: 4 }
  t.match((await all.stage.ask('POST', path)).body, {
    ...counts,
    ...{ kind: 'pending', state: 'done', progress: 1, error: /ElevenLabs/ },
  })
  const changed = { elevenlabs_api_key: KEY }
  t.equal((await all.stage.ask('PATCH', `/applications/${all.id}`, changed)).status, 200)
  const fetched = { ...counts, transcripts_synced: 3, audios_synced: 3, failed: 0, total: 4 }
  t.match((await all.stage.ask('POST', path)).body, fetched)
  for (const one of (await calls(all)).slice(1))
    t.equal((await recordingOf(all, String(one['call_id']))).status, 200)
  t.match((await all.stage.ask('POST', path)).body, { state: 'done', total_processed: 0 })
})

t.test('a call of another kind has nothing at Voximplant', async (t) => {
  const all = await talked(t, 'off')
  const { callId } = await all.stage.app.control.begin()
  t.equal((await all.stage.ask('POST', `/calls/${callId}/sync-audio`)).status, 409)
  t.equal((await all.stage.ask('POST', '/calls/call_x/sync')).status, 404)
})
