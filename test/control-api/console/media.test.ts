// Media in the console, without a browser: files go up one at a time, a draft says what it lacks, news is put into what is
// shown, addresses keep what a list is narrowed to.
import t from 'tap'
import { ApiProblem } from '../../../control-api/console/api/problem.ts'
import {
  bodyOf,
  chosenProvider,
  EMPTY_DRAFT,
  faultsOf,
} from '../../../control-api/console/pages/media/animate/animate-draft.ts'
import {
  clearedFilters,
  isMemorialId,
  mediaQuery,
  readFilters,
  uploadTarget,
  writeFilters,
} from '../../../control-api/console/pages/media/media-search.ts'
import { animationWithNews, mediaWithNews } from '../../../control-api/console/pages/media/news.ts'
import {
  createUploadQueue,
  MOST_UPLOADS,
  type SendWish,
} from '../../../control-api/console/pages/media/upload/upload-queue.ts'
import type { Media } from '../../../control-api/console/pages/media/shapes.ts'
import { anAnimation, aPhoto, aProvider, aVideo } from '../../support/browser/mocked-media.ts'

const PHOTO = aPhoto('med_1')

function open() {
  const wishes: (SendWish & PromiseWithResolvers<Media>)[] = []
  const queue = createUploadQueue((wish) => {
    const answer = Promise.withResolvers<Media>()
    wishes.push({ ...wish, ...answer })
    return answer.promise
  })
  const kinds = (): readonly string[] => queue.all().map(({ state }) => state.kind)
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return { queue, wishes, kinds, settled }
}

const files = (...names: readonly string[]): File[] =>
  names.map((name) => new File(['12345'], name))

t.test('files go up one after the other, each with its own end', async (t) => {
  const { queue, wishes, kinds, settled } = open()
  queue.add(files('a', 'b', 'c'), 'default')
  t.same(kinds(), ['sending', 'waiting', 'waiting'])
  wishes[0]?.onSent(3)
  t.match(queue.all()[0]?.state, { kind: 'sending', sentBytes: 3 })
  wishes[0]?.onSent(5)
  t.same(kinds(), ['checking', 'waiting', 'waiting'])
  wishes[0]?.resolve(PHOTO)
  await settled()
  t.same(kinds(), ['done', 'sending', 'waiting'])
  wishes[1]?.reject(new ApiProblem(415, { detail: 'a page' }))
  await settled()
  t.same(kinds(), ['done', 'failed', 'sending'])
  queue.again(2)
  t.same(kinds(), ['done', 'waiting', 'sending'], 'it waits for its turn again')
  wishes[2]?.resolve(PHOTO)
  await settled()
  t.equal(wishes.length, 4)
  t.equal(wishes[3]?.file.name, 'b')
  queue.clear()
  t.same(kinds(), ['sending'], 'what is under way stays')
})

t.test('one that is canceled is broken off; what came in all the same is said', async (t) => {
  const { queue, wishes, kinds, settled } = open()
  queue.add(files('a', 'b', 'c'), 'default')
  queue.cancel(2)
  queue.cancel(1)
  t.ok(wishes[0]?.signal.aborted)
  t.same(kinds(), ['canceled', 'canceled', 'waiting'])
  queue.again(1)
  t.same(kinds(), ['canceled', 'canceled', 'waiting'], 'not before it ended')
  wishes[0]?.onSent(5)
  wishes[0]?.reject(new ApiProblem(0, {}))
  await settled()
  t.same(kinds(), ['canceled', 'canceled', 'sending'])
  queue.cancel(3)
  wishes[1]?.resolve(PHOTO)
  await settled()
  t.same(kinds(), ['canceled', 'canceled', 'done'], 'it was too late')
})

t.test('no more wait than there is room for', (t) => {
  const { queue } = open()
  const many = files(...Array.from({ length: MOST_UPLOADS + 3 }, (_, at) => String(at)))
  t.equal(queue.add(many, 'default'), 3)
  t.equal(queue.add(files('x'), 'default'), 1)
  t.equal(queue.all().length, MOST_UPLOADS)
  t.end()
})

t.test('a draft says what it lacks, and is asked for without what it does not need', (t) => {
  const dId = aProvider()
  const heyGen = aProvider({ provider: 'heygen', is_default: false, default_voice_id: null })
  const known = {
    items: [dId, heyGen],
    can_speak_by_elevenlabs: true,
    video_tools: true,
    max_upload_bytes: 1,
  }
  t.equal(chosenProvider(EMPTY_DRAFT, known), dId, 'the default')
  t.equal(chosenProvider({ ...EMPTY_DRAFT, provider: 'heygen' }, known), heyGen)
  t.equal(chosenProvider(EMPTY_DRAFT, { ...known, items: [] }), undefined)
  t.same(faultsOf(EMPTY_DRAFT, dId), { photo: 'no_photo', prompt: 'too_short' })
  t.same(bodyOf(EMPTY_DRAFT, dId), null)
  const draft = { ...EMPTY_DRAFT, photo: PHOTO, prompt: ' 👵👵👵 ', imageUrl: 'http://x' }
  t.same(faultsOf(draft, dId), {}, 'characters are counted as people do')
  t.same(faultsOf(draft, heyGen), { voice_id: 'no_voice' })
  t.same(faultsOf({ ...draft, speech: 'elevenlabs' }, heyGen), {})
  t.same(bodyOf(draft, dId), {
    media_id: 'med_1',
    prompt: '👵👵👵',
    provider: 'd-id',
    speech: 'provider',
  })
  const byAddress = { ...draft, source: 'address', memorialId: 'a b' } as const
  t.same(faultsOf(byAddress, dId), { image_url: 'no_https', memorial_id: 'bad_memorial' })
  t.same(
    bodyOf({ ...byAddress, imageUrl: 'https://x/p.jpg ', memorialId: 'a', voiceId: 'v' }, dId),
    {
      image_url: 'https://x/p.jpg',
      memorial_id: 'a',
      prompt: '👵👵👵',
      provider: 'd-id',
      speech: 'provider',
      voice_id: 'v',
    },
  )
  t.end()
})

t.test('news is put into what is shown; what says nothing new changes nothing', (t) => {
  const animation = anAnimation('ani_1')
  t.equal(animationWithNews(animation, { task_id: 'ani_2', state: 'done' }), animation)
  t.equal(animationWithNews(animation, { task_id: 'ani_1', state: 'processing' }), animation)
  t.match(animationWithNews(animation, { task_id: 'ani_1', state: 'done', status: 'done' }), {
    state: 'done',
    status: 'done',
  })
  const video = aVideo('med_2', { transcode: { state: 'running', progress: 0.1, error: null } })
  const news = { media_id: 'med_2', transcode_state: 'running', transcode_progress: 0.5 }
  t.equal(mediaWithNews(video, news).transcode?.progress, 0.5)
  t.equal(mediaWithNews(video, { ...news, transcode_state: 'done' }), video, 'that is read')
  t.equal(mediaWithNews(PHOTO, news), PHOTO)
  t.end()
})

t.test('an address keeps what a list is narrowed to, and nothing that is none of it', (t) => {
  const filters = readFilters('?memorial_id=a&kind=photo&status=no&provider=heygen&to=b&file=med_1')
  t.equal(writeFilters(filters), '?memorial_id=a&kind=photo&provider=heygen&to=b')
  t.same(mediaQuery(filters, 'c'), { memorial_id: 'a', kind: 'photo', cursor: 'c', limit: 24 })
  t.equal(uploadTarget(filters), 'b')
  t.equal(uploadTarget(readFilters('?memorial_id=a')), 'a')
  t.equal(uploadTarget(readFilters('')), 'default')
  t.equal(writeFilters(clearedFilters(filters)), '?to=b')
  for (const bad of ['', '..', 'a/b', 'ä', 'a'.repeat(65)]) t.notOk(isMemorialId(bad), bad)
  t.end()
})
