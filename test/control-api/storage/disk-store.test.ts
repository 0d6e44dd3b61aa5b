// What only a disk can do: folders, other devices, failures.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { openDiskStore } from '../../../control-api/storage/disk-store.ts'
import { pathsOf } from '../../../control-api/storage/disk-paths.ts'
import { aFile, exists, read } from '../../contract/media-store.ts'

async function freshFolder(t: Test, parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'voicegate-store-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

t.test('its folders are their owner’s alone', async (t) => {
  const folder = join(await freshFolder(t), 'deep', 'media')
  const store = await openDiskStore(folder)
  await store.putFile('a/b/c.wav', await aFile(t, randomBytes(10)), 'audio/wav')
  const { fanned } = pathsOf(folder, 'a/b/c.wav')
  for (const path of [folder, join(folder, 'a'), join(folder, 'a', 'b'), dirname(fanned)])
    t.equal((await stat(path)).mode & 0o777, 0o700, path)
})

t.test('a file of another device is copied, and gone where it was', async (t) => {
  const [here, there] = [await stat(tmpdir()), await stat('/dev/shm').catch(() => undefined)]
  if (!there || here.dev === there.dev) {
    t.comment('no other device here')
    return
  }
  const store = await openDiskStore(join(await freshFolder(t), 'media'))
  const content = randomBytes(100_000)
  const path = join(await freshFolder(t, '/dev/shm'), 'one.wav')
  await writeFile(path, content)
  t.match(await store.putFile('one.wav', path, 'audio/wav'), { bytes: 100_000 })
  t.ok((await read(store, 'one.wav'))?.equals(content))
  t.notOk(await exists(path))
})

t.test('what a crash left half-way in is swept away, what is stored stays', async (t) => {
  const folder = join(await freshFolder(t), 'media')
  const store = await openDiskStore(folder)
  await store.putFile('one.wav', await aFile(t, randomBytes(10)), 'audio/wav')
  await writeFile(join(folder, '.incoming', 'half'), 'half')
  const again = await openDiskStore(folder)
  t.same(await readdir(join(folder, '.incoming')), [])
  t.equal(await again.size('one.wav'), 10)
})

t.test('a put that was cut off before the source went can be done again', async (t) => {
  const folder = join(await freshFolder(t), 'media')
  const store = await openDiskStore(folder)
  const path = await aFile(t, Buffer.from('words'))
  await store.putFile('one.wav', path, 'audio/wav')
  // As if the process had died just before: both names are there, of one file.
  const { link } = await import('node:fs/promises')
  await link(pathsOf(folder, 'one.wav').fanned, path)
  t.match(await store.putFile('one.wav', path, 'audio/wav'), { bytes: 5 })
  t.notOk(await exists(path))
  t.equal(String(await read(store, 'one.wav')), 'words')
  t.same(await readdir(join(folder, '.incoming')), [])
})

t.test('a failure leaves the file where it was', async (t) => {
  const folder = join(await freshFolder(t), 'media')
  const store = await openDiskStore(folder)
  const path = await aFile(t, Buffer.from('words'))
  // A folder stands where the file should: rename says EISDIR.
  await mkdir(join(pathsOf(folder, 'taken.wav').fanned, 'x'), { recursive: true })
  await t.rejects(store.putFile('taken.wav', path, 'audio/wav'), { code: 'STORAGE_UNAVAILABLE' })
  t.ok(await exists(path))
  t.same(await readdir(join(folder, '.incoming')), [], 'nothing is left half-way in')
  await writeFile(join(folder, 'file'), '')
  await t.rejects(store.putFile('file/one.wav', path, 'audio/wav'), { code: 'STORAGE_UNAVAILABLE' })
  t.ok(await exists(path))
  await t.rejects(
    store.putFile('one.mp3', path, 'audio/wav'),
    RangeError,
    'the name says otherwise',
  )
})

t.test('a folder that cannot be had is told by its code', async (t) => {
  const folder = await freshFolder(t)
  await writeFile(join(folder, 'file'), '')
  await t.rejects(openDiskStore(join(folder, 'file', 'media')), {
    code: 'STORAGE_UNAVAILABLE',
    details: { system_code: 'ENOTDIR' },
  })
  if (process.getuid?.() === 0) return // Root may write everywhere.
  await chmod(folder, 0o500)
  await t.rejects(openDiskStore(join(folder, 'media')), {
    code: 'STORAGE_UNAVAILABLE',
    details: { system_code: 'EACCES' },
  })
})

/** As earlier versions put it. */
async function putFlat(folder: string, key: string, content: string): Promise<string> {
  const { flat } = pathsOf(folder, key)
  await mkdir(dirname(flat), { recursive: true })
  await writeFile(flat, content)
  return flat
}

t.test('files are fanned out by the hash of their name, which no key can spell', async (t) => {
  const folder = join(await freshFolder(t), 'media')
  const store = await openDiskStore(folder)
  await store.putFile('recordings/call_1.wav', await aFile(t, Buffer.from('one')), 'audio/wav')
  const [fan = '', ...more] = await readdir(join(folder, 'recordings'))
  t.same(more, [])
  t.match(fan, /^\+[0-9a-f]{2}$/)
  t.same(await readdir(join(folder, 'recordings', fan)), ['call_1.wav'])
  await t.rejects(store.size(`recordings/${fan}/call_1.wav`), RangeError)
})

t.test('what earlier versions kept is read, listed, replaced and deleted', async (t) => {
  const folder = join(await freshFolder(t), 'media')
  const store = await openDiskStore(folder)
  const key = 'recordings/call_1.wav'
  const keys = async () =>
    (await Array.fromAsync(store.entries(''))).map((entry) => `${entry.key} ${entry.bytes}`)
  const flat = await putFlat(folder, key, 'former')
  t.equal(await store.size(key), 6)
  t.equal(String(await read(store, key, { first: 1, last: 3 })), 'orm')
  t.same(await keys(), [`${key} 6`])
  t.equal(await store.delete(key), true)
  t.notOk(await exists(flat))
  t.equal(await store.delete(key), false)

  await putFlat(folder, key, 'former')
  await store.putFile(key, await aFile(t, Buffer.from('new')), 'audio/wav')
  t.notOk(await exists(flat), 'the former one is gone')
  t.equal(String(await read(store, key)), 'new')
})

t.test('where a crash left both, the newer one is the file, and both are deleted', async (t) => {
  const folder = join(await freshFolder(t), 'media')
  const store = await openDiskStore(folder)
  const key = 'recordings/call_1.wav'
  await store.putFile(key, await aFile(t, Buffer.from('new')), 'audio/wav')
  const flat = await putFlat(folder, key, 'former')
  t.equal(String(await read(store, key)), 'new')
  t.equal(await store.size(key), 3)
  t.match(await Array.fromAsync(store.entries('recordings/')), [{ key, bytes: 3 }])
  t.equal(await store.delete(key), true)
  t.notOk(await exists(flat))
  t.equal(await store.size(key), undefined)
})

t.test('entries that cannot be read are told by their code', async (t) => {
  const folder = join(await freshFolder(t), 'media')
  const store = await openDiskStore(folder)
  const { symlink } = await import('node:fs/promises')
  await symlink('recordings', join(folder, 'recordings'))
  await t.rejects(Array.fromAsync(store.entries('recordings/')), {
    code: 'STORAGE_UNAVAILABLE',
    details: { system_code: 'ELOOP' },
  })
})
