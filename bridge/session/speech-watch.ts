// Is anybody talking? Two silences of a call that has audio are told, each once: nobody says anything (dead air), and
// the agent owes the caller an answer. The vendor's own hang-up on silence is off by default, and each minute costs.

export interface SpeechTiming {
  /** Neither side was heard for this long: media.dead_air. */
  readonly deadAirMs: number
  /** The caller spoke, and for this long after it the agent did not: agent.silent. Its own turn timeout is 7 s. */
  readonly agentSilentMs: number
}

export interface SpeechFacts {
  readonly nowMs: number
  /** When each side was last heard speaking; -Infinity before that. */
  readonly callerSpokeAtMs: number
  readonly agentSpokeAtMs: number
  /** The agent waits for a tool, or the far end holds the call: nobody is expected to speak. */
  readonly isExcused: boolean
}

export type SpeechSilence = {
  readonly kind: 'dead-air' | 'agent-silent'
  readonly silentMs: number
}

export class SpeechWatch {
  readonly #timing: SpeechTiming
  /** Silence before this is not counted. */
  #fromMs: number
  #toldDeadAir = false
  #toldAgentSilent = false

  constructor(timing: SpeechTiming, nowMs: number) {
    this.#timing = timing
    this.#fromMs = nowMs
  }

  /** Called several times a second while an agent talks. What is to be told now, else null. */
  observe(facts: SpeechFacts): SpeechSilence | null {
    const { nowMs, callerSpokeAtMs, agentSpokeAtMs } = facts
    if (facts.isExcused) this.#fromMs = nowMs
    const callerQuietMs = nowMs - Math.max(callerSpokeAtMs, this.#fromMs)
    const agentOwes = callerSpokeAtMs > agentSpokeAtMs
    if (!agentOwes) this.#toldAgentSilent = false
    else if (callerQuietMs >= this.#timing.agentSilentMs && !this.#toldAgentSilent) {
      this.#toldAgentSilent = true
      return { kind: 'agent-silent', silentMs: Math.round(callerQuietMs) }
    }
    const silentMs = nowMs - Math.max(callerSpokeAtMs, agentSpokeAtMs, this.#fromMs)
    if (silentMs < this.#timing.deadAirMs) this.#toldDeadAir = false
    else if (!this.#toldDeadAir) {
      this.#toldDeadAir = true
      return { kind: 'dead-air', silentMs: Math.round(silentMs) }
    }
    return null
  }
}
