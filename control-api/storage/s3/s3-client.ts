// The client of the bucket: Amazon's own rules at Amazon, the plainest ones at servers like it. Each request is counted.
import { S3Client } from '@aws-sdk/client-s3'
import type { S3Config } from '#core/config'
import { type Metrics, vendorRequestBegun, type VendorResult } from '#core/telemetry'
import { isNoObject, isNoRange, statusOf } from './s3-failure.ts'
import type { S3Timing } from './s3-timing.ts'

/** The first included; waits between them are the client's own. */
const MAX_ATTEMPTS = 3
/** A reader holds one as long as he reads: more than calls and players of one process. */
const MAX_SOCKETS = 500

export function createS3Client(config: S3Config, metrics: Metrics, timing: S3Timing): S3Client {
  const { region, endpoint, credentials } = config
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS }
  // Newer checksums are not known to every server like S3, and sent in frames that some store as they are.
  const checksums = endpoint === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  const client = new S3Client({
    region,
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    maxAttempts: MAX_ATTEMPTS,
    // It would take a connection of its own for each part.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: timing.connectMs,
      requestTimeout: timing.partMs,
      throwOnRequestTimeout: true,
      // What is read is watched where it is taken: a player that pauses is no failure.
      socketTimeout: 0,
      httpAgent: agent,
      httpsAgent: agent,
    },
  })
  countRequests(client, metrics)
  return client
}

function countRequests(client: S3Client, metrics: Metrics): void {
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      async (args) => {
        const ended = vendorRequestBegun(metrics, 's3', operationOf(commandName))
        let result: VendorResult = 'failed'
        try {
          const answer = await next(args)
          result = 'ok'
          return answer
        } catch (error) {
          if (isNoObject(error)) result = 'missing'
          else if (isNoRange(error) || (statusOf(error) ?? 500) < 500) result = 'refused'
          throw error
        } finally {
          ended(result)
        }
      },
    { step: 'initialize', name: 'countRequests' },
  )
}

/** `PutObjectCommand` is `put_object`. */
const operationOf = (commandName: string): string =>
  commandName
    .replace(/Command$/, '')
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
