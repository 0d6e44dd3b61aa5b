// The figures of one call, by the simulators' own clock. Pure.
import { soundBytes } from '#simulators/carrier'
import { levelDbm0 } from '#simulators/speech'
import { agentGaps, callerGaps, type Gaps } from './gaps.ts'
import type { Take } from './take.ts'

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
/** Enough of a sound to know it by. */
const PRINT_BYTES = 400
const PRINTS = 20
const PRINT_DBM0 = -40

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
export const hangUpOf = ({ carrier, takenAt }: Pick<Take, 'carrier' | 'takenAt'>): number =>
  carrier?.byeAt ?? carrier?.endedAt ?? takenAt

interface Span {
  readonly from: number
  readonly to: number
}

const seconds = (spans: readonly Span[], length: (span: Span) => number): number =>
  spans.reduce((sum, span) => sum + Math.max(0, length(span)), 0) / 1000

function agentAudioToRtp({ carrier, sessions }: Take): number | null {
  const sentAt = sessions.find(({ sentAudioAt }) => sentAudioAt.length > 0)?.sentAudioAt[0]
  const firstAt = carrier?.rtpIn.firstAt ?? null
  if (!carrier || sentAt === undefined || firstAt === null) return null
  // Whatever the agent said first was one of its recordings, from the beginning.
  const names = ['agent-greeting', 'agent-reply', 'agent-goodbye'] as const
  const places = names.flatMap((speech) => beginningOf(carrier.rtpIn.audio, soundBytes({ speech })))
  if (places.length === 0) return null
  return firstAt + Math.min(...places) / BYTES_PER_MS - sentAt
}

/** Where in what was heard it begins. The first packets may be lost: known by the next ones too. */
export function beginningOf(heard: Buffer, said: Buffer): number[] {
  for (let at = 0; at < PRINTS * PRINT_BYTES; at += PRINT_BYTES) {
    const print = said.subarray(at, at + PRINT_BYTES)
    // A pause is found anywhere.
    const place = levelDbm0(print) > PRINT_DBM0 ? heard.indexOf(print) : -1
    if (place >= 0) return [place - at]
  }
  return []
}

function fromInvite(take: Take, spans: readonly Span[]): number {
  const { carrier } = take
  if (!carrier) return 0
  const end = spans.length > 0 ? Math.max(...spans.map(({ to }) => to)) : hangUpOf(take)
  return Math.max(0, end - carrier.inviteAt) / 1000
}
