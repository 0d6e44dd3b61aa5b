// What all calls of one simulated Twilio share: its account, its clock, its way to us.
import type { EpochMs } from '#core/contracts'
import type { LiveCall } from './live-call.ts'
import type { Recordings } from './recordings.ts'
import type { WebhookClient } from './webhook-client.ts'

export interface Platform {
  readonly accountSid: string
  readonly authToken: () => string
  readonly now: () => EpochMs
  readonly webhooks: WebhookClient
  readonly recordings: Recordings
  readonly reach: (origin: string) => string
  readonly sayMsPerChar: number
  readonly pace: number
  readonly maxDocuments: number
  readonly emptyDigits: 'empty' | 'absent'
  readonly slashOnStreamUrl: boolean
  readonly strictStreams: boolean
  /** A call of ours that another call dials, so that REST knows it. */
  readonly addCall: (call: LiveCall) => void
}
