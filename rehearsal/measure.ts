// The figures of one call, by the simulators' own clock. Pure.
import { FRAME_MS } from '#core/contracts'
import { soundBytes, type AudioHole } from '#simulators/carrier'
import type { SpeechName } from '#simulators/speech'
import type { Stall, Take } from './take.ts'

export interface Gaps {
  readonly count: number
  readonly longestMs: number
  /** Not counted: the machine made them. */
  readonly excused: number
}

export interface Figures {
  /** Upgrade requests, refused ones too. */
  readonly agentSessions: number
  /** All time from upgrade to close, as the vendor would bill it. */
  readonly agentSeconds: number
  readonly agentSecondsBeforeAnswer: number
  readonly agentSecondsAfterHangUp: number
  /** 200 OK at the carrier → upgrade request at the agent. */
  readonly answerToAgentMs: number | null
  /** First audio leaves the agent → its first sample is heard on the phone, by the RTP timestamps. */
  readonly agentAudioToRtpMs: number | null
  readonly callerGaps: Gaps
  readonly agentGaps: Gaps
  /** INVITE to the end of the agent's work: what is billed when the agent is opened at the INVITE. */
  readonly secondsFromInvite: number
}

const BYTES_PER_MS = 8
const GAP_MS = 20
/** Enough of a sound to know it by. */
const PRINT_BYTES = 400

export function measure(take: Take): Figures {
  const { carrier, sessions } = take
  const answeredAt = carrier?.answeredAt ?? null
  const hungUpAt = hangUpOf(take)
  const spans = sessions.map(({ upgradeAt, closedAt }) => ({
    from: upgradeAt,
    to: closedAt ?? take.takenAt,
  }))
  const first = spans[0]
  return {
    agentSessions: sessions.length,
    agentSeconds: seconds(spans, ({ from, to }) => to - from),
    agentSecondsBeforeAnswer: seconds(
      spans,
      ({ from, to }) => Math.min(to, answeredAt ?? to) - from,
    ),
    agentSecondsAfterHangUp: seconds(spans, ({ from, to }) => to - Math.max(from, hungUpAt)),
    answerToAgentMs: answeredAt !== null && first !== undefined ? first.from - answeredAt : null,
    agentAudioToRtpMs: agentAudioToRtp(take),
    callerGaps: callerGaps(take),
    agentGaps: agentGaps(take),
    secondsFromInvite: fromInvite(take, spans),
  }
}

/** BYE sent or received by the carrier, else the end of the call there, else now. */
export const hangUpOf = ({ carrier, takenAt }: Take): number =>
  carrier?.byeAt ?? carrier?.endedAt ?? takenAt

export const hasSpeech = (heard: Buffer, name: SpeechName): boolean =>
  heard.includes(soundBytes({ speech: name }))

/** What was heard on the phone, without the pauses that the machine made: the product waits, it does not skip. */
export function heardOnPhone({ carrier, stalls }: Take): Buffer {
  if (!carrier) return Buffer.alloc(0)
  const { audio, holes, firstAt } = carrier.rtpIn
  const kept: Buffer[] = []
  let from = 0
  for (const hole of holes) {
    if (!isExcused(stalls, gapOf(hole, firstAt ?? 0))) continue
    kept.push(audio.subarray(from, hole.offsetMs * BYTES_PER_MS))
    from = (hole.offsetMs + hole.ms) * BYTES_PER_MS
  }
  return Buffer.concat([...kept, audio.subarray(from)])
}

interface Span {
  readonly from: number
  readonly to: number
}

const seconds = (spans: readonly Span[], length: (span: Span) => number): number =>
  spans.reduce((sum, span) => sum + Math.max(0, length(span)), 0) / 1000

function agentAudioToRtp({ carrier, sessions }: Take): number | null {
  const sentAt = sessions[0]?.sentAudioAt[0]
  const firstAt = carrier?.rtpIn.firstAt ?? null
  if (!carrier || sentAt === undefined || firstAt === null) return null
  // Whatever the agent said first was one of its recordings, from the beginning.
  const names = ['agent-greeting', 'agent-reply', 'agent-goodbye'] as const
  const places = names
    .map((speech) => carrier.rtpIn.audio.indexOf(soundBytes({ speech }).subarray(0, PRINT_BYTES)))
    .filter((place) => place >= 0)
  if (places.length === 0) return null
  return firstAt + Math.min(...places) / BYTES_PER_MS - sentAt
}

/** A gap as somebody heard it. */
interface Gap {
  readonly from: number
  readonly to: number
  readonly ms: number
}

/** By arrival, and by the timestamps: what no jitter buffer can mend. */
function callerGaps({ carrier, stalls }: Take): Gaps {
  if (!carrier) return summary([], stalls)
  const { gaps, holes, firstAt } = carrier.rtpIn
  const late = gaps.map(({ at, ms }) => ({ from: at - ms - FRAME_MS, to: at, ms }))
  return summary([...late, ...holes.map((hole) => gapOf(hole, firstAt ?? 0))], stalls)
}

const gapOf = ({ offsetMs, ms }: AudioHole, firstAt: number): Gap => ({
  from: firstAt + offsetMs,
  to: firstAt + offsetMs + ms,
  ms,
})

/** A message that comes later than the sound in it accounts for. */
function agentGaps({ sessions, stalls }: Take): Gaps {
  const gaps = sessions.flatMap(({ callerFrames }) =>
    callerFrames.flatMap(({ at, bytes }, index): Gap[] => {
      const before = callerFrames[index - 1]
      if (before === undefined) return []
      return [{ from: before.at, to: at, ms: at - before.at - bytes / BYTES_PER_MS }]
    }),
  )
  return summary(gaps, stalls)
}

function summary(all: readonly Gap[], stalls: readonly Stall[]): Gaps {
  const gaps = all.filter(({ ms }) => ms > GAP_MS)
  const counted = gaps.filter((gap) => !isExcused(stalls, gap))
  const longestMs = counted.reduce((longest, { ms }) => Math.max(longest, ms), 0)
  return { count: counted.length, longestMs, excused: gaps.length - counted.length }
}

/** The clocks of thread, kernel and RTP agree to so much. */
const SLACK_MS = 20

/** The machine kept a thread of ours waiting at that moment, and long enough to account for the gap. */
function isExcused(stalls: readonly Stall[], { from, to, ms }: Gap): boolean {
  const waitedMs = stalls
    .filter((stall) => stall.from < to + SLACK_MS && stall.to > from - SLACK_MS)
    .reduce((sum, stall) => sum + stall.to - stall.from, 0)
  return waitedMs > 0 && waitedMs + SLACK_MS >= ms
}

function fromInvite(take: Take, spans: readonly Span[]): number {
  const { carrier } = take
  if (!carrier) return 0
  const end = spans.length > 0 ? Math.max(...spans.map(({ to }) => to)) : hangUpOf(take)
  return Math.max(0, end - carrier.inviteAt) / 1000
}
