// The vendor's audio formats on the wire: raw µ-law, or signed 16-bit little-endian PCM, one channel. All sounds here
// are µ-law at 8 kHz; this brings them into an agent's format and back.
import { AGENT_AUDIO_FORMATS, TELEPHONE_RATE } from '#core/contracts'
import { decodeUlawSample, encodeUlawSample, SincResampler, ulawToAlaw } from '#simulators/speech'

export interface AudioFormat {
  readonly name: string
  readonly rate: number
  readonly bytesPerSample: 1 | 2
  readonly bytesPerMs: number
}

const ULAW: AudioFormat = formatOf('ulaw_8000', TELEPHONE_RATE, 1)
const FORMATS: ReadonlyMap<string, AudioFormat> = new Map(
  AGENT_AUDIO_FORMATS.map((name) => {
    const rate = Number(name.split('_')[1])
    return [name, name === 'ulaw_8000' ? ULAW : formatOf(name, rate, 2)]
  }),
)

function formatOf(name: string, rate: number, bytesPerSample: 1 | 2): AudioFormat {
  return { name, rate, bytesPerSample, bytesPerMs: (rate * bytesPerSample) / 1000 }
}

/** A format that nobody has heard of (a script may announce one) carries µ-law. */
export const audioFormat = (name: string): AudioFormat => FORMATS.get(name) ?? ULAW

const isUlaw = ({ bytesPerSample }: AudioFormat): boolean => bytesPerSample === 1

const encoded = new WeakMap<Buffer, Map<string, Buffer>>()

/** A whole sound in that format. */
export function encodeSound(ulaw: Buffer, format: AudioFormat): Buffer {
  if (isUlaw(format)) return ulaw
  const known = encoded.get(ulaw) ?? new Map<string, Buffer>()
  encoded.set(ulaw, known)
  const before = known.get(format.name)
  if (before !== undefined) return before
  const linear = linearOf(ulaw)
  const made = littleEndian(format.rate === TELEPHONE_RATE ? linear : resample(linear, format.rate))
  known.set(format.name, made)
  return made
}

/** As the text-to-speech endpoint names formats: the agents', and A-law. Undefined for all others. */
export function encodeSpeech(ulaw: Buffer, formatName: string): Buffer | undefined {
  if (formatName === 'alaw_8000') return ulawToAlaw(ulaw)
  const format = FORMATS.get(formatName)
  return format && encodeSound(ulaw, format)
}

function resample(linear: Int16Array, rate: number): Int16Array {
  const resampler = new SincResampler(TELEPHONE_RATE, rate)
  const [body, end] = [resampler.push(linear), resampler.flush()]
  const whole = new Int16Array(body.length + end.length)
  whole.set(body)
  whole.set(end, body.length)
  return whole
}

/** What comes in an agent's format, piece by piece and cut anywhere, as 16-bit samples at 8 kHz. */
export interface SoundReader {
  read(bytes: Buffer): Int16Array
}

export function createSoundReader(format: AudioFormat): SoundReader {
  if (isUlaw(format)) return { read: linearOf }
  const resampler =
    format.rate === TELEPHONE_RATE ? undefined : new SincResampler(format.rate, TELEPHONE_RATE)
  let rest = Buffer.alloc(0)
  return {
    read(bytes) {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
      rest = Buffer.from(all.subarray(all.length - (all.length % 2)))
      const samples = Int16Array.from({ length: all.length >> 1 }, (_, at) =>
        all.readInt16LE(2 * at),
      )
      return resampler ? resampler.push(samples) : samples
    },
  }
}

/** Samples at 8 kHz, piece by piece, in an agent's format. */
export function createSoundWriter(format: AudioFormat): (samples: Int16Array) => Buffer {
  if (isUlaw(format)) return ulawOf
  if (format.rate === TELEPHONE_RATE) return littleEndian
  const resampler = new SincResampler(TELEPHONE_RATE, format.rate)
  return (samples) => littleEndian(resampler.push(samples))
}

export const linearOf = (ulaw: Uint8Array): Int16Array => Int16Array.from(ulaw, decodeUlawSample)

export const ulawOf = (samples: Int16Array): Buffer =>
  Buffer.from(Uint8Array.from(samples, encodeUlawSample))

function littleEndian(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(samples.length * 2)
  samples.forEach((sample, at) => bytes.writeInt16LE(sample, 2 * at))
  return bytes
}
