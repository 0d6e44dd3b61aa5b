// The behaviours a dialled number can ask for, by name and by its last two digits.
import type { PhoneScript } from './phone-script.ts'

/** A conversation as people lead it: greet, hear the other out, ask, hear the answer, wait for the end. */
const CONVERSATION: PhoneScript = [
  { say: { speech: 'caller-hello' } },
  { hearUntilQuiet: 800 },
  { say: { speech: 'caller-question' } },
  { hearUntilQuiet: 800 },
  { untilHangUp: 120_000 },
]
const RINGS_FOR_EVER: PhoneScript = [{ wait: 300 }, { ring: 0 }, { neverAnswer: true }]
const PICKS_UP: PhoneScript = [{ wait: 300 }, { ring: 700 }, { answer: true }]

export const NAMED_SCRIPTS = {
  answered: [...PICKS_UP, ...CONVERSATION],
  operatorThenAnswer: [
    { wait: 200 },
    { earlyMedia: { speech: 'operator-unavailable' } },
    { answer: true },
    ...CONVERSATION,
  ],
  operatorThenFailure: [
    { wait: 200 },
    { earlyMedia: { speech: 'operator-unavailable' } },
    { reject: 480 },
  ],
  operatorThenUnavailable: [
    { wait: 200 },
    { earlyMedia: { speech: 'operator-unavailable' } },
    { reject: 503, retryAfter: 5 },
  ],
  ringBackThenAnswer: [
    { wait: 200 },
    { earlyMedia: { ringBack: true, ms: 2000 } },
    { answer: true },
    ...CONVERSATION,
  ],
  busy: [{ wait: 200 }, { reject: 486 }],
  declined: [{ wait: 300 }, { ring: 500 }, { reject: 603 }],
  notFound: [{ wait: 100 }, { reject: 404 }],
  unavailable: [{ wait: 100 }, { reject: 503, retryAfter: 5 }],
  noAnswer: RINGS_FOR_EVER,
  silent: [{ noTrying: true }, { vanish: true }],
  answersOnCancel: [...RINGS_FOR_EVER, { answerOnCancel: true }],
  answersAfterCancel: [...RINGS_FOR_EVER, { answerOnCancel: true, afterMs: 2000 }],
  answersLate: [{ wait: 300 }, { ring: 20_000 }, { answer: true }, ...CONVERSATION],
  calleeHangsUp: [
    ...PICKS_UP,
    { say: { speech: 'caller-hello' } },
    { listen: 2000 },
    { hangUp: true },
  ],
  calleeWaitsForHangup: [...PICKS_UP, { untilHangUp: 120_000 }],
  voicemail: [
    ...PICKS_UP,
    { say: { speech: 'voicemail-greeting' } },
    { say: { tone: 1000, ms: 500 } },
    { untilHangUp: 60_000 },
  ],
  vanishes: [...PICKS_UP, { say: { speech: 'caller-hello' } }, { vanish: true }],
  ignoresBye: [...PICKS_UP, { untilHangUp: 60_000 }, { ignoreBye: true }],
  // For a phone that calls in.
  callerTalks: [
    { hearUntilQuiet: 800 },
    { say: { speech: 'caller-hello' } },
    { hearUntilQuiet: 800 },
    { say: { speech: 'caller-question' } },
    { hearUntilQuiet: 800 },
    { hangUp: true },
  ],
  callerHangsUp: [{ say: { speech: 'caller-hello' } }, { listen: 2000 }, { hangUp: true }],
  callerWaitsForHangup: [{ say: { speech: 'caller-hello' } }, { untilHangUp: 120_000 }],
  callerGivesUp: [{ wait: 1000 }, { cancel: true }],
  callerNeverAcks: [{ noAck: true }, { untilHangUp: 60_000 }],
} as const satisfies Record<string, PhoneScript>

export type ScriptName = keyof typeof NAMED_SCRIPTS

export interface DialledBehaviour {
  readonly lastDigits: string
  readonly script: ScriptName
  /** For people: the README's table and the start page. */
  readonly meaning: string
}

/** Where a status has two digits after the first, they choose it; the 7x are the rest. All other numbers answer. */
export const DIALLED_BEHAVIOURS: readonly DialledBehaviour[] = [
  { lastDigits: '86', script: 'busy', meaning: '486 Busy Here' },
  { lastDigits: '03', script: 'declined', meaning: 'rings, then 603 Decline' },
  { lastDigits: '04', script: 'notFound', meaning: '404 Not Found' },
  { lastDigits: '53', script: 'unavailable', meaning: '503 with Retry-After' },
  { lastDigits: '08', script: 'noAnswer', meaning: 'rings until it is canceled' },
  {
    lastDigits: '83',
    script: 'operatorThenAnswer',
    meaning: '183 with an announcement, then answers',
  },
  {
    lastDigits: '80',
    script: 'operatorThenFailure',
    meaning: '183 with an announcement, then 480',
  },
  { lastDigits: '87', script: 'answersOnCancel', meaning: 'rings; a CANCEL is crossed by 200 OK' },
  {
    lastDigits: '78',
    script: 'answersAfterCancel',
    meaning: 'rings; 200 to the CANCEL, and 2 s later 200 OK all the same',
  },
  { lastDigits: '76', script: 'answersLate', meaning: 'rings for 20 s, then answers' },
  { lastDigits: '71', script: 'calleeHangsUp', meaning: 'answers, says hello, hangs up after 2 s' },
  { lastDigits: '72', script: 'calleeWaitsForHangup', meaning: 'answers and says nothing' },
  {
    lastDigits: '73',
    script: 'voicemail',
    meaning: 'answers with a voicemail greeting and a beep',
  },
  { lastDigits: '74', script: 'vanishes', meaning: 'answers, says hello, falls silent for good' },
  { lastDigits: '75', script: 'ignoresBye', meaning: 'answers, never responds to BYE' },
]

export const DEFAULT_SCRIPT: ScriptName = 'answered'

/** The named script for a dialled number. */
export const scriptNameFor = (number: string): ScriptName =>
  DIALLED_BEHAVIOURS.find(({ lastDigits }) => number.endsWith(lastDigits))?.script ?? DEFAULT_SCRIPT
