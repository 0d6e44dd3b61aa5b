// What is changed in an account at Voximplant: each is asked for once.
import { AppError } from '#core/errors'
import type { StartedScenario, VendorAnswer, VoximplantRest } from './vendor-answer.ts'
import { idIn, textIn, type Fields } from '../../vendor-answers/answer-fields.ts'
import { listAll } from './vendor-pages.ts'
import { failureOf, unreadable } from './vendor-refusals.ts'
import type { VendorRequests } from './vendor-requests.ts'

const MAX_CUSTOM_DATA_BYTES = 200
/** 261: no such record; 341: it was deleted. */
const RECORD_GONE: ReadonlySet<number | null> = new Set([261, 341])

type Changes = Pick<VoximplantRest, 'addScenario' | 'changeScenario' | 'addRule' | 'bindScenario'> &
  Pick<VoximplantRest, 'setSecret' | 'startScenarios' | 'deleteRecord'>

export const vendorChanges = (requests: VendorRequests): Changes => ({
  async addScenario({ name, code, applicationId }) {
    const params = {
      scenario_name: name,
      scenario_script: code,
      application_id: applicationId,
    }
    return decodedWrite(await requests.write('AddScenario', params), (answer) =>
      withId(answer, 'scenario_id', (scenarioId) => ({ scenarioId })),
    )
  },
  async changeScenario(scenarioId, code) {
    const params = { scenario_id: scenarioId, scenario_script: code }
    return done(await requests.write('SetScenarioInfo', params))
  },
  async addRule({ applicationId, name, pattern, scenarioId }) {
    const params = {
      application_id: applicationId,
      rule_name: name,
      rule_pattern: pattern,
      scenario_id: scenarioId,
    }
    return decodedWrite(await requests.write('AddRule', params), (answer) =>
      withId(answer, 'rule_id', (ruleId) => ({ ruleId })),
    )
  },
  async bindScenario({ applicationId, ruleId, scenarioId, isBound }) {
    const params = {
      application_id: applicationId,
      rule_id: ruleId,
      scenario_id: scenarioId,
      bind: isBound,
    }
    return done(await requests.write('BindScenario', params))
  },
  setSecret: (secret) => setSecret(requests, secret),
  async startScenarios(ruleId, customData) {
    if (Buffer.byteLength(customData) > MAX_CUSTOM_DATA_BYTES)
      return { kind: 'refused', code: null, error: tooMuchCustomData() }
    const params = { rule_id: ruleId, script_custom_data: customData }
    return decodedWrite(await requests.writeFirst('StartScenarios', params), decodeStarted)
  },
  async deleteRecord(recordUrl) {
    const answer = await requests.write('DeleteRecord', { record_url: recordUrl })
    const isGone = answer.kind === 'refused' && RECORD_GONE.has(answer.code)
    return isGone ? { kind: 'ok', value: undefined } : done(answer)
  },
})

/** Adds it, or gives it this value: what is lost on the way is found there by the next time. */
async function setSecret(
  requests: VendorRequests,
  secret: { readonly applicationId: string; readonly name: string; readonly value: string },
): Promise<VendorAnswer<undefined>> {
  const { applicationId, name, value } = secret
  const known = await listAll(requests, {
    command: 'GetSecrets',
    params: { application_id: applicationId, secret_name_part: name },
    decode: decodeSecret,
  })
  if (known.kind !== 'ok') return known
  const before = known.value.find((each) => each.name === name)
  const params = { application_id: applicationId, secret_value: value }
  return done(
    before === undefined
      ? await requests.write('AddSecret', { ...params, secret_name: name })
      : await requests.write('SetSecretInfo', { ...params, secret_id: before.secretId }),
  )
}

function decodeSecret(row: Fields): { secretId: string; name: string } | undefined {
  const [secretId, name] = [idIn(row, 'secret_id'), textIn(row, 'secret_name')]
  return secretId === null || name === null ? undefined : { secretId, name }
}

function decodeStarted(answer: Fields): StartedScenario | undefined {
  const sessionId = idIn(answer, 'call_session_history_id')
  if (sessionId === null || answer['result'] !== 1) return undefined
  const controlUrl =
    textIn(answer, 'media_session_access_secure_url') ?? textIn(answer, 'media_session_access_url')
  return { sessionId, controlUrl }
}

function withId<T>(answer: Fields, name: string, make: (id: string) => T): T | undefined {
  const id = idIn(answer, name)
  return id === null ? undefined : make(id)
}

/** It was done, or so it seems, and nobody knows as what. */
function decodedWrite<T>(
  answer: VendorAnswer<Fields>,
  decode: (answer: Fields) => T | undefined,
): VendorAnswer<T> {
  if (answer.kind !== 'ok') return answer
  const value = decode(answer.value)
  return value === undefined ? { kind: 'unknown', error: unreadable() } : { kind: 'ok', value }
}

/** `result` is 1, or says what was made. */
function done(answer: VendorAnswer<Fields>): VendorAnswer<undefined> {
  if (answer.kind !== 'ok') return answer
  const { result } = answer.value
  return result === 0 || result === false || result === null
    ? { kind: 'refused', code: null, error: failureOf('did not do it, and does not say why') }
    : { kind: 'ok', value: undefined }
}

const tooMuchCustomData = (): AppError =>
  new AppError('REQUEST_INVALID', 'Voximplant takes 200 bytes of custom data and no more.')
