// The audio of one call into our store: as the agent's vendor recorded it, else as Voximplant did. It is served from here;
// no address of a vendor is told to anybody.
import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallId, MediaStore } from '#core/contracts'
import type { Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { CallRow } from '../../db/schema.ts'
import type { AgentVendors } from '../../elevenlabs/agent-vendors.ts'
import type { ConversationRow, ConversationStore } from '../../elevenlabs/conversation-store.ts'
import type { ApplicationRow, ApplicationStore } from '../applications/application-store.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'
import type { VendorCallRow, VendorCallStore } from '../calls/call-store.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import { fetched, type Fetched } from './fetched.ts'
import { readMp3Duration } from './mp3-duration.ts'

export interface AudioFetchDeps {
  readonly calls: Pick<CallRepository, 'find'>
  readonly vendorCalls: Pick<VendorCallStore, 'find'>
  readonly applications: Pick<ApplicationStore, 'find'>
  readonly clients: Pick<VoximplantClients, 'ofApplication'>
  readonly conversations: ConversationStore
  readonly agentVendors: Pick<AgentVendors, 'of'>
  readonly recorder: Pick<CallRecorder, 'append'>
  readonly mediaStore: Pick<MediaStore, 'putFile'>
  readonly clock: Pick<Clock, 'now'>
  readonly metrics: Pick<Metrics, 'add'>
}

export interface AudioFetch {
  /**
   * Whatever the application records, but nothing that needs a consent which nobody told of: whether it is wanted is the
   * asker's. Once at a time a call.
   */
  fetch(callId: CallId, signal?: AbortSignal): Promise<Fetched>
}

/** A recording may show itself an hour after the call, and a session last for hours. */
export const LATE_MS = 26 * 3600_000

/** @param folder for what is on its way in; what a crash left there is deleted */
export async function openAudioFetch(deps: AudioFetchDeps, folder: string): Promise<AudioFetch> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const running = new Map<CallId, Promise<Fetched>>()
  return {
    fetch(callId, signal) {
      const known = running.get(callId)
      if (known) return known
      const path = join(folder, `${randomUUID()}.mp3`)
      const run = fetchOnce(deps, { callId, path, signal }).finally(() => running.delete(callId))
      running.set(callId, run)
      return run
    },
  }
}

interface Asked {
  readonly callId: CallId
  /** Nothing is there yet. */
  readonly path: string
  readonly signal: AbortSignal | undefined
}

async function fetchOnce(deps: AudioFetchDeps, asked: Asked): Promise<Fetched> {
  try {
    return await new OneFetch(deps, asked).run()
  } finally {
    await rm(asked.path, { force: true })
  }
}

class OneFetch {
  readonly #deps: AudioFetchDeps
  readonly #asked: Asked

  constructor(deps: AudioFetchDeps, asked: Asked) {
    this.#deps = deps
    this.#asked = asked
  }

  async run(): Promise<Fetched> {
    const { calls, vendorCalls, applications, conversations } = this.#deps
    const { callId } = this.#asked
    const [call, vendorCall] = [await calls.find(callId), await vendorCalls.find(callId)]
    if (call === undefined || vendorCall === undefined) return fetched('none', 'No such call.')
    const settled = settledBefore(call)
    if (settled !== undefined) return settled
    const application = await applications.find(vendorCall.application_id)
    // A record at Voximplant begins behind the consent; what the agent's vendor keeps begins with the talk.
    if (!isAgreed(call, application)) return this.#fromVoximplant(call, vendorCall, application)
    const rows = await conversations.ofCall(callId)
    const byAgent = await this.#fromElevenLabs(call, rows)
    if (byAgent?.result === 'stored') return byAgent
    // The agent hears both sides without the telephone in between: it is waited for while it may come.
    if (byAgent?.result === 'not-yet' && this.#isYoung(call)) return byAgent
    const byTelephony = await this.#fromVoximplant(call, vendorCall, application)
    const isBetter = byTelephony.result !== 'none' || byAgent === undefined
    return isBetter ? byTelephony : byAgent
  }

  #isYoung({ ended_at: endedAt }: CallRow): boolean {
    return endedAt === null || this.#deps.clock.now() - endedAt < LATE_MS
  }

  /** Undefined: it has none, and never will. */
  async #fromElevenLabs(
    call: CallRow,
    rows: readonly ConversationRow[],
  ): Promise<Fetched | undefined> {
    if (rows.some(({ state }) => state === 'pending'))
      return fetched('not-yet', 'ElevenLabs is not done with the conversation.')
    const done = rows.filter(({ state }) => state === 'done')
    const vendor = done.length === 0 ? undefined : await this.#deps.agentVendors.of(call)
    if (vendor === undefined) return undefined
    const { path, signal } = this.#asked
    let trouble: Fetched | undefined
    // The last attempt of a call had the talk.
    for (const { conversation_id: id } of done.toReversed()) {
      const answer = await vendor.audio(id, path, signal)
      if (answer.kind === 'ok') return this.#keep()
      await rm(path, { force: true })
      if (answer.kind !== 'unknown') trouble = fetched('failed', `ElevenLabs: ${answer.why}.`)
    }
    return trouble
  }

  async #fromVoximplant(
    call: CallRow,
    { recording_url: url }: VendorCallRow,
    application: ApplicationRow | undefined,
  ): Promise<Fetched> {
    const missing = (why: string): Fetched =>
      this.#isYoung(call) ? fetched('not-yet', `${why} yet.`) : fetched('none', `${why}.`)
    if (url === null)
      return missing(
        isAgreed(call, application)
          ? 'Voximplant has told of no recording'
          : 'Nobody has told that the other side agreed, and Voximplant of no recording',
      )
    if (application === undefined) return fetched('failed', 'The application was removed.')
    const { rest } = await this.#deps.clients.ofApplication(application)
    const answer = await rest.recording(url, this.#asked.path, this.#asked.signal)
    if (answer.kind === 'ok') return this.#keep()
    if (answer.kind === 'refused' && answer.error.code === 'NOT_FOUND')
      return missing('Voximplant does not have the recording')
    return fetched('failed', answer.error.message)
  }

  async #keep(): Promise<Fetched> {
    const { mediaStore, recorder, clock, metrics } = this.#deps
    const { callId, path } = this.#asked
    const durationMs = await readMp3Duration(path)
    if (durationMs === undefined) return fetched('failed', 'What was sent is no MP3.')
    this.#asked.signal?.throwIfAborted()
    const stored = await mediaStore.putFile(`recordings/${callId}.mp3`, path, 'audio/mpeg')
    const { key, bytes, sha256 } = stored
    // What was erased meanwhile is deleted again (calls/late-event.ts).
    await recorder.append({
      type: 'recording.stored',
      callId,
      at: clock.now(),
      data: { key, bytes, sha256, durationMs },
    })
    metrics.add('recordings_total', 1, { result: 'stored' })
    return fetched('stored')
  }
}

/** Unless told, where the application asks the other side, or nobody knows any more whether it did. */
const isAgreed = (
  { consent_given: given }: CallRow,
  application: ApplicationRow | undefined,
): boolean =>
  given === 1 ||
  (application !== undefined && decodeScenarioOptions(application.options).recording !== 'consent')

function settledBefore(call: CallRow): Fetched | undefined {
  if (call.recording_state === 'stored') return fetched('held')
  if (call.recording_state === 'deleted' || call.erased_at !== null)
    return fetched('none', 'It was deleted, and stays so.')
  if (call.consent_given === 0)
    return fetched('none', 'The other side did not agree to a recording.')
  return undefined
}
