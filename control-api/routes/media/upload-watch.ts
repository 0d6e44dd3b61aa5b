// Watches one upload while it comes: its time, its pace, its size on the wire, the room on the disk. Whoever sends more, or
// less, than that is sent away.
import { AppError } from '#core/errors'
import { expectRoom } from '../../media-jobs/disk-room.ts'
import type { UploadLimits } from './upload-limits.ts'
import { FORM_BYTES } from './upload-limits.ts'

export interface Watched {
  readonly limits: UploadLimits
  readonly workFolder: string
  /** So far, on the wire. */
  readonly bytesRead: () => number
}

export interface UploadWatch {
  /** Aborted with why. */
  readonly signal: AbortSignal
  end(): void
}

export function watchUpload({ limits, workFolder, bytesRead }: Watched): UploadWatch {
  const ended = new AbortController()
  const startedAt = performance.now()
  const first = bytesRead()
  let window = { since: startedAt, bytes: first }
  const look = async (): Promise<void> => {
    const now = performance.now()
    const bytes = bytesRead()
    if (bytes - first > limits.maxBytes + FORM_BYTES) throw tooLarge(limits)
    const ms = now - startedAt
    if (ms > limits.totalMs) throw tooSlow('The upload took too long.')
    if (ms > limits.graceMs && bytes - first < (limits.leastBytesPerSecond * ms) / 1000)
      throw tooSlow('The upload came too slowly.')
    if (now - window.since > limits.windowMs) {
      if (bytes - window.bytes < limits.windowBytes) throw tooSlow('The upload came too slowly.')
      window = { since: now, bytes }
    }
    await expectRoom(workFolder, 0, limits.reservedBytes)
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) => ended.abort(error))
  }, limits.lookEveryMs)
  return { signal: ended.signal, end: () => clearInterval(timer) }
}

const MEGABYTE = 1024 ** 2

export const tooLarge = ({ maxBytes }: Pick<UploadLimits, 'maxBytes'>): AppError => {
  const limit = maxBytes < MEGABYTE ? `${maxBytes} bytes` : `${Math.floor(maxBytes / MEGABYTE)} MB`
  return new AppError('MEDIA_TOO_LARGE', `The file has more than ${limit}.`)
}

const tooSlow = (why: string): AppError => new AppError('REQUEST_TOO_SLOW', why)
