// Is the vendor still there? Its own pings have no published cadence, so silence is answered with a ping of ours
// first. (After nats.js core/src/heartbeats.ts.)
import { monotonicMs } from '#core/time'

export interface LivenessOptions {
  /** Without any message for this long, we ping. */
  readonly silenceMs: number
  /** And without any answer for this long, the peer counts as dead. */
  readonly answerMs: number
  readonly sendPing: () => void
  readonly onDead: () => void
}

export interface Liveness {
  /** Something came. Cheap: called for every message. */
  heard(): void
  stop(): void
}

export function startLiveness(options: LivenessOptions): Liveness {
  let heardAt = monotonicMs()
  let timer = setTimeout(checkSilence, options.silenceMs)
  function checkSilence(): void {
    const silentMs = monotonicMs() - heardAt
    if (silentMs < options.silenceMs) {
      timer = setTimeout(checkSilence, options.silenceMs - silentMs)
      return
    }
    const pingedAt = monotonicMs()
    options.sendPing()
    timer = setTimeout(() => {
      if (heardAt < pingedAt) options.onDead()
      else checkSilence()
    }, options.answerMs)
  }
  return {
    heard() {
      heardAt = monotonicMs()
    },
    stop: () => clearTimeout(timer),
  }
}
