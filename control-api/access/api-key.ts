// How an API key is written, `vg_<id>_<secret>`, and the one thing that is kept of it: its hash.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32
/** Those bytes in base64url. */
const SECRET_CHARS = 43
const ID_LETTERS = 12
const KEY = new RegExp(`^vg_([a-z][a-z0-9_]{0,40})_[A-Za-z0-9_-]{${SECRET_CHARS}}$`)
/** What the first start of earlier versions made; such a key does not say its id. */
const WITHOUT_ID = new RegExp(`^vg_[A-Za-z0-9_-]{${SECRET_CHARS}}$`)

/** Letters alone: whatever masks numbers in a text leaves it whole. */
export const newKeyId = (): string =>
  Array.from(randomBytes(ID_LETTERS), (byte) => String.fromCharCode(97 + (byte % 26))).join('')

export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

export const writeKey = (id: string, secret: string): string => `vg_${id}_${secret}`

/** Of a key as it is written, whoever made it. 256 random bits need no slow hash. */
export const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** In a time that says nothing of how near they are. */
export const isSameHash = (one: Buffer, other: Buffer): boolean => timingSafeEqual(one, other)

export const idIn = (text: string): string | undefined => KEY.exec(text)?.[1]

/** Made by us: with a secret of 256 bits, which nobody guesses. */
export const isOurs = (text: string): boolean => KEY.test(text) || WITHOUT_ID.test(text)

/** Rows of the keys that do not say their id. */
export const isFormerId = (id: string): boolean => id.startsWith('key_')
