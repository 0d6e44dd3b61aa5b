// What only a disk can do: folders, other devices, failures.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDiskStore } from '../../../control-api/storage/disk-store.ts'
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
  for (const path of [folder, join(folder, 'a'), join(folder, 'a', 'b')])
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
  await link(join(folder, 'one.wav'), path)
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
  await mkdir(join(folder, 'taken.wav', 'x'), { recursive: true })
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
