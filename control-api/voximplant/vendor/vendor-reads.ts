// What is read of an account at Voximplant: of itself, what it has, and its history.
import {
  decodeAccountInfo,
  decodeApplication,
  decodeNumber,
  decodeRule,
  decodeScenario,
} from './decode-answers.ts'
import { decodeHistory } from './decode-history.ts'
import type { HistoryQuery, VendorAnswer, VoximplantRest } from './vendor-answer.ts'
import { UTC, vendorDate } from './vendor-dates.ts'
import { rowsIn, type Fields } from '../../vendor-answers/answer-fields.ts'
import { listAll } from './vendor-pages.ts'
import { isMissing, unreadable } from './vendor-refusals.ts'
import type { Params, RestDeps, VendorRequests } from './vendor-requests.ts'

const MAX_HISTORY_COUNT = 1000

type Reads = Pick<VoximplantRest, 'accountInfo' | 'history'> &
  Pick<VoximplantRest, 'applications' | 'rules' | 'scenarios' | 'scenario' | 'phoneNumbers'>

export const vendorReads = (requests: VendorRequests, clock: RestDeps['clock']): Reads => ({
  async accountInfo(signal) {
    const answer = await requests.read('GetAccountInfo', { return_live_balance: true }, signal)
    return decoded(answer, decodeAccountInfo)
  },
  applications: (signal) =>
    listAll(requests, { command: 'GetApplications', decode: decodeApplication, signal }),
  rules: (applicationId, signal) =>
    listAll(requests, {
      command: 'GetRules',
      params: { application_id: applicationId, with_scenarios: true },
      decode: decodeRule,
      signal,
    }),
  scenarios: ({ name, applicationId } = {}, signal) =>
    listAll(requests, {
      command: 'GetScenarios',
      params: { scenario_name: name, application_id: applicationId },
      decode: decodeScenario,
      signal,
    }),
  async scenario(scenarioId, signal) {
    const params = { scenario_id: scenarioId, with_script: true }
    const answer = await requests.read('GetScenarios', params, signal)
    if (answer.kind === 'refused' && isMissing(answer.code)) return { kind: 'ok', value: undefined }
    return mapped(answer, ({ result }) =>
      rowsIn(result)
        .map(decodeScenario)
        .find((each) => each?.scenarioId === scenarioId),
    )
  },
  phoneNumbers: (applicationId, signal) =>
    listAll(requests, {
      command: 'GetPhoneNumbers',
      params: { application_id: applicationId },
      decode: decodeNumber,
      signal,
    }),
  async history(query, signal) {
    const answer = await requests.read('GetCallHistory', historyParams(query), signal)
    return decoded(answer, (page) => decodeHistory(page, clock.now()))
  },
})

function historyParams(query: HistoryQuery): Params {
  const { from, to, sessionIds, customData, applicationId, count, offset } = query
  return {
    from_date: from === undefined ? undefined : vendorDate(from),
    to_date: to === undefined ? undefined : vendorDate(to),
    timezone: UTC,
    call_session_history_id: sessionIds?.join(';'),
    call_session_history_custom_data: customData,
    application_id: applicationId,
    with_calls: true,
    with_records: true,
    with_other_resources: true,
    with_total_count: true,
    desc_order: false,
    count: count === undefined ? undefined : Math.min(count, MAX_HISTORY_COUNT),
    offset,
  }
}

const mapped = <T, U>(answer: VendorAnswer<T>, map: (value: T) => U): VendorAnswer<U> =>
  answer.kind === 'ok' ? { kind: 'ok', value: map(answer.value) } : answer

/** Of what changed nothing: an answer that cannot be read is a refusal. */
function decoded<T>(
  answer: VendorAnswer<Fields>,
  decode: (answer: Fields) => T | undefined,
): VendorAnswer<T> {
  if (answer.kind !== 'ok') return answer
  const value = decode(answer.value)
  return value === undefined
    ? { kind: 'refused', code: null, error: unreadable() }
    : { kind: 'ok', value }
}
