// What ffprobe says of a file, as JSON: the first real picture, the first sound, the whole (ffmpeg.org/ffprobe-all.html).
// A container's covers are pictures too, but attached.

export interface ProbedVideo {
  readonly durationMs: number | undefined
  readonly bitsPerSecond: number | null
  readonly picture: ProbedPicture | undefined
  readonly audioCodec: string | null
}

export interface ProbedPicture {
  readonly codec: string
  readonly pixelFormat: string | null
  /** As coded. */
  readonly width: number
  readonly height: number
  readonly rotationDegrees: 0 | 90 | 180 | 270
  readonly framesPerSecond: number | null
}

type Fields = Readonly<Record<string, unknown>>

/** Undefined when it is not what ffprobe writes. */
export function decodeProbe(json: string): ProbedVideo | undefined {
  const document = parsed(json)
  if (!document) return undefined
  const streams = listOf(document['streams'])
  const format = fieldsOf(document['format'])
  const picture = streams.find((one) => one['codec_type'] === 'video' && !isAttached(one))
  const sound = streams.find((one) => one['codec_type'] === 'audio')
  const seconds = numberOf(format['duration']) ?? numberOf(picture?.['duration'])
  return {
    durationMs: seconds === undefined ? undefined : Math.round(seconds * 1000),
    bitsPerSecond: numberOf(format['bit_rate']) ?? null,
    picture: picture && decodePicture(picture),
    audioCodec: sound ? (textOf(sound['codec_name']) ?? 'unknown') : null,
  }
}

const isAttached = (stream: Fields): boolean =>
  fieldsOf(stream['disposition'])['attached_pic'] === 1

const decodePicture = (stream: Fields): ProbedPicture => ({
  codec: textOf(stream['codec_name']) ?? 'unknown',
  pixelFormat: textOf(stream['pix_fmt']) ?? null,
  width: numberOf(stream['width']) ?? 0,
  height: numberOf(stream['height']) ?? 0,
  rotationDegrees: rotationOf(stream),
  framesPerSecond: rateOf(textOf(stream['avg_frame_rate'])),
})

const QUARTERS = [0, 90, 180, 270] as const

/** Their angle is counter-clockwise. */
function rotationOf(stream: Fields): ProbedPicture['rotationDegrees'] {
  const angles = listOf(stream['side_data_list']).map((one) => numberOf(one['rotation']))
  const angle = angles.find((one) => one !== undefined) ?? 0
  const quarters = Math.round(-angle / 90)
  return QUARTERS[((quarters % 4) + 4) % 4] ?? 0
}

/** `25/1`, `30000/1001`, `0/0`. */
function rateOf(text: string | undefined): number | null {
  const [over = 0, under = 0] = (text ?? '').split('/').map(Number)
  const rate = over / under
  return Number.isFinite(rate) && rate > 0 ? Math.round(rate * 1000) / 1000 : null
}

function parsed(json: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(json))
  } catch {
    return undefined // Cut off: it said more than it may.
  }
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(fieldsOf) : []

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** They write most numbers as texts. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
