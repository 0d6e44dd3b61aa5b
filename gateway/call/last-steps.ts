// The last steps of a call: goodbye on the wire first, agent and media at once after, and nobody waited for once given up.
import type { Logger } from '#core/telemetry'

type Step = () => Promise<unknown> | undefined

export class LastSteps {
  readonly #logger: Logger
  readonly #givenUp = Promise.withResolvers<undefined>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** From now on the far end is not waited for. */
  giveUp(): void {
    this.#givenUp.resolve(undefined)
  }

  /** Resolves when all is done, whatever failed. `beforeMedia`: what the media is kept for. */
  async run(goodbye: Step | undefined, beforeMedia: Step | undefined, closeMedia: Step) {
    const givenUp = this.#givenUp.promise
    const saidGoodbye = Promise.race([take(goodbye), givenUp])
    const closed = Promise.race([take(beforeMedia), givenUp]).then(closeMedia)
    for (const result of await Promise.allSettled([saidGoodbye, closed]))
      if (result.status === 'rejected')
        this.#logger.warn({ err: result.reason as unknown }, 'an ending step failed')
  }
}

/** At once; a step that throws rejects, so that the others are taken. */
async function take(step: Step | undefined): Promise<void> {
  await step?.()
}
