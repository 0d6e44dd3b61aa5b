// Every path of the order flow: what is pressed, and what is then said, asked and done. A turn is a line: its step and
// attempt, its pieces by name, and what follows.
import type { FlowRules } from '../../control-api/ivr/order-flow.ts'
import { HUMAN, type Played } from './flow-rules.ts'

export const CONSENT = 'consent consent_terms consent_keys human_key repeat_key > 1 key, kept'
const CONSENT_AGAIN = 'consent_again consent_keys > 1 key, kept'
const ORDER = 'order order_human_key order_repeat_key > 13 keys or #, kept'
const ORDER_AGAIN = 'order_again > 13 keys or #, kept'
const CONFIRM = 'confirm_before 4711 confirm_after human_key repeat_key > 1 key, kept'
const CONFIRM_AGAIN = 'confirm_before 4711 confirm_after > 1 key, kept'
const HELP = 'help human_key repeat_key > 1 key, kept'
const HELP_AGAIN = 'help_again > 1 key, kept'
const RING = `to_human > transfer to ${HUMAN}`
const unkept = (turn: string): string => turn.replace(', kept', '')
export const unmanned = (turn: string): string => turn.replace(/ (order_)?human_key/, '')

const YES = { kind: 'consent', given: true, digit: '1' }
const NO = { kind: 'consent', given: false, digit: '2' }
const STORED = { kind: 'order', orderNumber: '4711' }

export interface Path extends Played {
  readonly name: string
  readonly rules?: Partial<FlowRules>
  readonly presses: readonly string[]
  /** Each turn after the first: step#attempt, the pieces, and what follows. */
  readonly turns: readonly string[]
  readonly effects: readonly Record<string, unknown>[]
}

export const PATHS: readonly Path[] = [
  {
    name: 'consent, an order number, its confirmation, goodbye',
    presses: ['1', '4711', '1', '2'],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM}`,
      `help#1 status_confirmed ${HELP}`,
      'end#1 goodbye > hang-up flow-ended',
    ],
    effects: [YES, STORED],
  },
  {
    name: 'a second order on the same call',
    orderStatus: 'in_progress',
    presses: ['1', '4711', '1', '1', '4711', '1', '2'],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM}`,
      `help#1 status_in_progress ${HELP}`,
      `order#2 ${ORDER}`,
      `order_confirm#2 ${CONFIRM}`,
      `help#2 status_in_progress ${HELP}`,
      'end#1 goodbye > hang-up flow-ended',
    ],
    effects: [YES, STORED, STORED],
  },
  {
    name: 'a refusal is accepted at once',
    presses: ['2'],
    turns: ['end#1 refused > hang-up flow-ended'],
    effects: [NO],
  },
  {
    name: 'a refusal goes on unrecorded: the status is told, nothing is kept',
    rules: { onRefusal: 'continue' },
    orderStatus: 'completed',
    presses: ['2', '4711', '1', '4711', '2'],
    turns: [
      `order#1 unrecorded ${unkept(ORDER)}`,
      `help#1 status_completed ${unkept(HELP)}`,
      `order#2 ${unkept(ORDER)}`,
      `help#2 status_completed ${unkept(HELP)}`,
      'end#1 goodbye > hang-up flow-ended',
    ],
    effects: [NO],
  },
  {
    name: 'a refusal goes on unrecorded, with a number that nobody knows',
    rules: { onRefusal: 'continue' },
    presses: ['2', '4711'],
    turns: [`order#1 unrecorded ${unkept(ORDER)}`, `help#1 status_unknown ${unkept(HELP)}`],
    effects: [NO],
  },
  {
    name: 'silence at the consent is no consent and no refusal',
    presses: ['-', '-', '-'],
    turns: [
      `consent#2 ${CONSENT_AGAIN}`,
      `consent#3 ${CONSENT_AGAIN}`,
      'end#1 no_input > hang-up no-input',
    ],
    effects: [],
  },
  {
    name: 'keys that are no choice are named so',
    presses: ['5', '*', '#'],
    turns: [
      `consent#2 invalid_key ${CONSENT_AGAIN}`,
      `consent#3 invalid_key ${CONSENT_AGAIN}`,
      'end#1 no_input > hang-up no-input',
    ],
    effects: [],
  },
  {
    name: 'consent at the last attempt',
    presses: ['-', '٣', '1'],
    turns: [
      `consent#2 ${CONSENT_AGAIN}`,
      `consent#3 invalid_key ${CONSENT_AGAIN}`,
      `order#1 ${ORDER}`,
    ],
    effects: [YES],
  },
  {
    name: 'repeated as a whole, and no miss',
    presses: ['9', '-', '9', '-', '-'],
    turns: [
      `consent#2 ${CONSENT}`,
      `consent#3 ${CONSENT_AGAIN}`,
      `consent#4 ${CONSENT}`,
      `consent#5 ${CONSENT_AGAIN}`,
      'end#1 no_input > hang-up no-input',
    ],
    effects: [],
  },
  {
    name: 'an order number that is none, in every way',
    presses: ['1', '471', '1234567890123', '٤٧١١'],
    turns: [
      `order#1 ${ORDER}`,
      `order#2 invalid_order ${ORDER_AGAIN}`,
      `order#3 invalid_order ${ORDER_AGAIN}`,
      'end#1 no_input > hang-up no-input',
    ],
    effects: [YES],
  },
  {
    name: '9 alone repeats at the order number, and misses count from anew behind it',
    presses: ['1', '9', '-', '4711', '9', '-', '9', '-', '1'],
    turns: [
      `order#1 ${ORDER}`,
      `order#2 ${ORDER}`,
      `order#3 ${ORDER_AGAIN}`,
      `order_confirm#1 ${CONFIRM}`,
      `order_confirm#2 ${CONFIRM}`,
      `order_confirm#3 ${CONFIRM_AGAIN}`,
      `order_confirm#4 ${CONFIRM}`,
      `order_confirm#5 ${CONFIRM_AGAIN}`,
      `help#1 status_confirmed ${HELP}`,
    ],
    effects: [YES, STORED],
  },
  {
    name: 'a number that was mistyped is entered again',
    presses: ['1', '4712', '2', '4711', '1'],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM.replace('4711', '4712')}`,
      `order#2 corrected ${ORDER_AGAIN}`,
      `order_confirm#2 ${CONFIRM}`,
      `help#1 status_confirmed ${HELP}`,
    ],
    effects: [YES, STORED],
  },
  {
    name: 'a confirmation that never comes stores nothing',
    presses: ['1', '4711', '-', '7', ''],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM}`,
      `order_confirm#2 ${CONFIRM_AGAIN}`,
      `order_confirm#3 invalid_key ${CONFIRM_AGAIN}`,
      'end#1 no_input > hang-up no-input',
    ],
    effects: [YES],
  },
  {
    name: 'silence at the end is a goodbye; what was told is repeated before',
    orderStatus: 'problem',
    presses: ['1', '4711', '1', '9', '-', '-', '-'],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM}`,
      `help#1 status_problem ${HELP}`,
      `help#2 status_problem ${HELP}`,
      `help#3 ${HELP_AGAIN}`,
      `help#4 ${HELP_AGAIN}`,
      'end#1 goodbye > hang-up flow-ended',
    ],
    effects: [YES, STORED],
  },
  {
    name: 'a human before the consent; when nobody picks up the consent is still to be asked for, once',
    presses: ['0', '!', '0', '1'],
    turns: [
      `transfer#1 ${RING}`,
      `consent#2 nobody_answers ${unmanned(CONSENT)}`,
      `consent#3 nobody ${CONSENT_AGAIN}`,
      `order#1 ${unmanned(ORDER)}`,
    ],
    effects: [YES],
  },
  {
    name: 'a human at the order number; when nobody picks up there is help',
    presses: ['1', '0', '!', '1'],
    turns: [
      `order#1 ${ORDER}`,
      `transfer#1 ${RING}`,
      `help#1 nobody_answers ${unmanned(HELP)}`,
      `order#2 ${unmanned(ORDER)}`,
    ],
    effects: [YES],
  },
  {
    name: 'a human at the end',
    orderStatus: 'canceled',
    presses: ['1', '4711', '1', '0'],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM}`,
      `help#1 status_canceled ${HELP}`,
      `transfer#1 ${RING}`,
    ],
    effects: [YES, STORED],
  },
  {
    name: 'without a human nobody is offered, and asking for one goes on',
    rules: { human: null },
    presses: ['0', '1', '0', '4711', '0', '1', '0'],
    turns: [
      `consent#2 nobody ${CONSENT_AGAIN}`,
      `order#1 ${unmanned(ORDER)}`,
      `order#2 nobody ${ORDER_AGAIN}`,
      `order_confirm#1 ${unmanned(CONFIRM)}`,
      `order_confirm#2 nobody ${CONFIRM_AGAIN}`,
      `help#1 status_confirmed ${unmanned(HELP)}`,
      `help#2 nobody ${HELP_AGAIN}`,
    ],
    effects: [YES, STORED],
  },
  {
    name: 'the agent goes on after the status, and knows of it',
    hasAgent: true,
    orderStatus: 'completed',
    presses: ['1', '4711', '1'],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM}`,
      'end#1 status_completed to_agent > agent 4711 completed given',
    ],
    effects: [YES, STORED],
  },
  {
    name: 'the agent helps who cannot type, and is told no number that was not confirmed',
    hasAgent: true,
    presses: ['1', '4711', '-', '-', '-'],
    turns: [
      `order#1 ${ORDER}`,
      `order_confirm#1 ${CONFIRM}`,
      `order_confirm#2 ${CONFIRM_AGAIN}`,
      `order_confirm#3 ${CONFIRM_AGAIN}`,
      'end#1 to_agent > agent   given',
    ],
    effects: [YES],
  },
  {
    name: 'the agent goes on when no human picks up, or none is there',
    hasAgent: true,
    presses: ['1', '0', '!'],
    turns: [
      `order#1 ${ORDER}`,
      `transfer#1 ${RING}`,
      'end#1 nobody_answers to_agent > agent   given',
    ],
    effects: [YES],
  },
  {
    name: 'the agent goes on where there is no human',
    hasAgent: true,
    rules: { human: null },
    presses: ['1', '0'],
    turns: [`order#1 ${unmanned(ORDER)}`, 'end#1 nobody to_agent > agent   given'],
    effects: [YES],
  },
  {
    name: 'no agent for whoever refused, or never decided',
    hasAgent: true,
    presses: ['-', '-', '2'],
    turns: [
      `consent#2 ${CONSENT_AGAIN}`,
      `consent#3 ${CONSENT_AGAIN}`,
      'end#1 refused > hang-up flow-ended',
    ],
    effects: [NO],
  },
  {
    name: 'no agent without a decision',
    hasAgent: true,
    presses: ['-', '-', '-'],
    turns: [
      `consent#2 ${CONSENT_AGAIN}`,
      `consent#3 ${CONSENT_AGAIN}`,
      'end#1 no_input > hang-up no-input',
    ],
    effects: [],
  },
  {
    name: 'no agent after a refusal: what is said to one is kept',
    hasAgent: true,
    rules: { onRefusal: 'continue' },
    orderStatus: 'confirmed',
    presses: ['2', '4711'],
    turns: [`order#1 unrecorded ${unkept(ORDER)}`, `help#1 status_confirmed ${unkept(HELP)}`],
    effects: [NO],
  },
  {
    name: 'the bound of questions ends it with an apology',
    presses: Array<string>(12).fill('9'),
    turns: [
      ...Array.from({ length: 11 }, (_, index) => `consent#${index + 2} ${CONSENT}`),
      'end#1 sorry > hang-up no-input',
    ],
    effects: [],
  },
  {
    name: 'what was asked for at the last question is still done and said',
    presses: ['1', ...Array<string>(9).fill('9'), '4711', '1'],
    turns: [
      `order#1 ${ORDER}`,
      ...Array.from({ length: 9 }, (_, index) => `order#${index + 2} ${ORDER}`),
      `order_confirm#1 ${CONFIRM}`,
      'end#1 status_confirmed sorry > hang-up flow-ended',
    ],
    effects: [YES, STORED],
  },
  {
    name: 'three minutes end it with an apology',
    secondsEach: 61,
    presses: ['9', '9', '1'],
    turns: [`consent#2 ${CONSENT}`, `consent#3 ${CONSENT}`, 'end#1 sorry > hang-up no-input'],
    effects: [YES],
  },
  {
    name: 'the time in which a human’s phone rings does not count',
    secondsEach: 61,
    presses: ['0', '!', '9', '1'],
    turns: [
      `transfer#1 ${RING}`,
      `consent#2 nobody_answers ${unmanned(CONSENT)}`,
      `consent#3 ${unmanned(CONSENT)}`,
      'end#1 sorry > hang-up no-input',
    ],
    effects: [YES],
  },
]
