// Sessions of the history for tests, and what is asked of them over REST.
import type { HistorySession } from '../../../simulators/voximplant/index.ts'
import type { Shown, Stage } from './stage.ts'

export const DAY_MS = 86_400_000

/** As the vendor writes it, UTC. */
export const utc = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

export interface PastSession {
  readonly id: number
  readonly applicationId: number
  /** Epoch milliseconds, whole seconds. */
  readonly at: number
  readonly talkSeconds?: number
  readonly endReason?: string
  readonly incoming?: boolean
  readonly customData?: string
  /** With a recording. */
  readonly recordId?: number
  readonly finishReason?: string
}

/** One that was picked up, unless it has no `talkSeconds`. */
export function pastSession(of: PastSession): HistorySession {
  const { id, applicationId, at, talkSeconds = 0, recordId } = of
  return {
    call_session_history_id: id,
    application_id: applicationId,
    application_name: 'shop.simulated.voximplant.com',
    rule_name: 'voicegate',
    start_date: utc(at),
    duration: talkSeconds + 5,
    finish_reason: of.finishReason ?? 'Normal termination',
    ...(of.customData === undefined ? {} : { custom_data: of.customData }),
    calls: [
      {
        call_id: id * 10,
        start_time: utc(at + 1000),
        duration: talkSeconds,
        local_number: '493055550100',
        remote_number: `49302312${String(id % 10_000).padStart(4, '0')}`,
        incoming: of.incoming ?? false,
        successful: talkSeconds > 0,
        cost: talkSeconds > 0 ? 0.25 : 0,
        ...(of.endReason === undefined ? {} : { end_reason: of.endReason }),
      },
    ],
    records:
      recordId === undefined
        ? []
        : [{ record_id: recordId, start_time: utc(at + 2000), duration: talkSeconds, cost: 0.05 }],
    other_resource_usage: [
      {
        resource_usage_id: id * 10 + 1,
        resource_type: 'CALLSESSION',
        cost: 0.01,
        used_at: utc(at),
      },
    ],
  }
}

export interface SyncShown {
  readonly sync_id: string
  readonly state: string
  readonly count: number
  readonly total: number | null
  readonly new_calls: number
  readonly updated_calls: number
  readonly error: string | null
  readonly progress: number | null
  readonly [field: string]: unknown
}

/** Until it is over. */
export async function syncRange(
  { ask }: Pick<Stage, 'ask'>,
  applicationId: string,
  range: { readonly from_date: string; readonly to_date: string },
): Promise<SyncShown> {
  const { status, body, text } = await ask<SyncShown>(
    'POST',
    `/applications/${applicationId}/sync`,
    range,
  )
  if (status !== 200 && status !== 202) throw new Error(`no synchronisation: ${text}`)
  return body
}

/** What REST answers, for a test to look into. */
export const shown = async (answer: Promise<Response>): Promise<Shown> => (await answer).json()
