// The order flow as tests play it: rules with everything set, and a caller who presses keys one turn after the other.
import { createOrderNumberRule } from '../../control-api/ivr/order-number.ts'
import {
  advanceFlow,
  beginFlow,
  type FlowOutcome,
  type FlowRules,
  type OrderStatus,
} from '../../control-api/ivr/order-flow.ts'
import { promptCatalogue, type FlowLanguage } from '../../control-api/ivr/prompts/catalogue.ts'
import { epochMs, type E164, type FlowInput, type FlowTurn } from '../../core/contracts/index.ts'

export const HUMAN = '+4930555199' as E164

export function flowRules(given: Partial<FlowRules> = {}): FlowRules {
  const orders = createOrderNumberRule('[0-9]{4,12}')
  return {
    company: 'Muster & Söhne',
    website: 'https://www.example.com/datenschutz',
    prompts: promptCatalogue,
    isOrderNumber: (digits) => orders.isOrderNumber(digits),
    maxOrderDigits: orders.maxDigits,
    onRefusal: 'end',
    human: HUMAN,
    ...given,
  }
}

/** `-`: silence; `!`: nobody picked up; anything else: keys. */
export function flowInput(press: string): FlowInput {
  if (press === '-') return { kind: 'silence' }
  return press === '!' ? { kind: 'transfer-failed' } : { kind: 'digits', digits: press }
}

export interface Played {
  readonly language?: FlowLanguage
  readonly hasAgent?: boolean
  readonly orderStatus?: OrderStatus | null
  /** Between an input and the one before. */
  readonly secondsEach?: number
}

/** Every outcome, the first turn's included. */
export function playFlow(
  rules: FlowRules,
  presses: readonly string[],
  { language = 'de', hasAgent = false, orderStatus = null, secondsEach = 1 }: Played = {},
): FlowOutcome[] {
  let last = beginFlow(rules, { language, hasAgent, at: epochMs(0) })
  const outcomes = [last]
  for (const [index, press] of presses.entries()) {
    const facts = { orderStatus, at: epochMs((index + 1) * secondsEach * 1000) }
    last = advanceFlow(rules, last.state, flowInput(press), facts)
    outcomes.push(last)
  }
  return outcomes
}

/** What is heard, digits one by one. */
export const saidBy = (turn: FlowTurn): string =>
  turn.say.map((part) => (part.kind === 'words' ? part.text : part.digits)).join(' ')
