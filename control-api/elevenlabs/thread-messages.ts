// What the speech thread is asked, and what it answers.

export interface SpeechThreadData {
  readonly apiKey: string
  readonly baseUrl: string
  readonly voiceId: string
  readonly modelId: string
}

export interface SpeechAsked {
  readonly id: number
  readonly text: string
  readonly language?: string
}

export type SpeechAnswer =
  | {
      readonly id: number
      readonly kind: 'spoken'
      readonly audio: Uint8Array<ArrayBuffer>
      /** What loading the vendor's library took, when this request was the first. */
      readonly importMs: number
    }
  | { readonly id: number; readonly kind: 'refused'; readonly why: string }
