// The library of media: photos that come from elsewhere, web copies made as jobs, deletions that go on after a crash.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import sharp from 'sharp'
import type { MediaStore } from '../../../../core/contracts/index.ts'
import { workFolderOf } from '../../../../control-api/media-jobs/work-folder.ts'
import type { NewVideoItem } from '../../../../control-api/media-jobs/library/media-library.ts'
import type { MediaView } from '../../../../control-api/routes/media/media-view.ts'
import { freshDataDir } from '../../../support/build-app.ts'
import { plantAnimation } from '../../../support/media-rows.ts'
import { freshFolder, makeVideo, NO_FFMPEG } from '../video/made-videos.ts'
import { openStage, until, type Stage } from './stage.ts'

const signal = new AbortController().signal

const photo = (): Promise<Buffer> =>
  sharp({ create: { width: 300, height: 300, channels: 3, background: 'blue' } })
    .png()
    .toBuffer()

const view = async (stage: Stage, id: string): Promise<MediaView> =>
  (await (await stage.request(`/api/v1/media/${id}`)).json()) as MediaView

const post = (stage: Stage, id: string) =>
  stage.request(`/api/v1/media/${id}/transcode`, { method: 'POST' })

const remove = (stage: Stage, id: string) =>
  stage.request(`/api/v1/media/${id}`, { method: 'DELETE' })

async function uploaded(stage: Stage, bytes: Uint8Array): Promise<MediaView> {
  const response = await stage.upload(bytes)
  if (response.status !== 201) throw new Error(await response.text())
  return (await response.json()) as MediaView
}

/** Whose method of this name is another one. */
const otherwise =
  <K extends keyof MediaStore>(name: K, other: (store: MediaStore) => MediaStore[K]) =>
  (store: MediaStore): MediaStore =>
    new Proxy(store, {
      get(target, asked) {
        if (asked === name) return other(target)
        const value = Reflect.get(target, asked) as unknown
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })

t.test('a photo that was fetched is kept, copied out again, and told of', async (t) => {
  const stage = await openStage(t)
  const folder = await freshFolder(t)
  const path = join(folder, 'fetched')
  await writeFile(path, await photo())
  const link = { memorialId: null, origin: 'link', originalName: null, createdBy: 'key_1' } as const
  const added = await stage.library.addPhoto({ ...link, path }, signal)
  if (added.kind !== 'added') throw new Error('it was refused')
  t.match(added.item, { origin: 'link', memorial_id: null, created_by: 'key_1', width: 300 })
  t.same(await readdir(folder), [], 'it is no longer where it was')
  t.same(await stage.library.find(added.item.media_id), added.item)
  const copy = join(folder, 'copy.jpg')
  await stage.library.copyOut(added.item, copy, signal)
  t.match(await sharp(await readFile(copy)).metadata(), { format: 'jpeg', width: 300 })
  const before = stage.announced.length
  stage.library.changed(added.item.media_id)
  await until('it is announced', () => Promise.resolve(stage.announced.length > before))
  await writeFile(path, 'no photo')
  const refused = await stage.library.addPhoto({ ...link, path }, signal)
  t.match(refused, { kind: 'bad', fault: 'not-a-photo' })
  t.same(await readdir(folder), ['copy.jpg'])
  t.same(await stage.working(), [])
  const audited = await stage.database.query.selectFrom('audit_log').selectAll().execute()
  t.same(audited, [], 'it is in the audit of what it was fetched for')
})

t.test('a video of an animation is added with what it came of', async (t) => {
  const stage = await openStage(t)
  const item: NewVideoItem = {
    ...({ media_id: 'med_1', memorial_id: 'm', kind: 'video', origin: 'animation' } as const),
    ...{ task_id: 'ani_1', original_name: null, content_type: 'video/mp4', key: 'media/med_1.mp4' },
    ...{ bytes: 5, sha256: 'aa', width: 2, height: 2, duration_ms: 1000, facts: '{}' },
    ...{ preview_key: null, created_by: 'key_1', created_at: 1.5, updated_at: 1.5 },
  }
  const taskId = await plantAnimation(stage.database, { state: 'storing' })
  const cause = stage.database.query
    .selectFrom('animations')
    .select('task_id')
    .where('task_id', '=', taskId)
    .where('state', '=', 'done')
  await stage.database.write([stage.library.itemAdded(item, cause)])
  t.equal(await stage.library.find('med_1'), undefined, 'it has come of nothing')
  const done = stage.database.query.updateTable('animations').set({ state: 'done' })
  await stage.database.write([done, stage.library.itemAdded(item, cause)])
  t.match(await stage.library.find('med_1'), { ...item, state: 'ready', transcode_state: null })
  await stage.database.write([stage.library.itemAdded(item, cause)])
  t.equal(
    (await stage.database.query.selectFrom('media_items').select('media_id').execute()).length,
    1,
    'once',
  )
})

t.test('a web copy is made as a job, and told of while it is', { skip: NO_FFMPEG }, async (t) => {
  const stage = await openStage(t)
  const folder = await freshFolder(t)
  const media = await uploaded(stage, await readFile(await makeVideo(folder, 'a.webm')))
  const asked = await post(stage, media.media_id)
  t.equal(asked.status, 202)
  t.match(await asked.json(), { transcode: { state: /waiting|running/, progress: 0, error: null } })
  t.equal((await post(stage, media.media_id)).status, 202, 'asked again')
  await until(
    'it is done',
    async () => (await view(stage, media.media_id)).transcode?.state === 'done',
  )
  const done = await view(stage, media.media_id)
  t.match(done, {
    transcode: { progress: 1, error: null },
    web_url: media.url.replace('content', 'web'),
  })
  const web = await stage.request(done.web_url ?? '')
  t.equal(web.headers.get('content-type'), 'video/mp4')
  const path = join(folder, 'web.mp4')
  await writeFile(path, Buffer.from(await web.arrayBuffer()))
  t.match(await stage.video.check(path, signal), { kind: 'good', facts: { isWebSafe: true } })
  t.equal((await post(stage, media.media_id)).status, 200, 'nothing to do')
  t.same(
    [...new Set(stage.announced.map(({ data }) => data['transcode_state']))],
    [null, 'waiting', 'running', 'done'],
  )
  t.same(await stage.working(), [])
  t.equal((await stage.stored()).length, 3)
  t.equal((await remove(stage, media.media_id)).status, 204)
  t.same(await stage.stored(), [])
})

t.test('only videos that need it are transcoded', { skip: NO_FFMPEG }, async (t) => {
  const stage = await openStage(t)
  const folder = await freshFolder(t)
  const image = await uploaded(stage, await photo())
  t.equal((await post(stage, image.media_id)).status, 409)
  const safe = await uploaded(stage, await readFile(await makeVideo(folder, 'a.mp4')))
  const response = await post(stage, safe.media_id)
  t.equal(response.status, 200)
  t.same(await response.json(), safe)
  t.equal((await post(stage, 'med_none')).status, 404)
})

t.test('a store that fails is asked again, and then it is said', { skip: NO_FFMPEG }, async (t) => {
  let failures = 1
  const stage = await openStage(t, {
    around: otherwise('open', (store) => (key, range) => {
      failures -= 1
      if (failures >= 0)
        return Promise.reject(Object.assign(new Error('x'), { code: 'STORAGE_UNAVAILABLE' }))
      return store.open(key, range)
    }),
  })
  const folder = await freshFolder(t)
  const media = await uploaded(stage, await readFile(await makeVideo(folder, 'a.mkv')))
  const state = async () => (await view(stage, media.media_id)).transcode?.state
  await post(stage, media.media_id)
  await until('the second run succeeds', async () => (await state()) === 'done')
  const other = await uploaded(stage, await readFile(await makeVideo(folder, 'b.mkv')))
  failures = 99
  await post(stage, other.media_id)
  const failed = async () => (await view(stage, other.media_id)).transcode
  await until('it has failed', async () => (await failed())?.state === 'failed')
  t.match(await failed(), { error: String })
  await until('its files are gone', async () => (await stage.working()).length === 0)
  failures = 0
  t.equal((await post(stage, other.media_id)).status, 202, 'and may be asked for again')
  await until('it is done', async () => (await failed())?.state === 'done')
})

t.test('a transcoding that was cut off is begun anew', { skip: NO_FFMPEG }, async (t) => {
  const dataDir = await freshDataDir(t)
  const folder = await freshFolder(t)
  const first = await openStage(t, { dataDir })
  const film = { times: 10, size: '640x480', more: ['-preset', 'ultrafast'] }
  const media = await uploaded(first, await readFile(await makeVideo(folder, 'a.mkv', film)))
  await post(first, media.media_id)
  await until('it runs', async () =>
    (await first.working()).some((name) => name.startsWith('tools-')),
  )
  await first.close()
  const second = await openStage(t, { dataDir })
  await until(
    'it is done after all',
    async () => (await view(second, media.media_id)).transcode?.state === 'done',
  )
  const shares = second.announced.map(({ data }) => data['transcode_progress'])
  t.ok(shares.length >= 2, JSON.stringify(shares))
  await until('its files are gone', async () => (await second.working()).length === 0)
})

t.test('what is deleted while it is transcoded leaves no copy', { skip: NO_FFMPEG }, async (t) => {
  const stage = await openStage(t)
  const folder = await freshFolder(t)
  const film = { times: 10, more: ['-preset', 'ultrafast'] }
  const media = await uploaded(stage, await readFile(await makeVideo(folder, 'a.mkv', film)))
  await post(stage, media.media_id)
  await until('it runs', async () =>
    (await stage.working()).some((name) => name.startsWith('tools-')),
  )
  t.equal((await remove(stage, media.media_id)).status, 204)
  await until('the job is over', async () => {
    const [waiting, running] = await Promise.all([
      stage.jobs.list('waiting', null, 9),
      stage.jobs.list('running', null, 9),
    ])
    return waiting.length + running.length === 0
  })
  t.same(await stage.stored(), [])
  t.same(await stage.working(), [])
})

t.test('a deletion is done for whoever asks, and finished by a restart', async (t) => {
  const dataDir = await freshDataDir(t)
  const unavailable = () => () =>
    Promise.reject(Object.assign(new Error('away'), { code: 'STORAGE_UNAVAILABLE' }))
  const first = await openStage(t, { dataDir, around: otherwise('delete', unavailable) })
  const media = await uploaded(first, await photo())
  t.equal((await remove(first, media.media_id)).status, 204)
  t.equal((await remove(first, media.media_id)).status, 404)
  t.equal((await first.request(media.url)).status, 404)
  t.equal(await first.library.find(media.media_id), undefined)
  t.match(await first.rows(), [{ state: 'deleting' }])
  t.equal((await first.stored()).length, 2)
  t.match(first.announced.at(-1)?.data, { media_id: media.media_id, state: 'deleted' })
  await first.close()
  const second = await openStage(t, { dataDir })
  await until('it is finished', async () => (await second.rows()).length === 0)
  t.same(await second.stored(), [])
  const audited = await second.database.query.selectFrom('audit_log').selectAll().execute()
  t.same(
    audited.map(({ action }) => action),
    ['media.uploaded', 'media.deleted'],
  )
})

t.test('not while an animation of it is under way', async (t) => {
  const stage = await openStage(t)
  const media = await uploaded(stage, await photo())
  const animation = (taskId: string, state: 'processing' | 'done') =>
    stage.database.query.insertInto('animations').values({
      ...{ task_id: taskId, provider: 'd-id', state, media_id: media.media_id, prompt: 'words' },
      ...{ speech: 'provider', submissions: 1, tries: 0, looks: 0, created_by: 'k' },
      ...{ created_at: 1, updated_at: 1 },
    })
  await stage.database.write([animation('ani_done', 'done')])
  await stage.database.write([animation('ani_on', 'processing')])
  const refused = await remove(stage, media.media_id)
  t.equal(refused.status, 409)
  t.match(await refused.json(), { code: 'STATE_CONFLICT' })
  await stage.database.write([
    stage.database.query.deleteFrom('animations').where('task_id', '=', 'ani_on'),
  ])
  t.equal((await remove(stage, media.media_id)).status, 204)
})

t.test('what an earlier process left on its way is gone; what others left is not', async (t) => {
  const dataDir = await freshDataDir(t)
  const folder = workFolderOf({ dataDir })
  await mkdir(join(folder, 'tools-1'), { recursive: true })
  for (const name of ['upload-1', 'transcode-med_1.mp4', 'tools-1/x', 'ani_1.mp4'])
    await writeFile(join(folder, name), 'x')
  const stage = await openStage(t, { dataDir })
  t.same(await stage.working(), ['ani_1.mp4'])
})
