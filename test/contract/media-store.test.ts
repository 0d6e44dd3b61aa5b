import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openDiskStore } from '../../control-api/storage/disk-store.ts'
import { mediaStoreContract } from './media-store.ts'

t.test('on the disk', async (t) => {
  mediaStoreContract(t, async (one) => {
    const folder = await mkdtemp(join(tmpdir(), 'voicegate-store-'))
    one.teardown(() => rm(folder, { recursive: true, force: true }))
    return openDiskStore(join(folder, 'media'))
  })
})
