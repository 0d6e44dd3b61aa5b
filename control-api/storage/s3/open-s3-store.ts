// Opens the bucket, and looks once whether it is there and takes and gives up what we write.
import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { S3Config } from '#core/config'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import { createS3Client } from './s3-client.ts'
import { isRefusal, s3CodeOf } from './s3-failure.ts'
import { createS3Store } from './s3-store.ts'
import { S3_TIMING, type S3Timing } from './s3-timing.ts'

export interface S3Deps {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly timing?: S3Timing | undefined
}

export interface OpenS3Store extends MediaStore {
  close(): void
}

/**
 * @throws AppError `CONFIGURATION_INVALID` when the bucket is not there, or not ours to write; a bucket that does not
 * answer is a warning
 */
export async function openS3Store(
  config: S3Config,
  { logger, metrics, timing = S3_TIMING }: S3Deps,
): Promise<OpenS3Store> {
  const client = createS3Client(config, metrics, timing)
  try {
    await probe(client, config.bucket, timing)
  } catch (error) {
    if (isRefusal(error)) {
      client.destroy()
      throw refusedFor(error)
    }
    logger.warn(
      { system_code: s3CodeOf(error) },
      'The bucket of AWS_S3_BUCKET does not answer: until it does, none of its files can be had, and recordings that end ' +
        'stay in the spool folder until the next start.',
    )
  }
  const store = createS3Store({ client, bucket: config.bucket, logger, timing })
  return Object.assign(store, { close: () => client.destroy() })
}

/** Written and deleted: more is not asked of the key to it at the start. */
async function probe(client: S3Client, Bucket: string, timing: S3Timing): Promise<void> {
  const object = { Bucket, Key: `probe/${randomUUID()}` }
  const limits = {
    abortSignal: AbortSignal.timeout(timing.probeMs),
    requestTimeout: timing.answerMs,
  }
  await client.send(new PutObjectCommand({ ...object, Body: 'voicegate' }), limits)
  await client.send(new DeleteObjectCommand(object), limits)
}

const refusedFor = (error: unknown): AppError =>
  new AppError(
    'CONFIGURATION_INVALID',
    `AWS_S3_BUCKET: the bucket refuses us (${s3CodeOf(error)}). Its name, AWS_REGION and the key to it must fit together, ` +
      'and the key must allow to list the bucket and to get, put and delete its objects.',
  )
