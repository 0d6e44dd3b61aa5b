// How an agent's answer leaves: in bursts much faster than real time, in chunks of irregular length, all under one id.
// Keeps the playout clock: until when a caller who hears in real time is still listening.
import { monotonicMs } from '#core/time'
import type { AudioFormat } from './audio-format.ts'

/** What an interruption may leave behind is no longer. */
const STALE_MS = 100

export interface AnswerChunk {
  readonly bytes: Buffer
  readonly eventId: number
  /** Where in the answer it stands, and how long the answer is. */
  readonly fromMs: number
  readonly toMs: number
  readonly answerMs: number
  readonly isLast: boolean
}

export interface AnswerPlayerOptions {
  readonly format: AudioFormat
  readonly speed: number
  readonly chunkMs: { readonly shortest: number; readonly longest: number }
  /** Chunks end inside a sample. */
  readonly oddChunks: boolean
  readonly sendChunk: (chunk: AnswerChunk) => void
}

export interface AnswerPlayer {
  /** Sends an answer, which is in the player's format; `onSent` runs after its last chunk. */
  play(bytes: Buffer, eventId: number, onSent: () => void): void
  /** Calls off what is not sent yet and stops the playout clock; the next stale chunk, if any, is returned. */
  stop(): Buffer | undefined
  /** Audio that was already sent is still being heard. */
  isHeard(): boolean
  /** Milliseconds until everything sent so far has been heard. */
  leftMs(): number
  /** How much of the current answer has been heard, 0 to 1. */
  heardShare(): number
  /** How much of it was sent, 0 to 1. */
  sentShare(): number
}

export function createAnswerPlayer(options: AnswerPlayerOptions): AnswerPlayer {
  const { format, speed, sendChunk } = options
  const { shortest, longest } = options.chunkMs
  const { bytesPerMs } = format
  let timer: NodeJS.Timeout | undefined
  let pending: Buffer | undefined
  let heardUntil = 0
  let startedAt = 0
  let lengthMs = 1
  let sentMs = 0
  const random = createRandom()

  const chunkBytes = (ms: number): number => {
    if (ms === Infinity) return Infinity
    const whole = Math.round((ms * bytesPerMs) / format.bytesPerSample) * format.bytesPerSample
    return options.oddChunks && format.bytesPerSample === 2 ? whole + 1 : whole
  }

  return {
    play(bytes, eventId, onSent) {
      clearTimeout(timer)
      const beganAt = monotonicMs()
      startedAt = Math.max(beganAt, heardUntil)
      lengthMs = Math.max(1, bytes.length / bytesPerMs)
      let at = 0
      const sendNext = (): void => {
        const chunkMs =
          shortest === Infinity ? Infinity : shortest + random() * (longest - shortest)
        const chunk = bytes.subarray(at, at + chunkBytes(chunkMs))
        const fromMs = at / bytesPerMs
        at += chunk.length
        sentMs = at / bytesPerMs
        const isLast = at >= bytes.length
        sendChunk({ bytes: chunk, eventId, fromMs, toMs: sentMs, answerMs: lengthMs, isLast })
        heardUntil = Math.max(monotonicMs(), heardUntil) + chunk.length / bytesPerMs
        pending = isLast ? undefined : bytes.subarray(at, at + chunkBytes(STALE_MS))
        if (pending === undefined) {
          onSent()
          return
        }
        const dueAt = beganAt + at / bytesPerMs / speed
        timer = setTimeout(sendNext, Math.max(0, dueAt - monotonicMs()))
      }
      sendNext()
    },
    stop() {
      clearTimeout(timer)
      heardUntil = 0
      const stale = pending
      pending = undefined
      return stale
    },
    isHeard: () => monotonicMs() < heardUntil,
    leftMs: () => Math.max(0, heardUntil - monotonicMs()),
    sentShare: () => Math.min(1, sentMs / lengthMs),
    heardShare: () => Math.min(1, Math.max(0, (monotonicMs() - startedAt) / lengthMs)),
  }
}

/** Numerical Recipes' linear congruence: irregular, and the same in every run. */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
