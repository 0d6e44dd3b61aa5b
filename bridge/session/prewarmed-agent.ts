// The agent a session will have, made ready before the answer: the one that is asked for then, unless another one is.
import { isDeepStrictEqual } from 'node:util'
import type { AgentTarget } from '#core/contracts'
import { AgentSession, type AgentEnd, type AgentSessionDeps } from './agent-session.ts'
import type { Pipeline } from './pipeline.ts'

/** What the session decides about an agent, whether it still has this one or not. */
export interface AgentOwner {
  /** Whether the caller is to hear it. */
  readonly isHeard: (agent: AgentSession) => boolean
  readonly onEnding: (agent: AgentSession) => void
  readonly onEnded: (agent: AgentSession, end: AgentEnd) => void
}

export class PrewarmedAgent {
  readonly #deps: AgentSessionDeps
  readonly #pipeline: Pipeline
  readonly #owner: AgentOwner
  #agent: AgentSession | null = null

  constructor(deps: AgentSessionDeps, pipeline: Pipeline, owner: AgentOwner) {
    this.#deps = deps
    this.#pipeline = pipeline
    this.#owner = owner
  }

  prewarm(target: AgentTarget): void {
    this.#agent = this.#agentFor(target)
    this.#agent.conversation.prewarm()
  }

  /** The session's own from here on. */
  take(target: AgentTarget): AgentSession {
    const agent = this.#agentFor(target)
    this.#agent = null
    return agent
  }

  /** None will be needed. */
  dismiss(): void {
    this.#agent?.conversation.close()
    this.#agent = null
  }

  /** The prewarmed agent when it is the same one, else a new one. */
  #agentFor(target: AgentTarget): AgentSession {
    if (this.#agent !== null && isDeepStrictEqual(this.#agent.target, target)) return this.#agent
    this.#agent?.conversation.close()
    const { downlink, gate } = this.#pipeline
    const agent: AgentSession = new AgentSession(this.#deps, target, {
      lineCodec: () => gate.lineCodec,
      onAudio: (line, eventId, alignment) => {
        if (this.#owner.isHeard(agent)) downlink.play(line, eventId, alignment)
      },
      onInterrupted: () => downlink.interrupt(),
      onDigitsRequested: (digits) => downlink.sendDigits(digits),
      onEnding: () => this.#owner.onEnding(agent),
      onEnded: (end) => this.#owner.onEnded(agent, end),
    })
    return agent
  }
}
