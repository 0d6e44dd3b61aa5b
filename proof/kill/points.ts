// The points of a call at which somebody is killed, as the simulated carrier and agent see them.
import type { CarrierCallRecord, PhoneScript } from '../../simulators/carrier/index.ts'
import type { AgentScript, AgentSessionRecord } from '../../simulators/elevenlabs/index.ts'

/** What the outside has seen of a call so far. */
export interface Seen {
  readonly phone: CarrierCallRecord | undefined
  readonly agent: AgentSessionRecord | undefined
}

export interface Point {
  readonly name: string
  readonly direction: 'outbound' | 'inbound'
  readonly phone: PhoneScript
  /** Of the call's own agent; calls in get that of the house. */
  readonly agent?: AgentScript
  /** Once it holds, the kill comes, after a random time up to `spreadMs`. Null: with the dial request itself. */
  readonly isReached: ((seen: Seen) => boolean) | null
  readonly spreadMs: number
  /** We are told to hang up once it is reached; the kill comes up to `spreadMs` later. */
  readonly hangsUp?: true
}

const STAYS = { untilHangUp: 60_000 } as const
const TALKS: PhoneScript = [
  { answer: true },
  { say: { speech: 'caller-hello' } },
  { say: { speech: 'caller-question' } },
  STAYS,
]
/** Some things happen more than a second after the answer. */
const isTalking = ({ phone, agent }: Seen): boolean =>
  (agent?.sentAudioBytes ?? 0) > 0 && Date.now() - (phone?.answeredAt ?? Infinity) > 1500
const hasAnswered = (phone: CarrierCallRecord | undefined, seq: number): boolean =>
  phone?.messages.some(
    ({ direction, raw }) =>
      direction === 'received' && raw.startsWith('SIP/2.0 200') && raw.includes(`CSeq: ${seq} INV`),
  ) === true

const outbound = (
  name: string,
  phone: PhoneScript,
  isReached: Point['isReached'],
  more: Partial<Point> = {},
): Point => ({ name, direction: 'outbound', phone, isReached, spreadMs: 20, ...more })

const inbound = (
  name: string,
  phone: PhoneScript,
  isReached: Point['isReached'],
  more: Partial<Point> = {},
): Point => ({ ...outbound(name, phone, isReached, more), direction: 'inbound' })

const RINGS: PhoneScript = [{ ring: 0 }, { neverAnswer: true }]
const LATE: PhoneScript = [{ wait: 2500 }, ...RINGS]

export const OUTBOUND: readonly Point[] = [
  outbound('dial request', RINGS, null, { spreadMs: 25 }),
  outbound('INVITE sent', [{ noTrying: true }, ...LATE], ({ phone }) => phone !== undefined, {
    spreadMs: 3,
  }),
  outbound('100', LATE, ({ phone }) => (phone?.messages.length ?? 0) > 1, { spreadMs: 100 }),
  outbound('ringing', RINGS, ({ phone }) => phone?.provisionalAt != null, { spreadMs: 200 }),
  outbound(
    'ringing, then answers',
    [{ ring: 600 }, { answer: true }, STAYS],
    ({ phone }) => phone?.provisionalAt != null,
  ),
  outbound(
    'ringing, 200 crosses CANCEL',
    [...RINGS, { answerOnCancel: true }],
    ({ phone }) => phone?.provisionalAt != null,
  ),
  outbound(
    'early media',
    [{ earlyMedia: { ringBack: true, ms: 60_000 } }],
    ({ phone }) => phone?.provisionalAt != null,
    { spreadMs: 300 },
  ),
  outbound('200 sent', TALKS, ({ phone }) => phone?.answeredAt != null, { spreadMs: 3 }),
  outbound('agent asked for', TALKS, ({ agent }) => agent !== undefined, {
    agent: { metadataDelayMs: 3000 },
    spreadMs: 2,
  }),
  outbound('agent open, no metadata', TALKS, ({ agent }) => agent?.initiationAt != null, {
    agent: { metadataDelayMs: 3000 },
  }),
  outbound('first agent audio', TALKS, ({ agent }) => (agent?.sentAudioBytes ?? 0) > 0),
  outbound('talking, recorded', TALKS, isTalking, { spreadMs: 1500 }),
  outbound('barge-in', TALKS, ({ agent }) => (agent?.interruptions.length ?? 0) > 0),
  outbound(
    'on hold',
    [{ answer: true }, { listen: 1000 }, { hold: 'sendonly' }, STAYS],
    ({ phone }) => hasAnswered(phone, 1),
    { spreadMs: 200 },
  ),
  outbound(
    'BYE received',
    [{ answer: true }, { listen: 1500 }, { hangUp: true }],
    ({ phone }) => phone?.byeAt != null,
    { spreadMs: 5 },
  ),
  outbound('BYE sent', TALKS, isTalking, { hangsUp: true, spreadMs: 25 }),
  outbound(
    'call just ended',
    [{ answer: true }, { listen: 1500 }, { hangUp: true }],
    ({ phone }) => phone?.endedAt != null,
  ),
]

const CALLS: PhoneScript = [{ say: { speech: 'caller-hello' } }, STAYS]

export const INBOUND: readonly Point[] = [
  inbound('INVITE received', CALLS, ({ phone }) => phone !== undefined, { spreadMs: 8 }),
  inbound('before the answer', CALLS, ({ phone }) => phone?.provisionalAt != null, {
    spreadMs: 15,
  }),
  inbound(
    '200, no ACK yet',
    [{ ackAfterMs: 10_000 }, ...CALLS],
    ({ phone }) => phone?.answeredAt != null,
    { spreadMs: 100 },
  ),
  inbound(
    'talking, recorded',
    CALLS,
    ({ phone }) => Date.now() - (phone?.answeredAt ?? Infinity) > 1500,
    { spreadMs: 1000 },
  ),
  inbound(
    'caller hangs up',
    [{ listen: 1500 }, { hangUp: true }],
    ({ phone }) => phone?.byeAt != null,
    { spreadMs: 5 },
  ),
]

/** The agent is refused, so that a caller is told in words, which the speech thread is just asking for. */
export const SPOKEN_TO: Point = outbound(
  'words being made',
  [{ answer: true }, STAYS],
  ({ phone, agent }) => agent !== undefined && Date.now() - (phone?.answeredAt ?? Infinity) > 300,
  { agent: { refuse: { how: 'http', status: 500 } }, spreadMs: 500 },
)

/** Calls that stand where they are, beside the one that chooses the moment. */
export const COMPANY: readonly Point[] = ['ringing', 'early media', 'talking, recorded', 'on hold']
  .flatMap((name) => OUTBOUND.filter((point) => point.name === name))
  .concat(INBOUND.filter(({ name }) => name === 'talking, recorded'))
