// A simulated Voximplant with a history of so many calls, as a process of its own.
import {
  startVoximplant,
  type HistorySession,
  type VoximplantSimulator,
} from '../../simulators/voximplant/index.ts'
import { serve } from '../process/serve.ts'

export interface VendorOfBench {
  readonly baseUrl: string
  readonly accountId: number
  readonly apiKey: string
  readonly applicationId: number
}

export interface AskedHistory {
  readonly calls: number
  /** Epoch milliseconds. */
  readonly from: number
  readonly before: number
}

let vendor: VoximplantSimulator | undefined

const commands = {
  async start({ calls, from, before }: AskedHistory): Promise<VendorOfBench> {
    vendor = await startVoximplant()
    const { application_id: applicationId } = vendor.addApplication({ name: 'bench' })
    const step = (before - from) / calls
    const at = (n: number): number => Math.floor((from + n * step) / 1000) * 1000
    vendor.addHistory(
      Array.from({ length: calls }, (_, n) => session(n, { applicationId, at: at(n) })),
    )
    const { baseUrl, accountId, apiKey } = vendor
    return { baseUrl, accountId, apiKey, applicationId }
  },
  async stop(): Promise<void> {
    await vendor?.close()
  },
}

export type VendorCommands = typeof commands

serve(commands)

const ENDS = ['486 Busy here', '408 No answer', '603 Decline', '487', '404 Not found'] as const

/** Two of three are picked up, and recorded; one of four comes in. */
function session(
  n: number,
  { applicationId, at }: { readonly applicationId: number; readonly at: number },
): HistorySession {
  const isAnswered = n % 3 !== 0
  const duration = isAnswered ? 10 + (n % 170) : 0
  const id = 4_000_000_000 + n
  return {
    call_session_history_id: id,
    application_id: applicationId,
    application_name: 'bench.simulated.voximplant.com',
    rule_name: 'voicegate',
    start_date: written(at),
    duration: duration + 4,
    finish_reason: 'Normal termination',
    calls: [
      {
        call_id: id,
        start_time: written(at + 1000),
        duration,
        local_number: '493023125000',
        remote_number: `4930231${String(n % 100_000).padStart(5, '0')}`,
        incoming: n % 4 === 0,
        successful: isAnswered,
        cost: duration / 1000,
        end_reason: isAnswered ? 'Normal call clearing' : ENDS[n % ENDS.length],
      },
    ],
    records: isAnswered
      ? [
          {
            record_id: id,
            start_time: written(at + 2000),
            duration,
            cost: 0.004,
            record_url: `https://storage.example/records/${id}.mp3`,
          },
        ]
      : [],
    other_resource_usage: [
      { resource_usage_id: id, resource_type: 'CALLSESSION', cost: 0.002, used_at: written(at) },
    ],
  }
}

const written = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
