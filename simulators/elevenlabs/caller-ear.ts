// What an agent hears of its caller: the bytes as they came, and the same as µ-law and as samples at 8 kHz.
import { audioFormat, createSoundReader, linearOf, ulawOf } from './audio-format.ts'

export interface Heard {
  readonly wire: Buffer
  readonly ulaw: Buffer
  readonly linear: () => Int16Array
  /** How long it lasts, as bytes of µ-law at 8 kHz. */
  readonly ulawBytes: number
}

export function createCallerEar(formatName: string): (wire: Buffer) => Heard {
  const format = audioFormat(formatName)
  if (format.bytesPerSample === 1) {
    return (wire) => ({
      wire,
      ulaw: wire,
      linear: () => linearOf(wire),
      ulawBytes: wire.length,
    })
  }
  const reader = createSoundReader(format)
  return (wire) => {
    const linear = reader.read(wire)
    const ulawBytes = Math.round((8 * wire.length) / format.bytesPerMs)
    return { wire, ulaw: ulawOf(linear), linear: () => linear, ulawBytes }
  }
}
