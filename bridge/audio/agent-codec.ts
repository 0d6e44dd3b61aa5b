// Between the telephone line and the agent's format: G.711 bytes on one side, µ-law or 16-bit little-endian linear of
// any rate on the other. Where both are the same the bytes pass through untouched.
import { TELEPHONE_RATE, type AgentAudioFormat, type TelephoneCodec } from '#core/contracts'
import { g711, LINEAR_ZERO, translate } from './g711.ts'
import { createResampler, type Resampler } from './resampler.ts'
import { resamplingFilter } from './resampling-filter.ts'

export interface AgentCodec {
  /**
   * Line bytes → bytes of the agent's input format. The result may be a view of a reused buffer, valid until the next
   * call; the same bytes when nothing is to be done.
   */
  toAgent(line: Uint8Array, codec: TelephoneCodec): Uint8Array
  /** Bytes of the agent's output format, cut anywhere, even inside a sample → line bytes. Same ownership rule. */
  toCaller(bytes: Uint8Array, codec: TelephoneCodec): Uint8Array
  /** The agent was interrupted: what the resampler still holds of it must not be heard in what it says next. */
  resetOutput(): void
  /** `pcm_16000 (resampled 1:2)` and the like; one name when both directions are the same. */
  describe(): string
}

export function createAgentCodec(input: AgentAudioFormat, output: AgentAudioFormat): AgentCodec {
  const toAgent = createEncoder(input)
  const toCaller = createDecoder(output)
  return {
    toAgent: (line, codec) => toAgent(line, codec),
    toCaller: (bytes, codec) => toCaller.decode(bytes, codec),
    resetOutput: () => toCaller.reset(),
    describe: () =>
      input === output
        ? describeFormat(input)
        : `${describeFormat(input)} in, ${describeFormat(output)} out`,
  }
}

type PcmFormat = Exclude<AgentAudioFormat, 'ulaw_8000'>

const PCM_RATES: Readonly<Record<PcmFormat, number>> = {
  pcm_8000: 8000,
  pcm_16000: 16_000,
  pcm_22050: 22_050,
  pcm_24000: 24_000,
  pcm_44100: 44_100,
  pcm_48000: 48_000,
}

function describeFormat(format: AgentAudioFormat): string {
  if (format === 'ulaw_8000') return format
  const rate = PCM_RATES[format]
  if (rate === TELEPHONE_RATE) return format
  const { step, phases } = resamplingFilter(TELEPHONE_RATE, rate)
  return `${format} (resampled ${step}:${phases})`
}

type Encode = (line: Uint8Array, codec: TelephoneCodec) => Uint8Array

interface Decoder {
  decode(bytes: Uint8Array, codec: TelephoneCodec): Uint8Array
  reset(): void
}

function createEncoder(format: AgentAudioFormat): Encode {
  if (format === 'ulaw_8000') {
    const translator = new LawTranslator()
    return (line, codec) => translator.run(line, codec, 'PCMU')
  }
  const encoder = new PcmEncoder(PCM_RATES[format])
  return (line, codec) => encoder.encode(line, codec)
}

function createDecoder(format: AgentAudioFormat): Decoder {
  if (format !== 'ulaw_8000') return new PcmDecoder(PCM_RATES[format])
  const translator = new LawTranslator()
  return { decode: (bytes, codec) => translator.run(bytes, 'PCMU', codec), reset: () => undefined }
}

/** 60 ms: the longest frame; a longer piece makes the buffer grow. */
const INITIAL_SAMPLES = 480

/** One law to the other, byte by byte. */
class LawTranslator {
  #buffer = new Uint8Array(INITIAL_SAMPLES)

  run(bytes: Uint8Array, from: TelephoneCodec, to: TelephoneCodec): Uint8Array {
    const table = translate(from, to)
    if (table === null) return bytes
    if (this.#buffer.length < bytes.length) this.#buffer = new Uint8Array(bytes.length)
    const buffer = this.#buffer
    for (let at = 0; at < bytes.length; at += 1) buffer[at] = table[bytes[at] ?? 0] ?? 0
    return buffer.subarray(0, bytes.length)
  }
}

/** G.711 → linear, little-endian. */
class PcmEncoder {
  readonly #resampler: Resampler | null
  #samples = new Int16Array(INITIAL_SAMPLES)
  #bytes = new Uint8Array(2 * INITIAL_SAMPLES)

  constructor(rateHz: number) {
    this.#resampler = createResampler(TELEPHONE_RATE, rateHz)
  }

  encode(line: Uint8Array, codec: TelephoneCodec): Uint8Array {
    const linear = this.#decode(line, codec)
    return this.#toBytes(this.#resampler?.process(linear) ?? linear)
  }

  #decode(line: Uint8Array, codec: TelephoneCodec): Int16Array {
    if (this.#samples.length < line.length) this.#samples = new Int16Array(line.length)
    const { decode } = g711(codec)
    const samples = this.#samples
    for (let at = 0; at < line.length; at += 1) samples[at] = decode[line[at] ?? 0] ?? 0
    return samples.subarray(0, line.length)
  }

  #toBytes(samples: Int16Array): Uint8Array {
    const length = samples.length * 2
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length)
    const bytes = this.#bytes
    // Byte by byte: right on a machine of either byte order, and as fast as a view.
    for (let at = 0; at < samples.length; at += 1) {
      const sample = samples[at] ?? 0
      bytes[2 * at] = sample
      bytes[2 * at + 1] = sample >> 8
    }
    return bytes.subarray(0, length)
  }
}

/** Samples of an agent's answer taken at once: answers come by the second, and a call keeps its buffers. */
const BLOCK = 512

/** Linear, little-endian → G.711. */
class PcmDecoder {
  readonly #rateHz: number
  readonly #resampler: Resampler | null
  readonly #samples = new Int16Array(BLOCK + 1)
  #line = new Uint8Array(INITIAL_SAMPLES)
  /** The first byte of a sample whose second has not come yet. */
  #half: number | null = null

  constructor(rateHz: number) {
    this.#rateHz = rateHz
    this.#resampler = createResampler(rateHz, TELEPHONE_RATE)
  }

  decode(bytes: Uint8Array, codec: TelephoneCodec): Uint8Array {
    const most = Math.ceil(((bytes.length / 2 + 1) * TELEPHONE_RATE) / this.#rateHz) + 1
    if (this.#line.length < most) this.#line = new Uint8Array(most)
    let made = 0
    for (let at = 0; at < bytes.length; at += 2 * BLOCK) {
      const linear = this.#toSamples(bytes, at, Math.min(bytes.length, at + 2 * BLOCK))
      made = this.#encode(this.#resampler?.process(linear) ?? linear, codec, made)
    }
    return this.#line.subarray(0, made)
  }

  reset(): void {
    this.#half = null
    this.#resampler?.reset()
  }

  #toSamples(bytes: Uint8Array, from: number, end: number): Int16Array {
    const samples = this.#samples
    let at = from
    let made = 0
    if (this.#half !== null) {
      samples[0] = this.#half | ((bytes[at] ?? 0) << 8)
      this.#half = null
      at += 1
      made = 1
    }
    for (; at + 1 < end; at += 2) {
      samples[made] = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
      made += 1
    }
    if (at < end) this.#half = bytes[at] ?? 0
    return samples.subarray(0, made)
  }

  #encode(samples: Int16Array, codec: TelephoneCodec, from: number): number {
    const { codes } = g711(codec)
    const line = this.#line
    for (let at = 0; at < samples.length; at += 1) {
      line[from + at] = codes[(samples[at] ?? 0) + LINEAR_ZERO] ?? 0
    }
    return from + samples.length
  }
}
