// Mono WAV files at 8000 samples a second for tests, written apart from the product's own code.

const HEAD_BYTES = 44
const RATE = 8000

/** G.711 µ-law (RFC 2361: format 7). */
export const ulawWav = (ulaw: Uint8Array): Buffer => wavOf(7, 1, Buffer.from(ulaw))

/** 16-bit PCM. */
export function pcmWav(samples: Int16Array): Buffer {
  const data = Buffer.alloc(samples.length * 2)
  samples.forEach((sample, at) => data.writeInt16LE(sample, at * 2))
  return wavOf(1, 2, data)
}

function wavOf(format: number, sampleBytes: number, data: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.write('RIFF', 0)
  head.writeUInt32LE(HEAD_BYTES - 8 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(format, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(RATE, 24)
  head.writeUInt32LE(RATE * sampleBytes, 28)
  head.writeUInt16LE(sampleBytes, 32)
  head.writeUInt16LE(8 * sampleBytes, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}
