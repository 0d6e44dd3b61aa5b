// The parameters that every webhook about a call carries: the present names and those of older days beside them
// (twilio.com/docs/voice/twiml#request-parameters).
import type { CallStatus } from './records.ts'
import type { FormParams } from './signature.ts'

interface CallOfParams {
  readonly sid: string
  readonly parentSid: string | null
  readonly from: string
  readonly to: string
  readonly status: CallStatus
  readonly direction: string
  readonly extraParams: FormParams
}

export function baseParams(accountSid: string, call: CallOfParams): FormParams {
  return [
    ['AccountSid', accountSid],
    ['ApiVersion', '2010-04-01'],
    ['CallSid', call.sid],
    ['CallStatus', call.status],
    ...partyParams('Called', call.to),
    ...partyParams('Caller', call.from),
    ['Direction', call.direction],
    ...partyParams('From', call.from),
    ...partyParams('To', call.to),
    ...(call.parentSid === null ? [] : ([['ParentCallSid', call.parentSid]] as const)),
    ...call.extraParams,
  ]
}

/** Places are seldom known, and told all the same. */
const partyParams = (name: string, number: string): FormParams => [
  [name, number],
  [`${name}City`, ''],
  [`${name}Country`, number.startsWith('+49') ? 'DE' : ''],
  [`${name}State`, ''],
  [`${name}Zip`, ''],
]
