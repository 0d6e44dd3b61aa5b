// What must hold of the sound at both ends, and what is only worth a note. Pure.
import { FRAME_MS } from '#core/contracts'
import { soundBytes } from '#simulators/carrier'
import type { SpeechName } from '#simulators/speech'
import { areFaulty, GAP_MS, isExcused, stalledMs, type Gaps } from './gaps.ts'
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
    // A thread that is kept waiting sends later, or skips: nothing is lost between programs of one machine.
    ...unless(lossy || (rtp?.lost ?? 0) === 0, `the phone missed ${String(rtp?.lost)} RTP packets`),
    ...unless((rtp?.malformed ?? 0) === 0, `${String(rtp?.malformed)} RTP packets were malformed`),
    ...unless(
      rtp?.packetMs.every((ms) => ms === FRAME_MS) ?? true,
      `RTP packets carried ${String(rtp?.packetMs.join(', '))} ms`,
    ),
    // Other programs of this machine may still send to whoever had this port before: one stream from each place.
    ...unless(
      (rtp?.ssrcs.length ?? 0) <= Math.max(1, rtp?.sources.length ?? 0),
      'the RTP changed its SSRC',
    ),
    ...strangers(rtp?.sources.length ?? 0),
  ]
}

const strangers = (places: number): Finding[] =>
  places > 1 ? [{ text: `RTP came from ${places} places`, isFault: false }] : []

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
  const beganAt = carrier?.rtpIn.beganAt ?? 0
  return { who: 'the phone', audio, timeOf: (offset) => beganAt + offset / BYTES_PER_MS }
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

function checkHeard(name: SpeechName, take: Take, heard: Heard): Finding[] {
  const { stalls } = take
  const { who, audio, timeOf } = heard
  const found = findSpeech(audio, soundBytes({ speech: name }))
  if (!found) return [checkMissed(name, take, heard)]
  const pauses = found
    .map(({ offsetBytes, ms, isFilled }) => {
      const from = timeOf(offsetBytes)
      return { from: from - HELD_MS, to: from + ms, ms, isFilled }
    })
    .filter((pause) => (pause.isFilled || pause.ms >= GAP_MS) && !isExcused(stalls, pause))
  // A silent one is a gap like others; sound made up where nothing was lost never is right.
  const silent = pauses.filter(({ isFilled }) => !isFilled)
  const longestMs = silent.reduce((longest, { ms }) => Math.max(longest, ms), 0)
  const faulty = areFaulty({ count: silent.length, longestMs })
  return pauses.map(({ ms, isFilled }) => ({
    text: `${who} heard ${name} with a pause of ${ms.toFixed(0)} ms in it`,
    isFault: isFilled || faulty,
  }))
}

/** What came so much too late may have been given up before, or have come on top of what was made up for it. */
const GIVEN_UP_MS = 1000

/** Not whole: a fault, unless each piece that is missing is the machine's doing, and it can be understood. */
function checkMissed(name: SpeechName, take: Take, { who, audio, timeOf }: Heard): Finding {
  const { stalls } = take
  const found = understand(audio, soundBytes({ speech: name }))
  const losses = found?.losses.map(({ offsetBytes, ms }) => ({ at: timeOf(offsetBytes), ms })) ?? []
  const missedMs = sumOf(losses)
  const isOurs = losses.some(({ at, ms }) => {
    const from = at - GIVEN_UP_MS
    const since = losses.filter((loss) => loss.at >= from && loss.at <= at)
    return !isExcused(stalls, { from, to: at + ms, ms: sumOf(since) })
  })
  const isUnderstood = found !== undefined && found.share >= UNDERSTOOD.share
  if (!isUnderstood || isOurs || stalledInTalk(take) === 0)
    return { text: `${who} did not hear ${name} whole`, isFault: true }
  const text = `${who} missed ${missedMs} ms of ${name}, while this machine kept our threads waiting`
  return { text, isFault: false }
}

const sumOf = (losses: readonly { readonly ms: number }[]): number =>
  losses.reduce((sum, { ms }) => sum + ms, 0)

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
      Math.abs(stretchMs) <= UNDERSTOOD.stretchMs + stalledInTalk(take),
      `${who} heard ${name} stretched by ${stretchMs.toFixed(0)} ms`,
    ),
  ]
}

/** What was kept waiting is skipped: so much later, at most, the rest may be. */
const stalledInTalk = ({ stalls, carrier, takenAt }: Take): number =>
  stalledMs(stalls, carrier?.answeredAt ?? takenAt, carrier?.byeAt ?? takenAt)
