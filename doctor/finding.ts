// What a check found: a verdict, what was seen, and what to do about it. No number, no secret, no address of a caller.

/** `info`: neither right nor wrong, but good to know. */
export type Verdict = 'ok' | 'info' | 'warn' | 'fail'

export interface Finding {
  readonly check: string
  readonly verdict: Verdict
  readonly seen: string
  /** Of every `warn` and `fail`. */
  readonly todo?: string
}

export const ok = (check: string, seen: string): Finding => ({ check, verdict: 'ok', seen })
export const info = (check: string, seen: string): Finding => ({ check, verdict: 'info', seen })
export const warn = (check: string, seen: string, todo: string): Finding => ({
  check,
  verdict: 'warn',
  seen,
  todo,
})
export const fail = (check: string, seen: string, todo: string): Finding => ({
  check,
  verdict: 'fail',
  seen,
  todo,
})
