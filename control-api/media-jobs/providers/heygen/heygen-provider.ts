// HeyGen (API v3, developers.heygen.com, read autumn 2026): videos of an image and a script or sound. A submission that is
// repeated with its Idempotency-Key is answered as it was before, and paid once.
import type {
  AnimationProvider,
  SentFile,
  Submission,
  UploadedFile,
} from '../animation-provider.ts'
import { ProviderFailure } from '../animation-provider.ts'
import { idIn } from '../requests/answer-fields.ts'
import { findInPages } from '../requests/find-in-pages.ts'
import { formOf } from '../requests/sent-form.ts'
import { decodeBalance, decodeVideo, decodeVideos } from './heygen-answers.ts'
import { dataIn, type HeyGenRequests } from './heygen-requests.ts'

const HOSTS = ['.heygen.ai', '.heygen.com', '.amazonaws.com']
/** An hour less than it says, for the clocks of both. */
const REPEATABLE_FOR_MS = 23 * 3_600_000
/** How long it keeps assets is not told; a day is held by all that was seen. */
const KEPT_FOR_MS = 23 * 3_600_000
const PAGE = 100
const GONE = 404
const RENDERING = 409

export function createHeyGenProvider(requests: HeyGenRequests): AnimationProvider {
  return {
    name: 'heygen',
    limits: { minPromptChars: 1, maxPromptChars: 5000, maxAudioBytes: 32 * 1024 * 1024 },
    repeatableForMs: REPEATABLE_FOR_MS,
    resultHosts: HOSTS,
    uploadImage: (file, signal) => upload(requests, { operation: 'upload_image', file, signal }),
    uploadAudio: (file, signal) => upload(requests, { operation: 'upload_audio', file, signal }),
    async submit(submission, signal) {
      const answer = await requests.send({
        operation: 'submit',
        method: 'POST',
        path: '/v3/videos',
        headers: { 'idempotency-key': submission.clientRef },
        json: videoOf(submission),
        hidden: submission.speech.kind === 'text' ? [submission.speech.text] : [],
        signal,
      })
      const id = idIn(dataIn(answer), 'video_id')
      if (id === null) throw requests.unreadable('submit')
      return id
    },
    findSubmission: (clientRef, since, signal) =>
      findInPages({ clientRef, since }, async (page) => {
        const query = new URLSearchParams({ limit: String(PAGE), ...(page && { token: page }) })
        const path = `/v3/videos?${query.toString()}`
        const { body } = await requests.send({
          operation: 'list_jobs',
          method: 'GET',
          path,
          signal,
        })
        const videos = decodeVideos(body)
        if (videos === undefined) throw requests.unreadable('list_jobs')
        return videos
      }),
    async get(id, signal) {
      const asked = { operation: 'get_job', method: 'GET', path: at(id) } as const
      return decodeVideo(dataIn(await requests.send({ ...asked, signal })), requests)
    },
    async remove(id, signal) {
      const asked = { operation: 'delete_job', method: 'DELETE', path: at(id) } as const
      const { status } = await requests.send({ ...asked, accepts: [GONE, RENDERING], signal })
      return status !== RENDERING
    },
    async balance(signal) {
      const asked = { operation: 'get_balance', method: 'GET', path: '/v3/users/me' } as const
      return decodeBalance(dataIn(await requests.send({ ...asked, signal })))
    },
  }
}

interface Upload {
  readonly operation: 'upload_image' | 'upload_audio'
  readonly file: SentFile
  readonly signal: AbortSignal
}

async function upload(
  requests: HeyGenRequests,
  { operation, file, signal }: Upload,
): Promise<UploadedFile> {
  const form = await formOf('file', file)
  const asked = { operation, method: 'POST', path: '/v3/assets' } as const
  const ref = idIn(dataIn(await requests.send({ ...asked, form, signal })), 'asset_id')
  if (ref === null) throw requests.unreadable(operation)
  return { ref, keptForMs: KEPT_FOR_MS }
}

const at = (id: string): string => `/v3/videos/${encodeURIComponent(id)}`

/** The shape of the photo is kept: by default all would be 16:9. */
function videoOf({ imageRef, speech, clientRef }: Submission): object {
  return {
    type: 'image',
    image: { type: 'asset_id', asset_id: imageRef },
    ...speechOf(speech),
    title: clientRef,
    callback_id: clientRef,
    aspect_ratio: 'auto',
    output_format: 'mp4',
  }
}

function speechOf(speech: Submission['speech']): object {
  if (speech.kind === 'audio') return { audio_asset_id: speech.audioRef }
  const { text: script, voiceId } = speech
  if (voiceId === null)
    throw new ProviderFailure(
      'invalid_input',
      'HeyGen has no voice of its own for a text. Name one in voice_id, or set HEYGEN_VOICE_ID.',
    )
  return { script, voice_id: voiceId }
}
