// The vendor's own npm client as an independent judge: it must find the simulator to be the service it knows, unchanged.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import type { VoximplantSimulator } from '../../../simulators/voximplant/index.ts'
import { openVoximplant } from '../../../simulators/voximplant/simulator.ts'
import { makeCertificates, opensslOptions, pemOf } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/process.ts'
import type { Body } from './open-platform.ts'
import { StubEngine } from './stub-engine.ts'

const CHILD = join(import.meta.dirname, 'vendor-client-child.ts')

interface Vendor {
  readonly voximplant: VoximplantSimulator
  readonly engine: StubEngine
  /** What it resolves with; a rejection is `{ rejected }`. */
  readonly ask: (group: string, method: string, request?: object) => Promise<Body>
}

async function open(t: Test): Promise<Vendor> {
  const certificates = makeCertificates(t)
  const engine = new StubEngine()
  const { key, cert } = certificates.good
  const tls = { key: pemOf(key), cert: pemOf(cert) }
  const voximplant = await openVoximplant({ tls }, engine.runSession)
  t.teardown(() => voximplant.close())
  const keyFile = join(temporaryFolder(t, 'voximplant-key'), 'key_private.json')
  writeFileSync(keyFile, JSON.stringify(voximplant.serviceAccountKey))
  const ask = await startClient(t, [new URL(voximplant.baseUrl).host, keyFile], certificates.ca)
  return { voximplant, engine, ask }
}

async function startClient(t: Test, args: string[], ca: string): Promise<Vendor['ask']> {
  // The variable would go before the file.
  const env = { ...process.env, VOXIMPLANT_CREDENTIALS: undefined, NODE_EXTRA_CA_CERTS: ca }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('the client has ended')
    return JSON.parse(line.value) as Record<string, unknown>
  }
  t.match(await answer(), { ready: true })
  return async (group, method, request = {}) => {
    child.stdin.write(`${JSON.stringify({ group, method, request })}\n`)
    const outcome = await answer()
    return outcome['resolved'] ?? outcome
  }
}

t.test('it reads and writes the account, and starts a session', opensslOptions, async (t) => {
  const { voximplant, engine, ask } = await open(t)
  t.match(await ask('Accounts', 'getAccountInfo', { returnLiveBalance: true }), {
    result: { accountId: voximplant.accountId, currency: 'USD', balance: 100, active: true },
    apiAddress: new URL(voximplant.baseUrl).host,
  })
  const added = await ask('Applications', 'addApplication', { applicationName: 'desk' })
  const { applicationId } = added
  t.match(added, { result: 1, applicationName: 'desk.simulated.voximplant.com' })
  t.match(await ask('Applications', 'getApplications', { applicationId }), {
    totalCount: 1,
    result: [{ applicationId, secureRecordStorage: false }],
  })
  const script = '// Grüße\nVoxEngine.terminate()\n'
  const scenario = await ask('Scenarios', 'addScenario', {
    scenarioName: 'voicegate',
    scenarioScript: script,
    applicationId,
  })
  const { scenarioId } = scenario
  t.equal(voximplant.scriptOf(scenarioId), script)
  const changed = { scenarioId, scenarioScript: `${script}// 2` }
  t.match(await ask('Scenarios', 'setScenarioInfo', changed), { result: 1 })
  t.match(await ask('Scenarios', 'getScenarios', { scenarioId, withScript: true }), {
    result: [{ scenarioName: 'voicegate', scenarioScript: `${script}// 2`, parent: false }],
  })
  const rule = { ruleName: 'calls', rulePattern: '.*', applicationId, scenarioId: [scenarioId] }
  const { ruleId } = await ask('Rules', 'addRule', rule)
  t.match(await ask('Rules', 'getRules', { applicationId, withScenarios: true }), {
    result: [{ ruleId, ruleName: 'calls', rulePattern: '.*', videoConference: false }],
    totalCount: 1,
  })
  const bound = { scenarioId: [scenarioId], ruleId, applicationId }
  t.match(await ask('Scenarios', 'bindScenario', { ...bound, bind: false }), { result: 1 })
  t.match(await ask('Scenarios', 'startScenarios', { ruleId }), { error: { code: 375 } })
  t.match(await ask('Scenarios', 'bindScenario', bound), { result: 1 })
  voximplant.addNumber({ phone_number: '+4930555200', application_id: applicationId })
  t.match(await ask('PhoneNumbers', 'getPhoneNumbers', { applicationId }), {
    totalCount: 1,
    result: [{ phoneNumber: '4930555200', applicationId, canBeUsed: true }],
  })
  const secret = { secretName: 'KEY', secretValue: 'hush', applicationId }
  t.match(await ask('Secrets', 'addSecret', secret), { result: [{ secretId: Number }] })
  t.match(await ask('Secrets', 'getSecrets', { applicationId }), {
    result: [{ secretName: 'KEY' }],
    totalCount: 1,
  })

  const started = await ask('Scenarios', 'startScenarios', {
    ruleId,
    scriptCustomData: '{"t":"x"}',
  })
  t.match(started, { result: 1, callSessionHistoryId: engine.runs[0]?.plan.sessionId })
  t.match(engine.runs[0]?.plan, { customData: '{"t":"x"}', script: `${script}// 2` })
  t.match(engine.runs[0]?.plan.secrets.get('KEY'), 'hush')
  t.equal(started.mediaSessionAccessSecureUrl, engine.runs[0]?.plan.accessUrl)
})

t.test('it pages through the history, with calls and records', opensslOptions, async (t) => {
  const { voximplant, ask } = await open(t)
  const second = (id: number): string => `2026-01-02 00:00:${String(id).padStart(2, '0')}`
  const sessions = Array.from({ length: 45 }, (_, id) => ({
    call_session_history_id: 6_760_000_000 + id,
    start_date: second(id),
    duration: 12,
    custom_data: '{"t":"x"}',
    finish_reason: 'Normal termination',
    calls: [
      {
        call_id: id,
        start_time: second(id),
        local_number: '4930555200',
        remote_number: '49151',
        incoming: false,
        successful: true,
        cost: 0.01,
      },
    ],
    records: [{ record_id: id, start_time: second(id), duration: 1, cost: 0.004 }],
  }))
  voximplant.addHistory(sessions)
  const asked = {
    fromDate: '2026-01-02T00:00:00.000Z',
    toDate: '2026-01-03T00:00:00.000Z',
    timezone: 'Etc/GMT',
    withCalls: true,
    withRecords: true,
    withTotalCount: true,
    count: 20,
  }
  const ids: number[] = []
  for (const offset of [0, 20, 40]) {
    const page = await ask('History', 'getCallHistory', { ...asked, offset })
    t.match(page, { totalCount: 45, timezone: 'Etc/GMT' })
    for (const each of page.result) {
      ids.push(each.callSessionHistoryId)
      t.equal(each.startDate, second(ids.length - 1))
      // The client renames the outermost level alone.
      t.match(each.calls, [{ remote_number: '49151', cost: 0.01 }])
      t.match(each.records, [{ record_url: /^https:.*\/records\/\d+\.mp3$/ }])
    }
  }
  t.strictSame(
    ids,
    sessions.map((each) => each.call_session_history_id),
  )
  const two = { ...asked, callSessionHistoryId: ids.slice(3, 5) }
  t.match(await ask('History', 'getCallHistory', two), { totalCount: 2 })
})

t.test('errors of the API are resolved, those of HTTP rejected', opensslOptions, async (t) => {
  const { voximplant, ask } = await open(t)
  t.match(await ask('Rules', 'getRules', {}), { error: { code: 134 } })
  voximplant.forbid('GetCallHistory')
  t.match(await ask('History', 'getCallHistory', {}), {
    error: { code: 104, msg: 'Forbidden command' },
  })
  voximplant.fail({ kind: 'rate-limit-http' })
  t.match(await ask('Accounts', 'getAccountInfo'), { rejected: /429/ })
  voximplant.fail({ kind: 'answer-lost' })
  t.match(await ask('Accounts', 'getAccountInfo'), { rejected: /hang up|ECONNRESET/ })
})
