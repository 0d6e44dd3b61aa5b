// The body of a webhook, read once as it comes: signed over all of it, its sound on the disk, the rest in memory, both
// bounded. Nothing of it is believed before the signature is.
import { open, rm, type FileHandle } from 'node:fs/promises'
import { AppError } from '#core/errors'
import { AudioInJson } from './audio-in-json.ts'
import { beginSignature, isSignedSo, type SignatureHeader } from './signature.ts'

export interface SignedBody {
  /** JSON without the sound. */
  readonly text: string
  /** Where the sound is; undefined when there was none. The caller deletes it. */
  readonly audioPath: string | undefined
}

export interface ReadOptions {
  /** Absent: it need not be signed. */
  readonly signed?: { readonly header: SignatureHeader; readonly secret: string }
  /** A file that is not there yet. */
  readonly audioPath: string
}

/** A long talk's transcript with all its metrics has some hundred KiB. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024
/** Three hours of 64 kbit/s in base64. */
const MAX_BYTES = 128 * 1024 * 1024

/** @throws AppError `SIGNATURE_INVALID`, `PAYLOAD_TOO_LARGE`; nothing is left on the disk then. */
export async function readSignedBody(
  body: AsyncIterable<Buffer>,
  { signed, audioPath }: ReadOptions,
): Promise<SignedBody> {
  const hmac = signed && beginSignature(signed.secret, signed.header)
  const file = new AudioFile(audioPath)
  const json = new AudioInJson((bytes) => file.write(bytes), MAX_TEXT_BYTES)
  let bytes = 0
  try {
    for await (const piece of body) {
      bytes += piece.length
      hmac?.update(piece)
      if (bytes > MAX_BYTES || !(await json.write(piece)))
        throw new AppError('PAYLOAD_TOO_LARGE', 'The webhook is larger than any of a call.')
    }
    if (signed && hmac && !isSignedSo(signed.header, hmac))
      throw new AppError('SIGNATURE_INVALID', 'The signature is not of this body.')
    const text = await json.end()
    return { text, audioPath: await file.close() }
  } catch (error) {
    await file.close()
    await rm(audioPath, { force: true })
    throw error
  }
}

class AudioFile {
  readonly #path: string
  #handle: FileHandle | undefined

  constructor(path: string) {
    this.#path = path
  }

  async write(bytes: Buffer): Promise<void> {
    this.#handle ??= await open(this.#path, 'wx', 0o600)
    await this.#handle.write(bytes)
  }

  /** Its path, when anything was written. */
  async close(): Promise<string | undefined> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
    return handle && this.#path
  }
}
