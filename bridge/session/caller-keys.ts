// The keys a caller presses: each is told, stops a prompt that wants it so, and goes to whoever listens.
import type { CallEventData, DtmfDigit } from '#core/contracts'
import type { AgentSession } from './agent-session.ts'
import type { Pipeline } from './pipeline.ts'

export interface KeysOwner {
  readonly tell: (key: CallEventData['dtmf']) => void
  /** Who hears the caller. */
  readonly agent: () => AgentSession | null
}

export class CallerKeys {
  readonly #pipeline: Pipeline
  readonly #owner: KeysOwner
  #tellsDigits = false

  constructor(pipeline: Pipeline, owner: KeysOwner) {
    this.#pipeline = pipeline
    this.#owner = owner
  }

  /** Whether it is told which key it was: a menu must know. */
  tellDigits(tell: boolean): void {
    this.#tellsDigits = tell
  }

  /** Beside the audio; where keys are heard in RTP it is the same one once more. */
  pressed(digit: DtmfDigit): void {
    const { leg, uplink } = this.#pipeline
    const source = leg.stream === null ? 'sip-info' : 'stream'
    if (!uplink.hearsKeys) this.#take(digit, { source, durationMs: null })
  }

  /** In RTP. */
  heard(digit: DtmfDigit, durationMs: number): void {
    this.#take(digit, { source: 'rtp', durationMs })
  }

  #take(digit: DtmfDigit, key: Omit<CallEventData['dtmf'], 'digit'>): void {
    this.#owner.tell({ ...key, ...(this.#tellsDigits && { digit }) })
    this.#pipeline.downlink.pressed()
    const agent = this.#owner.agent()
    if (agent !== null) agent.conversation.pressed(digit)
    else this.#pipeline.crossing?.pressed(this.#pipeline, digit)
  }
}
