// Our client of the Management API against the simulated one: every command, with both kinds of keys.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Credential } from '../../../control-api/voximplant/vendor/vendor-answer.ts'
import { epochMs } from '../../../core/contracts/index.ts'
import type { VoximplantSimulator } from '../../../simulators/voximplant/index.ts'
import { sample } from '../../support/build-app.ts'
import {
  askedFor,
  aVendor,
  clientOf,
  legacyKeyOf,
  serviceAccountOf,
  valueOf,
} from './vendor-stage.ts'

const START = Date.UTC(2026, 0, 2, 3, 4, 5)

const SESSION = {
  call_session_history_id: 6760041670,
  start_date: '2026-01-02 03:04:05',
  duration: 42,
  rule_name: 'all',
  custom_data: '{"t":"abc"}',
  finish_reason: 'Normal termination',
  calls: [
    {
      call_id: 11,
      start_time: '2026-01-02 03:04:06',
      duration: 39,
      local_number: '4930555100',
      remote_number: '49301234567',
      incoming: false,
      successful: true,
      cost: 0.0123,
      end_reason: 'Normal call clearing',
    },
  ],
  records: [{ record_id: 3, start_time: '2026-01-02 03:04:07', duration: 2, cost: 0.004 }],
  other_resource_usage: [
    {
      resource_usage_id: 1,
      resource_type: 'VOICEMAILDETECTION',
      cost: 0.01,
      used_at: '2026-01-02 03:04:06',
    },
  ],
}

async function speaksAll(
  t: Test,
  vendor: VoximplantSimulator,
  credential: Credential,
): Promise<void> {
  const { application_id: id } = vendor.addApplication({ name: 'shop', secure: true })
  const applicationId = String(id)
  vendor.addNumber({ phone_number: '+4930555100', application_id: id })
  vendor.addHistory([{ ...SESSION, application_id: id }], { secure: true })
  const { rest, metrics } = clientOf(vendor, credential)
  const info = await valueOf(rest.accountInfo())
  t.match(info, { vendorAccountId: String(vendor.accountId), isActive: true, currency: 'USD' })
  t.match(await valueOf(rest.applications()), [{ applicationId, hasSecureRecords: true }])
  const scenario = { name: 'one', code: 'Logger.write("Grüße; & = %")', applicationId }
  const { scenarioId } = await valueOf(rest.addScenario(scenario))
  t.match(await valueOf(rest.scenarios({ name: 'one', applicationId })), [
    { scenarioId, code: null },
  ])
  t.match(await valueOf(rest.scenario(scenarioId)), { name: 'one', code: scenario.code })
  t.equal(await valueOf(rest.scenario('1')), undefined, 'none of this id')
  await valueOf(rest.changeScenario(scenarioId, 'two()'))
  t.match(await valueOf(rest.scenario(scenarioId)), { code: 'two()' })
  const rule = { applicationId, name: 'all', pattern: '.*', scenarioId }
  const { ruleId } = await valueOf(rest.addRule(rule))
  t.match(await valueOf(rest.rules(applicationId)), [
    { ruleId, pattern: '.*', scenarios: [{ scenarioId, name: 'one' }] },
  ])
  const binding = { applicationId, ruleId, scenarioId }
  await valueOf(rest.bindScenario({ ...binding, isBound: false }))
  t.match(await valueOf(rest.rules(applicationId)), [{ scenarios: [] }])
  await valueOf(rest.bindScenario({ ...binding, isBound: true }))
  t.match(await valueOf(rest.phoneNumbers(applicationId)), [
    { number: '+4930555100', applicationId, isUsable: true },
  ])
  for (const value of ['first', 'second']) {
    await valueOf(rest.setSecret({ applicationId, name: 'KEY', value }))
    t.equal(vendor.secrets(id).get('KEY'), value)
  }
  await readsHistory(t, { vendor, rest })
  const started = await valueOf(rest.startScenarios(ruleId, '{"t":"x"}'))
  t.match(started, { sessionId: /^\d+$/, controlUrl: /^http/ })
  const ok = 'vendor_requests_total{vendor="voximplant",operation="StartScenarios",result="ok"}'
  t.equal(await sample(metrics, ok), 1, 'counted by its command')
}

async function readsHistory(
  t: Test,
  { vendor, rest }: { vendor: VoximplantSimulator; rest: ReturnType<typeof clientOf>['rest'] },
): Promise<void> {
  const range = { from: START, to: START + 1000 }
  const { sessions, total, unreadable } = await valueOf(rest.history(range))
  t.match({ total, unreadable }, { total: 1, unreadable: 0 })
  t.match(sessions[0], {
    sessionId: '6760041670',
    startedAt: START,
    customData: '{"t":"abc"}',
    legs: [{ startedAt: START + 1000, isSuccessful: true, isIncoming: false, durationSeconds: 39 }],
    records: [{ recordId: '3', url: /^http/, durationSeconds: 2 }],
  })
  t.equal(sessions[0]?.cost.toFixed(4), '0.0263', 'legs, records and all else')
  const byId = await valueOf(rest.history({ sessionIds: ['6760041670', '5'], count: 5000 }))
  t.equal(byId.sessions.length, 1)
  const byData = await valueOf(rest.history({ ...range, customData: '{"t":"other"}' }))
  t.equal(byData.sessions.length, 0)
  const url = sessions[0]?.records[0]?.url ?? ''
  const path = join(t.testdir({}), 'sound.mp3')
  const { bytes } = await valueOf(rest.recording(url, path))
  t.equal((await readFile(path)).length, bytes)
  await valueOf(rest.deleteRecord(url))
  await valueOf(rest.deleteRecord(url))
  t.equal(askedFor(vendor, 'DeleteRecord'), 2, 'a second time it is gone, which is as good')
  t.match(await rest.recording(url, `${path}.2`), { kind: 'refused', error: { code: 'NOT_FOUND' } })
}

t.test('every command is spoken with the key of a service account', async (t) => {
  const vendor = await aVendor(t)
  await speaksAll(t, vendor, serviceAccountOf(vendor))
  t.ok(vendor.requests.every(({ caller }) => caller === 'service-account'))
})

t.test('every command is spoken with the legacy key of the account', async (t) => {
  const vendor = await aVendor(t)
  await speaksAll(t, vendor, legacyKeyOf(vendor))
  t.ok(vendor.requests.every(({ caller }) => caller === 'api-key'))
})

t.test('lists are read to their end, whatever their length', async (t) => {
  const vendor = await aVendor(t)
  for (let n = 0; n < 205; n += 1) vendor.addScenario({ scenario_name: `s${n}` })
  const { rest } = clientOf(vendor, legacyKeyOf(vendor))
  const names = new Set((await valueOf(rest.scenarios())).map(({ name }) => name))
  t.equal(names.size, 205)
  t.equal(askedFor(vendor, 'GetScenarios'), 3)
})

t.test('a token is made once, and anew when the vendor says that it is over', async (t) => {
  const vendor = await aVendor(t)
  const { rest } = clientOf(vendor, serviceAccountOf(vendor))
  vendor.fail({ kind: 'code', code: 456 }, { of: 'GetAccountInfo' })
  await valueOf(rest.accountInfo())
  t.equal(askedFor(vendor, 'GetAccountInfo'), 2, 'once more with a fresh token')
  vendor.fail({ kind: 'code', code: 456 }, { of: 'GetAccountInfo', times: 2 })
  t.match(await rest.accountInfo(), { kind: 'refused', code: 456, error: { message: /clock/ } })
  t.equal(askedFor(vendor, 'GetAccountInfo'), 4, 'and not again and again')
})

t.test(
  'a token is renewed before its hour is over, and works with a clock that is ahead',
  async (t) => {
    const vendor = await aVendor(t)
    const clock = { ahead: 20_000, now: () => epochMs(Date.now() + clock.ahead) }
    const { rest } = clientOf(vendor, serviceAccountOf(vendor), { clock })
    t.match(await rest.accountInfo(), { kind: 'ok' })
    const late = { ahead: -3_500_000, now: () => epochMs(Date.now() + late.ahead) }
    const behind = clientOf(vendor, serviceAccountOf(vendor), { clock: late })
    t.match(await behind.rest.accountInfo(), { kind: 'ok' }, 'just inside its hour')
    late.ahead = 0
    t.match(
      await behind.rest.accountInfo(),
      { kind: 'ok' },
      'and a new one once the old one is over',
    )
  },
)

t.test('custom data that is too long never leaves', async (t) => {
  const vendor = await aVendor(t)
  const { rest } = clientOf(vendor, legacyKeyOf(vendor))
  t.match(await rest.startScenarios('1', 'ü'.repeat(101)), {
    kind: 'refused',
    error: { code: 'REQUEST_INVALID' },
  })
  t.equal(vendor.requests.length, 0)
})

t.test('what the vendor refuses is said in its word, with what to do', async (t) => {
  const vendor = await aVendor(t, { balance: 0 })
  const wrong = clientOf(vendor, { kind: 'api_key', apiKey: 'no-such-key' })
  t.match(await wrong.rest.accountInfo(), {
    kind: 'refused',
    code: 100,
    error: {
      code: 'PROVIDER_REFUSED',
      message: /^Voximplant: Authorization failed \(code 100\)\. Check/,
    },
  })
  const { rest } = clientOf(vendor, serviceAccountOf(vendor))
  vendor.forbid('GetPhoneNumbers')
  t.match(await rest.phoneNumbers(), { kind: 'refused', code: 104, error: { message: /role/ } })
  const { application_id: application } = vendor.addApplication({ name: 'shop' })
  const { scenario_id: scenario } = vendor.addScenario({ scenario_name: 's' })
  const { rule_id: rule } = vendor.addRule({
    application_id: application,
    rule_name: 'r',
    scenario_ids: [scenario],
  })
  t.match(await rest.startScenarios(String(rule), ''), {
    kind: 'refused',
    code: 127,
    error: { message: /Top up/ },
  })
  const anothers = { ...vendor.serviceAccountKey, private_key: 'no key' }
  const broken = clientOf(vendor, { kind: 'service_account', key: anothers })
  t.match(await broken.rest.accountInfo(), {
    kind: 'refused',
    error: { message: 'The key of the service account is no RSA key in PEM.' },
  })
})

t.test('the token after one that was over is another', async (t) => {
  const vendor = await aVendor(t)
  const clock = { at: Date.now(), now: () => epochMs(clock.at) }
  const { rest } = clientOf(vendor, serviceAccountOf(vendor), { clock })
  const tokens: unknown[] = []
  t.intercept(globalThis, 'fetch', {
    value: (_url: string, { headers }: { headers: { authorization: string } }) => {
      tokens.push(headers.authorization)
      clock.at += 2000
      const error = { code: 456, msg: 'The token has expired.' }
      return Promise.resolve(Response.json(tokens.length === 2 ? { error } : { result: {} }))
    },
  })
  for (let n = 0; n < 3; n += 1) await rest.accountInfo()
  t.equal(tokens.length, 4)
  t.equal(tokens[0], tokens[1], 'made once')
  t.not(tokens[1], tokens[2], 'a fresh one')
  t.equal(tokens[2], tokens[3])
})
