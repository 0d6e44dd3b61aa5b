// Tags, branches and Call-IDs: unguessable, 12 bytes (RFC 3261 §19.3 asks for 32 bits at least).
import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 12 * 256
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/** 24 hexadecimal digits. Random bytes are drawn in bulk: a call needs a handful of tokens. */
export function randomToken(): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const token = pool.toString('hex', used, used + 12)
  used += 12
  return token
}
