// Is there room on the disk for a file that is to come? Asked before work that fills it: uploads, downloads, transcoding.
import { statfs } from 'node:fs/promises'
import { AppError } from '#core/errors'

/** What stays free for the rest: the database is on the same disk. */
export const RESERVED_BYTES = 512 * 1024 * 1024

/** For so many bytes more, with what stays free besides. @throws AppError `STORAGE_UNAVAILABLE` */
export async function expectRoom(
  folder: string,
  bytes: number,
  reservedBytes: number = RESERVED_BYTES,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < bytes + reservedBytes)
    throw new AppError('STORAGE_UNAVAILABLE', 'The disk is full: it has no room for the file.', {
      details: { is_overload: true },
    })
}
