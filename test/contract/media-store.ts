// What every MediaStore owes its users: run on each one there is.
import { createHash, randomBytes } from 'node:crypto'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'
import type { MediaEntry, MediaStore } from '../../core/contracts/index.ts'

const KEY = 'recordings/call_0123.wav'
const WAV = 'audio/wav'

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** A file to be put, in a folder of its own. */
export async function aFile(t: Test, content: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-media-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'one.wav')
  await writeFile(path, content)
  return path
}

export async function read(
  store: MediaStore,
  key: string,
  range?: { readonly first: number; readonly last: number },
): Promise<Buffer | undefined> {
  const opened = await store.open(key, range)
  return opened && buffer(opened.stream)
}

export function mediaStoreContract(t: Test, openStore: (t: Test) => Promise<MediaStore>): void {
  t.test('a file that is put is in the store, and not where it was', async (t) => {
    const store = await openStore(t)
    const content = randomBytes(200_000)
    const path = await aFile(t, content)
    const stored = await store.putFile(KEY, path, WAV)
    const sha256 = createHash('sha256').update(content).digest('hex')
    t.same(stored, { key: KEY, bytes: 200_000, sha256, contentType: WAV })
    t.notOk(await exists(path))
    t.equal(await store.size(KEY), 200_000)
    const opened = await store.open(KEY)
    t.match(opened, { totalBytes: 200_000, contentType: WAV })
    t.ok(opened && content.equals(await buffer(opened.stream)))
  })

  t.test('ranges name both their ends', async (t) => {
    const store = await openStore(t)
    const content = randomBytes(1000)
    await store.putFile(KEY, await aFile(t, content), WAV)
    for (const [first, last] of [
      [0, 0],
      [0, 999],
      [500, 599],
      [999, 999],
    ] as const) {
      const part = await read(store, KEY, { first, last })
      t.ok(part?.equals(content.subarray(first, last + 1)), `${first}–${last}`)
      const opened = await store.open(KEY, { first, last })
      t.equal(opened?.totalBytes, 1000, 'the whole, whatever the range')
      opened?.stream.destroy()
    }
    await t.rejects(store.open(KEY, { first: 1000, last: 1000 }), RangeError)
    await t.rejects(store.open(KEY, { first: 5, last: 4 }), RangeError)
  })

  t.test('putting a key again replaces it; what is being read stays whole', async (t) => {
    const store = await openStore(t)
    const [old, fresh] = [randomBytes(3_000_000), randomBytes(1000)]
    await store.putFile(KEY, await aFile(t, old), WAV)
    const reading = await store.open(KEY)
    await store.putFile(KEY, await aFile(t, fresh), WAV)
    t.ok((await read(store, KEY))?.equals(fresh))
    t.ok(reading && old.equals(await buffer(reading.stream)), 'no mixture')
  })

  t.test('what is not there', async (t) => {
    const store = await openStore(t)
    t.equal(await store.open(KEY), undefined)
    t.equal(await store.open(KEY, { first: 0, last: 5 }), undefined)
    t.equal(await store.size(KEY), undefined)
    t.equal(await store.delete(KEY), false)
    await store.putFile(KEY, await aFile(t, randomBytes(10)), WAV)
    t.equal(await store.size('recordings'), undefined, 'a part of a key is no key')
    t.equal(await store.delete('recordings'), false)
    t.equal(await store.open('recordings'), undefined)
    t.equal(await store.size(`${KEY}/x`), undefined)
    t.equal(await store.delete(KEY), true)
    t.equal(await store.delete(KEY), false)
    t.equal(await store.size(KEY), undefined)
  })

  t.test('an empty file is one', async (t) => {
    const store = await openStore(t)
    const stored = await store.putFile(KEY, await aFile(t, Buffer.alloc(0)), WAV)
    t.equal(stored.bytes, 0)
    t.equal(await store.size(KEY), 0)
    t.equal((await read(store, KEY))?.length, 0)
  })

  t.test('no key leads out of the store', async (t) => {
    const store = await openStore(t)
    const path = await aFile(t, randomBytes(10))
    const wrong =
      '../x.wav a/../b.wav /etc/passwd a//b.wav a/ . .. .hidden a/.b.wav A.wav a\\b a%2fb'
    for (const key of [...wrong.split(' '), '', 'a b', 'a\0b', 'ä.wav', `${'a'.repeat(300)}.wav`]) {
      await t.rejects(store.putFile(key, path, WAV), RangeError, JSON.stringify(key))
      await t.rejects(store.open(key), RangeError)
      await t.rejects(store.size(key), RangeError)
      await t.rejects(store.delete(key), RangeError)
    }
    t.ok(await exists(path))
  })

  t.test('a file that cannot be had is told by its code, without its name', async (t) => {
    const store = await openStore(t)
    const missing = `${await aFile(t, randomBytes(10))}.gone`
    const error = await store.putFile(KEY, missing, WAV).catch((thrown: unknown) => thrown)
    t.match(error, { code: 'STORAGE_UNAVAILABLE', details: { system_code: 'ENOENT' } })
    t.notMatch(String(error), 'gone')
    t.equal(await store.size(KEY), undefined)
  })

  t.test('many at once', async (t) => {
    const store = await openStore(t)
    const keys = Array.from({ length: 30 }, (_, index) => `many/folder-${index % 5}/${index}.wav`)
    await Promise.all(
      keys.map(async (key) => store.putFile(key, await aFile(t, Buffer.from(key)), WAV)),
    )
    for (const key of keys) t.equal(String(await read(store, key)), key)
  })

  t.test('entries are all whose key begins so, once each, as keys', async (t) => {
    const store = await openStore(t)
    const begunAt = Date.now() - 2000
    const [one, two, other] = ['media/med_1.jpg', 'media/med_1.preview.jpg', 'recordings/x.wav']
    for (const [index, key] of [one, two].entries())
      await store.putFile(key, await aFile(t, Buffer.alloc(index + 1)), 'image/jpeg')
    await store.putFile(other, await aFile(t, Buffer.alloc(9)), WAV)
    const found = await listed(store, 'media/')
    t.same(
      found.map(({ key, bytes }) => ({ key, bytes })),
      [
        { key: one, bytes: 1 },
        { key: two, bytes: 2 },
      ],
    )
    for (const { changedAt } of found)
      t.ok(changedAt >= begunAt && changedAt < Date.now() + 2000, String(changedAt))
    const keysOf = async (prefix: string) => (await listed(store, prefix)).map(({ key }) => key)
    t.same(await keysOf('media/med_1.p'), [two], 'a prefix need not end with a folder')
    t.same(await keysOf(''), [one, two, other])
    t.same(await keysOf('med'), [one, two])
    t.same(await keysOf('none/'), [])
    t.same(await keysOf('../'), [])
  })

  t.test('entries may be deleted while they are read', async (t) => {
    const store = await openStore(t)
    const keys = Array.from({ length: 40 }, (_, index) => `media/${index}.wav`)
    for (const key of keys) await store.putFile(key, await aFile(t, Buffer.from(key)), WAV)
    const gone: string[] = []
    for await (const { key } of store.entries('media/')) if (await store.delete(key)) gone.push(key)
    t.same(gone.toSorted(), keys.toSorted())
    t.same(await listed(store, ''), [])
  })

  t.test('a link, where there are links, is whoever’s who has it', async (t) => {
    const store = await openStore(t)
    const content = randomBytes(1000)
    await store.putFile(KEY, await aFile(t, content), WAV)
    const link = await store.link(KEY, { fileName: 'call_0123.wav' })
    if (link === undefined) return
    const response = await fetch(link, { headers: { range: 'bytes=100-199' } })
    t.equal(response.status, 206)
    t.equal(response.headers.get('content-type'), WAV)
    t.match(response.headers.get('content-disposition'), /^inline; filename="call_0123\.wav"$/)
    t.ok(content.subarray(100, 200).equals(Buffer.from(await response.arrayBuffer())))
  })
}

async function listed(store: MediaStore, prefix: string): Promise<MediaEntry[]> {
  const found = await Array.fromAsync(store.entries(prefix))
  return found.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}
