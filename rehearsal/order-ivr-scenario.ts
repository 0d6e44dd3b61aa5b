// A caller led through the order menu by keys, and what has to come of it: heard, kept, and no second of an agent.
import { levelDbm0 } from '#simulators/speech'
import { MENU_NUMBER } from './numbers.ts'
import type { Scenario } from './scenario.ts'
import { endedByBye, factsOf, unless } from './scenario-checks.ts'
import type { Take } from './take.ts'

const ORDER = '4711'
/** Of each saying, before a key ends it. */
const HEARS_OF_IT_MS = 2000

export const ORDER_IVR: Scenario = {
  name: 'inbound-order-ivr',
  story: 'Somebody calls in, consents by key, types an order number, confirms it; no agent at all.',
  direction: 'inbound',
  number: MENU_NUMBER,
  phone: [
    { listen: HEARS_OF_IT_MS },
    { press: '1' },
    { listen: HEARS_OF_IT_MS },
    { press: `${ORDER}#` },
    { listen: HEARS_OF_IT_MS },
    { press: '1' },
    { listen: HEARS_OF_IT_MS },
    { press: '2' },
    { untilHangUp: 20_000 },
  ],
  menu: true,
  expect: {
    outcome: 'answered',
    termination: { result: 'success', reason: 'flow-ended', by: 'gateway', sipStatus: null },
    agentSessions: 0,
    callerHears: [],
    agentHears: [],
  },
  check: (take) => [
    ...endedByBye(take, 'gateway'),
    ...ledThroughMenu(take, {
      steps: [
        ['consent', 'yes'],
        ['order', 'entry'],
        ['order_confirm', 'yes'],
        ['help', 'no'],
      ],
      orders: [ORDER],
      keys: 8,
      hearsMs: HEARS_OF_IT_MS,
    }),
  ],
}

interface MenuTalk {
  /** Step and answer, in order. */
  readonly steps: readonly (readonly [string, string])[]
  readonly orders: readonly string[]
  /** How many keys were pressed, the closing one of an entry too. */
  readonly keys: number
  /** How long each saying could be heard before a key ended it. */
  readonly hearsMs: number
}

/** Words and pauses: less than this is no saying. */
const VOICE_SHARE = 0.5

/** The menu asked what it had to, was heard, and kept what was answered: in the timeline and in the database. */
function ledThroughMenu(take: Take, { steps, orders, keys, hearsMs }: MenuTalk): readonly string[] {
  const { menu, carrier } = take
  const told = factsOf(take, 'flow.answered').map(({ fields }) => [
    fields['step'],
    fields['answer'],
  ])
  const kept = (menu?.steps ?? [])
    .filter(({ answer }) => answer !== null)
    .map(({ step, answer }) => [step, answer])
  const voiceMs = voicedMs(carrier?.rtpIn.audio ?? Buffer.alloc(0))
  const leastMs = steps.length * hearsMs * VOICE_SHARE
  return [
    ...unless(sameText(told, steps), `the timeline tells the menu as ${JSON.stringify(told)}`),
    ...unless(sameText(kept, steps), `the record has of the menu ${JSON.stringify(kept)}`),
    ...unless(menu?.consentGiven === true, 'the consent is not in the record'),
    ...unless(
      sameText(menu?.orders ?? [], orders),
      `${String(menu?.orders.length)} orders are in the record, or others than ${orders.length}`,
    ),
    ...unless(
      factsOf(take, 'dtmf').length === keys,
      `${factsOf(take, 'dtmf').length} keys were heard instead of ${keys}`,
    ),
    ...unless(
      voiceMs >= leastMs,
      `the menu was heard for ${voiceMs} ms, of ${leastMs} at the least`,
    ),
  ]
}

const sameText = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

const VOICE_PIECE_MS = 20
const BYTES_PER_MS = 8
const VOICE_DBM0 = -35

function voicedMs(audio: Buffer): number {
  const bytes = VOICE_PIECE_MS * BYTES_PER_MS
  let voiced = 0
  for (let at = 0; at + bytes <= audio.length; at += bytes)
    if (levelDbm0(audio.subarray(at, at + bytes)) > VOICE_DBM0) voiced += VOICE_PIECE_MS
  return voiced
}
