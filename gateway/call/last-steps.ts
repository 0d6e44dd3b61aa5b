// The last steps of a call: goodbye on the wire first, agent and media at once after, and nobody waited for once given up.
import type { Logger } from '#core/telemetry'

type Step = () => Promise<unknown> | undefined

export class LastSteps {
  readonly #logger: Logger
  readonly #more: Step[] = []
  #closing = false
  readonly #givenUp = Promise.withResolvers<undefined>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Ends with the media; at once when that is over. */
  add(step: () => Promise<void>): void {
    if (this.#closing) void this.#take(step)
    else this.#more.push(step)
  }

  /** From now on the far end is not waited for. */
  giveUp(): void {
    this.#givenUp.resolve(undefined)
  }

  /** Resolves when all is done, whatever failed. `beforeMedia`: what the media is kept for. */
  async run(goodbye: Step | undefined, beforeMedia: Step | undefined, closeMedia: Step) {
    const givenUp = this.#givenUp.promise
    const saidGoodbye = Promise.race([take(goodbye), givenUp])
    const closed = Promise.race([take(beforeMedia), givenUp]).then(() => this.#close(closeMedia))
    for (const result of await Promise.allSettled([saidGoodbye, closed]))
      if (result.status === 'rejected')
        this.#logger.warn({ err: result.reason as unknown }, 'an ending step failed')
  }

  async #close(closeMedia: Step): Promise<void> {
    this.#closing = true
    await Promise.all([closeMedia, ...this.#more].map((step) => this.#take(step)))
  }

  async #take(step: Step): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.#logger.warn({ err: error }, 'an ending step failed')
    }
  }
}

/** At once; a step that throws rejects, so that the others are taken. */
async function take(step: Step | undefined): Promise<void> {
  await step?.()
}
