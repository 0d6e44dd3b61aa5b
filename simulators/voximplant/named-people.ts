// Who picks up under which number: the last two digits choose, as at the simulated carrier. Everybody else talks with the
// agent, and hangs up.
import type { PhoneScript } from './engine/index.ts'

const RING_MS = 700
const TALK_MS = 12_000

const ANSWERS: PhoneScript = { answer: 'yes', ringMs: RING_MS, talkMs: TALK_MS, digits: '1' }

interface NamedPerson {
  readonly lastDigits: string
  readonly meaning: string
  readonly script: PhoneScript
}

export const NAMED_PEOPLE: readonly NamedPerson[] = [
  { lastDigits: '86', meaning: 'busy', script: { answer: 'busy' } },
  {
    lastDigits: '03',
    meaning: 'rings, then declines',
    script: { answer: 'declined', ringMs: RING_MS },
  },
  { lastDigits: '04', meaning: 'no such number', script: { answer: 'invalid' } },
  {
    lastDigits: '08',
    meaning: 'rings until nobody waits any more',
    script: { answer: 'no-answer' },
  },
  {
    lastDigits: '71',
    meaning: 'hangs up after 2 s',
    script: { answer: 'yes', ringMs: RING_MS, talkMs: 2000 },
  },
  {
    lastDigits: '73',
    meaning: 'a voicemail answers',
    script: { answer: 'voicemail', ringMs: RING_MS, talkMs: TALK_MS },
  },
]

export const phoneBehind = (number: string): PhoneScript =>
  NAMED_PEOPLE.find(({ lastDigits }) => number.endsWith(lastDigits))?.script ?? ANSWERS
