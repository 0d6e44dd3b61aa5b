// POST /v3/assets: files by form, known afterwards by an id.
import { randomBytes } from 'node:crypto'
import {
  formOf,
  pictureShape,
  Refusal,
  soundShape,
  UploadStore,
  type Answer,
  type StudioRequest,
  type Upload,
} from '#simulators/animation-studio'
import { dataOf, invalid, notFound, PAYLOAD_TOO_LARGE } from './words.ts'

const MOST_BYTES = 32 * 1024 * 1024

export interface AssetFacts {
  readonly mimeType: string
  readonly kind: 'picture' | 'sound' | 'other'
  readonly seconds: number
  readonly width: number
  readonly height: number
}

/** By what stands in their first bytes. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['video/mp4', 'ftyp'],
  ['video/webm', '\x1a\x45\xdf\xa3'],
  ['application/pdf', '%PDF'],
])

export class Assets {
  readonly #store: UploadStore<AssetFacts>
  readonly #baseUrl: () => string

  constructor(options: {
    readonly keptMs: number
    readonly now: () => number
    readonly baseUrl: () => string
  }) {
    this.#store = new UploadStore(options)
    this.#baseUrl = options.baseUrl
  }

  get size(): number {
    return this.#store.size
  }

  /** @throws Refusal */
  take(request: StudioRequest): Answer {
    const form = formOf(request)
    const file = form?.files.get('file')
    if (file === undefined) throw invalid('file', 'a multipart field with a file is expected')
    if (file.bytes.length === 0) throw invalid('file', 'is empty')
    if (file.bytes.length > MOST_BYTES) throw new Refusal(PAYLOAD_TOO_LARGE)
    const facts = factsOf(file.bytes)
    if (facts === undefined)
      throw invalid('file', 'png, jpeg, mp4, webm, mp3, wav and pdf are supported')
    if (mimeOf(file.type) !== facts.mimeType)
      throw invalid('file', `its content is ${facts.mimeType}, not ${file.type}`)
    const { id } = this.#store.add(randomBytes(16).toString('hex'), file.bytes, facts)
    return dataOf({
      asset_id: id,
      url: `${this.#baseUrl()}/assets/${id}`,
      mime_type: facts.mimeType,
      size_bytes: file.bytes.length,
    })
  }

  /** @throws Refusal */
  find(id: string, kind: AssetFacts['kind'], param: string): Upload<AssetFacts> {
    const asset = this.#store.find(id)
    if (asset === undefined) throw notFound(`${param}: the asset`)
    if (asset.facts.kind !== kind) throw invalid(param, `the asset is no ${kind}`)
    return asset
  }

  bytesOf(asset: Upload<AssetFacts>): Buffer {
    return this.#store.bytesOf(asset)
  }
}

/** Some call one thing by several names. */
const mimeOf = (type: string): string =>
  ({ 'image/jpg': 'image/jpeg', 'audio/mp3': 'audio/mpeg', 'audio/x-wav': 'audio/wav' })[type] ??
  type

/** Undefined: nothing that is supported. */
export function factsOf(bytes: Buffer): AssetFacts | undefined {
  const picture = pictureShape(bytes)
  const flat = { seconds: 0, width: 0, height: 0 }
  if (picture) {
    const { width, height } = picture
    return { ...flat, width, height, kind: 'picture', mimeType: `image/${picture.kind}` }
  }
  const sound = soundShape(bytes)
  if (sound?.kind === 'wav' || sound?.kind === 'mp3') {
    const mimeType = sound.kind === 'wav' ? 'audio/wav' : 'audio/mpeg'
    return { ...flat, seconds: sound.seconds, kind: 'sound', mimeType }
  }
  const head = bytes.toString('latin1', 0, 12)
  for (const [mimeType, mark] of OTHERS)
    if (head.includes(mark)) return { ...flat, kind: 'other', mimeType }
  return undefined
}
