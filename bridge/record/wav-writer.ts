// Writes a recording to its file, a block at a time and never waiting for the disk: blocks queue up, up to a bound.
// The head is made true after each block, so the file can be played whenever the process dies.
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { systemCodeOf } from '#core/errors'
import { BYTES_PER_SAMPLE_PAIR, WAV_HEADER_BYTES, wavHeader } from './wav-format.ts'

/** One second of both sides. */
export const BLOCK_SAMPLES = 8000
/** Seconds that a disk may stand still: 320 KB a call. */
const MAX_QUEUED = 10
/** Recordings are personal data. */
const MODE = 0o600

/** Null: silence, which takes no room on most disks. */
interface Chunk {
  readonly block: Int16Array | null
  samples: number
}

export interface WavWriterOptions {
  readonly path: string
  /** Told once, when nothing more can be kept; what was written before stays. */
  readonly onFailed: (detail: string) => void
}

export class WavWriter {
  readonly #options: WavWriterOptions
  readonly #queue: Chunk[] = []
  readonly #spare: Int16Array[] = []
  #handle: FileHandle | null = null
  /** Bytes of audio that the head of the file tells of. */
  #dataBytes = 0
  #writing: Promise<void>
  #isBusy = true
  #failed = false

  constructor(options: WavWriterOptions) {
    this.#options = options
    this.#writing = this.#begin()
  }

  /** A block to fill and to hand to `append`; null when the disk is so far behind that there is none. */
  borrow(): Int16Array | null {
    if (this.#failed) return null
    if (this.#queue.length < MAX_QUEUED)
      return this.#spare.pop() ?? new Int16Array(BLOCK_SAMPLES * 2)
    this.#fail('the disk does not keep up')
    return null
  }

  /** The first `samples` pairs of a borrowed block. */
  append(block: Int16Array, samples: number): void {
    this.#push({ block, samples })
  }

  appendSilence(samples: number): void {
    const last = this.#queue.at(-1)
    // Not the first one: it may be on its way already.
    if (this.#queue.length > 1 && last?.block === null) last.samples += samples
    else this.#push({ block: null, samples })
  }

  /**
   * Everything is in the file, as far as it could be, and the file is closed. A recording of nothing leaves none.
   * Returns the bytes of audio kept.
   */
  async finish(isOfUse: boolean): Promise<number> {
    await this.#writing
    const handle = this.#handle
    this.#handle = null
    if (handle === null) return 0
    const kept = isOfUse ? this.#dataBytes : 0
    try {
      // What a failed write left behind the last whole block is none of the recording.
      if (this.#failed) await handle.truncate(WAV_HEADER_BYTES + kept)
    } catch {
      // The disk failed already, and that was told. The head is true without this.
    } finally {
      await handle.close()
    }
    if (kept === 0) await unlink(this.#options.path)
    return kept
  }

  #push(chunk: Chunk): void {
    if (this.#failed) return
    this.#queue.push(chunk)
    if (!this.#isBusy) this.#writing = this.#drain()
  }

  async #begin(): Promise<void> {
    try {
      this.#handle = await open(this.#options.path, 'wx', MODE)
      await writeWhole(this.#handle, wavHeader(0), 0)
    } catch (error) {
      this.#fail(systemCodeOf(error) ?? 'the disk failed')
    }
    await this.#drain()
  }

  async #drain(): Promise<void> {
    this.#isBusy = true
    try {
      for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
        await this.#write(chunk)
        this.#queue.shift()
      }
    } catch (error) {
      this.#fail(systemCodeOf(error) ?? 'the disk failed')
    }
    this.#isBusy = false
  }

  /** It stays in the queue while it is written, and counts there. */
  #next(): Chunk | undefined {
    return this.#failed ? undefined : this.#queue[0]
  }

  async #write({ block, samples }: Chunk): Promise<void> {
    const handle = this.#handle
    if (handle === null) return
    const bytes = samples * BYTES_PER_SAMPLE_PAIR
    const at = WAV_HEADER_BYTES + this.#dataBytes
    if (block === null) await handle.truncate(at + bytes)
    else await writeWhole(handle, new Uint8Array(block.buffer, 0, bytes), at)
    await writeWhole(handle, wavHeader(this.#dataBytes + bytes), 0)
    this.#dataBytes += bytes
    if (block !== null) this.#spare.push(block)
  }

  #fail(detail: string): void {
    if (this.#failed) return
    this.#failed = true
    this.#queue.length = 0
    this.#spare.length = 0
    this.#options.onFailed(detail)
  }
}

/** A disk may take less than it is given. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
