// D-ID (docs.d-id.com, API 4.2.1, read autumn 2026): talks, made of a photo and words or sound. It knows no Idempotency-Key:
// what is submitted twice is paid twice, so a submission is known by its user data.
import type { Logger } from '#core/telemetry'
import type {
  AnimationProvider,
  ProviderJob,
  SentFile,
  Submission,
  UploadedFile,
} from '../animation-provider.ts'
import { isSimulated } from '../provider-address.ts'
import { idIn, refIn } from '../requests/answer-fields.ts'
import { findInPages } from '../requests/find-in-pages.ts'
import {
  ProviderRequests,
  type Answered,
  type Asked,
  type RequestDeps,
  type RequestTiming,
} from '../requests/provider-requests.ts'
import { formOf } from '../requests/sent-form.ts'
import { decodeCredits, decodeTalk, decodeTalks } from './d-id-answers.ts'
import { dIdRefusal } from './d-id-failures.ts'
import { createDIdKey, type DIdKey } from './d-id-key.ts'

export interface DIdConfig {
  readonly apiKey: string
  readonly baseUrl: string
  /** Other than REQUEST_TIMING, in tests. */
  readonly timing?: Partial<RequestTiming> | undefined
}

export interface DIdDeps extends RequestDeps {
  readonly logger: Pick<Logger, 'info'>
}

const HOSTS = ['.amazonaws.com', '.d-id.com']
/** It keeps files for 24 to 48 hours. */
const KEPT_FOR_MS = 23 * 3_600_000
const PAGE = 100
/** What is not there any more is removed. What renders cannot be. */
const GONE = 404
const RENDERING = 409

export function createDIdProvider(deps: DIdDeps, config: DIdConfig): AnimationProvider {
  const { baseUrl, timing } = config
  const key = createDIdKey(deps.logger, config.apiKey)
  const requests = new ProviderRequests(deps, dialectOf(key, baseUrl), timing)
  const send = (asked: Omit<Asked, 'headers'>): Promise<Answered> =>
    key.tried((headers) => requests.send({ ...asked, headers }))

  async function upload(
    operation: 'upload_image' | 'upload_audio',
    file: SentFile,
    signal: AbortSignal,
  ): Promise<UploadedFile> {
    const field = operation === 'upload_image' ? 'image' : 'audio'
    const form = await formOf(field, file)
    const { body } = await send({ operation, method: 'POST', path: `/${field}s`, form, signal })
    const ref = refIn(body, 'url')
    if (ref === null) throw requests.unreadable(operation)
    return { ref, keptForMs: KEPT_FOR_MS }
  }

  return {
    name: 'd-id',
    limits: { minPromptChars: 3, maxPromptChars: 10_000, maxAudioBytes: 6 * 1024 * 1024 },
    repeatableForMs: 0,
    resultHosts: HOSTS,
    uploadImage: (file, signal) => upload('upload_image', file, signal),
    uploadAudio: (file, signal) => upload('upload_audio', file, signal),
    async submit(submission, signal) {
      const json = talkOf(submission, baseUrl)
      const hidden = hiddenIn(submission)
      const asked = { operation: 'submit', method: 'POST', path: '/talks' } as const
      const { body } = await send({ ...asked, json, hidden, signal })
      const id = idIn(body, 'id')
      if (id === null) throw requests.unreadable('submit')
      return id
    },
    findSubmission: (clientRef, since, signal) =>
      findInPages({ clientRef, since }, async (page) => {
        const query = new URLSearchParams({ limit: String(PAGE), ...(page && { token: page }) })
        const path = `/talks?${query.toString()}`
        const { body } = await send({ operation: 'list_jobs', method: 'GET', path, signal })
        if (!Array.isArray(body['talks'])) throw requests.unreadable('list_jobs')
        return decodeTalks(body)
      }),
    async get(id, signal): Promise<ProviderJob> {
      const { body } = await send({ operation: 'get_job', method: 'GET', path: at(id), signal })
      return decodeTalk(body, { baseUrl, failure: (refusal) => requests.failure(refusal) })
    },
    async remove(id, signal) {
      const asked = { operation: 'delete_job', method: 'DELETE', path: at(id) } as const
      const { status } = await send({ ...asked, accepts: [GONE, RENDERING], signal })
      return status !== RENDERING
    },
    async balance(signal) {
      const path = '/credits'
      const { body } = await send({ operation: 'get_balance', method: 'GET', path, signal })
      return decodeCredits(body)
    },
  }
}

const at = (id: string): string => `/talks/${encodeURIComponent(id)}`

const dialectOf = (key: DIdKey, baseUrl: string) => ({
  name: 'd-id' as const,
  title: 'D-ID',
  keyVariable: 'DID_API_KEY',
  addressVariable: 'DID_BASE_URL',
  baseUrl,
  secrets: key.secrets,
  refusalOf: dIdRefusal,
})

/** Nothing that was asked for may come back in an error. */
const hiddenIn = ({ speech, imageRef, webhookUrl }: Submission): readonly string[] => [
  imageRef,
  speech.kind === 'text' ? speech.text : speech.audioRef,
  ...(webhookUrl === undefined ? [] : [webhookUrl]),
]

function talkOf({ imageRef, speech, clientRef, webhookUrl }: Submission, baseUrl: string): object {
  const mayBeTold = webhookUrl?.startsWith('https://') === true || isSimulated(baseUrl)
  return {
    source_url: imageRef,
    script: scriptOf(speech),
    config: { result_format: 'mp4' },
    user_data: clientRef,
    name: clientRef,
    ...(webhookUrl !== undefined && mayBeTold ? { webhook: webhookUrl } : {}),
  }
}

function scriptOf(speech: Submission['speech']): object {
  if (speech.kind === 'audio') return { type: 'audio', audio_url: speech.audioRef }
  const { text: input, voiceId } = speech
  // Without one its own is used.
  return voiceId === null
    ? { type: 'text', input }
    : { type: 'text', input, provider: { type: 'microsoft', voice_id: voiceId } }
}
