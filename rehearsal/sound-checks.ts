// What must hold of the sound at both ends, and what is only worth a note. Pure.
import { FRAME_MS } from '#core/contracts'
import { soundBytes } from '#simulators/carrier'
import type { SpeechName } from '#simulators/speech'
import { areFaulty, GAP_MS, isExcused, type Gaps } from './gaps.ts'
import { findSpeech } from './heard-speech.ts'
import { understand } from './intelligible.ts'
import { measure } from './measure.ts'
import type { Expectation } from './scenario.ts'
import type { Take } from './take.ts'

export interface SoundFindings {
  readonly complaints: readonly string[]
  /** Worth knowing, no failure. */
  readonly notes: readonly string[]
}

interface Finding {
  readonly text: string
  readonly isFault: boolean
}

const unless = (holds: boolean, complaint: string): Finding[] =>
  holds ? [] : [{ text: complaint, isFault: true }]

export function checkSound(expect: Expectation, take: Take): SoundFindings {
  const findings = findingsOn(expect, take)
  const textsOf = (isFault: boolean): string[] =>
    findings.filter((finding) => finding.isFault === isFault).map(({ text }) => text)
  return { complaints: textsOf(true), notes: textsOf(false) }
}

function findingsOn(expect: Expectation, take: Take): Finding[] {
  const { callerHears, agentHears, lossy = false } = expect
  const rtp = take.carrier?.rtpIn
  const judge = lossy ? checkUnderstood : checkHeard
  return [
    ...callerHears.flatMap((name) => judge(name, take, onThePhone(take))),
    ...agentHears.flatMap((name) => judge(name, take, atTheAgent(take))),
    ...(lossy ? notJudged(take) : checkGaps(take)),
    ...unless((rtp?.malformed ?? 0) === 0, `${String(rtp?.malformed)} RTP packets were malformed`),
    ...unless(
      rtp?.packetMs.every((ms) => ms === FRAME_MS) ?? true,
      `RTP packets carried ${String(rtp?.packetMs.join(', '))} ms`,
    ),
    ...unless((rtp?.ssrcs.length ?? 0) <= 1, 'the RTP changed its SSRC'),
  ]
}

const notJudged = ({ carrier }: Take): Finding[] =>
  carrier?.answeredAt == null
    ? []
    : [{ text: 'gaps are not judged here: the scenario makes them', isFault: false }]

function checkGaps(take: Take): Finding[] {
  const { callerGaps, agentGaps } = measure(take)
  const excused = callerGaps.excused + agentGaps.excused
  const text = `gaps not counted, because this machine kept our threads waiting then: ${excused}`
  return [
    ...(excused > 0 ? [{ text, isFault: false }] : []),
    ...gapFinding('the phone', callerGaps),
    ...gapFinding('the agent', agentGaps),
  ]
}

function gapFinding(who: string, gaps: Gaps): Finding[] {
  const { count, longestMs } = gaps
  if (count === 0) return []
  const text = `${who} heard ${count} gaps over ${GAP_MS} ms, the longest ${longestMs.toFixed(0)} ms`
  return [{ text, isFault: areFaulty(gaps) }]
}

interface Heard {
  readonly who: string
  readonly audio: Buffer
  /** When the sound at that place was heard. */
  readonly timeOf: (offsetBytes: number) => number
}

const BYTES_PER_MS = 8

function onThePhone({ carrier }: Take): Heard {
  const audio = carrier?.rtpIn.audio ?? Buffer.alloc(0)
  const firstAt = carrier?.rtpIn.firstAt ?? 0
  return { who: 'the phone', audio, timeOf: (offset) => firstAt + offset / BYTES_PER_MS }
}

function atTheAgent({ sessions }: Take): Heard {
  const frames = sessions.flatMap(({ callerFrames }) => callerFrames)
  const timeOf = (offset: number): number => {
    let end = 0
    return frames.find(({ bytes }) => (end += bytes) > offset)?.at ?? 0
  }
  const audio = Buffer.concat(sessions.map(({ callerAudio }) => callerAudio))
  return { who: 'the agent', audio, timeOf }
}

/** What is held to be played makes a pause come later than its cause. */
const HELD_MS = 250

function checkHeard(name: SpeechName, { stalls }: Take, { who, audio, timeOf }: Heard): Finding[] {
  const found = findSpeech(audio, soundBytes({ speech: name }))
  if (!found) return unless(false, `${who} did not hear ${name} whole`)
  const pauses = found
    .map(({ offsetBytes, ms, isFilled }) => {
      const from = timeOf(offsetBytes)
      return { from: from - HELD_MS, to: from + ms, ms, isFilled }
    })
    .filter((pause) => (pause.isFilled || pause.ms > GAP_MS) && !isExcused(stalls, pause))
  // A silent one is a gap like others; sound made up where nothing was lost never is right.
  const silent = pauses.filter(({ isFilled }) => !isFilled)
  const longestMs = silent.reduce((longest, { ms }) => Math.max(longest, ms), 0)
  const faulty = areFaulty({ count: silent.length, longestMs })
  return pauses.map(({ ms, isFilled }) => ({
    text: `${who} heard ${name} with a pause of ${ms.toFixed(0)} ms in it`,
    isFault: isFilled || faulty,
  }))
}

/** With packets lost on purpose: most of it, no stretch of it missing for longer than a syllable, at its pace. */
const UNDERSTOOD = { share: 0.85, longestLossMs: 160, longestSilenceMs: 100, stretchMs: 200 }

function checkUnderstood(name: SpeechName, take: Take, { who, audio }: Heard): Finding[] {
  const found = understand(audio, soundBytes({ speech: name }))
  if (!found) return unless(false, `${who} did not hear ${name}`)
  const { share, longestLossMs, longestSilenceMs, stretchMs } = found
  return [
    ...unless(
      share >= UNDERSTOOD.share,
      `${who} heard ${(share * 100).toFixed(0)} % of ${name} as it was said`,
    ),
    ...unless(
      longestLossMs <= UNDERSTOOD.longestLossMs,
      `${who} missed ${longestLossMs} ms in a row of ${name}`,
    ),
    ...unless(
      longestSilenceMs <= UNDERSTOOD.longestSilenceMs,
      `${who} heard ${longestSilenceMs.toFixed(0)} ms of silence in ${name}`,
    ),
    ...unless(
      Math.abs(stretchMs) <= UNDERSTOOD.stretchMs + stalledMs(take),
      `${who} heard ${name} stretched by ${stretchMs.toFixed(0)} ms`,
    ),
  ]
}

/** What was kept waiting is skipped: so much later, at most, the rest may be. */
function stalledMs({ stalls, carrier, takenAt }: Take): number {
  const [from, to] = [carrier?.answeredAt ?? takenAt, carrier?.byeAt ?? takenAt]
  return stalls
    .filter((stall) => stall.to > from && stall.from < to)
    .reduce((sum, stall) => sum + stall.to - stall.from, 0)
}
