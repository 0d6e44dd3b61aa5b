// Secrets in the database, encrypted in two layers: each under a key of its own (DEK), that one wrapped by the key of
// the whole installation (KEK), so that a new KEK re-wraps 32 bytes and leaves the secret alone. Both are AES-256-GCM
// (NIST SP 800-38D), each bound to its place: `v1.KID.WRAPPED.BODY`, base64url of iv ‖ ciphertext ‖ tag.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Where a secret stands. A sealed text opens there and nowhere else. */
export interface SecretPlace {
  readonly table: string
  /** Of the row. */
  readonly id: string
  readonly field: string
}

export interface KeyEncryptionKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Buffer
}

export type Opened =
  | { readonly kind: 'opened'; readonly secret: string }
  /** Wrapped by a key that is not at hand. */
  | { readonly kind: 'unknown-key'; readonly keyId: string }
  /** Altered, moved from another row, or wrapped by another key of the same id. */
  | { readonly kind: 'broken' }

const VERSION = 'v1'
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
// Without it Node takes tags of four bytes too, which can be guessed.
const TAG = { authTagLength: TAG_BYTES }
const SEALED = /^v1\.([A-Za-z0-9_-]{1,16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/

export function sealSecret(secret: string, place: SecretPlace, kek: KeyEncryptionKey): string {
  const dataKey = randomBytes(KEY_BYTES)
  const body = encrypt(Buffer.from(secret, 'utf8'), dataKey, bodyContext(place))
  return written(kek, place, dataKey, body)
}

export function openSecret(
  sealed: string,
  place: SecretPlace,
  keys: readonly KeyEncryptionKey[],
): Opened {
  const unwrapped = unwrap(sealed, place, keys)
  if (unwrapped.kind !== 'unwrapped') return unwrapped
  const secret = decrypt(unwrapped.body, unwrapped.dataKey, bodyContext(place))
  return secret ? { kind: 'opened', secret: secret.toString('utf8') } : { kind: 'broken' }
}

/** The same secret under another KEK; its body is checked, and stays as it is. */
export function rewrapSecret(
  sealed: string,
  place: SecretPlace,
  keys: readonly KeyEncryptionKey[],
  to: KeyEncryptionKey,
):
  | { readonly kind: 'rewrapped'; readonly sealed: string }
  | Exclude<Opened, { readonly kind: 'opened' }> {
  const unwrapped = unwrap(sealed, place, keys)
  if (unwrapped.kind !== 'unwrapped') return unwrapped
  const { dataKey, body } = unwrapped
  if (!decrypt(body, dataKey, bodyContext(place))) return { kind: 'broken' }
  return { kind: 'rewrapped', sealed: written(to, place, dataKey, body) }
}

/** Undefined of a text that is none of ours. */
export const keyIdOf = (sealed: string): string | undefined => SEALED.exec(sealed)?.[1]

type Unwrapped =
  | { readonly kind: 'unwrapped'; readonly dataKey: Buffer; readonly body: Buffer }
  | Exclude<Opened, { readonly kind: 'opened' }>

function unwrap(sealed: string, place: SecretPlace, keys: readonly KeyEncryptionKey[]): Unwrapped {
  const [, keyId, wrappedText = '', bodyText = ''] = SEALED.exec(sealed) ?? []
  if (keyId === undefined) return { kind: 'broken' }
  const kek = keys.find(({ id }) => id === keyId)
  if (!kek) return { kind: 'unknown-key', keyId }
  const [wrapped, body] = [decoded(wrappedText), decoded(bodyText)]
  const dataKey = wrapped && decrypt(wrapped, kek.key, wrapContext(kek, place))
  return body && dataKey?.length === KEY_BYTES
    ? { kind: 'unwrapped', dataKey, body }
    : { kind: 'broken' }
}

function written(kek: KeyEncryptionKey, place: SecretPlace, dataKey: Buffer, body: Buffer): string {
  const wrapped = encrypt(dataKey, kek.key, wrapContext(kek, place))
  return [VERSION, kek.id, wrapped.toString('base64url'), body.toString('base64url')].join('.')
}

function encrypt(plain: Buffer, key: Buffer, context: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv, TAG).setAAD(context)
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(bytes: Buffer, key: Buffer, context: Buffer): Buffer | undefined {
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined
  const end = bytes.length - TAG_BYTES
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), TAG)
  decipher.setAAD(context).setAuthTag(bytes.subarray(end))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, end)), decipher.final()])
  } catch {
    return undefined // The tag does not fit: the callers say so.
  }
}

/** Unused bits of the last letter spell the same bytes in other ways: one spelling is ours. */
function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

const bodyContext = ({ table, id, field }: SecretPlace): Buffer =>
  Buffer.from(['voicegate.v1', table, id, field].join('|'))

const wrapContext = (kek: KeyEncryptionKey, { table, id, field }: SecretPlace): Buffer =>
  Buffer.from(['voicegate.v1.key', kek.id, table, id, field].join('|'))
