// Requests that go wrong on purpose whatever they are about, each the scripted number of times.

export type RequestFault =
  /** 500, 502, 503 or the like, with a page for humans; `isProcessed`: in place of the true answer. */
  | { readonly kind: 'http'; readonly status: number; readonly isProcessed?: boolean | undefined }
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds?: number | undefined }
  /** The key is refused, whatever it is. */
  | { readonly kind: 'wrong-key' }
  /** The connection is reset; `isProcessed`: in place of the answer. */
  | { readonly kind: 'reset'; readonly isProcessed?: boolean | undefined }
  /** No answer ever. */
  | { readonly kind: 'hangs'; readonly isProcessed?: boolean | undefined }
  /** 200 with a page for humans, in place of the answer. */
  | { readonly kind: 'not-json' }
  | { readonly kind: 'slow'; readonly ms: number }

export interface RequestFaultOptions {
  /** Default 1. */
  readonly times?: number | undefined
  /** A route, such as `POST /talks` or `GET /talks/{id}`. Default: any but the results. */
  readonly of?: string | undefined
}

interface Due {
  readonly fault: RequestFault
  readonly of: string | undefined
  left: number
}

export class RequestFaults {
  readonly #due: Due[] = []

  add(fault: RequestFault, { times = 1, of }: RequestFaultOptions): void {
    this.#due.push({ fault, of, left: times })
  }

  /** The one that a request of this route meets, if any: it is used up by one. */
  take(route: string): RequestFault | undefined {
    const due = this.#due.find(({ of, left }) => left > 0 && (of === undefined || of === route))
    if (due !== undefined) due.left -= 1
    return due?.fault
  }
}
