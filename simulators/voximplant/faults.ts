// Requests that go wrong on purpose, each the scripted number of times.

export type Fault =
  /** 429: too many requests. Not processed. */
  | { readonly kind: 'rate-limit-http'; readonly retryAfterSeconds?: number | undefined }
  /** An error in the body. Not processed. */
  | { readonly kind: 'code'; readonly code: number }
  /** 500, 502, 503 or the like, with a page for humans. Not processed. */
  | { readonly kind: 'http'; readonly status: number }
  /** No answer ever. */
  | { readonly kind: 'hangs'; readonly isProcessed?: boolean | undefined }
  /** The connection is reset; nothing was done. */
  | { readonly kind: 'reset' }
  /** Processed; the connection is reset instead of an answer. */
  | { readonly kind: 'answer-lost' }
  /** Processed; half of the answer arrives, as if it were whole, or with the connection lost in the middle of it. */
  | { readonly kind: 'half-body'; readonly connection?: 'kept' | 'lost' | undefined }
  /** Processed; 200 with a page for humans. */
  | { readonly kind: 'not-json' }
  | { readonly kind: 'slow'; readonly ms: number }

export interface FaultOptions {
  /** Default 1. */
  readonly times?: number | undefined
  /** A command; or `record-file` or `access-url`, which meet a fault only by name. Default: any command. */
  readonly of?: string | undefined
}

interface Due {
  readonly fault: Fault
  readonly of: string | undefined
  left: number
}

/** What is no command. */
export const RECORD_FILE = 'record-file'
export const ACCESS_URL = 'access-url'

export class Faults {
  readonly #due: Due[] = []

  add(fault: Fault, { times = 1, of }: FaultOptions): void {
    this.#due.push({ fault, of, left: times })
  }

  /** The one that this request meets, if any: it is used up by one. */
  take(what: string): Fault | undefined {
    const isCommand = what !== RECORD_FILE && what !== ACCESS_URL
    const due = this.#due.find(
      ({ of, left }) => left > 0 && (of === what || (of === undefined && isCommand)),
    )
    if (due !== undefined) due.left -= 1
    return due?.fault
  }
}
