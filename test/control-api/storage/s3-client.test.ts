// How the client is set up: Amazon's own rules there, the plainest at servers like it; whose key it takes.
import t from 'tap'
import { createS3Client } from '../../../control-api/storage/s3/s3-client.ts'
import { openS3Store } from '../../../control-api/storage/s3/open-s3-store.ts'
import { S3_TIMING } from '../../../control-api/storage/s3/s3-timing.ts'
import type { S3Config } from '../../../core/config/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { configAt, openS3Server } from '../../support/s3-server.ts'

const client = (config: S3Config) => createS3Client(config, createMetrics(), S3_TIMING).config
const deps = () => ({ logger: createLogger('silent'), metrics: createMetrics() })
const withoutKey = (config: S3Config): S3Config => ({ ...config, credentials: undefined })

t.test('checksums as Amazon has them, and none that others may not know', async (t) => {
  const amazon = client({ ...configAt(1), endpoint: undefined, region: 'eu-central-1' })
  t.equal(await amazon.requestChecksumCalculation(), 'WHEN_SUPPORTED')
  t.equal(await amazon.responseChecksumValidation(), 'WHEN_SUPPORTED')
  t.equal(amazon.forcePathStyle, false)
  t.equal(await amazon.region(), 'eu-central-1')
  const other = client(configAt(1))
  t.equal(await other.requestChecksumCalculation(), 'WHEN_REQUIRED')
  t.equal(await other.responseChecksumValidation(), 'WHEN_REQUIRED')
  t.equal(other.forcePathStyle, true)
})

t.test('the key of the surroundings, where none is given', async (t) => {
  const { config } = await openS3Server(t)
  const surroundings = {
    ...{ AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/none' },
    AWS_SHARED_CREDENTIALS_FILE: '/none',
  }
  const former = { ...process.env }
  t.teardown(() => {
    process.env = former
  })
  Object.assign(process.env, surroundings)
  await t.rejects(openS3Store(withoutKey(config), deps()), {
    code: 'CONFIGURATION_INVALID',
    message: /AWS_S3_BUCKET.*CredentialsProviderError/,
  })
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' })
  const store = await openS3Store(withoutKey(config), deps())
  t.equal(await store.size('recordings/none.wav'), undefined)
  store.close()
})
