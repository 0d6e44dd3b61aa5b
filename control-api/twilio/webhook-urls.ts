// Our addresses as Twilio is given them: whatever names the call and the turn stands in the address, so that the signature
// covers it.
import type { CallId, FlowTurn } from '#core/contracts'

/** What else than the state of a call comes to /webhook/status. */
export const STATUS_KINDS = ['machine', 'recording', 'stream', 'connect', 'dial'] as const
export type StatusKind = (typeof STATUS_KINDS)[number]

export const STREAM_PATH = '/twilio/stream'

export interface WebhookUrls {
  voice(callId: CallId): string
  status(callId: CallId, kind?: StatusKind): string
  /** Where the answer to a turn is posted. */
  answer(callId: CallId, turn: Pick<FlowTurn, 'step' | 'attempt'>): string
  stream(): string
}

/** @param publicUrl without a slash behind it */
export function createWebhookUrls(publicUrl: () => string): WebhookUrls {
  const to = (path: string, query: Readonly<Record<string, string>>): string =>
    `${publicUrl()}${path}?${new URLSearchParams(query).toString()}`
  return {
    voice: (callId) => to('/webhook/voice', { call: callId }),
    status: (callId, kind) =>
      to('/webhook/status', { ...(kind === undefined ? {} : { kind }), call: callId }),
    answer(callId, { step, attempt }) {
      const turn = { call: callId, step, attempt: String(attempt) }
      switch (step) {
        case 'consent':
        case 'order':
        case 'order_confirm':
        case 'help':
          return to(`/webhook/${step}`, turn)
        case 'transfer':
          return to('/webhook/status', { kind: 'dial', ...turn })
        // Nothing is asked there.
        case 'end':
          return to('/webhook/help', turn)
        default:
          return step satisfies never
      }
    },
    stream: () => publicUrl().replace(/^http/i, 'ws') + STREAM_PATH,
  }
}
