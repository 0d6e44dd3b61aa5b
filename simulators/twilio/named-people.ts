// Who picks up under which number: the last two digits choose, as at the simulated carrier. Everybody else presses what
// a menu asks for, and talks with whoever is connected.
import type { CallScript, GatherAnswer, TalkStep } from './call-script.ts'
import type { GatherAsked, GatherRecord } from './records.ts'

const CONVERSATION: readonly TalkStep[] = [
  { say: 'caller-hello' },
  { hearUntilQuiet: 800 },
  { say: 'caller-question' },
  { hearUntilQuiet: 800 },
]
const ORDER_NUMBER = '4711'
const RING_MS = 700
/** As fast as people press. */
const PRESSING = { afterMs: 300, gapMs: 100 } as const

/**
 * Agrees (1), enters an order number and says that it is right (1); afterwards there is nothing else (2). Whatever the
 * language: the question is told by how many keys it takes.
 */
function pressSensibly(
  { numDigits, finishOnKey }: GatherAsked,
  earlier: readonly GatherRecord[],
): GatherAnswer {
  if (numDigits !== 1) return { press: ORDER_NUMBER + finishOnKey, ...PRESSING }
  const entered = earlier.findLastIndex((gather) => gather.numDigits !== 1)
  const sinceThen = earlier.length - 1 - entered
  return { press: entered >= 0 && sinceThen > 0 ? '2' : '1', ...PRESSING }
}

const ANSWERS: CallScript = { ringMs: RING_MS, onGather: pressSensibly, talk: CONVERSATION }

interface NamedPerson {
  readonly lastDigits: string
  readonly meaning: string
  readonly script: CallScript
}

export const NAMED_PEOPLE: readonly NamedPerson[] = [
  { lastDigits: '86', meaning: 'is busy', script: { outcome: 'busy' } },
  { lastDigits: '04', meaning: 'does not exist', script: { outcome: 'failed' } },
  { lastDigits: '08', meaning: 'never answers', script: { outcome: 'no-answer' } },
  {
    lastDigits: '71',
    meaning: 'answers, hangs up after 2 s',
    script: { ringMs: RING_MS, hangUpAfterMs: 2000 },
  },
  {
    lastDigits: '72',
    meaning: 'answers, says and presses nothing',
    script: { ringMs: RING_MS },
  },
  {
    lastDigits: '73',
    meaning: 'is an answering machine',
    script: {
      ringMs: RING_MS,
      answeredBy: 'machine',
      verdictMs: 1000,
      talk: [{ say: 'voicemail-greeting' }],
    },
  },
]

export const personBehind = (number: string): CallScript =>
  NAMED_PEOPLE.find(({ lastDigits }) => number.endsWith(lastDigits))?.script ?? ANSWERS
