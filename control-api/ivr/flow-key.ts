// What a caller meant by the keys: decided by the step, and never guessed.
import type { FlowInput } from '#core/contracts'
import type { FlowRules, FlowState } from './flow-state.ts'

/** The fixed keys, the same at every step. */
const KEYS = { '1': 'yes', '2': 'no', '9': 'repeat', '0': 'human' } as const

export type Heard =
  | { readonly kind: (typeof KEYS)[keyof typeof KEYS] | 'invalid' | 'silence' }
  | { readonly kind: 'entry'; readonly orderNumber: string }

/** `undefined`: the input does not belong to this step, such as keys while a human's phone rings. */
export function hear(rules: FlowRules, state: FlowState, input: FlowInput): Heard | undefined {
  if (state.step === 'transfer' || state.step === 'end') return undefined
  if (input.kind === 'transfer-failed') return undefined
  // Nothing before the # is nothing: Twilio reports it like silence.
  if (input.kind === 'silence' || input.digits === '') return { kind: 'silence' }
  return state.step === 'order' ? orderEntry(rules, input.digits) : singleKey(input.digits)
}

const singleKey = (digits: string): Heard => ({
  kind: isKey(digits) ? KEYS[digits] : 'invalid',
})

/** Here keys are the number; no order number has one digit, so that 9 and 0 alone are still what they always are. */
function orderEntry(rules: FlowRules, digits: string): Heard {
  if (digits === '9' || digits === '0') return { kind: KEYS[digits] }
  return digits.length <= rules.maxOrderDigits &&
    /^[0-9]+$/.test(digits) &&
    rules.isOrderNumber(digits)
    ? { kind: 'entry', orderNumber: digits }
    : { kind: 'invalid' }
}

const isKey = (digits: string): digits is keyof typeof KEYS => Object.hasOwn(KEYS, digits)

/** The keys as they may be kept; undefined when they are none, whoever sent them. */
export const keysOnly = (input: FlowInput): string | undefined =>
  input.kind === 'digits' && /^[0-9*#]{1,32}$/.test(input.digits) ? input.digits : undefined
