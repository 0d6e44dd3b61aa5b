// Port: where finished recordings and other media are kept. Implemented by control-api/storage (disk, S3); used
// by bridge for recordings.
import type { Readable } from 'node:stream'
import type { EpochMs } from './units.ts'

export interface StoredMedia {
  /** Its name in the store, such as `recordings/call_….wav`. */
  readonly key: string
  readonly bytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly contentType: string
}

/** One thing that is there. */
export interface MediaEntry {
  readonly key: string
  readonly bytes: number
  readonly changedAt: EpochMs
}

/** A range of bytes, both ends included (RFC 9110 §14.1.2). */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

export interface OpenedMedia {
  readonly stream: Readable
  /** Of the whole object, whatever the range. */
  readonly totalBytes: number
  readonly contentType: string
}

export interface LinkedAs {
  /** Ours: nothing in it needs quoting. */
  readonly fileName: string
}

export interface MediaStore {
  /**
   * Takes over a finished file of this machine: afterwards it is in the store, and not where it was. Putting the same
   * key again replaces it.
   * @throws AppError `STORAGE_UNAVAILABLE`; the file is then still where it was.
   */
  putFile(key: string, path: string, contentType: string): Promise<StoredMedia>
  /** Undefined when there is no such key. @throws AppError `STORAGE_UNAVAILABLE`. */
  open(key: string, range?: ByteRange): Promise<OpenedMedia | undefined>
  /** The size; undefined when there is no such key. */
  size(key: string): Promise<number | undefined>
  /**
   * Where whoever has the link may fetch it himself, for a while; undefined: nowhere but from us. It is not looked whether
   * there is such a key.
   */
  link(key: string, as: LinkedAs): Promise<string | undefined>
  /** All whose key begins so, in no order. @throws AppError `STORAGE_UNAVAILABLE` while it is read. */
  entries(prefix: string): AsyncIterable<MediaEntry>
  /** False when there was none. */
  delete(key: string): Promise<boolean>
}
