// The scenarios, as data: those that are built, and the names of those that are not.
import type { NetworkHabit, PhoneScript } from '#simulators/carrier'
import { ORDER_IVR } from './order-ivr-scenario.ts'
import type { Expectation, Scenario, Seen } from './scenario.ts'
import {
  agentClosedFirst,
  endedByBye,
  fellSilent,
  gaveUpOnCarrier,
  hadEarlyMedia,
  keysArrived,
  lossIsKnown,
  operatorUnheard,
  prewarmed,
  triedOnce,
  triedTwice,
  unless,
  waitedInSilence,
  wasRecorded,
  wasSpeakingAtTheEnd,
  wasToldOfFailure,
  wentRoundNat,
} from './scenario-checks.ts'

const PICKS_UP: PhoneScript = [{ wait: 200 }, { ring: 600 }, { answer: true }]
/** Ends a script whose call somebody else ends. */
const WAITS: PhoneScript = [{ untilHangUp: 20_000 }]
/** The announcement, cut off in mid-sentence as carriers do. */
const OPERATOR: PhoneScript = [
  { wait: 200 },
  { earlyMedia: { speech: 'operator-unavailable', ms: 3000 } },
]
/** Hears the agent out, asks, hears the answer, hangs up. */
const ASKS_AND_HANGS_UP: PhoneScript = [
  { hearUntilQuiet: 700 },
  { say: { speech: 'caller-question' } },
  { hearUntilQuiet: 700 },
  { hangUp: true },
]
const SLOW_MS = 4000
/** As over a bad radio link, the same in every run. */
const BAD_WAY = { lossPercent: 5, jitterMs: 40, reorderPercent: 2 }
const BAD_NETWORK: NetworkHabit = { seed: 4, sent: BAD_WAY, received: BAD_WAY }
const NOTHING_HEARD = { agentSessions: 0, callerHears: [], agentHears: [] } as const
const hungUpBy = (by: string): Pick<Expectation, 'outcome' | 'termination'> => ({
  outcome: 'answered',
  termination: { result: 'success', reason: 'hangup', by, sipStatus: null },
})

const failedAs = (reason: string): Pick<Expectation, 'outcome' | 'termination'> => ({
  outcome: 'answered',
  termination: { result: 'upstream_error', reason, by: 'agent', sipStatus: null },
})

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'answered',
    story: 'It rings, somebody answers, hears the agent, asks and is answered; the API hangs up.',
    direction: 'outbound',
    phone: [
      ...PICKS_UP,
      { hearUntilQuiet: 700 },
      { say: { speech: 'caller-question' } },
      { hearUntilQuiet: 700 },
      ...WAITS,
    ],
    apiHangsUpWhen: hasHeardReply,
    recorded: true,
    expect: {
      ...hungUpBy('api'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: ['caller-question'],
    },
    check: (take) => [
      ...endedByBye(take, 'gateway'),
      ...prewarmed(take),
      ...wasRecorded(take, 'caller-question', ['agent-greeting', 'agent-reply']),
    ],
  },
  {
    name: 'operator-message-then-answer',
    story: 'The carrier speaks first (183 with sound), then somebody answers, talks and hangs up.',
    direction: 'outbound',
    phone: [
      ...OPERATOR,
      { answer: true },
      { hearUntilQuiet: 700 },
      { say: { speech: 'caller-hello' } },
      { hearUntilQuiet: 700 },
      { hangUp: true },
    ],
    expect: {
      ...hungUpBy('callee'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: ['caller-hello'],
    },
    check: (take) => [...hadEarlyMedia(take), ...operatorUnheard(take), ...prewarmed(take)],
  },
  {
    name: 'operator-message-then-failure',
    story: 'The carrier says that nobody can be reached (183 with sound), then 480.',
    direction: 'outbound',
    phone: [...OPERATOR, { reject: 480 }],
    expect: {
      outcome: 'no-answer',
      termination: { result: 'client_error', reason: 'no-answer', by: 'callee', sipStatus: 480 },
      ...NOTHING_HEARD,
    },
    check: (take) => hadEarlyMedia(take),
  },
  {
    name: 'busy',
    story: '486 Busy Here.',
    direction: 'outbound',
    phone: [{ wait: 200 }, { reject: 486 }],
    expect: {
      outcome: 'busy',
      termination: { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 },
      ...NOTHING_HEARD,
    },
    check: () => [],
  },
  {
    name: 'declined',
    story: 'It rings, then 603 Decline.',
    direction: 'outbound',
    phone: [{ wait: 200 }, { ring: 300 }, { reject: 603 }],
    expect: {
      outcome: 'declined',
      termination: { result: 'client_error', reason: 'declined', by: 'callee', sipStatus: 603 },
      ...NOTHING_HEARD,
    },
    check: () => [],
  },
  {
    name: 'no-answer',
    story: 'It rings until our time is up: CANCEL, and no money spent on the ringing.',
    direction: 'outbound',
    phone: [{ wait: 200 }, { ring: 0 }, { neverAnswer: true }],
    ringTimeoutSeconds: 5,
    expect: {
      outcome: 'no-answer',
      termination: { result: 'client_error', reason: 'no-answer', by: 'callee', sipStatus: null },
      ...NOTHING_HEARD,
    },
    check: ({ carrier }) =>
      carrier?.cancelAt !== null && carrier?.finalStatus === 487
        ? []
        : ['the ringing was not ended by CANCEL and 487'],
  },
  {
    name: 'cancel-crosses-answer',
    story: 'The API takes the call back, and somebody picks up in that very moment: BYE, no agent.',
    direction: 'outbound',
    phone: [{ wait: 200 }, { ring: 0 }, { neverAnswer: true }, { answerOnCancel: true }],
    apiHangsUpWhen: ({ carrier, now }) => now - (carrier.provisionalAt ?? now) > 500,
    expect: {
      outcome: 'canceled',
      termination: { result: 'client_error', reason: 'canceled', by: 'api', sipStatus: null },
      ...NOTHING_HEARD,
    },
    check: ({ carrier }) =>
      unless(
        carrier?.cancelAt !== null && carrier?.answeredAt !== null && carrier?.byeAt !== null,
        'CANCEL, the 200 OK that crossed it and the BYE were to be seen',
      ),
  },
  {
    name: 'caller-hangs-up',
    story: 'Somebody calls in and hangs up while the agent is speaking.',
    direction: 'inbound',
    phone: [{ listen: 2500 }, { hangUp: true }],
    expect: { ...hungUpBy('caller'), agentSessions: 1, callerHears: [], agentHears: [] },
    check: (take) => [...endedByBye(take, 'carrier'), ...wasSpeakingAtTheEnd(take)],
  },
  {
    name: 'agent-hangs-up',
    story: 'The agent says goodbye and closes; what it said is heard to its end before the BYE.',
    direction: 'outbound',
    agent: { endAfterReplies: 1 },
    phone: [
      ...PICKS_UP,
      { hearUntilQuiet: 700 },
      { say: { speech: 'caller-question' } },
      { hearUntilQuiet: 5000 },
      ...WAITS,
    ],
    expect: {
      outcome: 'answered',
      termination: { result: 'success', reason: 'agent-ended', by: 'agent', sipStatus: null },
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-goodbye'],
      agentHears: ['caller-question'],
    },
    check: (take) => [...endedByBye(take, 'gateway'), ...agentClosedFirst(take)],
  },
  {
    name: 'agent-refuses',
    story:
      'The agent refuses the upgrade with 403, for good: the person is told, and nothing is billed.',
    direction: 'outbound',
    agent: { refuse: { how: 'http', status: 403 } },
    phone: [...PICKS_UP, ...WAITS],
    expect: {
      ...failedAs('agent-refused'),
      agentSessions: 1,
      callerHears: ['fallback-message'],
      agentHears: [],
    },
    check: (take) => [
      ...endedByBye(take, 'gateway'),
      ...triedOnce(take),
      ...wasToldOfFailure(take),
    ],
  },
  {
    name: 'agent-drops',
    story: 'A first attempt is closed with 1011, the second works, then breaks in mid-sentence.',
    direction: 'outbound',
    agent: {
      refuse: { how: 'close', code: 1011, reason: 'internal error' },
      failFirst: 1,
      dropAfterMs: 2000,
    },
    phone: [...PICKS_UP, ...WAITS],
    expect: {
      ...failedAs('agent-dropped'),
      agentSessions: 2,
      callerHears: ['fallback-message'],
      agentHears: [],
    },
    check: (take) => [
      ...endedByBye(take, 'gateway'),
      ...triedTwice(take),
      ...wasToldOfFailure(take),
    ],
  },
  {
    name: 'agent-slow',
    story: 'The agent takes four seconds to its first word: silence flows, nobody is hung up on.',
    direction: 'outbound',
    agent: { slowFirstAudioMs: SLOW_MS },
    phone: [...PICKS_UP, { hearUntilQuiet: 700 }, { hangUp: true }],
    expect: {
      ...hungUpBy('callee'),
      agentSessions: 1,
      callerHears: ['agent-greeting'],
      agentHears: [],
    },
    check: (take) => [...endedByBye(take, 'carrier'), ...waitedInSilence(take, SLOW_MS)],
  },
  {
    name: 'barge-in',
    story: 'Somebody talks over the agent: it falls silent, listens and answers.',
    direction: 'outbound',
    phone: [
      ...PICKS_UP,
      { listen: 2000 },
      { say: { speech: 'caller-question' } },
      { hearUntilQuiet: 700 },
      { hangUp: true },
    ],
    expect: {
      ...hungUpBy('callee'),
      agentSessions: 1,
      callerHears: ['agent-reply'],
      agentHears: ['caller-question'],
    },
    check: (take) => [...endedByBye(take, 'carrier'), ...fellSilent(take)],
  },
  {
    name: 'dtmf',
    story: 'Keys are pressed, by SIP INFO and by telephone events: the agent is told, and answers.',
    direction: 'outbound',
    phone: [
      ...PICKS_UP,
      { hearUntilQuiet: 700 },
      { pressInfo: '5' },
      { hearUntilQuiet: 700 },
      { press: '12#' },
      { hearUntilQuiet: 700 },
      { hangUp: true },
    ],
    expect: {
      ...hungUpBy('callee'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: [],
    },
    // INFO first: keys in RTP make it a repetition of them. The # ends an entry and is no part of it.
    check: (take) => [
      ...endedByBye(take, 'carrier'),
      ...keysArrived(take, ['5', '12'], { byRtp: 3, byInfo: 1 }),
    ],
  },
  {
    name: 'carrier-vanishes',
    story: 'The carrier is gone, sound and signalling: told at 5 s, the agent closed at 30 s.',
    direction: 'outbound',
    phone: [...PICKS_UP, { listen: 1000 }, { vanish: true }],
    // 64·T1 pass before our BYE is given up (RFC 3261 §17.1.2).
    lastsSeconds: 70,
    expect: {
      outcome: 'answered',
      termination: {
        result: 'upstream_error',
        reason: 'media-lost',
        by: 'gateway',
        sipStatus: null,
      },
      agentSessions: 1,
      callerHears: [],
      agentHears: [],
      // What does not come is waited for, before silence takes its place.
      lossy: true,
    },
    check: gaveUpOnCarrier,
  },
  {
    name: 'packet-loss',
    story: '5 % of the packets are lost, the rest strays by 40 ms, some change places: both ways.',
    direction: 'outbound',
    phone: [{ network: BAD_NETWORK }, ...PICKS_UP, ...ASKS_AND_HANGS_UP],
    expect: {
      ...hungUpBy('callee'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: ['caller-question'],
      lossy: true,
    },
    check: (take) => [...endedByBye(take, 'carrier'), ...lossIsKnown(take)],
  },
  {
    name: 'nat',
    story: 'The phone stands behind a NAT: its SDP names an address that cannot be reached.',
    direction: 'outbound',
    phone: [{ nat: { host: '10.0.0.7', port: 40_000 } }, ...PICKS_UP, ...ASKS_AND_HANGS_UP],
    expect: {
      ...hungUpBy('callee'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: ['caller-question'],
    },
    check: (take) => [...endedByBye(take, 'carrier'), ...wentRoundNat(take)],
  },
  {
    name: 'inbound',
    story: 'Somebody calls in, is greeted, asks, is answered and hangs up.',
    direction: 'inbound',
    phone: ASKS_AND_HANGS_UP,
    expect: {
      ...hungUpBy('caller'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: ['caller-question'],
    },
    check: (take) => [...endedByBye(take, 'carrier'), ...prewarmed(take)],
  },
  ORDER_IVR,
]

/** Of the contract, refused by name until they are built. */
export const NOT_BUILT: readonly string[] = ['voicemail']

/** The reply was sent, is heard on the phone, and has been over for a moment. */
function hasHeardReply({ carrier, sessions, now }: Seen): boolean {
  const [session] = sessions
  const sentAt = session?.sentAudioAt.at(-1) ?? Infinity
  const { voiceAt, quietMs } = carrier.rtpIn
  return (
    session?.replies === 1 &&
    voiceAt !== null &&
    voiceAt > sentAt &&
    now - voiceAt > 700 &&
    quietMs > 700
  )
}
