// What passes between the starter and the worker thread.
import type { EmbeddedSipStats } from './counters.ts'
import type { LostInviteFacts, LostInviteOutcome } from './drachtio/lost-invite.ts'
import type { CallTrace } from './trace/message-trace.ts'
import type { GateOptions, ListenAddress } from './server-options.ts'

/** Answered under the same id. */
export type Question =
  | { readonly kind: 'stats'; readonly id: number }
  | { readonly kind: 'trace'; readonly id: number; readonly callId: string }
  | { readonly kind: 'call-off'; readonly id: number; readonly invite: LostInviteFacts }

export type ToThread =
  | Question
  | { readonly kind: 'guard'; readonly gate: GateOptions }
  | { readonly kind: 'close' }

export type FromThread =
  | {
      readonly kind: 'listening'
      readonly adminPort: number
      readonly addresses: readonly ListenAddress[]
    }
  | { readonly kind: 'failed'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'stats'; readonly id: number; readonly stats: EmbeddedSipStats }
  | { readonly kind: 'trace'; readonly id: number; readonly trace: CallTrace }
  | { readonly kind: 'called-off'; readonly id: number; readonly outcome: LostInviteOutcome }
  | { readonly kind: 'fault'; readonly text: string }
