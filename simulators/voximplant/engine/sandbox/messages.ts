// What crosses the border of a session's thread. Inside it the scenario runs; outside are calls, agents and the network.
import type { CallState } from '../session-plan.ts'

/** As `Call.state()` says it. */
export type VendorCallState = 'ALERTING' | 'PROGRESSING' | 'CONNECTED' | 'TERMINATED'

export const CALL_STATES: Readonly<Record<VendorCallState, CallState>> = {
  ALERTING: 'alerting',
  PROGRESSING: 'ringing',
  CONNECTED: 'connected',
  TERMINATED: 'ended',
}

export interface CallFacts {
  readonly id: string
  readonly number: string
  readonly callerid: string
  readonly incoming: boolean
  readonly state: VendorCallState
}

type Fields = Readonly<Record<string, unknown>>

/** Something that happens to the scenario; plain data. */
export type Arrival =
  | {
      readonly kind: 'app'
      readonly name: 'Started' | 'CallAlerting' | 'HttpRequest' | 'Terminating' | 'Terminated'
      readonly data?: Fields | undefined
      readonly call?: CallFacts | undefined
    }
  | {
      readonly kind: 'call'
      readonly id: string
      readonly name: string
      readonly state?: VendorCallState | undefined
      readonly data?: Fields | undefined
    }
  | {
      readonly kind: 'settled'
      readonly id: number
      readonly value?: unknown
      readonly error?: string | undefined
    }
  | {
      readonly kind: 'agent'
      readonly id: number
      readonly name: string
      readonly payload?: unknown
    }
  | {
      readonly kind: 'agentClosed'
      readonly id: number
      readonly code: number
      readonly reason: string
      readonly wasClean: boolean
    }
  | {
      readonly kind: 'detection'
      readonly id: number
      readonly name: 'DetectionComplete' | 'DetectionError'
      readonly callId: string
      readonly data: Fields
    }
  | { readonly kind: 'timer'; readonly id: number }

/** What a thread is born with. */
export interface ThreadPlan {
  readonly script: string
  readonly secrets: readonly (readonly [string, string])[]
  readonly customData: string
  readonly pace: number
  readonly callbackMs: number
  readonly hmacEncoding: 'hex' | 'base64'
}

export type ToThread = { readonly type: 'arrive'; readonly arrival: Arrival }

/** What the scenario wants done outside. */
export type Wish =
  | {
      readonly op: 'callPSTN'
      readonly callId: string
      readonly number: string
      readonly callerid: string
      readonly detection: Detection | null
    }
  | {
      readonly op:
        | 'answer'
        | 'hangup'
        | 'startEarlyMedia'
        | 'record'
        | 'startPlayback'
        | 'stopPlayback'
      readonly callId: string
    }
  | { readonly op: 'reject'; readonly callId: string; readonly code: number }
  | { readonly op: 'say'; readonly callId: string; readonly text: string }
  | { readonly op: 'handleTones'; readonly callId: string; readonly handle: boolean }
  | {
      readonly op: 'http'
      readonly id: number
      readonly url: string
      readonly options: HttpOptions
    }
  | {
      readonly op: 'createAgent'
      readonly id: number
      readonly clientId: number
      readonly parameters: Fields
      readonly callStates: readonly VendorCallState[]
    }
  | {
      readonly op: 'agentSend'
      readonly clientId: number
      readonly type: string
      readonly data: Fields
    }
  | { readonly op: 'agentClose' | 'agentClear'; readonly clientId: number }
  | {
      readonly op: 'sendMedia' | 'stopMedia'
      readonly from: string | number
      readonly to: string | number
    }
  | { readonly op: 'terminate' }

export interface Detection {
  readonly id: number
  readonly timeoutMs: number
}

export interface HttpOptions {
  readonly method: string
  readonly postData: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
}

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly text: string }
  /** It set the session's custom data. */
  | { readonly type: 'customData'; readonly text: string }
  | { readonly type: 'wish'; readonly wish: Wish }
  /** An arrival was dealt with, and all that followed from it at once. */
  | { readonly type: 'arrived'; readonly name: string }
  /** The scenario threw; the session cannot go on. */
  | { readonly type: 'broken'; readonly text: string }
