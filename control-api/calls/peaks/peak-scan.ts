// How loud both sides of a recording are, stretch by stretch, read from its file as a stream: a few hundred KiB of
// memory and never more than one piece of 64 KiB (a tenth of a millisecond) at a time on this thread.
import type { Readable } from 'node:stream'
import { BYTES_PER_PAIR, decodeWavHead, MOST_HEAD_BYTES, type WavHead } from './wav-head.ts'

export interface Peaks {
  readonly sampleRate: number
  /** Of one side. */
  readonly samples: number
  /** Samples that one value stands for; the last one may stand for fewer. */
  readonly stretch: number
  /** The largest absolute sample of each stretch, 0 to 32,768. */
  readonly caller: Uint16Array
  readonly agent: Uint16Array
}

/** Finer is not drawn: 5 ms. */
export const MOST_PER_SECOND = 200
/** An hour at that; what is longer has longer stretches. 2.9 MB of both sides. */
export const MOST_STRETCHES = 720_000

/**
 * Undefined when it is no recording of ours. Whoever destroys the stream ends it.
 * @throws what the stream fails with
 */
export async function scanPeaks(stream: Readable, totalBytes: number): Promise<Peaks | undefined> {
  let head: WavHead = { kind: 'unfinished' }
  let before: Buffer = Buffer.alloc(0)
  let scan: PeakScan | undefined
  // Leaving the loop destroys the stream.
  for await (const piece of stream as AsyncIterable<Buffer>) {
    if (scan !== undefined) {
      scan.add(piece)
    } else {
      before = before.length === 0 ? piece : Buffer.concat([before, piece])
      head = decodeWavHead(before)
      if (head.kind === 'foreign') return undefined
      if (head.kind === 'unfinished' && before.length > MOST_HEAD_BYTES) return undefined
      if (head.kind === 'unfinished' || before.length < head.dataAt) continue
      scan = new PeakScan(head.sampleRate, pairsOf(head, totalBytes))
      scan.add(before.subarray(head.dataAt))
      before = Buffer.alloc(0)
    }
    if (scan.isDone) break
  }
  return scan?.finish()
}

/** A process that died may have left a file shorter than its head says, or longer. */
const pairsOf = (head: Extract<WavHead, { kind: 'stereo' }>, totalBytes: number): number =>
  Math.floor(Math.min(head.dataBytes, totalBytes - head.dataAt) / BYTES_PER_PAIR)

class PeakScan {
  readonly #sampleRate: number
  readonly #pairs: number
  readonly #stretch: number
  readonly #caller: Uint16Array
  readonly #agent: Uint16Array
  #rest: Buffer = Buffer.alloc(0)
  #done = 0

  constructor(sampleRate: number, pairs: number) {
    const finest = Math.max(1, Math.ceil(sampleRate / MOST_PER_SECOND))
    this.#sampleRate = sampleRate
    this.#pairs = pairs
    this.#stretch = finest * Math.max(1, Math.ceil(pairs / finest / MOST_STRETCHES))
    this.#caller = new Uint16Array(Math.ceil(pairs / this.#stretch))
    this.#agent = new Uint16Array(this.#caller.length)
  }

  get isDone(): boolean {
    return this.#done >= this.#pairs
  }

  add(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    const whole = bytes.length - (bytes.length % BYTES_PER_PAIR)
    // A copy: the piece itself is not kept for its last bytes.
    this.#rest = Buffer.from(bytes.subarray(whole))
    const count = Math.min(whole / BYTES_PER_PAIR, this.#pairs - this.#done)
    this.#measure(samplesOf(bytes, count * 2), count)
    this.#done += count
  }

  finish(): Peaks {
    const stretches = Math.ceil(this.#done / this.#stretch)
    return {
      sampleRate: this.#sampleRate,
      samples: this.#done,
      stretch: this.#stretch,
      caller: this.#caller.subarray(0, stretches),
      agent: this.#agent.subarray(0, stretches),
    }
  }

  #measure(samples: Int16Array, count: number): void {
    const stretch = this.#stretch
    let at = 0
    while (at < count) {
      const position = this.#done + at
      const index = Math.floor(position / stretch)
      const end = Math.min(count, at + stretch - (position % stretch))
      let caller = this.#caller[index] ?? 0
      let agent = this.#agent[index] ?? 0
      for (; at < end; at += 1) {
        caller = Math.max(caller, Math.abs(samples[at * 2] ?? 0))
        agent = Math.max(agent, Math.abs(samples[at * 2 + 1] ?? 0))
      }
      this.#caller[index] = caller
      this.#agent[index] = agent
    }
  }
}

/** Little-endian like every machine Node runs on today but s390x; a view where the bytes lie for one, else a copy. */
function samplesOf(bytes: Buffer, count: number): Int16Array {
  if (IS_LITTLE_ENDIAN && bytes.byteOffset % 2 === 0)
    return new Int16Array(bytes.buffer, bytes.byteOffset, count)
  return Int16Array.from({ length: count }, (_, index) => bytes.readInt16LE(index * 2))
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
