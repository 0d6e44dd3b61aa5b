// The one file of a form, as it comes, into a file of this machine (RFC 7578).
import { createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { AppError } from '#core/errors'
import { shownFileName } from './shown-file-name.ts'
import type { UploadLimits } from './upload-limits.ts'
import { tooLarge } from './upload-watch.ts'

export interface Receiving {
  readonly target: string
  readonly limits: Pick<UploadLimits, 'maxBytes'>
  readonly signal: AbortSignal
}

export interface ReceivedFile {
  readonly name: string | null
  readonly bytes: number
}

const FIELD = 'file'
/** One more than is taken, so that it is us who refuse it. */
const FORM_LIMITS = { files: 2, fields: 1, parts: 3, fieldSize: 1024, headerPairs: 32 }

/** @throws AppError `REQUEST_INVALID`, `MEDIA_TOO_LARGE`; the signal's reason */
export async function receiveFile(
  request: FastifyRequest,
  receiving: Receiving,
): Promise<ReceivedFile> {
  const { limits, signal } = receiving
  let received: ReceivedFile | undefined
  const parts = request.parts({
    // Counted by ourselves: this one would go on reading behind it.
    limits: { ...FORM_LIMITS, fileSize: limits.maxBytes + 1024 },
  })
  try {
    for await (const part of abortable(parts, signal)) {
      if (part.type === 'field' || part.fieldname !== FIELD) throw notTaken('another field')
      if (received) throw notTaken('a second file')
      received = await save(part, receiving)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof AppError || !isOfForm(error) ? error : malformed(error)
  }
  if (!received) throw invalid('The form has no file.')
  return received
}

async function save(
  part: MultipartFile,
  { target, limits, signal }: Receiving,
): Promise<ReceivedFile> {
  let bytes = 0
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > limits.maxBytes) done(tooLarge(limits))
      else done(null, chunk)
    },
  })
  const file = createWriteStream(target, { flags: 'wx', mode: 0o600 })
  await pipeline(part.file, counter, file, { signal })
  return { name: shownFileName(part.filename), bytes }
}

/** Parts that nobody sends are waited for no longer than the signal says. */
async function* abortable<T>(
  parts: AsyncIterableIterator<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  // Nobody may be waiting when it comes.
  aborted.catch(() => undefined)
  try {
    signal.throwIfAborted()
    for (;;) {
      const next = await Promise.race([parts.next(), aborted])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Of @fastify/multipart and its parser: what the form itself is to blame for. */
const isOfForm = (error: unknown): error is Error =>
  error instanceof Error &&
  !('syscall' in error) &&
  (('code' in error && typeof error.code === 'string' && error.code.startsWith('FST_')) ||
    /multipart|boundary|terminated early|Malformed/i.test(error.message))

const notTaken = (what: string): AppError =>
  invalid(`The form has ${what}: one file, in the field "${FIELD}", is taken.`)

const malformed = (cause: Error): AppError =>
  invalid(`The form is not whole, or has more than one file in the field "${FIELD}".`, cause)

const invalid = (detail: string, cause?: Error): AppError =>
  new AppError('REQUEST_INVALID', detail, { cause, details: { field: FIELD } })
