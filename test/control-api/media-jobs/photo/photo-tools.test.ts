// Photos made all alike: upright, bare, JPEG; and what is refused.
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync, crc32 } from 'node:zlib'
import t, { type Test } from 'tap'
import sharp, { type Sharp } from 'sharp'
import {
  createPhotoTools,
  MAX_PHOTO_BYTES,
} from '../../../../control-api/media-jobs/photo/photo-tools.ts'
import { freshFolder, HTML, SVG, writeText } from '../video/made-videos.ts'

const signal = new AbortController().signal

async function build(t: Test) {
  const folder = await freshFolder(t)
  const tools = createPhotoTools()
  const target = join(folder, 'normalised')
  return {
    folder,
    target,
    preview: (path: string, at: string) => tools.preview(path, at, signal),
    normalise: (path: string) => tools.normalise(path, target, signal),
    made: async (name: string, photo: Sharp): Promise<string> => {
      const path = join(folder, name)
      await writeFile(path, await photo.toBuffer())
      return path
    },
  }
}

const plain = (width: number, height: number, background: string | object = 'red') =>
  sharp({ create: { width, height, channels: 4, background } })

t.test('JPEG, PNG and WebP become JPEG without what a camera writes beside', async (t) => {
  const { made, normalise, target } = await build(t)
  const exif = { IFD0: { Copyright: 'somebody' }, IFD3: { GPSLatitude: '52/1 30/1 0/1' } }
  const photos = [
    ['jpeg', await made('a.png', plain(640, 480).jpeg().withExif(exif))],
    ['png', await made('a.jpg', plain(640, 480).png())],
    ['webp', await made('a.webp', plain(640, 480).webp())],
  ] as const
  for (const [format, path] of photos) {
    t.match(await normalise(path), {
      kind: 'good',
      facts: { width: 640, height: 480, source: { format, width: 640, height: 480 } },
    })
    const bytes = await readFile(target)
    const metadata = await sharp(bytes).metadata()
    t.match(metadata, { format: 'jpeg', exif: undefined, xmp: undefined, icc: undefined })
    t.notMatch(bytes.toString('latin1'), 'somebody')
  }
})

t.test(
  'it stands upright, is no larger than 1920 px, white where it was seen through',
  async (t) => {
    const { made, normalise, target, preview, folder } = await build(t)
    const lying = await made('lying.jpg', plain(3000, 2000).jpeg().withMetadata({ orientation: 6 }))
    t.match(await normalise(lying), {
      kind: 'good',
      facts: { width: 1280, height: 1920, source: { width: 2000, height: 3000 } },
    })
    t.match(await sharp(await readFile(target)).metadata(), { width: 1280, height: 1920 })
    const shown = join(folder, 'preview')
    await preview(target, shown)
    t.match(await sharp(await readFile(shown)).metadata(), {
      format: 'jpeg',
      width: 320,
      height: 480,
    })
    const clear = await made('clear.png', plain(200, 200, { r: 0, g: 0, b: 0, alpha: 0 }).png())
    await normalise(clear)
    t.ok(((await sharp(await readFile(target)).stats()).channels[0]?.mean ?? 0) > 250)
  },
)

t.test('what is cut off, too small or too large is refused', async (t) => {
  const { folder, made, normalise } = await build(t)
  const noise = sharp({
    create: {
      width: 800,
      height: 600,
      channels: 3,
      background: 'black',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
  const photos = [
    noise.clone().jpeg(),
    noise.clone().jpeg({ progressive: true }),
    noise.clone().png(),
  ]
  for (const [at, photo] of photos.entries()) {
    const whole = await readFile(await made(`whole-${at}`, photo))
    const path = join(folder, `cut-${at}`)
    await writeFile(path, whole.subarray(0, Math.floor(whole.length * 0.6)))
    t.match(await normalise(path), { kind: 'bad', fault: 'damaged' })
    await writeFile(path, whole.subarray(0, 60))
    t.match(await normalise(path), { kind: 'bad', fault: 'damaged' })
  }
  t.match(await normalise(await made('small.jpg', plain(159, 400).jpeg())), { fault: 'too-small' })
  t.match(await normalise(await made('least.jpg', plain(160, 160).jpeg())), { kind: 'good' })
  const narrow = await made('narrow.jpg', plain(8000, 200).jpeg())
  t.match(await normalise(narrow), { fault: 'too-small' }, 'when it is made smaller')
  const heavy = join(folder, 'heavy.jpg')
  await writeFile(heavy, Buffer.alloc(MAX_PHOTO_BYTES + 1))
  t.match(await normalise(heavy), { fault: 'too-large' })
})

t.test('a picture of more pixels than are taken is not unpacked', async (t) => {
  const { folder, normalise } = await build(t)
  const path = join(folder, 'bomb.png')
  await writeFile(path, bomb(60_000))
  t.ok((await stat(path)).size < 1_000_000)
  const before = process.memoryUsage().rss
  t.match(await normalise(path), { kind: 'bad', fault: 'too-large', message: /60000 × 60000/ })
  t.ok(process.memoryUsage().rss - before < 100 * 1024 ** 2)
})

t.test('drawings and pages by the name of a photo are none', async (t) => {
  const { folder, normalise } = await build(t)
  for (const text of [SVG, HTML, ''])
    t.match(await normalise(await writeText(join(folder, 'x.jpg'), text)), { fault: 'not-a-photo' })
  // Behind the first bytes of a JPEG, by which the first look takes it for one.
  const path = join(folder, 'y.jpg')
  await writeFile(path, Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from(SVG)]))
  t.match(await normalise(path), { fault: 'damaged' })
})

/** A PNG of so many pixels each way, all black, one bit each. */
function bomb(side: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const rows = deflateSync(Buffer.alloc((side / 8 + 1) * side), { level: 9 })
  const magic = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    magic,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
