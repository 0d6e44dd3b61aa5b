// Files of the store are copied to this machine only where there is room for them.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { copyOut } from '../../../../control-api/media-jobs/library/copy-out.ts'
import { freshDataDir } from '../../../support/build-app.ts'

const { signal } = new AbortController()

t.test('a file that the disk has no room for is not begun', async (t) => {
  const folder = await freshDataDir(t)
  const stream = Readable.from(['words'])
  const store = (totalBytes: number) => ({
    open: () => Promise.resolve({ stream, totalBytes, contentType: 'image/jpeg' }),
  })
  const target = join(folder, 'one')
  await t.rejects(copyOut(store(2 ** 60), { key: 'media/one.jpg', target, signal }), {
    code: 'STORAGE_UNAVAILABLE',
    message: /disk is full/,
  })
  t.ok(stream.destroyed, 'the store is let go')
  t.notOk((await readdir(folder)).includes('one'))
})

t.test('else it is copied', async (t) => {
  const target = join(await freshDataDir(t), 'one')
  const store = {
    open: () =>
      Promise.resolve({ stream: Readable.from(['words']), totalBytes: 5, contentType: 'x/y' }),
  }
  await copyOut(store, { key: 'media/one.jpg', target, signal })
  t.equal(await readFile(target, 'utf8'), 'words')
})
