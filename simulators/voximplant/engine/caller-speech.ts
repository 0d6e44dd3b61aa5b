// What the far end says to an agent: a greeting, then the silence of an open line. PCM, 16 bit, 16 kHz, base64.
import { decodeUlawSample, loadSpeech, SincResampler } from '#simulators/speech'

const TELEPHONE_HZ = 8000
const AGENT_HZ = 16_000
const BYTES_PER_MS = (AGENT_HZ / 1000) * 2

let greeting: Buffer | undefined

export interface CallerSpeech {
  next(): string
}

export function callerSpeech(chunkMs: number): CallerSpeech {
  const speech = (greeting ??= pcm16000(loadSpeech('caller-hello')))
  const chunkBytes = chunkMs * BYTES_PER_MS
  let position = 0
  return {
    next() {
      const chunk = Buffer.alloc(chunkBytes)
      speech.copy(chunk, 0, position, position + chunkBytes)
      position = Math.min(speech.length, position + chunkBytes)
      return chunk.toString('base64')
    },
  }
}

function pcm16000(ulaw: Buffer): Buffer {
  const linear = Int16Array.from(ulaw, (sample) => decodeUlawSample(sample))
  const resampled = new SincResampler(TELEPHONE_HZ, AGENT_HZ).push(linear)
  const bytes = Buffer.alloc(resampled.length * 2)
  resampled.forEach((sample, position) => bytes.writeInt16LE(sample, position * 2))
  return bytes
}
