// What the API says when it does not do what it was asked (RFC 9457), as an error with words for people.
import type { Problem } from './generated/types.gen.ts'

/** Refusals whose advice is about headers and fields: here somebody clicked or typed something. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['REQUEST_INVALID', 'UNAUTHENTICATED'])

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  /** Of HTTP; 0: there was no answer. */
  readonly status: number
  readonly code: string
  readonly whatToDo: string | undefined
  /** The fields of the request that are wrong, where some are. */
  readonly fields: readonly { readonly field: string; readonly message: string }[]

  constructor(status: number, body: Partial<Problem>) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`)
    this.status = status
    this.code = body.code ?? (status === 0 ? 'UNREACHABLE' : 'UNKNOWN')
    this.whatToDo = FOR_PROGRAMS.has(this.code) ? undefined : body.what_to_do
    this.fields = body.errors ?? []
  }
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem(0, { detail: error instanceof Error ? error.message : String(error) })
}
