// One wish to call somebody is one Idempotency-Key, however often it is sent: the phone rings once. Pure.
import type { DialBody } from './dial-form.ts'

export interface DialIntent {
  readonly asked: string
  readonly key: string
}

/** The same wish as before as long as nothing of the request changed and nothing came of it. */
export function intentFor(
  before: DialIntent | null,
  body: DialBody,
  makeKey: () => string,
): DialIntent {
  const asked = JSON.stringify(body)
  return before?.asked === asked ? before : { asked, key: makeKey() }
}
