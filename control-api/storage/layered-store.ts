// A bucket in front of the disk: what was kept before there was a bucket stays where it is, and stays readable.
import type { ByteRange, LinkedAs, MediaStore } from '#core/contracts'

export const layered = (bucket: MediaStore, disk: MediaStore): MediaStore => ({
  async putFile(key: string, path: string, contentType: string) {
    const stored = await bucket.putFile(key, path, contentType)
    // The bucket's is the one that is read from now on; a disk that fails does not undo that.
    await disk.delete(key).catch(() => false)
    return stored
  },

  async open(key: string, range?: ByteRange) {
    return (await bucket.open(key, range)) ?? disk.open(key, range)
  },

  async size(key: string) {
    return (await bucket.size(key)) ?? disk.size(key)
  },

  async link(key: string, as: LinkedAs) {
    // The disk is asked first: it answers for nothing, and has none of the newer ones.
    const isOnDisk = (await disk.size(key)) !== undefined
    if (isOnDisk && (await bucket.size(key)) === undefined) return undefined
    return bucket.link(key, as)
  },

  /** One that is in both comes twice: what is done about it is done to both. */
  async *entries(prefix: string) {
    yield* bucket.entries(prefix)
    yield* disk.entries(prefix)
  },

  async delete(key: string) {
    const wasInBucket = await bucket.delete(key)
    return (await disk.delete(key)) || wasInBucket
  },
})
