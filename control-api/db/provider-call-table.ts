// The table of calls by a telephony vendor, typed.
import type { CallProvider } from '#core/contracts'

/** Calls by a telephony vendor (twilio/provider-call-store.ts). */
export interface ProviderCallsTable {
  call_id: string
  provider: CallProvider
  /** Null while nobody knows whether the vendor has it. */
  provider_call_id: string | null
  /** Of the last callback that was taken; -1 before the first. */
  sequence: number
  /** The vendor's word. */
  status: string
  /** JSON of calls/call-plan.ts; null when it was erased. */
  plan: string | null
  /** JSON of Termination: how it ends, decided before the vendor said that it has. */
  ending: string | null
  /** The one stream that an agent was opened for. */
  stream_id: string | null
  /** At the vendor; null once it was fetched and deleted there. */
  recording_id: string | null
  recording_state: 'asked' | 'started' | 'paused' | 'over' | null
  /** The turn of the menu that starts it. */
  recording_turn: string | null
  created_at: number
  updated_at: number
  ended_at: number | null
}
