// A recording as bridge writes it, with the levels that a test wants.
import { wavHeader } from '../../bridge/record/wav-format.ts'

/** From 0 to 32,768, by the second. */
export type Level = (second: number) => number

/** Stereo at 8000 Hz: both sides alternate between their level and its negative. */
export function wav(seconds: number, caller: Level, agent: Level): Buffer {
  const pairs = Math.round(seconds * 8000)
  const samples = new Int16Array(pairs * 2)
  for (let at = 0; at < pairs; at += 1) {
    const sign = at % 2 === 0 ? 1 : -1
    samples[at * 2] = sign * caller(at / 8000)
    samples[at * 2 + 1] = sign * agent(at / 8000)
  }
  return Buffer.concat([wavHeader(pairs * 4), Buffer.from(samples.buffer)])
}
