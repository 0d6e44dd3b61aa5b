// Files that a vendor was sent, for as long as it keeps them. Equal ones are kept once; the oldest go when there is too much.
import { createHash } from 'node:crypto'

export interface Upload<Facts> {
  readonly id: string
  readonly at: number
  readonly sha256: string
  readonly facts: Facts
}

const MOST_BYTES = 256 * 1024 * 1024
const MOST_UPLOADS = 20_000

export class UploadStore<Facts> {
  readonly #uploads = new Map<string, Upload<Facts>>()
  readonly #blobs = new Map<string, { readonly bytes: Buffer; uses: number }>()
  readonly #keptMs: number
  readonly #now: () => number
  #bytes = 0

  constructor(options: { readonly keptMs: number; readonly now: () => number }) {
    this.#keptMs = options.keptMs
    this.#now = options.now
  }

  get size(): number {
    return this.#uploads.size
  }

  add(id: string, bytes: Buffer, facts: Facts): Upload<Facts> {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const blob = this.#blobs.get(sha256)
    if (blob !== undefined) blob.uses += 1
    else {
      this.#blobs.set(sha256, { bytes, uses: 1 })
      this.#bytes += bytes.length
    }
    const upload = { id, at: this.#now(), sha256, facts }
    this.#uploads.set(id, upload)
    while (this.#bytes > MOST_BYTES || this.#uploads.size > MOST_UPLOADS) this.#forgetOldest()
    return upload
  }

  /** Undefined: there is none, or none any more. */
  find(id: string): Upload<Facts> | undefined {
    const upload = this.#uploads.get(id)
    return upload !== undefined && upload.at + this.#keptMs > this.#now() ? upload : undefined
  }

  bytesOf({ sha256 }: Upload<Facts>): Buffer {
    return this.#blobs.get(sha256)?.bytes ?? Buffer.alloc(0)
  }

  clear(): void {
    this.#uploads.clear()
    this.#blobs.clear()
    this.#bytes = 0
  }

  #forgetOldest(): void {
    const oldest = this.#uploads.values().next()
    if (oldest.done === true) return
    const { id, sha256 } = oldest.value
    this.#uploads.delete(id)
    const blob = this.#blobs.get(sha256)
    if (blob === undefined) return
    blob.uses -= 1
    if (blob.uses > 0) return
    this.#blobs.delete(sha256)
    this.#bytes -= blob.bytes.length
  }
}
