// What a bucket sends, as a stream whose failure is one of ours, and whose end lets its connection go.
import { PassThrough, pipeline, Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { ByteRange, OpenedMedia } from '#core/contracts'
import { s3Failure } from './s3-failure.ts'

export interface ReadingOptions {
  readonly range: ByteRange | undefined
  readonly contentType: string
  /** It fails when nothing comes for so long, while somebody takes what comes. */
  readonly idleMs: number
}

export function readingOf(
  { Body: body, ContentLength: length, ContentRange: given }: GetObjectCommandOutput,
  { range, contentType, idleMs }: ReadingOptions,
): OpenedMedia {
  if (!(body instanceof Readable)) throw named('NoBody')
  const total = range === undefined ? length : totalOf(given, range)
  if (total === undefined) {
    body.destroy()
    throw named(range === undefined ? 'NoSize' : 'OtherRange')
  }
  const reading = new Reading()
  const stopWatch = watchIdle(reading, idleMs)
  pipeline(body, reading, stopWatch)
  return { stream: reading, totalBytes: total, contentType }
}

/** RFC 9110 §14.4: `bytes 0-99/1000`. Undefined also when it is another range than was asked for. */
function totalOf(contentRange: string | undefined, { first, last }: ByteRange): number | undefined {
  const numbers = /^bytes (\d+)-(\d+)\/(\d+)$/
    .exec(contentRange ?? '')
    ?.slice(1)
    .map(Number)
  const [from, to, total = 0] = numbers ?? []
  return from === first && to === Math.min(last, total - 1) ? total : undefined
}

class Reading extends PassThrough {
  lastAt = performance.now()

  override _transform(
    chunk: unknown,
    encoding: BufferEncoding,
    done: Parameters<PassThrough['_transform']>[2],
  ): void {
    this.lastAt = performance.now()
    super._transform(chunk, encoding, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    super._destroy(error, () => {
      done(error && s3Failure(error))
    })
  }
}

/** @returns what ends it */
function watchIdle(reading: Reading, idleMs: number): () => void {
  const timer = setInterval(() => {
    // Nobody takes it: a player that pauses.
    if (reading.readableLength > 0) reading.lastAt = performance.now()
    if (performance.now() - reading.lastAt < idleMs) return
    reading.destroy(named('TimeoutError'))
  }, idleMs / 4)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}

const named = (name: string): Error => Object.assign(new Error('no answer of S3'), { name })
