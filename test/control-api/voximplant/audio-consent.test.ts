// Whose sound is fetched where the application asks for a consent: of whom has given it, or what Voximplant recorded behind
// it; also by hand, and of a call whose application is gone.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  openAudioFetch,
  type AudioFetchDeps,
} from '../../../control-api/voximplant/media/audio-fetch.ts'
import type { CallId } from '../../../core/contracts/index.ts'
import { createMetrics } from '../../../core/telemetry/index.ts'
import { silentMp3 } from '../../../simulators/voximplant/silent-mp3.ts'

const NOW = Date.UTC(2026, 0, 31, 12)
const DAY_MS = 86_400_000

interface OfCall {
  /** Undefined: the application is gone. */
  readonly recording: 'off' | 'announced' | 'consent' | undefined
  readonly consent: 0 | 1 | null
  readonly hasRecord: boolean
  readonly endedAt?: number
}

async function fetchedOf(
  t: Test,
  { recording, consent, hasRecord, endedAt = NOW - 2 * DAY_MS }: OfCall,
) {
  const asked: string[] = []
  const sound = (whose: string) => async (_of: string, path: string) => {
    asked.push(whose)
    await writeFile(path, silentMp3(1))
    return { kind: 'ok', value: { bytes: 1 } }
  }
  const found = (row: object | undefined) => ({ find: () => Promise.resolve(row) })
  const call = { consent_given: consent, recording_state: null, erased_at: null }
  const deps = {
    calls: found({ ...call, call_id: 'call_1', ended_at: endedAt }),
    vendorCalls: found({
      application_id: 'vap_1',
      recording_url: hasRecord ? 'https://x/r' : null,
    }),
    applications: found(
      recording === undefined ? undefined : { options: JSON.stringify({ recording }) },
    ),
    clients: { ofApplication: () => Promise.resolve({ rest: { recording: sound('voximplant') } }) },
    conversations: {
      ofCall: () => Promise.resolve([{ conversation_id: 'conv_1', state: 'done' }]),
    },
    agentVendors: { of: () => Promise.resolve({ audio: sound('elevenlabs') }) },
    recorder: { append: () => Promise.resolve() },
    mediaStore: { putFile: () => Promise.resolve({ key: 'k', bytes: 1, sha256: 's' }) },
    clock: { now: () => NOW },
    metrics: createMetrics(),
  }
  const folder = join(t.testdir({}), 'incoming')
  const fetch = await openAudioFetch(deps as unknown as AudioFetchDeps, folder)
  const { result, detail } = await fetch.fetch('call_1' as CallId)
  return { asked, result, detail }
}

const CASES: readonly (readonly [OfCall, readonly string[], string])[] = [
  [{ recording: 'consent', consent: 1, hasRecord: true }, ['elevenlabs'], 'stored'],
  [{ recording: 'consent', consent: 1, hasRecord: false }, ['elevenlabs'], 'stored'],
  [{ recording: 'consent', consent: null, hasRecord: false }, [], 'none'],
  [{ recording: 'consent', consent: null, hasRecord: true }, ['voximplant'], 'stored'],
  [{ recording: 'consent', consent: 0, hasRecord: true }, [], 'none'],
  [{ recording: 'announced', consent: null, hasRecord: true }, ['elevenlabs'], 'stored'],
  [{ recording: 'announced', consent: 0, hasRecord: true }, [], 'none'],
  [{ recording: 'off', consent: null, hasRecord: true }, ['elevenlabs'], 'stored'],
  [{ recording: undefined, consent: null, hasRecord: false }, [], 'none'],
  [{ recording: undefined, consent: 1, hasRecord: false }, ['elevenlabs'], 'stored'],
]

for (const [of, asked, result] of CASES)
  t.test(`recording ${of.recording}, consent ${of.consent}, record ${of.hasRecord}`, async (t) => {
    t.match(await fetchedOf(t, of), { asked, result })
  })

t.test('of a call that is just over, a consent or a record may yet be told of', async (t) => {
  const young = { consent: null, hasRecord: false, endedAt: NOW - 1000 }
  const { asked, result, detail } = await fetchedOf(t, { recording: 'consent', ...young })
  t.same(asked, [])
  t.equal(result, 'not-yet')
  t.match(detail, /agreed/)
})
