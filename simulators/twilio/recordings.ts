// Recordings: what REST and TwiML start, pause and stop, and what is told of them. Their sound is silence.
import type { EpochMs } from '#core/contracts'
import type { LiveCall } from './live-call.ts'
import type { RecordingRecord } from './records.ts'
import { rfc2822 } from './rfc2822.ts'
import { newSid } from './sid.ts'
import type { FormParams } from './signature.ts'
import type { HttpMethod } from './twiml-verbs.ts'

export interface RecordingStart {
  readonly source: string
  readonly channels: number
  readonly track: string
  readonly statusCallback: string | undefined
  readonly method: HttpMethod
  readonly events: readonly string[]
}

interface Kept {
  readonly record: RecordingRecord
  readonly call: LiveCall
  readonly start: RecordingStart
}

export interface RecordingsDeps {
  readonly accountSid: string
  readonly baseUrl: () => string
  readonly now: () => EpochMs
}

export class Recordings {
  readonly #deps: RecordingsDeps
  readonly #kept = new Map<string, Kept>()

  constructor(deps: RecordingsDeps) {
    this.#deps = deps
  }

  start(call: LiveCall, start: RecordingStart): RecordingRecord {
    const { source, channels, track } = start
    const record: RecordingRecord = {
      sid: newSid('RE'),
      callSid: call.sid,
      startedAt: this.#deps.now(),
      source,
      channels,
      track,
      status: 'in-progress',
      endedAt: null,
    }
    const kept = { record, call, start }
    this.#kept.set(record.sid, kept)
    call.recordings.push(record)
    this.#tell(kept, 'in-progress')
    return record
  }

  find(sid: string): RecordingRecord | undefined {
    return this.#kept.get(sid)?.record
  }

  /** The one that runs, or has paused. */
  current(callSid: string): RecordingRecord | undefined {
    return this.all(callSid).find(({ status }) => status === 'in-progress' || status === 'paused')
  }

  all(callSid?: string): RecordingRecord[] {
    const records = [...this.#kept.values()].map(({ record }) => record)
    return records.filter((each) => callSid === undefined || each.callSid === callSid)
  }

  change(sid: string, status: 'paused' | 'in-progress' | 'stopped'): void {
    const kept = this.#kept.get(sid)
    if (kept === undefined) return
    if (status === 'stopped') this.#finish(kept)
    else kept.record.status = status
  }

  delete(sid: string): boolean {
    return this.#kept.delete(sid)
  }

  callEnded(call: LiveCall): void {
    for (const kept of this.#kept.values()) {
      const isOpen = kept.record.status === 'in-progress' || kept.record.status === 'paused'
      if (kept.call === call && isOpen) this.#finish(kept)
    }
  }

  #finish(kept: Kept): void {
    const { record, call } = kept
    record.endedAt = this.#deps.now()
    record.status = call.script.recording ?? 'completed'
    this.#tell(kept, record.status)
  }

  #tell({ record, call, start }: Kept, status: string): void {
    call.write({ type: 'recording', recording: record, status })
    const { statusCallback, method, events } = start
    if (statusCallback === undefined || !events.includes(status)) return
    const params = this.#params(record, status)
    call.inBackground(call.send({ kind: 'recording', url: statusCallback, method, params }))
  }

  #params(record: RecordingRecord, status: string): FormParams {
    const { accountSid, baseUrl } = this.#deps
    const path = `/2010-04-01/Accounts/${accountSid}/Recordings/${record.sid}`
    return [
      ['AccountSid', accountSid],
      ['CallSid', record.callSid],
      ['RecordingSid', record.sid],
      ['RecordingUrl', baseUrl() + path],
      ['RecordingStatus', status],
      ['RecordingDuration', String(secondsOf(record, this.#deps.now()))],
      ['RecordingChannels', String(record.channels)],
      ['RecordingStartTime', rfc2822(record.startedAt)],
      ['RecordingSource', record.source],
      ['RecordingTrack', record.track],
      ...(status === 'absent' ? ([['ErrorCode', '0']] as const) : []),
    ]
  }
}

export const secondsOf = (record: RecordingRecord, now: number): number =>
  record.status === 'absent' ? 0 : Math.ceil(((record.endedAt ?? now) - record.startedAt) / 1000)
