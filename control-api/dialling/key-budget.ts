// What a key may make ring now, asked when a call of it is dialled again: hours may lie between.
import type { KeyRing } from '../access/key-ring.ts'
import { mayUse } from '../http-server.ts'
import type { Dialling } from './dial-budgets.ts'

/** Who dials where nobody needs a key. */
const NOBODY = 'rehearsal'

/** Undefined of a key that was revoked, has expired, or may only look by now: what it asked for is over with it. */
export function diallingOf(
  keys: Pick<KeyRing, 'find' | 'required'>,
  keyId: string,
): Dialling | undefined {
  if (keyId === NOBODY && !keys.required) return { keyId }
  const key = keys.find(keyId)
  if (key === undefined || !mayUse(key.role, 'operator')) return undefined
  return { keyId, ...(key.budget === null ? {} : { budget: key.budget }) }
}
