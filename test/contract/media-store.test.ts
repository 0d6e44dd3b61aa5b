import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDiskStore } from '../../control-api/storage/disk-store.ts'
import { layered } from '../../control-api/storage/layered-store.ts'
import { openS3Store } from '../../control-api/storage/s3/open-s3-store.ts'
import type { MediaStore } from '../../core/contracts/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { openS3Server } from '../support/s3-server.ts'
import { mediaStoreContract } from './media-store.ts'

async function onDisk(t: Test): Promise<MediaStore> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-store-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return openDiskStore(join(folder, 'media'))
}

async function inABucket(t: Test): Promise<MediaStore> {
  const server = await openS3Server(t)
  const logger = createLogger('error')
  const store = await openS3Store(server.config, { logger, metrics: createMetrics() })
  t.teardown(() => {
    store.close()
  })
  return store
}

t.test('on the disk', async (t) => {
  mediaStoreContract(t, onDisk)
})

t.test('in a bucket', async (t) => {
  mediaStoreContract(t, inABucket)
})

t.test('in a bucket, with what is still on the disk', async (t) => {
  mediaStoreContract(t, async (one) => layered(await inABucket(one), await onDisk(one)))
})
