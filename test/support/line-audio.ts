// Telephone bytes of either law ⇄ samples, and 16-bit little-endian bytes ⇄ samples.
import { g711, translate } from '../../bridge/audio/g711.ts'
import type { TelephoneCodec } from '../../core/contracts/index.ts'
import { loadSpeech, type SpeechName } from '../../simulators/speech/index.ts'

export function decodeLine(line: Uint8Array, codec: TelephoneCodec): Int16Array {
  return Int16Array.from(line, (code) => g711(codec).decode[code]!)
}

export function encodeLine(samples: Int16Array, codec: TelephoneCodec): Uint8Array {
  return Uint8Array.from(samples, (sample) => g711(codec).encode(sample))
}

export function pcmBytes(samples: Int16Array): Uint8Array {
  const bytes = Buffer.alloc(2 * samples.length)
  samples.forEach((sample, at) => bytes.writeInt16LE(sample, 2 * at))
  return bytes
}

export function pcmSamples(bytes: Uint8Array): Int16Array {
  const view = Buffer.from(bytes)
  return Int16Array.from({ length: view.length >> 1 }, (_, at) => view.readInt16LE(2 * at))
}

/** A recording as a line of that law carries it. */
export function lineSpeech(name: SpeechName, codec: TelephoneCodec): Uint8Array {
  const table = translate('PCMU', codec)
  return table === null ? loadSpeech(name) : loadSpeech(name).map((code) => table[code]!)
}

/** Later by so many samples, and as long as before. */
export function delayed(samples: Int16Array, by: number): Int16Array {
  const late = new Int16Array(samples.length)
  late.set(samples.subarray(0, samples.length - by), by)
  return late
}
