// How the simulated Twilio is started, and what its owner can do with it.
import type { Clock } from '#core/time'
import type { CallScript } from './call-script.ts'
import type { Alert, RestRequestRecord, WebhookRecord } from './records.ts'
import type { SimulatedCall } from './simulated-call.ts'

export interface TwilioOptions {
  /** Default 127.0.0.1; nothing but loopback makes sense. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Default `AC` and 32 digits. */
  readonly accountSid?: string
  readonly authToken?: string
  /** Ours at Twilio. Default +4930555200. */
  readonly phoneNumber?: string
  readonly clock?: Clock
  /** Outbound calls started in a second; what is more is queued. Default 1. */
  readonly callsPerSecond?: number
  /** How long saying takes. Default 1. */
  readonly sayMsPerChar?: number
  /** By what Pause, the timeout of Gather and of ringing, and Play are multiplied. Default 1: real time. */
  readonly pace?: number
  /** What everybody does who is called, or calls without a script. */
  readonly script?: CallScript | ((number: string) => CallScript)
  /** Where a URL's origin is to be reached in truth; it is signed as it was given. Default: where it says. */
  readonly reach?: (origin: string) => string
  /** Of a request for TwiML. Default 15 000. */
  readonly webhookTimeoutMs?: number
  /** Repeated requests when one failed; the URL's own `#rc=…&rp=…` goes before. Default: once, when there was no connection. */
  readonly retry?: RetryRule
  /** A document after the other without anybody pressing or saying anything in between. Default 50. */
  readonly maxDocuments?: number
  /** After the end of a call its price is known. Default 2000. */
  readonly priceAfterMs?: number
  /** Not known of the vendor: `Digits` of an empty result. Default `empty`. */
  readonly emptyDigits?: 'empty' | 'absent'
  /** Not known of the vendor: a path-less wss URL is signed with a slash at its end. Default false. */
  readonly slashOnStreamUrl?: boolean
  /** Default true: what has no place in Media Streams ends the stream. */
  readonly strictStreams?: boolean
}

export type RetryReason = 'connect' | 'timeout' | '4xx' | '5xx'

export interface RetryRule {
  readonly times: number
  readonly on: readonly RetryReason[]
  /** Between attempts. Default 20. */
  readonly waitMs?: number
}

/** Which requests of REST a fault is for. */
export type RestOperation =
  | 'calls.create'
  | 'calls.fetch'
  | 'calls.update'
  | 'calls.list'
  | 'recordings.create'
  | 'recordings.fetch'
  | 'recordings.update'
  | 'recordings.list'
  | 'recordings.delete'
  | 'recordings.media'
  | 'other'

export type RestFault =
  /** Not processed. `code` as Twilio's: 20429, 20500, 21211 …; status and words follow from it. */
  | { readonly kind: 'refused'; readonly code: number; readonly status?: number }
  /** Processed; the connection is reset instead of an answer. */
  | { readonly kind: 'answer-lost' }
  /** The connection is reset; nothing was done. */
  | { readonly kind: 'not-processed' }
  /** No answer ever. */
  | { readonly kind: 'hangs'; readonly processed: boolean }
  | { readonly kind: 'slow'; readonly ms: number }

export interface CallInOptions {
  /** Where Twilio asks for TwiML: the number's Voice URL. */
  readonly voiceUrl: string
  /** Default +4930900000. */
  readonly from?: string
  /** Default our number. */
  readonly to?: string
  readonly method?: 'GET' | 'POST'
  readonly fallbackUrl?: string
  /** The number's: told of the end alone. */
  readonly statusCallback?: string
  readonly script?: CallScript
  /** Sent along with every webhook: `StirVerstat`, `ForwardedFrom` … */
  readonly params?: Readonly<Record<string, string>>
}

export interface TwilioSimulator {
  /** http://127.0.0.1:port: `TWILIO_BASE_URL`. */
  readonly baseUrl: string
  readonly accountSid: string
  readonly authToken: string
  readonly phoneNumber: string
  /** All of them, the newest last. */
  readonly calls: readonly SimulatedCall[]
  readonly restRequests: readonly RestRequestRecord[]
  readonly webhooks: readonly WebhookRecord[]
  readonly alerts: readonly Alert[]
  /** Somebody calls our number. */
  callIn(options: CallInOptions): SimulatedCall
  /** What is done by whom: who is called by REST under this number, or calls from it. */
  script(number: string, script: CallScript): void
  /** The next requests go wrong. */
  failRest(
    fault: RestFault,
    options?: { readonly times?: number; readonly of?: RestOperation },
  ): void
  /** Everything is signed with it from now on; REST takes it alone. */
  rotateAuthToken(authToken: string): void
  /** Sends a webhook again as it was: Twilio repeats, and an attacker replays. */
  replay(
    webhook: WebhookRecord,
    changes?: {
      readonly forged?: boolean
      readonly url?: string
      readonly params?: Readonly<Record<string, string>>
    },
  ): Promise<WebhookRecord>
  /** @throws AppError `TIMED_OUT` */
  waitForCall(
    which: number | ((call: SimulatedCall) => boolean),
    timeoutMs?: number,
  ): Promise<SimulatedCall>
  close(): Promise<void>
}
