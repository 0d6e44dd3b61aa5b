// The slot a call holds among the conversations that the agents' vendor allows: reserved from its beginning on, open from
// the upgrade request on; there is no second one.
import type { MediaEvent } from '#core/contracts'

export class AgentSlot {
  readonly #isEnding: () => boolean
  #state: 'reserved' | 'open' | 'over' = 'reserved'

  /** @param isEnding whether the call is */
  constructor(isEnding: () => boolean) {
    this.#isEnding = isEnding
  }

  /** One that is reserved only until the call is ending; one that is open until the agent has gone. */
  get isHeld(): boolean {
    return this.#state === 'open' || (this.#state === 'reserved' && !this.#isEnding())
  }

  /** No agent will be opened. One that is open goes by itself. */
  release(): void {
    if (this.#state === 'reserved') this.#state = 'over'
  }

  note({ type }: MediaEvent): void {
    if (type === 'agent.attempted') this.#state = 'open'
    if (type === 'agent.closed') this.#state = 'over'
  }
}
