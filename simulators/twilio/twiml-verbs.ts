// The verbs of TwiML that the simulator follows, as data.

export type HttpMethod = 'GET' | 'POST'

export interface SayVerb {
  readonly verb: 'Say'
  readonly text: string
  readonly voice: string | null
  readonly language: string | null
  readonly loop: number
}
export interface PlayVerb {
  readonly verb: 'Play'
  readonly url: string
  readonly loop: number
  /** Keys as tones instead of a sound. */
  readonly digits: string | null
}
export interface PauseVerb {
  readonly verb: 'Pause'
  readonly seconds: number
}
export type PromptVerb = SayVerb | PlayVerb | PauseVerb

export interface GatherVerb {
  readonly verb: 'Gather'
  /** Undefined: where the document came from. */
  readonly action: string | undefined
  readonly method: HttpMethod
  readonly timeoutSeconds: number
  readonly finishOnKey: string
  readonly numDigits: number | null
  readonly actionOnEmptyResult: boolean
  readonly hearsKeys: boolean
  readonly language: string | null
  readonly prompts: readonly PromptVerb[]
}

export interface DialledNumber {
  readonly number: string
  readonly statusCallback: string | undefined
  readonly statusCallbackEvents: readonly string[]
}

export interface DialVerb {
  readonly verb: 'Dial'
  readonly numbers: readonly DialledNumber[]
  readonly action: string | undefined
  readonly method: HttpMethod
  readonly timeoutSeconds: number
  readonly callerId: string | null
}

export interface StreamNoun {
  readonly url: string
  readonly name: string | null
  readonly statusCallback: string | undefined
  readonly parameters: Readonly<Record<string, string>>
}

export interface RecordingNoun {
  readonly statusCallback: string | undefined
  readonly statusCallbackEvents: readonly string[]
  readonly channels: number
  readonly track: string
}

export type Verb =
  | PromptVerb
  | GatherVerb
  | DialVerb
  | { readonly verb: 'Redirect'; readonly url: string; readonly method: HttpMethod }
  | { readonly verb: 'Hangup' }
  | { readonly verb: 'Reject'; readonly reason: 'rejected' | 'busy' }
  | {
      readonly verb: 'Record'
      readonly action: string | undefined
      readonly method: HttpMethod
      readonly maxSeconds: number
      readonly recording: RecordingNoun
    }
  | {
      readonly verb: 'Connect'
      readonly stream: StreamNoun
      readonly action: string | undefined
      readonly method: HttpMethod
    }
  | { readonly verb: 'StartStream'; readonly stream: StreamNoun }
  | { readonly verb: 'StopStream'; readonly name: string | null }
  | { readonly verb: 'StartRecording'; readonly recording: RecordingNoun }
  | { readonly verb: 'StopRecording' }

export interface TwimlProblem {
  readonly code: number
  readonly message: string
}

export type TwimlDocument =
  | {
      readonly kind: 'document'
      readonly verbs: readonly Verb[]
      readonly warnings: readonly TwimlProblem[]
    }
  | { readonly kind: 'invalid'; readonly problem: TwimlProblem }
