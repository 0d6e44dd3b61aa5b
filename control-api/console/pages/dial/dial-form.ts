// What is filled in to place a call, what of it cannot be sent, and the request that it becomes. Pure.
import type { StartCallData } from '../../api/generated/types.gen.ts'
import { checkNumber } from '../../components/phone-number/phone-number.ts'

export type DialBody = StartCallData['body']
export type RetriedOutcome = NonNullable<DialBody['retry']>['on'][number]

export type Provider = 'sip' | 'twilio' | 'voximplant'
export type AnswerWith = NonNullable<DialBody['answer_with']>
export type MachineWay = NonNullable<DialBody['answering_machine']>
export const ANSWER_WITH: readonly AnswerWith[] = ['agent', 'order-ivr', 'order-ivr-then-agent']

export interface NamedValue {
  readonly id: number
  readonly name: string
  readonly value: string
}

export interface DialForm {
  readonly phone_number: string
  readonly provider: Provider
  /** Ours, of Voximplant. */
  readonly application_id: string
  readonly answer_with: AnswerWith
  readonly answering_machine: MachineWay
  /** Empty texts and nulls: the server decides. */
  readonly agent_id: string
  readonly trunk: string
  readonly from: string
  readonly first_message: string
  readonly language: string
  readonly variables: readonly NamedValue[]
  readonly ring_timeout_seconds: number | null
  readonly max_duration_seconds: number | null
  readonly retries: boolean
  readonly retry_attempts: number
  readonly retry_after_minutes: number
  readonly retry_on: readonly RetriedOutcome[]
  readonly metadata: readonly NamedValue[]
}

/** As the API has them. */
export const DEFAULT_RING_SECONDS = 45
export const DEFAULT_DURATION_SECONDS = 1800
export const RING_SECONDS = { min: 5, max: 120 } as const
export const DURATION_SECONDS = { min: 10, max: 7200 } as const
export const ATTEMPTS = { min: 1, max: 5 } as const
export const AFTER_MINUTES = { min: 1, max: 1440 } as const
export const RETRIED_OUTCOMES: readonly RetriedOutcome[] = ['no-answer', 'busy', 'failed']

export const emptyForm = (phoneNumber = ''): DialForm => ({
  phone_number: phoneNumber,
  provider: 'sip',
  application_id: '',
  answer_with: 'agent',
  answering_machine: 'off',
  agent_id: '',
  trunk: '',
  from: '',
  first_message: '',
  language: '',
  variables: [],
  ring_timeout_seconds: null,
  max_duration_seconds: null,
  retries: false,
  retry_attempts: 2,
  retry_after_minutes: 5,
  retry_on: ['no-answer', 'busy'],
  metadata: [],
})

/** At Voximplant the sound does not come by us. */
export const mayHaveMenu = ({ provider }: DialForm): boolean => provider !== 'voximplant'
/** Somebody but the menu talks, sooner or later. */
export const hasAgent = (form: DialForm): boolean =>
  form.answer_with !== 'order-ivr' || !mayHaveMenu(form)
/** Trunks and their numbers are of SIP; Twilio has its one number, and so has an application. */
export const hasTrunk = ({ provider }: DialForm): boolean => provider === 'sip'
/** On SIP it is not built. */
export const judgesMachines = ({ provider }: DialForm): boolean => provider !== 'sip'

/** What does not apply is not sent, and no reason to send nothing; it is there again when it applies. */
export function applying(form: DialForm): DialForm {
  const empty = emptyForm()
  const told = { first_message: '', language: '', variables: [] }
  return {
    ...form,
    ...(hasTrunk(form) ? {} : { trunk: '', from: '' }),
    ...(form.provider === 'voximplant' ? {} : { application_id: '' }),
    ...(mayHaveMenu(form) ? {} : { answer_with: empty.answer_with }),
    ...(hasAgent(form) ? {} : { agent_id: '', ...told }),
    ...(judgesMachines(form) ? {} : { answering_machine: empty.answering_machine }),
  }
}

export type DialFault =
  | 'number'
  | 'application'
  | 'from'
  | 'language'
  | 'variable_unnamed'
  | 'variable_twice'
  | 'metadata_unnamed'
  | 'metadata_twice'
  | 'retry_on'
  | 'retry_secret'

/** Nothing here: it can be sent. The server still has the last word. */
export function faultsOf(filled: DialForm): ReadonlySet<DialFault> {
  const form = applying(filled)
  const faults = new Set<DialFault>()
  if (checkNumber(form.phone_number).fault !== null) faults.add('number')
  if (form.provider === 'voximplant' && form.application_id === '') faults.add('application')
  if (form.from.trim() !== '' && checkNumber(form.from).fault !== null) faults.add('from')
  if (form.language !== '' && !/^[a-z]{2}(-[a-zA-Z]{2,4})?$/.test(form.language))
    faults.add('language')
  for (const [name, rows] of [
    ['variable', form.variables],
    ['metadata', form.metadata],
  ] as const) {
    const names = rows.filter(isFilled).map((row) => row.name.trim())
    if (names.includes('')) faults.add(`${name}_unnamed`)
    if (new Set(names).size < names.length) faults.add(`${name}_twice`)
  }
  if (form.retries && form.retry_on.length === 0) faults.add('retry_on')
  // They are never kept, so a later attempt would lack them.
  if (form.retries && form.variables.some(({ name }) => /^secret__/i.test(name)))
    faults.add('retry_secret')
  return faults
}

const isFilled = ({ name, value }: NamedValue): boolean => name.trim() !== '' || value !== ''

const recordOf = (rows: readonly NamedValue[]): Record<string, string> | undefined => {
  const filled = rows.filter(isFilled)
  if (filled.length === 0) return undefined
  return Object.fromEntries(filled.map(({ name, value }) => [name.trim(), value]))
}

const given = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())

/** Null: it has faults. What was left empty is left out. */
export function bodyOf(filled: DialForm): DialBody | null {
  const form = applying(filled)
  const number = checkNumber(form.phone_number)
  if (number.fault !== null || faultsOf(form).size > 0) return null
  const from = checkNumber(form.from)
  const retry = form.retries
    ? {
        attempts: form.retry_attempts,
        after_seconds: form.retry_after_minutes * 60,
        on: [...form.retry_on],
      }
    : undefined
  const body: Partial<Record<keyof DialBody, unknown>> = {
    phone_number: number.e164,
    // What the API does by itself is left out.
    provider: form.provider === 'sip' ? undefined : form.provider,
    application_id: given(form.application_id),
    answer_with: form.answer_with === 'agent' ? undefined : form.answer_with,
    answering_machine: form.answering_machine === 'off' ? undefined : form.answering_machine,
    agent_id: given(form.agent_id),
    trunk: given(form.trunk),
    from: from.fault === null ? from.e164 : undefined,
    first_message: given(form.first_message),
    language: given(form.language),
    dynamic_variables: recordOf(form.variables),
    ring_timeout_seconds: form.ring_timeout_seconds ?? undefined,
    max_duration_seconds: form.max_duration_seconds ?? undefined,
    retry,
    metadata: recordOf(form.metadata),
  }
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== undefined),
  ) as DialBody
}

export type RefusedField =
  | 'phone_number'
  | 'provider'
  | 'application_id'
  | 'answer_with'
  | 'agent_id'
  | 'trunk'
  | 'from'
  | 'first_message'
  | 'language'
  | 'dynamic_variables'
  | 'ring_timeout_seconds'
  | 'max_duration_seconds'
  | 'answering_machine'
  | 'retry'
  | 'metadata'

const FIELDS: readonly RefusedField[] = [
  'phone_number',
  'provider',
  'application_id',
  'answer_with',
  'agent_id',
  'trunk',
  'from',
  'first_message',
  'language',
  'dynamic_variables',
  'ring_timeout_seconds',
  'max_duration_seconds',
  'answering_machine',
  'retry',
  'metadata',
]

/** Refusals that name no field are about one all the same. */
const FIELD_OF_CODE: Readonly<Record<string, RefusedField>> = {
  NUMBER_INVALID: 'phone_number',
  NUMBER_NOT_ALLOWED: 'phone_number',
  FROM_NOT_ALLOWED: 'from',
}

interface Problem {
  readonly code: string
  readonly message: string
  readonly fields: readonly { readonly field: string; readonly message: string }[]
}

/** What stands beside which field; empty: it belongs to none of them. */
export function refusalsOf({
  code,
  message,
  fields,
}: Problem): Partial<Record<RefusedField, string>> {
  const found: Partial<Record<RefusedField, string>> = {}
  for (const { field, message: why } of fields) {
    // `retry.on.0` is of `retry`.
    const known = FIELDS.find((one) => one === field.replace(/^\//, '').split(/[./[]/)[0])
    if (known !== undefined) found[known] ??= why
  }
  const byCode = FIELD_OF_CODE[code]
  if (byCode !== undefined && Object.keys(found).length === 0) found[byCode] = message
  return found
}

/** Whether this node may dial it (DIAL_ALLOW_PREFIXES): `+` is every number. */
export const isAllowed = (e164: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => e164.startsWith(prefix))
