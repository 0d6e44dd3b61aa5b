// The store of a process: the disk alone, or a bucket in front of what the disk still has.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDiskStore } from '../../../control-api/storage/disk-store.ts'
import { openMediaStore } from '../../../control-api/storage/open-store.ts'
import type { S3Config } from '../../../core/config/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { aFile, read } from '../../contract/media-store.ts'
import { openFaultyProxy, openS3Server } from '../../support/s3-server.ts'

const OLD = 'recordings/call_old.wav'
const NEW = 'recordings/call_new.wav'
const WAV = 'audio/wav'

async function freshDataDir(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-store-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function openStore(t: Test, dataDir: string, s3: S3Config | undefined) {
  const [logger, metrics] = [createLogger('silent'), createMetrics()]
  const store = await openMediaStore({ dataDir, s3, logger, metrics })
  t.teardown(() => {
    store.close()
  })
  return store
}

t.test('without a bucket all is on the disk, and nothing has a link', async (t) => {
  const dataDir = await freshDataDir(t)
  const store = await openStore(t, dataDir, undefined)
  await store.putFile(OLD, await aFile(t, Buffer.from('old')), WAV)
  const disk = await openDiskStore(join(dataDir, 'media'))
  t.equal(String(await read(disk, OLD)), 'old')
  t.equal(await store.link(OLD, { fileName: 'x.wav' }), undefined)
})

t.test('what was kept before there was a bucket stays readable, and can be deleted', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await openStore(t, dataDir, undefined)
  await before.putFile(OLD, await aFile(t, Buffer.from('old words')), WAV)
  const server = await openS3Server(t)
  const proxy = await openFaultyProxy(t, server)
  const store = await openStore(t, dataDir, proxy.config)
  await store.putFile(NEW, await aFile(t, Buffer.from('new')), WAV)
  t.equal(await before.size(NEW), undefined, 'new ones are not on the disk')

  t.equal(String(await read(store, OLD, { first: 4, last: 8 })), 'words')
  t.equal(await store.size(OLD), 9)
  t.equal(await store.link(OLD, { fileName: 'x.wav' }), undefined, 'only we can reach it')
  const requests = proxy.requests.length
  t.match(await store.link(NEW, { fileName: 'x.wav' }), /^http/)
  t.equal(proxy.requests.length, requests, 'a link costs no request')
  const listed = await Array.fromAsync(store.entries('recordings/'))
  t.same(listed.map(({ key }) => key).toSorted(), [NEW, OLD])

  t.equal(await store.delete(OLD), true)
  t.equal(await before.size(OLD), undefined)
  t.equal(await store.delete(OLD), false)
  t.equal(await store.delete(NEW), true)
  t.same(await Array.fromAsync(store.entries('')), [])
})

t.test('a key that is put again is in the bucket alone', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await openStore(t, dataDir, undefined)
  await before.putFile(OLD, await aFile(t, Buffer.from('old')), WAV)
  const store = await openStore(t, dataDir, (await openS3Server(t)).config)
  await store.putFile(OLD, await aFile(t, Buffer.from('newer')), WAV)
  t.equal(String(await read(store, OLD)), 'newer')
  t.equal(await before.size(OLD), undefined)
  t.match(await store.link(OLD, { fileName: 'x.wav' }), /^http/)
})

t.test('while the bucket is away nothing is taken for deleted', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await openStore(t, dataDir, undefined)
  await before.putFile(OLD, await aFile(t, Buffer.from('old')), WAV)
  const server = await openS3Server(t)
  const store = await openStore(t, dataDir, server.config)
  await server.stop()
  await t.rejects(store.delete(OLD), { code: 'STORAGE_UNAVAILABLE' })
  await t.rejects(store.size(NEW), { code: 'STORAGE_UNAVAILABLE' })
  t.equal(await before.size(OLD), 3)
})
