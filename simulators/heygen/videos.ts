// POST, GET and DELETE /v3/videos: photos that are made to speak, a few at a time.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  boundedSeconds,
  fateOf,
  jsonOf,
  pageOfNewest,
  partOf,
  Refusal,
  whenToldFirst,
  type Answer,
  type JobFailure,
  type RefusalKind,
  type Shot,
  type StudioPlatform,
  type StudioRequest,
  type TaskFaults,
} from '#simulators/animation-studio'
import { factsOf, type AssetFacts, type Assets } from './assets.ts'
import type { Idempotency, Outcome } from './idempotency.ts'
import type { HeyGenOptions } from './options.ts'
import { readVideoRequest, type VideoRequest } from './video-request.ts'
import { statusOf, videoView } from './video-view.ts'
import type { Video } from './video.ts'
import { dataOf, invalid, noCredit, notFound, rateLimited, wordsFor } from './words.ts'

const CONCURRENCY = 10
const CHARS_PER_SECOND = 15
const MOST_SIDE = 2048
const MOST_IMAGE_BYTES = 50 * 1024 * 1024
const MOST_AUDIO_SECONDS = 600
const MOST_LISTED = 100
const MOST_VIDEOS = 5000
/** Small ones: what is looked at is that they are there. */
const SIZES: Readonly<Record<string, readonly [number, number]>> = {
  '16:9': [640, 360],
  '9:16': [360, 640],
  '4:5': [384, 480],
  '5:4': [480, 384],
  '1:1': [480, 480],
}

export interface VideosDeps {
  readonly platform: StudioPlatform
  readonly assets: Assets
  readonly idempotency: Idempotency
  readonly options: HeyGenOptions
}

interface Asked {
  readonly clientRef: string | null
  readonly text: string | null
  readonly fields: ReturnType<typeof jsonOf>
}

export class Videos {
  readonly #deps: VideosDeps
  readonly #videos = new Map<string, Video>()

  constructor(deps: VideosDeps) {
    this.#deps = deps
  }

  /** @throws Refusal */
  async submit({ body, headers }: StudioRequest): Promise<Answer> {
    const fields = jsonOf(body)
    const key = headers['idempotency-key']?.toString()
    const refs = {
      clientRef: key ?? stringIn(fields?.['callback_id']),
      text: stringIn(fields?.['script']),
    }
    const { platform, idempotency } = this.#deps
    try {
      const { answer, jobId, isReplay } = await idempotency.once(key, 'POST /v3/videos', () =>
        this.#submit({ ...refs, fields }),
      )
      const isSent = (answer.fate ?? 'sent') === 'sent'
      platform.record({ ...refs, jobId, isReplay, status: isSent ? answer.status : 0 })
      return answer
    } catch (error) {
      const status = error instanceof Refusal ? error.answer.status : 500
      platform.record({ ...refs, jobId: null, status })
      throw error
    }
  }

  /** @throws Refusal */
  get({ url }: StudioRequest): Answer {
    return dataOf(this.#view(this.#find(url), true))
  }

  /** @throws Refusal */
  list({ url }: StudioRequest): Answer {
    const limit = Number(url.searchParams.get('limit') ?? MOST_LISTED)
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
      throw invalid('limit', `must be from 1 to ${MOST_LISTED}`)
    const title = url.searchParams.get('title')
    const all = [...this.#videos.values()].filter(
      ({ job, asked }) => !job.isRemoved && (title === null || asked.title?.includes(title)),
    )
    const { items, token } = pageOfNewest(all, { limit, token: url.searchParams.get('token') })
    const data = items.map((video) => this.#view(video, false))
    return dataOf(data, { has_more: token !== undefined, next_token: token ?? null })
  }

  /** @throws Refusal */
  statuses({ url }: StudioRequest): Answer {
    const ids = (url.searchParams.get('video_ids') ?? '').split(',').filter((id) => id !== '')
    if (ids.length === 0 || ids.length > MOST_LISTED)
      throw invalid('video_ids', `must be 1 to ${MOST_LISTED} ids`)
    const data = ids.map((id) => {
      const video = this.#videos.get(id)
      if (video === undefined || video.job.isRemoved) return { video_id: id, status: 'not_found' }
      const status = statusOf(video.job)
      return { video_id: id, status: status === 'pending' ? 'queued' : status }
    })
    return dataOf(data, { has_more: false, next_token: null })
  }

  /** @throws Refusal */
  remove({ url }: StudioRequest): Answer {
    const { id, job } = this.#find(url)
    job.isRemoved = true
    return dataOf({ id, deleted: true })
  }

  find(id: string): Video | undefined {
    return this.#videos.get(id)
  }

  async #submit({ clientRef, text, fields }: Asked): Promise<Outcome> {
    const { platform, options } = this.#deps
    const asked = readVideoRequest(fields, {
      allowHttpLoopback: options.allowHttpLoopback ?? true,
    })
    const shot = this.#shotOf(asked)
    const faults = platform.faultsOf(clientRef, text)
    const fate = fateOf(faults)
    if (fate.kind === 'spoilt') return { answer: undefined, instead: fate.answer }
    const failure = fate.kind === 'refused' ? this.#laterFailure(fate.why) : undefined
    if (fate.kind === 'refused' && failure === undefined)
      throw new Refusal(wordsFor(fate.why, fate.fault.retryAfterSeconds ?? 1))
    const video = this.#make(asked, { clientRef, faults, shot, failure })
    const { signal } = platform.closing
    await whenToldFirst(video.job, signal)
    const slowMs = fate.kind === 'made' ? fate.slowMs : 0
    // Rejects when all is closed: then it is answered at once.
    if (slowMs > 0) await sleep(slowMs, undefined, { signal }).catch(() => undefined)
    const status = options.firstStatus ?? 'waiting'
    const answer = dataOf({ video_id: video.id, status, output_format: asked.outputFormat })
    const instead = fate.kind === 'made' ? fate.instead : undefined
    return { answer, instead, jobId: video.id }
  }

  /** @throws Refusal */
  #make(
    asked: VideoRequest,
    job: {
      readonly clientRef: string | null
      readonly faults: TaskFaults
      readonly shot: Shot
      readonly failure: JobFailure | undefined
    },
  ): Video {
    const { platform, options } = this.#deps
    if (platform.studio.active >= (options.concurrency ?? CONCURRENCY))
      throw new Refusal(rateLimited(1))
    const price = job.shot.seconds * (options.creditsPerSecond ?? 0.1)
    if (platform.credits < price) throw new Refusal(noCredit())
    const id = randomBytes(16).toString('hex')
    const video = { id, asked, job: platform.studio.add({ id, ...job }) }
    platform.bill(video.job, price)
    this.#videos.set(id, video)
    const oldest = this.#videos.keys().next()
    if (this.#videos.size > MOST_VIDEOS && oldest.done !== true) this.#videos.delete(oldest.value)
    return video
  }

  /** What is judged while it renders; undefined: it is refused at once. */
  #laterFailure(why: RefusalKind): JobFailure | undefined {
    if (this.#deps.options.moderatesAt === 'submission') return undefined
    if (why === 'bad-face') return { kind: 'bad-face', message: 'no face was found in the image' }
    const isModeration = why === 'moderation' || why === 'text-moderation' || why === 'celebrity'
    return isModeration ? { kind: 'rejected', message: `refused by ${why}` } : undefined
  }

  /** What is elsewhere is not fetched: a test picture and a tone stand in for it. @throws Refusal */
  #shotOf({ image, speech, aspectRatio }: VideoRequest): Shot {
    const { assets } = this.#deps
    const asset =
      image.type === 'asset_id' ? assets.find(image.assetId, 'picture', 'image') : undefined
    const given = image.type === 'base64' ? factsOf(image.data) : asset?.facts
    if (image.type === 'base64') checkInline(given, image)
    if (given && Math.max(given.width, given.height) > MOST_SIDE)
      throw invalid('image', 'its resolution must be below 2K')
    const sound =
      speech.type === 'audio_asset_id'
        ? assets.find(speech.assetId, 'sound', 'audio_asset_id')
        : undefined
    if (sound && sound.facts.seconds > MOST_AUDIO_SECONDS)
      throw invalid('audio_asset_id', 'the audio is longer than 10 minutes')
    const asked = speech.type === 'script' ? speech.script.length / CHARS_PER_SECOND : 3
    const [width, height] = SIZES[aspectRatio] ?? [480, 480]
    return {
      picture: image.type === 'base64' ? image.data : asset ? assets.bytesOf(asset) : null,
      sound: sound ? assets.bytesOf(sound) : null,
      seconds: boundedSeconds(sound?.facts.seconds ?? asked),
      width,
      height,
    }
  }

  /** @throws Refusal */
  #find(url: URL): Video {
    const video = this.#videos.get(partOf(url, 3))
    if (video === undefined || video.job.isRemoved) throw notFound('video')
    return video
  }

  #view(video: Video, meetsFaults: boolean): object {
    const link = this.#deps.platform.linkOf.bind(this.#deps.platform)
    return videoView(video, { link, meetsFaults })
  }
}

/** @throws Refusal */
function checkInline(
  facts: AssetFacts | undefined,
  { mediaType, data }: { readonly mediaType: string; readonly data: Buffer },
): void {
  if (facts?.kind !== 'picture' || facts.mimeType !== mediaType)
    throw invalid('image', 'its content is not what media_type says')
  if (data.length > MOST_IMAGE_BYTES) throw invalid('image', 'is larger than 50 MB')
}

const stringIn = (value: unknown): string | null => (typeof value === 'string' ? value : null)
