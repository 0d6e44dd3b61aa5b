// The agent's wish to hand the caller to a human: the call's owner is asked and answers in words, or the deadline does.
import type { JsonObject } from './protocol.ts'

/** `transfer_to_number` is the vendor's name for its own tool; some agents define it as a client tool. */
const TRANSFER_TOOLS: ReadonlySet<string> = new Set([
  'transfer_call',
  'transfer_to_human',
  'transfer_to_number',
])
/** Where agents name the number, in this order. */
const NUMBER_KEYS = ['to', 'number', 'phone_number', 'destination'] as const
/** A number, or a word for a department; more is no number. */
const MAX_NUMBER_CHARS = 32

const NO_ANSWER = 'The transfer was not possible: no answer.'
const UNDER_WAY = 'A transfer is under way already.'

type Settle = (result: string, isError: boolean) => void

export const isTransferTool = (toolName: string): boolean => TRANSFER_TOOLS.has(toolName)

/** Null when the agent names no number, or nothing that could be one: the owner's own number is meant then. */
export function numberIn(parameters: JsonObject): string | null {
  const key = NUMBER_KEYS.find((name) => Object.hasOwn(parameters, name))
  const value = key === undefined ? null : parameters[key]
  if (typeof value !== 'string' || value.length > MAX_NUMBER_CHARS) return null
  return value.trim() === '' ? null : value.trim()
}

/** One question at a time: a second one is answered at once. */
export class TransferRequest {
  readonly #deadlineMs: number
  #asked: {
    readonly id: string
    readonly settle: Settle
    readonly timer: NodeJS.Timeout
  } | null = null

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs
  }

  get isOpen(): boolean {
    return this.#asked !== null
  }

  /** `tell` puts the question; it may be answered before it returns. */
  ask(id: string, tell: () => void, settle: Settle): void {
    if (this.#asked !== null) {
      settle(UNDER_WAY, true)
      return
    }
    const timer = setTimeout(() => this.answer(id, NO_ANSWER, true), this.#deadlineMs)
    this.#asked = { id, settle, timer }
    tell()
  }

  /** An answer nobody waits for does nothing. */
  answer(id: string, result: string, isError: boolean): void {
    const asked = this.#asked
    if (asked?.id !== id) return
    this.close()
    asked.settle(result, isError)
  }

  close(): void {
    clearTimeout(this.#asked?.timer)
    this.#asked = null
  }
}
