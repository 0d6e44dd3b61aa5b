// POST /images and POST /audios: files by form, known afterwards by an s3 address.
import { randomBytes } from 'node:crypto'
import {
  formOf,
  pictureShape,
  soundShape,
  UploadStore,
  type Answer,
  type FormFile,
  type PictureShape,
  type StudioRequest,
  type Upload,
} from '#simulators/animation-studio'
import { badRequest, refusal } from './words.ts'

const MOST_IMAGE_BYTES = 10 * 1024 * 1024
const MOST_AUDIO_BYTES = 6 * 1024 * 1024
const LEAST_SIDE = 160
const FILE_NAME = /^[a-zA-Z0-9._-]{1,50}$/

interface SoundFacts {
  readonly seconds: number
}

export class Uploads {
  readonly images: UploadStore<PictureShape>
  readonly audios: UploadStore<SoundFacts>

  constructor(options: { readonly keptMs: number; readonly now: () => number }) {
    this.images = new UploadStore(options)
    this.audios = new UploadStore(options)
  }

  /** @throws Refusal */
  takeImage(request: StudioRequest): Answer {
    const { file, fields } = fileOf(request, 'image')
    const shape = pictureShape(file.bytes)
    if (shape === undefined || !['image/jpeg', 'image/jpg', 'image/png'].includes(file.type))
      throw refusal(415, 'UnsupportedMimeTypeError', 'only image/jpeg and image/png are supported')
    if (file.bytes.length > MOST_IMAGE_BYTES)
      throw refusal(400, 'InvalidFileSizeError', 'the image is larger than 10 MB')
    if (Math.min(shape.width, shape.height) < LEAST_SIDE)
      throw refusal(400, 'InvalidImageResolutionError', `a side is smaller than ${LEAST_SIDE} px`)
    const { id } = this.images.add(newId('img'), file.bytes, shape)
    const face = { face_confidence: 99.9, detection: centreOf(shape), overlap: 'no' }
    const faces = fields.get('detect_faces') === 'true' ? [face] : null
    return { status: 201, body: { url: `s3://d-id-images-prod/${id}/${file.name}`, id, faces } }
  }

  /** @throws Refusal */
  takeAudio(request: StudioRequest): Answer {
    const { file } = fileOf(request, 'audio')
    const shape = soundShape(file.bytes)
    if (shape === undefined || !/^(audio|video)\//.test(file.type))
      throw refusal(415, 'UnsupportedMimeTypeError', 'only audio and video are supported')
    if (file.bytes.length > MOST_AUDIO_BYTES)
      throw refusal(400, 'InvalidFileSizeError', 'the audio is larger than 6 MB')
    const { id } = this.audios.add(newId('aud'), file.bytes, { seconds: shape.seconds })
    const url = `s3://d-id-audios-prod/${id}/audio.wav`
    return { status: 201, body: { url, id, duration: shape.seconds, moderation_metadata: {} } }
  }

  get size(): number {
    return this.images.size + this.audios.size
  }

  /** @throws Refusal */
  imageAt(url: string): Upload<PictureShape> {
    const image = this.images.find(idIn(url, 'd-id-images-prod'))
    if (image === undefined) throw badRequest('source_url: the image is not there, or not any more')
    return image
  }

  /** @throws Refusal */
  audioAt(url: string): Upload<SoundFacts> {
    const audio = this.audios.find(idIn(url, 'd-id-audios-prod'))
    if (audio === undefined) throw badRequest('audio_url: the audio is not there, or not any more')
    return audio
  }

  clear(): void {
    this.images.clear()
    this.audios.clear()
  }
}

export const newId = (kind: string): string => `${kind}_${randomBytes(16).toString('base64url')}`

const idIn = (url: string, bucket: string): string =>
  new RegExp(`^s3://${bucket}/([\\w-]+)/`).exec(url)?.[1] ?? ''

function fileOf(
  request: StudioRequest,
  field: string,
): { readonly file: FormFile; readonly fields: ReadonlyMap<string, string> } {
  const form = formOf(request)
  if (form === undefined)
    throw refusal(415, 'UnsupportedMimeTypeError', 'multipart/form-data is expected')
  const file = form.files.get(field)
  if (file === undefined) throw badRequest(`"${field}" is required`)
  if (form.files.size > 1) throw badRequest('only one file is allowed')
  if (!FILE_NAME.test(file.name)) throw badRequest(`"filename" must match ${FILE_NAME.source}`)
  if (file.bytes.length === 0) throw badRequest(`"${field}" is empty`)
  return { file, fields: form.fields }
}

const centreOf = ({ width, height }: PictureShape): object => ({
  top: Math.round(height / 4),
  left: Math.round(width / 4),
  width: Math.round(width / 2),
  height: Math.round(height / 2),
})
