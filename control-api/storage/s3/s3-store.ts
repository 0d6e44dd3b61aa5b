// MediaStore in a bucket of S3, or of a server like it: a key is the object's key.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import {
  epochMs,
  type ByteRange,
  type LinkedAs,
  type MediaEntry,
  type MediaStore,
  type OpenedMedia,
  type StoredMedia,
} from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { contentTypeOf, isMediaKey } from '../media-key.ts'
import { createUploads, type Uploads } from './s3-upload.ts'
import { isNoObject, isNoRange, s3Failure } from './s3-failure.ts'
import { readingOf } from './s3-reading.ts'
import type { S3Timing } from './s3-timing.ts'

/** Long enough for a player to begin; it asks for another when it seeks later. */
const LINK_SECONDS = 300

export interface S3StoreDeps {
  readonly client: S3Client
  readonly bucket: string
  readonly logger: Logger
  readonly timing: S3Timing
}

export const createS3Store = (deps: S3StoreDeps): MediaStore => new S3Store(deps)

class S3Store implements MediaStore {
  readonly #deps: S3StoreDeps
  readonly #uploads: Uploads
  #saidVersions = false

  constructor(deps: S3StoreDeps) {
    this.#deps = deps
    this.#uploads = createUploads(deps)
  }

  async putFile(key: string, path: string, contentType: string): Promise<StoredMedia> {
    this.#objectOf(key)
    if (contentType !== contentTypeOf(key))
      throw new RangeError(`a key of this name holds ${contentTypeOf(key)}, not ${contentType}`)
    return this.#uploads.put(key, path, contentType)
  }

  async open(key: string, range?: ByteRange): Promise<OpenedMedia | undefined> {
    const object = this.#objectOf(key)
    if (range && (range.first < 0 || range.last < range.first)) throw notARange(range)
    const { client, timing } = this.#deps
    const asked = range && { Range: `bytes=${range.first}-${range.last}` }
    try {
      const command = new GetObjectCommand({ ...object, ...asked })
      const answer = await client.send(command, this.#limits)
      return readingOf(answer, { range, contentType: contentTypeOf(key), idleMs: timing.idleMs })
    } catch (error) {
      if (isNoObject(error)) return undefined
      throw range && isNoRange(error) ? notARange(range) : s3Failure(error)
    }
  }

  async size(key: string): Promise<number | undefined> {
    const object = this.#objectOf(key)
    try {
      const { ContentLength: bytes } = await this.#head(object)
      return bytes ?? 0
    } catch (error) {
      if (isNoObject(error)) return undefined
      throw s3Failure(error)
    }
  }

  async link(key: string, { fileName }: LinkedAs): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#objectOf(key),
      ResponseContentType: contentTypeOf(key),
      ResponseContentDisposition: `inline; filename="${fileName}"`,
    })
    try {
      return await getSignedUrl(this.#deps.client, command, { expiresIn: LINK_SECONDS })
    } catch (error) {
      throw s3Failure(error)
    }
  }

  async *entries(prefix: string): AsyncGenerator<MediaEntry> {
    let token: string | undefined
    do {
      const page = await this.#page(prefix, token)
      for (const { Key: key = '', Size: bytes = 0, LastModified: at } of page.Contents ?? [])
        // Others may have things of their own there.
        if (isMediaKey(key)) yield { key, bytes, changedAt: epochMs(at?.getTime() ?? Date.now()) }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  async delete(key: string): Promise<boolean> {
    const object = this.#objectOf(key)
    const wasThere = (await this.size(key)) !== undefined
    try {
      // Whatever was seen: only this says that the bucket itself is there.
      const answer = await this.#deps.client.send(new DeleteObjectCommand(object), this.#limits)
      if (wasThere && answer.VersionId !== undefined) this.#sayVersions()
    } catch (error) {
      if (!isNoObject(error)) throw s3Failure(error)
    }
    return wasThere
  }

  async #page(prefix: string, token: string | undefined) {
    const { client, bucket: Bucket } = this.#deps
    const from = token === undefined ? {} : { ContinuationToken: token }
    try {
      const command = new ListObjectsV2Command({ Bucket, Prefix: prefix, ...from })
      return await client.send(command, this.#limits)
    } catch (error) {
      throw s3Failure(error)
    }
  }

  #head(object: { readonly Bucket: string; readonly Key: string }) {
    return this.#deps.client.send(new HeadObjectCommand(object), this.#limits)
  }

  #sayVersions(): void {
    if (this.#saidVersions) return
    this.#saidVersions = true
    this.#deps.logger.warn(
      'The bucket keeps old versions: what is deleted here is still in it until a rule of its own deletes them.',
    )
  }

  get #limits() {
    return { requestTimeout: this.#deps.timing.answerMs }
  }

  #objectOf(key: string): { readonly Bucket: string; readonly Key: string } {
    // A key comes from our own code: a wrong one is a defect, and its text stays out of the message.
    if (!isMediaKey(key)) throw new RangeError('not a key of the media store')
    return { Bucket: this.#deps.bucket, Key: key }
  }
}

const notARange = ({ first, last }: ByteRange): RangeError =>
  new RangeError(`not a range of it: ${first}–${last}`)
