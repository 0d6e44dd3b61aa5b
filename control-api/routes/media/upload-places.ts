// Places for uploads, being checked included: so many at a time, and not all of them for one key. Nobody waits for one.
import { AppError } from '#core/errors'
import { createPlaces } from '../../media-jobs/places.ts'
import type { UploadLimits } from './upload-limits.ts'

export interface UploadPlaces {
  /** The work’s value. @throws AppError `MEDIA_BUSY` */
  take<T>(keyId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

const RETRY_AFTER_SECONDS = 10

export function createUploadPlaces({
  maxUploads: count,
  maxOfOneKey,
}: Pick<UploadLimits, 'maxUploads' | 'maxOfOneKey'>): UploadPlaces {
  const places = createPlaces({ what: 'files are taken', count, line: 0, waitMs: 0 })
  const taken = new Map<string, number>()
  const leave = (keyId: string): void => {
    const left = (taken.get(keyId) ?? 1) - 1
    if (left > 0) taken.set(keyId, left)
    else taken.delete(keyId)
  }
  return {
    async take(keyId, signal, work) {
      const own = taken.get(keyId) ?? 0
      if (own >= maxOfOneKey) throw busy()
      taken.set(keyId, own + 1)
      try {
        return await places.take(signal, work)
      } finally {
        leave(keyId)
      }
    },
  }
}

const busy = (): AppError =>
  new AppError('MEDIA_BUSY', 'As many files are taken of one key as can be at a time.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })
