// Who was heard when, by the levels of a recording: energy against a threshold of that line, held over the pauses within
// words.
import { setImmediate } from 'node:timers/promises'
import { loudest } from '../peaks/peaks-view.ts'
import type { Peaks } from '../peaks/peak-scan.ts'
import type { HeardLevels, Stretch } from './silence.ts'

/** What is looked at as one: a packet of RTP. */
const FRAME_MS = 20
/** Of full scale, 32,768: −40 and −24 dB. In between it goes by the noise of the line. */
const LEAST_THRESHOLD = 330
const MOST_THRESHOLD = 2000
const ABOVE_NOISE = 2.5
/** So much of the time is no more than noise, on any line: people breathe. */
const NOISE_QUANTILE = 0.1
/** Pauses within words and between them. */
const HANGOVER_MS = 300
/** Shorter is a click. */
const LEAST_SPEECH_MS = 60
/** The far end sends the agent back to us, so much weaker (10 dB) and so much later: that is not the caller. */
const ECHO_SHARE = 0.3
const ECHO_MS = 400

/**
 * A few milliseconds for an hour, in steps between which others have their turn.
 * @param recording where it lies on the axis
 * @param covered what of it was not paused
 */
export async function speechOfLevels(
  peaks: Peaks,
  recording: Stretch,
  covered: readonly Stretch[],
): Promise<HeardLevels> {
  const perFrame = Math.max(1, Math.round((FRAME_MS * peaks.sampleRate) / 1000 / peaks.stretch))
  const frameMs = (perFrame * peaks.stretch * 1000) / peaks.sampleRate
  const onAxis = ({ from, to }: Stretch): Stretch => ({
    from: recording.from + from * frameMs,
    to: Math.min(recording.to, recording.from + to * frameMs),
  })
  const agentFrames = framesOf(peaks.agent, perFrame)
  await setImmediate()
  const callerFrames = framesOf(peaks.caller, perFrame)
  await setImmediate()
  const agent = runsOf(above(agentFrames, thresholdOf(agentFrames)), frameMs)
  await setImmediate()
  const echo = loudestLately(agentFrames, Math.ceil(ECHO_MS / frameMs))
  await setImmediate()
  const caller = runsOf(above(callerFrames, thresholdOf(callerFrames), echo), frameMs)
  return { covered, caller: caller.map(onAxis), agent: agent.map(onAxis) }
}

function framesOf(side: Uint16Array, perFrame: number): Uint16Array {
  const frames = new Uint16Array(Math.ceil(side.length / perFrame))
  for (let at = 0; at < frames.length; at += 1) frames[at] = loudest(side, at * perFrame, perFrame)
  return frames
}

/** Digital silence is none of the line's: pauses of the agent's, holes and what was not recorded. */
function thresholdOf(frames: Uint16Array): number {
  const counts = new Uint32Array(32_769)
  let total = 0
  for (const level of frames) {
    if (level === 0) continue
    counts[level] = (counts[level] ?? 0) + 1
    total += 1
  }
  let below = 0
  let noise = 0
  while (noise < 32_768 && below < total * NOISE_QUANTILE) {
    noise += 1
    below += counts[noise] ?? 0
  }
  return Math.min(MOST_THRESHOLD, Math.max(LEAST_THRESHOLD, noise * ABOVE_NOISE))
}

/** 1 for a frame above the threshold, and above what may be an echo. */
function above(frames: Uint16Array, threshold: number, echo?: Uint16Array): Uint8Array {
  const flags = new Uint8Array(frames.length)
  for (let at = 0; at < frames.length; at += 1) {
    const least = Math.max(threshold, (echo?.[at] ?? 0) * ECHO_SHARE)
    if ((frames[at] ?? 0) > least) flags[at] = 1
  }
  return flags
}

/** The largest of each frame and so many before it. */
function loudestLately(frames: Uint16Array, count: number): Uint16Array {
  const found = new Uint16Array(frames.length)
  // Positions of levels that fall: the first is the largest of those in reach.
  const falling = new Uint32Array(frames.length)
  let first = 0
  let end = 0
  for (let at = 0; at < frames.length; at += 1) {
    const level = frames[at] ?? 0
    while (end > first && (frames[falling[end - 1] ?? 0] ?? 0) <= level) end -= 1
    falling[end] = at
    end += 1
    while ((falling[first] ?? at) + count < at) first += 1
    found[at] = frames[falling[first] ?? at] ?? 0
  }
  return found
}

/** Stretches of ones, with zeros shorter than the hangover taken for ones; in frames. */
function runsOf(flags: Uint8Array, frameMs: number): Stretch[] {
  const runs: Stretch[] = []
  let at = flags.indexOf(1)
  while (at >= 0) {
    const zero = flags.indexOf(0, at)
    const to = zero < 0 ? flags.length : zero
    const last = runs.at(-1)
    if (last !== undefined && (at - last.to) * frameMs < HANGOVER_MS)
      runs[runs.length - 1] = { from: last.from, to }
    else runs.push({ from: at, to })
    at = flags.indexOf(1, to)
  }
  return runs.filter(({ from, to }) => (to - from) * frameMs >= LEAST_SPEECH_MS)
}
