// POST, GET and DELETE /talks: talks that are rendered one after the other.
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
  type Shot,
  type StudioJob,
  type StudioPlatform,
  type StudioRequest,
  type Telling,
} from '#simulators/animation-studio'
import type { DIdOptions } from './options.ts'
import { readTalkRequest, type TalkRequest } from './talk-request.ts'
import type { Talk } from './talk.ts'
import { talkView, USER_ID } from './talk-view.ts'
import { newId, type Uploads } from './uploads.ts'
import { badRequest, noCredit, notFound, refusal, wordsFor } from './words.ts'

const SIDE = 512
const CHARS_PER_SECOND = 15
const MOST_PIXELS = 10 * 1024 * 1024
const MOST_AUDIO_SECONDS = 600
const MOST_LISTED = 100
const MOST_TALKS = 5000

export class Talks {
  readonly #platform: StudioPlatform
  readonly #uploads: Uploads
  readonly #options: DIdOptions
  readonly #talks = new Map<string, Talk>()

  constructor(platform: StudioPlatform, uploads: Uploads, options: DIdOptions) {
    this.#platform = platform
    this.#uploads = uploads
    this.#options = options
  }

  /** @throws Refusal */
  async submit({ body }: StudioRequest): Promise<Answer> {
    const fields = jsonOf(body)
    const refs = { clientRef: stringIn(fields?.['user_data']), text: inputIn(fields) }
    let jobId: string | null = null
    let answer: Answer | undefined
    try {
      const made = await this.#submit(fields, refs, (id) => (jobId = id))
      return (answer = made)
    } catch (error) {
      if (error instanceof Refusal) answer = error.answer
      throw error
    } finally {
      const isSent = (answer?.fate ?? 'sent') === 'sent'
      this.#platform.record({ ...refs, jobId, status: isSent ? (answer?.status ?? 0) : 0 })
    }
  }

  /** @throws Refusal */
  get({ url }: StudioRequest): Answer {
    return { status: 200, body: this.#view(this.#find(url), true) }
  }

  list({ url }: StudioRequest): Answer {
    const limit = Number(url.searchParams.get('limit') ?? MOST_LISTED)
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
      throw badRequest(`"limit" must be from 1 to ${MOST_LISTED}`)
    const all = [...this.#talks.values()].filter(({ job }) => !job.isRemoved)
    const { items, token } = pageOfNewest(all, { limit, token: url.searchParams.get('token') })
    const talks = items.map((talk) => this.#view(talk, false, this.#options.listsUserData ?? true))
    return { status: 200, body: { talks, ...(token === undefined ? {} : { token }) } }
  }

  /** @throws Refusal */
  remove({ url }: StudioRequest): Answer {
    const talk = this.#find(url)
    if (talk.job.state === 'running')
      throw refusal(409, 'ConflictError', 'the talk is being processed')
    const body = this.#view(talk, false)
    talk.job.isRemoved = true
    return { status: 200, body }
  }

  /** Its webhook, unsigned as all of D-ID’s. Who forges one does not know the end of its address. */
  tell({ id }: StudioJob, { isForged }: Telling): Promise<unknown> {
    const talk = this.#talks.get(id)
    const url = talk?.asked.webhook ?? null
    if (talk === undefined || url === null) return Promise.resolve()
    return this.#platform.sender.send({
      jobId: id,
      url: isForged ? `${url.slice(0, -8)}forged00` : url,
      headers: () => ({ 'user-agent': 'D-ID' }),
      body: JSON.stringify(this.#view(talk, false)),
      isForged,
    })
  }

  async #submit(
    fields: ReturnType<typeof jsonOf>,
    { clientRef, text }: { readonly clientRef: string | null; readonly text: string | null },
    onMade: (id: string) => void,
  ): Promise<Answer> {
    const { closing } = this.#platform
    const asked = readTalkRequest(fields, {
      allowHttpLoopback: this.#options.allowHttpLoopback ?? true,
    })
    const shot = this.#shotOf(asked)
    const faults = this.#platform.faultsOf(clientRef, text)
    const fate = fateOf(faults)
    if (fate.kind === 'spoilt') return fate.answer
    if (fate.kind === 'refused')
      throw new Refusal(wordsFor(fate.why, this.#options, fate.fault.retryAfterSeconds ?? 1))
    const price = this.#options.creditsPerTalk ?? 1
    if (this.#platform.credits < price) throw new Refusal(noCredit())
    const job = this.#platform.studio.add({ id: newId('tlk'), clientRef, faults, shot })
    this.#platform.bill(job, price)
    this.#keep({ id: job.id, asked, job })
    onMade(job.id)
    const created = new Date(job.createdAt).toISOString()
    await whenToldFirst(job, closing.signal)
    const options = { signal: closing.signal }
    // Rejects when all is closed: then it is answered at once.
    if (fate.slowMs > 0) await sleep(fate.slowMs, undefined, options).catch(() => undefined)
    const body = { id: job.id, object: 'talk', created_by: USER_ID, created_at: created }
    return fate.instead ?? { status: 201, body: { ...body, status: 'created' } }
  }

  /** Photos and sounds that are elsewhere are not fetched: a test picture and a tone stand in for them. @throws Refusal */
  #shotOf({ sourceUrl, script }: TalkRequest): Shot {
    const image = sourceUrl.startsWith('s3://d-id-') ? this.#uploads.imageAt(sourceUrl) : undefined
    if (image && image.facts.width * image.facts.height > MOST_PIXELS)
      throw refusal(400, 'InvalidFileSizeError', 'the image has too many pixels')
    const audioUrl = script.type === 'audio' ? script.audioUrl : ''
    const audio = audioUrl.startsWith('s3://d-id-') ? this.#uploads.audioAt(audioUrl) : undefined
    if (audio && audio.facts.seconds > MOST_AUDIO_SECONDS)
      throw badRequest('the audio is longer than 10 minutes')
    const asked = script.type === 'text' ? script.input.length / CHARS_PER_SECOND : 3
    return {
      picture: image ? this.#uploads.images.bytesOf(image) : null,
      sound: audio ? this.#uploads.audios.bytesOf(audio) : null,
      seconds: boundedSeconds(audio?.facts.seconds ?? asked),
      width: SIDE,
      height: SIDE,
    }
  }

  #keep(talk: Talk): void {
    this.#talks.set(talk.id, talk)
    const oldest = this.#talks.keys().next()
    if (this.#talks.size > MOST_TALKS && oldest.done !== true) this.#talks.delete(oldest.value)
  }

  /** @throws Refusal */
  #find(url: URL): Talk {
    const talk = this.#talks.get(partOf(url, 2))
    if (talk === undefined || talk.job.isRemoved) throw notFound()
    return talk
  }

  #view(talk: Talk, meetsFaults: boolean, showsUserData = true): object {
    return talkView(talk, {
      link: (job, meets) => this.#platform.linkOf(job, meets),
      meetsFaults,
      showsError: this.#options.showsError ?? true,
      showsUserData,
    })
  }
}

const stringIn = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** For faults, which are met before anything is known to be right. */
function inputIn(fields: ReturnType<typeof jsonOf>): string | null {
  const script: unknown = fields?.['script']
  const isObject = typeof script === 'object' && script !== null
  return isObject && 'input' in script ? stringIn(script.input) : null
}
