// What HeyGen tells of a video that is over: to every endpoint that wants it, and to its own callback_url.
import { createHmac, randomUUID } from 'node:crypto'
import {
  pageOfNewest,
  type Answer,
  type StudioPlatform,
  type StudioRequest,
  type Telling,
} from '#simulators/animation-studio'
import type { SignatureHeaders } from './options.ts'
import { failureView } from './video-view.ts'
import type { Video } from './video.ts'
import type { WebhookEndpoints } from './webhook-endpoints.ts'
import { dataOf, invalid } from './words.ts'

const HOUR_MS = 3_600_000
const MOST_EVENTS = 20_000
const MOST_LISTED = 100

interface Delivery {
  /** Of the event. */
  readonly id: string
  readonly type: string
  readonly videoId: string
  readonly at: number
  readonly url: string
  status: 'pending' | 'delivered' | 'failed'
}

export interface EventOptions {
  readonly signatureHeaders: SignatureHeaders
  readonly signsCallbacks: boolean
}

export class Events {
  readonly #platform: StudioPlatform
  readonly #endpoints: WebhookEndpoints
  readonly #options: EventOptions
  readonly #deliveries: Delivery[] = []
  /** The same event has the same id, however often it is told of. */
  readonly #ids = new Map<string, string>()

  constructor(platform: StudioPlatform, endpoints: WebhookEndpoints, options: EventOptions) {
    this.#platform = platform
    this.#endpoints = endpoints
    this.#options = options
  }

  async tell(video: Video, telling: Telling): Promise<void> {
    const type = video.job.state === 'done' ? 'avatar_video.success' : 'avatar_video.fail'
    const { callbackUrl } = video.asked
    const [oldest] = this.#endpoints.all.values()
    const secret = this.#options.signsCallbacks ? oldest?.secret : undefined
    const wanted = [...this.#endpoints.all.values()]
      .filter(({ isEnabled, events }) => isEnabled && events.includes(type))
      .map(({ url, secret: own }): Target => ({ url, secret: () => own }))
    if (callbackUrl !== null) wanted.push({ url: callbackUrl, secret: () => secret })
    await Promise.all(wanted.map((target) => this.#send(video, { ...target, type, telling })))
  }

  /** @throws Refusal */
  list({ url }: StudioRequest): Answer {
    const limit = Number(url.searchParams.get('limit') ?? MOST_LISTED)
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
      throw invalid('limit', `must be from 1 to ${MOST_LISTED}`)
    const page = pageOfNewest(this.#deliveries, { limit, token: url.searchParams.get('token') })
    const data = page.items.map(({ id, type, videoId, at, url: to, status }) => ({
      event_id: id,
      event_type: type,
      video_id: videoId,
      url: to,
      status,
      created_at: new Date(at).toISOString(),
    }))
    return dataOf(data, { has_more: page.token !== undefined, next_token: page.token ?? null })
  }

  async #send(video: Video, { url, type, secret, telling }: Target & Told): Promise<void> {
    const id = this.#idOf(video.id)
    const body = JSON.stringify({ event_type: type, event_data: this.#dataOf(video) })
    const delivery: Delivery = {
      ...{ id, type, videoId: video.id, at: this.#platform.now(), url },
      status: 'pending',
    }
    this.#deliveries.push(delivery)
    if (this.#deliveries.length > MOST_EVENTS) this.#deliveries.shift()
    const status = await this.#platform.sender.send({
      jobId: video.id,
      url,
      headers: () => this.#headersOf({ id, body, telling, secret: secret() }),
      body,
      isForged: telling.isForged,
    })
    delivery.status = status >= 200 && status < 300 ? 'delivered' : 'failed'
  }

  #headersOf({ id, body, telling, secret }: Signed): Readonly<Record<string, string>> {
    const at = this.#platform.now() - (telling.isStale ? HOUR_MS : 0)
    const shown = { 'heygen-timestamp': String(Math.floor(at / 1000)), 'heygen-event-id': id }
    if (secret === undefined) return shown
    const key = telling.isForged ? 'whsec_not-the-secret' : secret
    const signature = createHmac('sha256', key).update(body).digest('hex')
    const legacy = { signature }
    const v3 = { ...shown, 'heygen-signature': signature }
    const { signatureHeaders } = this.#options
    if (signatureHeaders === 'both') return { ...legacy, ...v3 }
    return signatureHeaders === 'v3' ? v3 : legacy
  }

  #dataOf({ id, asked, job }: Video): object {
    const of = { video_id: id, callback_id: asked.callbackId, folder_id: null }
    if (job.state !== 'done')
      return { ...of, msg: job.failure?.message ?? '', ...failureView(job.failure, job) }
    const page = `https://app.heygen.com/videos/${id}`
    return {
      ...of,
      url: this.#platform.linkOf(job, false),
      gif_download_url: null,
      video_page_url: page,
      video_share_page_url: page,
    }
  }

  #idOf(videoId: string): string {
    const id = this.#ids.get(videoId) ?? randomUUID()
    this.#ids.set(videoId, id)
    const oldest = this.#ids.keys().next()
    if (this.#ids.size > MOST_EVENTS && oldest.done !== true) this.#ids.delete(oldest.value)
    return id
  }
}

interface Target {
  readonly url: string
  /** Undefined: it is not signed. */
  readonly secret: () => string | undefined
}

interface Told {
  readonly type: string
  readonly telling: Telling
}

interface Signed {
  readonly id: string
  readonly body: string
  readonly telling: Telling
  readonly secret: string | undefined
}
