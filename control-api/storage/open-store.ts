// Where recordings and media are kept: in the bucket where one is set, else on the disk.
import { join } from 'node:path'
import type { MediaStore } from '#core/contracts'
import type { S3Config } from '#core/config'
import type { Logger, Metrics } from '#core/telemetry'
import { openDiskStore } from './disk-store.ts'
import { layered } from './layered-store.ts'

export interface MediaStoreOptions {
  /** The disk store is the folder `media` in it. */
  readonly dataDir: string
  readonly s3: S3Config | undefined
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface OpenMediaStore extends MediaStore {
  /** Lets the connections go. */
  close(): void
}

/**
 * @throws AppError `STORAGE_UNAVAILABLE` when the folder cannot be had; `CONFIGURATION_INVALID` when the bucket says that
 * it is not ours. One that does not answer is waited for by those who ask for a file.
 */
export async function openMediaStore(options: MediaStoreOptions): Promise<OpenMediaStore> {
  const { dataDir, s3, logger, metrics } = options
  const disk = await openDiskStore(join(dataDir, 'media'))
  if (s3 === undefined) return Object.assign(disk, { close: () => undefined })
  // Another 70 ms of a start: for those who have a bucket.
  const { openS3Store } = await import('./s3/open-s3-store.ts')
  const bucket = await openS3Store(s3, { logger, metrics })
  return Object.assign(layered(bucket, disk), { close: () => bucket.close() })
}
