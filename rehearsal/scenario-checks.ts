// What is special to a scenario: small checks of a take, each a complaint in words when it does not hold. Pure.
import { soundBytes } from '#simulators/carrier'
import { levelDbm0, loadSpeech, type SpeechName } from '#simulators/speech'
import { stalledMs } from './gaps.ts'
import { findSpeech } from './heard-speech.ts'
import { understand } from './intelligible.ts'
import { beginningOf } from './measure.ts'
import type { Take, TimelineFact } from './take.ts'

type Complaints = readonly string[]

const BYTES_PER_MS = 8

export const unless = (holds: boolean, complaint: string): string[] => (holds ? [] : [complaint])

export const factsOf = ({ timeline }: Take, type: string): readonly TimelineFact[] =>
  timeline.filter((fact) => fact.type === type)

export const endedByBye = ({ carrier }: Take, by: 'carrier' | 'gateway'): Complaints =>
  unless(carrier?.byeBy === by, `the ${by} was to send BYE`)

export function prewarmed({ timeline, carrier, stalls }: Take): Complaints {
  const indexOf = (wanted: string): number => {
    const found = timeline.findIndex(({ type }) => type === wanted)
    return found < 0 ? Infinity : found
  }
  const { inviteAt = 0, answeredAt = null } = carrier ?? {}
  const ringsMs = (answeredAt ?? inviteAt) - inviteAt
  // It takes milliseconds: only where the machine had no time for anything it may come later.
  const hadNoTime = stalledMs(stalls, inviteAt, inviteAt + ringsMs) > ringsMs / 2
  return unless(
    indexOf('agent.prewarmed') < indexOf('sip.answered') || hadNoTime,
    'the way to the agent was not prepared before the answer',
  )
}

export const hadEarlyMedia = ({ timeline }: Take): Complaints =>
  unless(
    timeline.some(
      ({ type, fields }) => type === 'sip.provisional' && fields['early_media'] === true,
    ),
    'the early media is not in the timeline',
  )

/** No 200 ms of the announcement may be among what the agent got. */
export function operatorUnheard({ sessions }: Take): Complaints {
  const pieceBytes = 200 * BYTES_PER_MS
  const announcement = loadSpeech('operator-unavailable')
  const heard = Buffer.concat(sessions.map(({ callerAudio }) => callerAudio))
  for (let at = 0; at + pieceBytes <= announcement.length; at += pieceBytes) {
    const piece = announcement.subarray(at, at + pieceBytes)
    // A pause is silence, which everybody hears.
    if (levelDbm0(piece) > -45 && heard.includes(piece))
      return ['the agent was given the announcement that came before the answer']
  }
  return []
}

export function wasSpeakingAtTheEnd({ carrier }: Take): Complaints {
  const spokenMsBefore = (carrier?.byeAt ?? 0) - (carrier?.rtpIn.voiceAt ?? 0)
  return unless(spokenMsBefore < 600, 'the agent was not speaking when the caller hung up')
}

export function agentClosedFirst({ carrier, sessions }: Take): Complaints {
  const [session] = sessions
  const byAgent = session?.closedBy === 'agent' && session.closeCode === 1000
  const isBefore = (session?.closedAt ?? Infinity) < (carrier?.byeAt ?? 0)
  return unless(byAgent && isBefore, 'the agent was to close with 1000 before the BYE')
}

/** From the end of the agent to the first word of the apology, and from its last one to the BYE. */
const APOLOGY_WITHIN_MS = 1000
const BYE_WITHIN_MS = 1500

/** The agent is gone: the person is told so at once, and then the call ends. What the machine kept waiting comes later. */
export function wasToldOfFailure({ carrier, sessions, stalls }: Take): Complaints {
  const said = loadSpeech('fallback-message')
  const goneAt = sessions.at(-1)?.closedAt ?? null
  const { audio, beganAt } = carrier?.rtpIn ?? { audio: Buffer.alloc(0), beganAt: null }
  const [place] = beginningOf(audio, said)
  if (goneAt === null || beganAt === null || place === undefined)
    return ['nobody told the person on the phone that the agent is gone']
  const toldAt = beganAt + place / BYTES_PER_MS
  const overAt = toldAt + said.length / BYTES_PER_MS
  const byeAt = carrier?.byeAt ?? Infinity
  const byeWithinMs = BYE_WITHIN_MS + stalledMs(stalls, toldAt, byeAt)
  return [
    ...unless(
      toldAt - goneAt <= APOLOGY_WITHIN_MS + stalledMs(stalls, goneAt, toldAt),
      `the person was told ${(toldAt - goneAt).toFixed(0)} ms after the agent was gone`,
    ),
    ...unless(
      byeAt >= overAt - 100 && byeAt - overAt <= byeWithinMs,
      `BYE came ${(byeAt - overAt).toFixed(0)} ms after the last word`,
    ),
  ]
}

const SECOND_WITHIN_MS = 2000

/** The first attempt failed early, so there was one more, never two at a time, and the record says so. */
export function triedTwice(take: Take): Complaints {
  const [first, second] = take.sessions
  const waitedMs = (second?.upgradeAt ?? Infinity) - (first?.closedAt ?? Infinity)
  const failed = factsOf(take, 'agent.attempt_failed')
  return [
    ...unless(
      waitedMs >= 0 && waitedMs <= SECOND_WITHIN_MS,
      `the second attempt came ${waitedMs.toFixed(0)} ms after the end of the first`,
    ),
    ...unless(
      failed.length === 1 && failed[0]?.fields['close_code'] === first?.closeCode,
      'the timeline does not tell how the first attempt failed',
    ),
  ]
}

export const triedOnce = (take: Take): Complaints =>
  unless(
    factsOf(take, 'agent.attempted').length === 1 &&
      factsOf(take, 'agent.attempt_failed').length === 0,
    'what the agent refuses for good was to be asked for once',
  )

/** Interruption to silence on the phone: the way there, a frame on its way, and what a busy machine adds. */
const SILENT_WITHIN_MS = 200

export function fellSilent(take: Take): Complaints {
  const { carrier, sessions } = take
  const interruptedAt = sessions[0]?.interruptions[0]?.at
  const beganAt = carrier?.rtpIn.beganAt ?? null
  if (!carrier || interruptedAt === undefined || beganAt === null)
    return ['the agent was not interrupted']
  const silentWithinMs =
    SILENT_WITHIN_MS + stalledMs(take.stalls, interruptedAt, interruptedAt + SILENT_WITHIN_MS)
  const quietFrom = BYTES_PER_MS * Math.round(interruptedAt + silentWithinMs - beganAt)
  // The caller goes on asking for longer than this.
  const quiet = carrier.rtpIn.audio.subarray(quietFrom, quietFrom + BYTES_PER_MS * 1000)
  const [fact] = factsOf(take, 'agent.interrupted')
  return [
    ...unless(
      sessions[0]?.interruptions.length === 1 && Number(fact?.fields['discarded_ms']) > 0,
      'the interruption did not discard what was still to be heard',
    ),
    ...unless(
      levelDbm0(quiet) < -60,
      `the agent was still heard ${silentWithinMs.toFixed(0)} ms after it was interrupted`,
    ),
  ]
}

const RTP_WITHIN_MS = 500

/** RTP flows from the answer on, with nothing in it, until the agent speaks; and how long that took is told. */
export function waitedInSilence(take: Take, slowMs: number): Complaints {
  const { carrier, sessions } = take
  const { firstAt = null, beganAt = null, audio = Buffer.alloc(0) } = carrier?.rtpIn ?? {}
  const answeredAt = carrier?.answeredAt ?? null
  const [place = -1] = beginningOf(audio, loadSpeech('agent-greeting'))
  // A pause in its first word, made by the machine, lets it seem to begin so much later.
  const beginsAt = (beganAt ?? 0) + place / BYTES_PER_MS
  const torn = BYTES_PER_MS * Math.ceil(stalledMs(take.stalls, beginsAt - 500, beginsAt + 500))
  const metadataAt = sessions[0]?.metadataAt ?? Infinity
  const [told] = factsOf(take, 'agent.first_audio')
  const toldMs = (told?.at ?? Infinity) - metadataAt
  return [
    ...unless(
      firstAt !== null &&
        answeredAt !== null &&
        firstAt - answeredAt < RTP_WITHIN_MS + stalledMs(take.stalls, answeredAt, firstAt),
      'RTP did not begin with the answer',
    ),
    ...unless(place > (slowMs - 500) * BYTES_PER_MS, 'the agent was not slow'),
    ...unless(
      place > 0 && levelDbm0(audio.subarray(0, place - torn)) < -60,
      'something was heard before the agent spoke',
    ),
    ...unless(
      Math.abs(toldMs - slowMs) < 1000 + stalledMs(take.stalls, metadataAt, metadataAt + slowMs),
      `the timeline has the first audio ${toldMs.toFixed(0)} ms after the metadata, not ${slowMs}`,
    ),
  ]
}

/** Keys reach the agent as words, the record says that some were pressed, and nowhere which. */
export function keysArrived(take: Take, entries: readonly string[], pressed: Keys): Complaints {
  const messages = take.sessions.flatMap(({ otherMessages }) => otherMessages)
  const words = messages.filter(({ type }) => type === 'user_message').map(({ text }) => text)
  const facts = factsOf(take, 'dtmf')
  const countOf = (source: string): number =>
    facts.filter(({ fields }) => fields['source'] === source).length
  return [
    ...unless(
      words.join() === entries.join(),
      `the agent was told of ${words.length} entries that are not those pressed`,
    ),
    ...unless(
      countOf('rtp') === pressed.byRtp && countOf('sip-info') === pressed.byInfo,
      `the timeline has ${countOf('rtp')} keys by RTP and ${countOf('sip-info')} by INFO`,
    ),
    ...unless(
      facts.every(({ fields }) => !('digit' in fields) && !('key' in fields)),
      'the timeline tells which keys were pressed',
    ),
  ]
}

interface Keys {
  readonly byRtp: number
  readonly byInfo: number
}

const STALL_TOLD_MS = 5000
const LOST_AFTER_MS = 30_000
/** The watchdogs look at each frame; a busy machine and the way to the record add some. */
const LATE_BY_MS = 2000

/** No sound and no signalling any more: told, then ended, and the agent does not go on costing. */
export function gaveUpOnCarrier(take: Take): Complaints {
  const vanishedAt = take.carrier?.vanishedAt ?? NaN
  const stalls = factsOf(take, 'media.stalled').map(({ at }) => at - vanishedAt)
  const closedMs = (take.sessions[0]?.closedAt ?? Infinity) - vanishedAt
  const isAbout = (value: number | undefined, wanted: number): boolean =>
    value !== undefined && value > wanted - 500 && value < wanted + LATE_BY_MS
  return [
    ...unless(
      isAbout(stalls[0], STALL_TOLD_MS),
      `media.stalled was told ${String(stalls[0]?.toFixed(0))} ms after the sound stopped`,
    ),
    ...unless(
      isAbout(closedMs, LOST_AFTER_MS),
      `the agent was closed ${closedMs.toFixed(0)} ms after the carrier was gone`,
    ),
  ]
}

/** As the product counts and as the far end reports: both ways, with a round trip. */
export function lossIsKnown(take: Take): Complaints {
  const [summary] = factsOf(take, 'media.summary')
  const received = fieldsOf(summary?.fields['received'])
  const sent = fieldsOf(summary?.fields['sent'])
  const roundTrip = summary?.fields['round_trip_ms']
  return [
    ...unless(Number(received['lost']) > 0, 'the summary knows of no loss on the way to us'),
    ...unless(Number(sent['lost']) > 0, 'the summary knows of no loss on the way from us'),
    ...unless(Number(received['jitter_ms']) > 3, 'the summary knows of no jitter'),
    ...unless(typeof roundTrip === 'number', 'the summary knows no round trip'),
    ...unless(
      Number(received['mos']) < 4.3 && Number(received['mos']) > 1,
      `the summary’s MOS is ${String(received['mos'])}`,
    ),
  ]
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

/** The SDP named what cannot be reached: sound went to, and was taken from, where the phone really is. */
export function wentRoundNat({ carrier }: Take): Complaints {
  const answer = carrier?.messages.find(
    ({ direction, startLine }) => direction === 'sent' && startLine.startsWith('SIP/2.0 200'),
  )
  return [
    ...unless(
      answer?.raw.includes('c=IN IP4 10.0.0.7') === true,
      'the SDP did not name the private address',
    ),
    ...unless((carrier?.rtpIn.packets ?? 0) > 50, 'no sound reached the phone behind the NAT'),
  ]
}

const RECORDING_OFF_BY_MS = 1000
const UNDERSTOOD_SHARE = 0.85

/** Stereo, as long as the talk, the caller left and the agent right. */
export function wasRecorded(
  take: Take,
  left: SpeechName,
  right: readonly SpeechName[],
): Complaints {
  const { recording, carrier } = take
  if (recording === null) return ['there is no recording of the call']
  const talkMs = (carrier?.byeAt ?? NaN) - (carrier?.answeredAt ?? NaN)
  const waitedMs = stalledMs(take.stalls, carrier?.answeredAt ?? 0, carrier?.byeAt ?? 0)
  const has = (side: Buffer, name: SpeechName): boolean => {
    const said = soundBytes({ speech: name })
    if (findSpeech(side, said) !== undefined) return true
    // What was missed at the other end is judged there; here it is the same sound.
    return waitedMs > 0 && (understand(side, said)?.share ?? 0) >= UNDERSTOOD_SHARE
  }
  return [
    ...unless(recording.channels === 2, 'the recording is not stereo'),
    ...unless(
      Math.abs(recording.durationMs - talkMs) <= RECORDING_OFF_BY_MS,
      `the recording has ${recording.durationMs.toFixed(0)} ms of ${talkMs.toFixed(0)} ms of talk`,
    ),
    ...unless(has(recording.left, left), 'the caller is not on the left of the recording'),
    ...unless(!has(recording.right, left), 'the caller is on the right of the recording'),
    ...right.flatMap((name) =>
      unless(has(recording.right, name), `${name} is not on the right of the recording`),
    ),
    ...factsOf(take, 'recording.failed').map(() => 'the timeline tells of a recording that failed'),
  ]
}
