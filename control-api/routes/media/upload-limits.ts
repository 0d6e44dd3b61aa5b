// What one upload may take of this machine.
import { RESERVED_BYTES } from '../../media-jobs/disk-room.ts'

export interface UploadLimits {
  readonly maxBytes: number
  /** At a time, being checked included; whoever comes more is told to come again. */
  readonly maxUploads: number
  /** Of these, of one key: none takes them all. */
  readonly maxOfOneKey: number
  /** Until the file is here. */
  readonly totalMs: number
  /** So much must come in so long, or the sender is taken for gone, or worse. */
  readonly windowMs: number
  readonly windowBytes: number
  /** On the whole, once it has come so long, so much a second: a place is not held by drops. */
  readonly graceMs: number
  readonly leastBytesPerSecond: number
  /** What stays free on the disk. */
  readonly reservedBytes: number
  /** How often time, bytes and disk are looked at. */
  readonly lookEveryMs: number
  /** How long a sender is listened to who was refused before the end: so that the answer arrives. */
  readonly lingerMs: number
}

export const UPLOAD_LIMITS: Omit<UploadLimits, 'maxBytes'> = {
  maxUploads: 16,
  maxOfOneKey: 4,
  // As long as 500 MB take at the least rate, and some.
  totalMs: 5 * 3_600_000,
  windowMs: 30_000,
  windowBytes: 64 * 1024,
  graceMs: 30_000,
  leastBytesPerSecond: 32 * 1024,
  reservedBytes: RESERVED_BYTES,
  lookEveryMs: 500,
  lingerMs: 3000,
}

/** What a form has around its file. */
export const FORM_BYTES = 64 * 1024
