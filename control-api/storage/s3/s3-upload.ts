// Files of this machine on their way into the bucket: in parts, a few at a time, so that memory stays bounded however long
// they are, and however many calls end at once.
import { createReadStream } from 'node:fs'
import { stat, unlink } from 'node:fs/promises'
import { Upload } from '@aws-sdk/lib-storage'
import type { StoredMedia } from '#core/contracts'
import { sha256Of } from '../durable-file.ts'
import { s3Failure } from './s3-failure.ts'
import type { S3StoreDeps } from './s3-store.ts'

/** At least 5 MiB by the rules of S3; smaller files go in one request. */
const PART_BYTES = 8 * 1024 * 1024
const PARTS_AT_ONCE = 2
const FILES_AT_ONCE = 4
const READ_BYTES = 256 * 1024

export interface Uploads {
  put(key: string, path: string, contentType: string): Promise<StoredMedia>
}

export function createUploads(deps: Pick<S3StoreDeps, 'client' | 'bucket'>): Uploads {
  const atOnce = limitTo(FILES_AT_ONCE)
  return {
    put: (key, path, contentType) =>
      atOnce(async () => {
        try {
          const [{ size: bytes }, sha256] = await Promise.all([stat(path), sha256Of(path)])
          await send(deps, { key, path, contentType, bytes, sha256 })
          // Only now: until here a failure leaves the file where it was.
          await unlink(path)
          return { key, bytes, sha256, contentType }
        } catch (error) {
          throw s3Failure(error)
        }
      }),
  }
}

async function send(
  { client, bucket }: Pick<S3StoreDeps, 'client' | 'bucket'>,
  file: StoredMedia & { readonly path: string },
): Promise<void> {
  const body = createReadStream(file.path, { highWaterMark: READ_BYTES })
  try {
    const upload = new Upload({
      client,
      params: {
        Bucket: bucket,
        Key: file.key,
        Body: body,
        ContentLength: file.bytes,
        ContentType: file.contentType,
        Metadata: { sha256: file.sha256 },
      },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: false,
    })
    await upload.done()
  } finally {
    body.destroy()
  }
}

/** The rest waits, first come first served: those who ask are bounded. */
function limitTo(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < most) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
