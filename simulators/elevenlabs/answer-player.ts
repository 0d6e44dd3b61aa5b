// How an agent's answer leaves: in bursts much faster than real time, in chunks of irregular length, all under one id.
// Keeps the playout clock: until when a caller who hears in real time is still listening.
import { monotonicMs } from '#core/time'

const BYTES_PER_MS = 8
const CHUNK_MS = { shortest: 100, longest: 1200 }

export interface AnswerPlayer {
  /** Sends an answer; `onSent` runs after its last chunk. */
  play(ulaw: Buffer, eventId: number, onSent: () => void): void
  /** Calls off what is not sent yet and stops the playout clock; the next stale chunk, if any, is returned. */
  stop(): Buffer | undefined
  /** Audio that was already sent is still being heard. */
  isHeard(): boolean
  /** Milliseconds until everything sent so far has been heard. */
  leftMs(): number
  /** How much of the current answer has been heard, 0 to 1. */
  heardShare(): number
}

export function createAnswerPlayer(
  speed: number,
  sendChunk: (ulaw: Buffer, eventId: number) => void,
): AnswerPlayer {
  let timer: NodeJS.Timeout | undefined
  let pending: Buffer | undefined
  let heardUntil = 0
  let startedAt = 0
  let lengthMs = 1
  const random = createRandom()

  return {
    play(ulaw, eventId, onSent) {
      clearTimeout(timer)
      const beganAt = monotonicMs()
      startedAt = Math.max(beganAt, heardUntil)
      lengthMs = Math.max(1, ulaw.length / BYTES_PER_MS)
      let at = 0
      const sendNext = (): void => {
        const chunkMs = CHUNK_MS.shortest + random() * (CHUNK_MS.longest - CHUNK_MS.shortest)
        const chunk = ulaw.subarray(at, at + Math.round(chunkMs * BYTES_PER_MS))
        sendChunk(chunk, eventId)
        heardUntil = Math.max(monotonicMs(), heardUntil) + chunk.length / BYTES_PER_MS
        at += chunk.length
        pending =
          at < ulaw.length ? ulaw.subarray(at, at + CHUNK_MS.shortest * BYTES_PER_MS) : undefined
        if (pending === undefined) {
          onSent()
          return
        }
        const dueAt = beganAt + at / BYTES_PER_MS / speed
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
