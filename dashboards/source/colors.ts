// What words and states look like, the same on every board.
import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import type { CallOutcome, TerminationResult } from '#core/contracts'

const states = (zero: [string, string], one: [string, string]): ValueMapping => ({
  type: MappingType.ValueToText,
  options: {
    '0': { text: zero[0], color: zero[1], index: 0 },
    '1': { text: one[0], color: one[1], index: 1 },
  },
})
export const UP_OR_DOWN = states(['DOWN', 'red'], ['UP', 'green'])
export const YES_OR_NO = states(['no', 'red'], ['yes', 'green'])
/** Of what is worth a look while it is so. */
export const NO_OR_YES = states(['no', 'green'], ['yes', 'orange'])

/** Of series, by patterns of their names. */
type Colors<Name extends string> = Readonly<Record<Name, string>>

export const RESULT_COLORS: Colors<TerminationResult> = {
  success: 'green',
  client_error: 'blue',
  server_error: 'red',
  upstream_error: 'orange',
  indeterminate: 'purple',
}

export const OUTCOME_COLORS: Colors<CallOutcome> = {
  answered: 'green',
  machine: 'light-green',
  'no-answer': 'yellow',
  busy: 'light-orange',
  canceled: 'light-blue',
  declined: 'purple',
  failed: 'red',
}
