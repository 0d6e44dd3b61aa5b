// The prompts of one session on their way from the library to its worker: fetched at once, handed over in order, each
// told as finished exactly once whatever becomes of it.
import type { CallEventData, Prompt, PromptSource } from '#core/contracts'
import { messageOf } from '#core/errors'

export type PromptEnd = CallEventData['prompt.finished']

/** More is a defect of whoever asks. */
const MAX_UNFINISHED = 32

export interface PromptLineDeps {
  /** µ-law, 8000 bytes a second. */
  readonly load: (source: PromptSource) => Promise<Uint8Array>
  readonly handOver: (prompt: Prompt, ulaw: Uint8Array) => void
  readonly onFinished: (end: PromptEnd) => void
}

export class PromptLine {
  readonly #deps: PromptLineDeps
  /** Where each is that is not finished yet. */
  readonly #unfinished = new Map<string, 'loading' | 'handed-over'>()
  #previous: Promise<void> = Promise.resolve()

  constructor(deps: PromptLineDeps) {
    this.#deps = deps
  }

  play(prompt: Prompt): void {
    if (this.#unfinished.has(prompt.id) || this.#unfinished.size >= MAX_UNFINISHED) {
      const detail = 'a prompt of this name, or too many, are waiting'
      this.#deps.onFinished({ promptId: prompt.id, how: 'failed', playedMs: 0, detail })
      return
    }
    this.#unfinished.set(prompt.id, 'loading')
    const loading = this.#deps.load(prompt.source)
    // Judged in its turn, below; until then a failure is nobody's oversight.
    loading.catch(() => undefined)
    this.#previous = this.#previous.then(() => this.#handOver(prompt, loading))
  }

  /** The worker told the end of one; what was told already is not told again. */
  finished(end: PromptEnd): void {
    if (this.#unfinished.delete(end.promptId)) this.#deps.onFinished(end)
  }

  /** Those that the worker does not have yet never reach it. */
  stop(): void {
    for (const [promptId, where] of [...this.#unfinished])
      if (where === 'loading') this.finished({ promptId, how: 'stopped', playedMs: 0 })
  }

  /** The worker will tell nothing more. */
  close(): void {
    for (const promptId of [...this.#unfinished.keys()])
      this.finished({ promptId, how: 'stopped', playedMs: 0 })
  }

  async #handOver(prompt: Prompt, loading: Promise<Uint8Array>): Promise<void> {
    try {
      const ulaw = await loading
      if (!this.#unfinished.has(prompt.id)) return
      this.#unfinished.set(prompt.id, 'handed-over')
      this.#deps.handOver(prompt, ulaw)
    } catch (error) {
      const detail = messageOf(error)
      this.finished({ promptId: prompt.id, how: 'failed', playedMs: 0, detail })
    }
  }
}
