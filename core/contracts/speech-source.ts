// Port: text to speech. Implemented by control-api/elevenlabs; used by bridge for prompts, and by the IVR.

export interface SpeechRequest {
  /** What is to be said; at most 2,000 characters. */
  readonly text: string
  /** ISO 639-1; the voice's own language when absent. */
  readonly language?: string
}

export interface SpeechSource {
  /**
   * The words as G.711 µ-law, mono, 8000 bytes a second. Kept by content: the same words are asked for once.
   * @throws AppError `SPEECH_UNAVAILABLE` saying why: no key, refused, or no answer in time.
   */
  speak(request: SpeechRequest): Promise<Uint8Array>
}
