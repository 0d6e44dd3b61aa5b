// A WAV file's audio as the telephone plays it: mono, 8000 Hz, µ-law. Done in pieces, because it runs beside SIP: five
// minutes of 48 kHz in one go would hold up every call for a second.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TELEPHONE_RATE } from '#core/contracts'
import { g711 } from '../audio/g711.ts'
import { createResampler } from '../audio/resampler.ts'
import { frameBytesOf, type WavAudio } from './wav-file.ts'

/** The agents' rates, and those that editors write. A filter for any other rate could be as large as the file. */
export const PROMPT_RATES: readonly number[] = [
  8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
]
/** Some 20 ms of audio, whatever the rate: a few tenths of a millisecond of work. */
const PIECES_PER_SECOND = 50

/** Of a rate in PROMPT_RATES. */
export async function toTelephone(wav: WavAudio): Promise<Uint8Array> {
  const { encoding, channels, rateHz, data } = wav
  if (encoding === 'PCMU' && channels === 1 && rateHz === TELEPHONE_RATE) return data.slice()
  const frames = data.length / frameBytesOf(wav)
  const ulaw = new Uint8Array(Math.ceil((frames * TELEPHONE_RATE) / rateHz))
  const resampler = createResampler(rateHz, TELEPHONE_RATE)
  // The filter holds back its delay: what it still has at the end is pushed out by silence, and its start is cut.
  const delay = resampler === null ? 0 : Math.round((resampler.delayMs * TELEPHONE_RATE) / 1000)
  const tail = Math.ceil((delay * rateHz) / TELEPHONE_RATE)
  const pieceFrames = Math.ceil(rateHz / PIECES_PER_SECOND)
  const law = g711('PCMU')
  let made = -delay
  for (let from = 0; from < frames + tail; from += pieceFrames) {
    const linear = linearPiece(wav, from, Math.min(pieceFrames, frames + tail - from))
    const samples = resampler?.process(linear) ?? linear
    for (const sample of samples) {
      if (made >= 0 && made < ulaw.length) ulaw[made] = law.encode(sample)
      made += 1
    }
    await nextTurn()
  }
  return ulaw
}

/** `count` samples from `from` on, both channels mixed; zero behind the end. */
function linearPiece(wav: WavAudio, from: number, count: number): Int16Array {
  const samples = new Int16Array(count)
  const frames = wav.data.length / frameBytesOf(wav)
  const read = sampleReader(wav)
  for (let at = 0; at < count && from + at < frames; at += 1) {
    const index = (from + at) * wav.channels
    samples[at] = wav.channels === 1 ? read(index) : (read(index) + read(index + 1)) >> 1
  }
  return samples
}

function sampleReader({ encoding, data }: WavAudio): (index: number) => number {
  if (encoding !== 'pcm-16') {
    const { decode } = g711(encoding)
    return (index) => decode[data[index] ?? 0] ?? 0
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return (index) => view.getInt16(index * 2, true)
}
