// Uploads as they should be: photos and videos by their content, kept with a preview, nothing left on the way.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import sharp from 'sharp'
import type { MediaView } from '../../../../control-api/routes/media/media-view.ts'
import { openStage } from '../../media-jobs/library/stage.ts'
import { freshFolder, makeVideo, NO_FFMPEG } from '../../media-jobs/video/made-videos.ts'

const photo = (width = 640, height = 480): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: 'green' } })
    .png()
    .toBuffer()

t.test(
  'a photo is kept upright and small, a video as it is, each with a preview',
  { skip: NO_FFMPEG },
  async (t) => {
    const stage = await openStage(t)
    const folder = await freshFolder(t)
    const taken = await stage.upload(await photo(), { name: 'x.mp4', memorial: 'mem-7' })
    t.equal(taken.status, 201)
    const media = (await taken.json()) as MediaView
    t.match(media, {
      media_id: /^med_[0-9a-f]{24}$/,
      memorial_id: 'mem-7',
      kind: 'photo',
      origin: 'upload',
      task_id: null,
      name: 'x.mp4',
      content_type: 'image/jpeg',
      width: 640,
      height: 480,
      duration_seconds: null,
      metadata: { source: { format: 'png', width: 640, height: 480 } },
      web_url: null,
      is_web_safe: true,
      transcode: null,
      created_by: 'key_test',
    })
    const video = await readFile(await makeVideo(folder, 'made.mov'))
    const filmed = await stage.upload(video, { name: 'photo.jpg' })
    t.equal(filmed.status, 201)
    const film = (await filmed.json()) as MediaView
    t.match(film, {
      kind: 'video',
      content_type: 'video/quicktime',
      bytes: video.length,
      metadata: { container: 'mov', video_codec: 'h264', audio_codec: 'aac' },
      is_web_safe: false,
    })
    t.ok(Math.abs((film.duration_seconds ?? 0) - 2) < 0.2)
    t.equal((await stage.stored()).length, 4)
    t.same(await stage.working(), [])
    const content = await stage.request(film.url)
    t.ok(Buffer.from(await content.arrayBuffer()).equals(video))
    t.match(
      stage.announced.map(({ type, data }) => [type, data['media_id'], data['state']]),
      [
        ['media.changed', media.media_id, 'ready'],
        ['media.changed', film.media_id, 'ready'],
      ],
    )
    const audited = await stage.database.query.selectFrom('audit_log').selectAll().execute()
    t.match(
      audited.map(({ action, key_id: by }) => [action, by]),
      [
        ['media.uploaded', 'key_test'],
        ['media.uploaded', 'key_test'],
      ],
    )
    const { body } = await stage.metrics.render()
    t.match(body, /media_uploads_total\{kind="photo",result="taken"\} 1/)
  },
)

t.test('names are shown, and nothing else', async (t) => {
  const stage = await openStage(t)
  const bytes = await photo(200, 200)
  const names = [
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\Oma 1950.png', 'Oma 1950.png'],
    ['a\u202Egnp.exe\u0000', 'agnp.exe'],
    ['..', null],
    ['Фото бабушки.png', 'Фото бабушки.png'],
    [`${'x'.repeat(300)}.png`, 'x'.repeat(120)],
  ] as const
  for (const [name, shown] of names) {
    const response = await stage.upload(bytes, { name })
    t.equal(response.status, 201)
    t.equal(((await response.json()) as MediaView).name, shown)
  }
  for (const name of await stage.stored()) t.match(name, /^med_[0-9a-f]{24}(\.preview)?\.jpg$/)
})

t.test('listed newest first, of one memorial, of one kind, page by page', async (t) => {
  const stage = await openStage(t)
  const bytes = await photo(200, 200)
  for (const memorial of ['a', 'b', 'a', 'a']) await stage.upload(bytes, { memorial })
  const list = async (query: string) => {
    const response = await stage.request(`/api/v1/media${query}`)
    return (await response.json()) as { items: MediaView[]; next_cursor: string | null }
  }
  const all = await list('')
  t.same(
    all.items.map(({ memorial_id: id }) => id),
    ['a', 'a', 'b', 'a'],
  )
  const first = await list('?memorial_id=a&limit=2')
  const second = await list(`?memorial_id=a&limit=2&cursor=${first.next_cursor}`)
  t.same(
    [...first.items, ...second.items].map(({ media_id: id }) => id),
    all.items.filter(({ memorial_id: id }) => id === 'a').map(({ media_id: id }) => id),
  )
  t.equal(second.next_cursor, null)
  t.same((await list('?kind=video')).items, [])
  t.equal((await stage.request('/api/v1/media?memorial_id=a%20b')).status, 400)
  t.equal((await stage.request(`/api/v1/media?cursor=${first.next_cursor}`)).status, 400)
  const id = all.items[0]?.media_id ?? ''
  t.same(await (await stage.request(`/api/v1/media/${id}`)).json(), all.items[0])
  t.equal((await stage.request('/api/v1/media/med_none')).status, 404)
})

t.test('files are read whole, in parts, and not twice', { skip: NO_FFMPEG }, async (t) => {
  const stage = await openStage(t)
  const folder = await freshFolder(t)
  const bytes = await readFile(await makeVideo(folder, 'made.mp4'))
  const media = (await (await stage.upload(bytes)).json()) as MediaView
  const part = await stage.request(media.url, { headers: { range: 'bytes=100-199' } })
  t.equal(part.status, 206)
  t.equal(part.headers.get('content-range'), `bytes 100-199/${bytes.length}`)
  t.ok(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200)))
  const behind = await stage.request(media.url, { headers: { range: `bytes=${bytes.length}-` } })
  t.equal(behind.status, 416)
  const head = await stage.request(media.url, { method: 'HEAD' })
  t.match(Object.fromEntries(head.headers), {
    'content-length': String(bytes.length),
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-disposition': `inline; filename="${media.media_id}.mp4"`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    etag: `"${media.sha256}"`,
  })
  const known = await stage.request(media.url, {
    headers: { 'if-none-match': `"${media.sha256}"` },
  })
  t.equal(known.status, 304)
  const preview = await stage.request(media.preview_url ?? '')
  t.equal(preview.headers.get('content-type'), 'image/jpeg')
  t.match(await sharp(Buffer.from(await preview.arrayBuffer())).metadata(), { width: 160 })
  t.equal((await stage.request(`/api/v1/media/${media.media_id}/web`)).status, 404)
})

t.test('where the store has links, readers are sent there', async (t) => {
  const stage = await openStage(t, {
    around: (store) =>
      new Proxy(store, {
        get(target, name) {
          if (name === 'link')
            return (key: string) => Promise.resolve(`https://bucket.test/${key}?signed`)
          const value = Reflect.get(target, name) as unknown
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      }),
  })
  const media = (await (await stage.upload(await photo())).json()) as MediaView
  const sent = await stage.request(media.url, { redirect: 'manual' })
  t.equal(sent.status, 302)
  t.equal(sent.headers.get('location'), `https://bucket.test/media/${media.media_id}.jpg?signed`)
  t.equal((await stage.request(media.url, { method: 'HEAD' })).status, 200)
})

t.test('a longer upload than other requests may take is taken', async (t) => {
  const stage = await openStage(t, {
    httpLimits: { requestMs: 200, headersMs: 200, checkEveryMs: 50, idleMs: 300 },
  })
  const bytes = await photo()
  const form = new FormData()
  form.append('file', new Blob([bytes]), 'x.png')
  const whole = new Request('http://x.test', { method: 'POST', body: form })
  const body = Buffer.from(await whole.arrayBuffer())
  const slowly = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (let at = 0; at < body.length; at += Math.ceil(body.length / 8)) {
        await new Promise((resolve) => setTimeout(resolve, 120))
        controller.enqueue(body.subarray(at, at + Math.ceil(body.length / 8)))
      }
      controller.close()
    },
  })
  const response = await stage.request('/api/v1/memorials/m/media/upload', {
    method: 'POST',
    headers: { 'content-type': whole.headers.get('content-type') ?? '' },
    body: slowly,
    duplex: 'half',
  })
  t.equal(response.status, 201)
  const other = await stage.request('/api/v1/media/x/transcode', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 800))
        controller.close()
      },
    }),
    duplex: 'half',
  })
  t.equal(other.status, 408, 'others are still held to their time')
})
