// When has the caller spoken, and when finished? By energy, and only in audio that was received: as with the vendor,
// a caller whose audio simply stops has not finished.
import { FRAME_BYTES, FRAME_MS } from '#core/contracts'
import { levelDbm0 } from '#simulators/speech'

/** Speech of the fixtures is around −25 dBm0; line noise and comfort noise are below −45. */
const SPEECH_DBM0 = -38
/** Clicks are shorter. */
const SPEECH_STARTS_AFTER_MS = 100

export interface TurnDetectorEvents {
  onSpeechStarted(): void
  onTurnEnded(speechMs: number): void
}

export interface TurnDetector {
  hear(ulaw: Buffer): void
  /** A turn has begun and not ended. */
  isSpeaking(): boolean
}

export function createTurnDetector(
  turnEndSilenceMs: number,
  events: TurnDetectorEvents,
): TurnDetector {
  let rest = Buffer.alloc(0)
  let speaking = false
  let speechMs = 0
  let silenceMs = 0

  function judge(block: Buffer): void {
    if (levelDbm0(block) > SPEECH_DBM0) {
      speechMs += FRAME_MS
      silenceMs = 0
      if (!speaking && speechMs >= SPEECH_STARTS_AFTER_MS) {
        speaking = true
        events.onSpeechStarted()
      }
      return
    }
    silenceMs += FRAME_MS
    if (!speaking) {
      // Forgets a click, keeps the pauses between syllables.
      if (silenceMs > SPEECH_STARTS_AFTER_MS) speechMs = 0
    } else if (silenceMs >= turnEndSilenceMs) {
      const turnMs = speechMs
      speaking = false
      speechMs = 0
      events.onTurnEnded(turnMs)
    }
  }

  return {
    isSpeaking: () => speaking,
    hear(ulaw) {
      const audio = rest.length === 0 ? ulaw : Buffer.concat([rest, ulaw])
      let at = 0
      for (; at + FRAME_BYTES <= audio.length; at += FRAME_BYTES) {
        judge(audio.subarray(at, at + FRAME_BYTES))
      }
      rest = Buffer.from(audio.subarray(at))
    },
  }
}
