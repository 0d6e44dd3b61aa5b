// The scenarios, as data: those that are built, and the names of those that are not.
import { levelDbm0, loadSpeech } from '#simulators/speech'
import type { PhoneScript } from '#simulators/carrier'
import type { Expectation, Scenario, Seen } from './scenario.ts'
import type { Take } from './take.ts'

const PICKS_UP: PhoneScript = [{ wait: 200 }, { ring: 600 }, { answer: true }]
/** Ends a script whose call somebody else ends. */
const WAITS: PhoneScript = [{ untilHangUp: 20_000 }]
/** The announcement, cut off in mid-sentence as carriers do. */
const OPERATOR: PhoneScript = [
  { wait: 200 },
  { earlyMedia: { speech: 'operator-unavailable', ms: 3000 } },
]
const NOTHING_HEARD = { agentSessions: 0, callerHears: [], agentHears: [] } as const
const hungUpBy = (by: string): Pick<Expectation, 'outcome' | 'termination'> => ({
  outcome: 'answered',
  termination: { result: 'success', reason: 'hangup', by, sipStatus: null },
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
    expect: {
      ...hungUpBy('api'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: ['caller-question'],
    },
    check: (take) => [...endedByBye(take, 'gateway'), ...prewarmed(take)],
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
    story: 'The agent refuses the upgrade with 403: the call is ended, nothing is billed.',
    direction: 'outbound',
    agent: { refuse: { how: 'http', status: 403 } },
    phone: [...PICKS_UP, ...WAITS],
    expect: {
      outcome: 'answered',
      termination: {
        result: 'upstream_error',
        reason: 'agent-refused',
        by: 'agent',
        sipStatus: null,
      },
      agentSessions: 1,
      callerHears: [],
      agentHears: [],
    },
    check: (take) => [...endedByBye(take, 'gateway'), ...endedWithin(take, 'upgradeAt', 1000)],
  },
  {
    name: 'agent-drops',
    story: 'The connection to the agent breaks in mid-sentence: the call is ended at once.',
    direction: 'outbound',
    agent: { dropAfterMs: 2000 },
    phone: [...PICKS_UP, ...WAITS],
    expect: {
      outcome: 'answered',
      termination: {
        result: 'upstream_error',
        reason: 'agent-dropped',
        by: 'agent',
        sipStatus: null,
      },
      agentSessions: 1,
      callerHears: [],
      agentHears: [],
    },
    check: (take) => [...endedByBye(take, 'gateway'), ...endedWithin(take, 'closedAt', 1000)],
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
    name: 'inbound',
    story: 'Somebody calls in, is greeted, asks, is answered and hangs up.',
    direction: 'inbound',
    phone: [
      { hearUntilQuiet: 700 },
      { say: { speech: 'caller-question' } },
      { hearUntilQuiet: 700 },
      { hangUp: true },
    ],
    expect: {
      ...hungUpBy('caller'),
      agentSessions: 1,
      callerHears: ['agent-greeting', 'agent-reply'],
      agentHears: ['caller-question'],
    },
    check: (take) => [...endedByBye(take, 'carrier'), ...prewarmed(take)],
  },
]

/** Of the contract, refused by name until they are built. */
export const NOT_BUILT: readonly string[] = [
  'voicemail',
  'agent-slow',
  'dtmf',
  'carrier-vanishes',
  'packet-loss',
  'nat',
  'inbound-order-ivr',
]

/** The reply was sent, is heard on the phone, and has been over for a moment. */
function hasHeardReply({ carrier, sessions, now }: Seen): boolean {
  const [session] = sessions
  const sentAt = session?.sentAudioAt.at(-1) ?? Infinity
  const { voiceAt } = carrier.rtpIn
  return session?.replies === 1 && voiceAt !== null && voiceAt > sentAt && now - voiceAt > 700
}

const unless = (holds: boolean, complaint: string): string[] => (holds ? [] : [complaint])

const endedByBye = ({ carrier }: Take, by: 'carrier' | 'gateway'): string[] =>
  unless(carrier?.byeBy === by, `the ${by} was to send BYE`)

const prewarmed = ({ timeline }: Take): string[] =>
  unless(
    indexOf(timeline, 'agent.prewarmed') < indexOf(timeline, 'sip.answered'),
    'the way to the agent was not prepared before the answer',
  )

const indexOf = (timeline: Take['timeline'], wanted: string): number => {
  const found = timeline.findIndex(({ type }) => type === wanted)
  return found < 0 ? Infinity : found
}

const hadEarlyMedia = ({ timeline }: Take): string[] =>
  unless(
    timeline.some(
      ({ type, fields }) => type === 'sip.provisional' && fields['early_media'] === true,
    ),
    'the early media is not in the timeline',
  )

/** No 200 ms of the announcement may be among what the agent got. */
function operatorUnheard({ sessions }: Take): string[] {
  const pieceBytes = 200 * 8
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

function wasSpeakingAtTheEnd({ carrier }: Take): string[] {
  const spokenMsBefore = (carrier?.byeAt ?? 0) - (carrier?.rtpIn.voiceAt ?? 0)
  return unless(spokenMsBefore < 600, 'the agent was not speaking when the caller hung up')
}

function agentClosedFirst({ carrier, sessions }: Take): string[] {
  const [session] = sessions
  const byAgent = session?.closedBy === 'agent' && session.closeCode === 1000
  const isBefore = (session?.closedAt ?? Infinity) < (carrier?.byeAt ?? 0)
  return unless(byAgent && isBefore, 'the agent was to close with 1000 before the BYE')
}

/** The agent is gone: the person must not be left in silence. */
function endedWithin(
  { carrier, sessions }: Take,
  since: 'upgradeAt' | 'closedAt',
  allowedMs: number,
): string[] {
  const waitedMs = (carrier?.byeAt ?? Infinity) - (sessions[0]?.[since] ?? -Infinity)
  return unless(
    waitedMs <= allowedMs,
    `BYE came ${waitedMs.toFixed(0)} ms after the agent was gone`,
  )
}

/** Interruption to silence on the phone: the way there, a frame on its way, and what a busy machine adds. */
const SILENT_WITHIN_MS = 200

function fellSilent({ carrier, sessions, timeline }: Take): string[] {
  const interruptedAt = sessions[0]?.interruptions[0]?.at
  const firstAt = carrier?.rtpIn.firstAt ?? null
  if (!carrier || interruptedAt === undefined || firstAt === null)
    return ['the agent was not interrupted']
  const quietFrom = 8 * Math.round(interruptedAt + SILENT_WITHIN_MS - firstAt)
  // The caller goes on asking for longer than this.
  const quiet = carrier.rtpIn.audio.subarray(quietFrom, quietFrom + 8 * 1000)
  const fact = timeline.find(({ type }) => type === 'agent.interrupted')
  return [
    ...unless(
      sessions[0]?.interruptions.length === 1 && Number(fact?.fields['discarded_ms']) > 0,
      'the interruption did not discard what was still to be heard',
    ),
    ...unless(
      levelDbm0(quiet) < -60,
      `the agent was still heard ${SILENT_WITHIN_MS} ms after it was interrupted`,
    ),
  ]
}
