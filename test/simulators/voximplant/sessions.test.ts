// Sessions of the simulated platform: started by StartScenarios, or by somebody who calls in; live, then in the history.
import { createClock } from '#core/time'
import { epochMs } from '#core/contracts'
import t, { type Test } from 'tap'
import type { VoximplantOptions } from '../../../simulators/voximplant/index.ts'
import { openPlatform } from './open-platform.ts'

async function open(t: Test, options: VoximplantOptions = {}) {
  const platform = await openPlatform(t, options)
  const { voximplant } = platform
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  const scenario = (scenario_name: string, scenario_script: string) =>
    voximplant.addScenario({ scenario_name, scenario_script, application_id }).scenario_id
  const scenario_ids = [scenario('a', 'var a = 1 // one'), scenario('b', 'var b = 2')]
  const rule = { application_id, rule_name: 'calls', rule_pattern: '4930555\\d+', scenario_ids }
  const { rule_id } = voximplant.addRule(rule)
  await platform.ask('AddSecret', { application_id, secret_name: 'KEY', secret_value: 'hush' })
  return { ...platform, application_id, rule_id }
}

t.test('StartScenarios runs the scenarios of the rule, and tells how to reach them', async (t) => {
  const { voximplant, engine, ask, application_id, rule_id } = await open(t)
  const script_custom_data = '{"t":"token"}'
  const { body } = await ask('StartScenarios', { rule_id, script_custom_data })
  t.match(body, { result: 1, call_session_history_id: Number })
  t.notOk('media_session_check_url' in body)
  const sessionId = body.call_session_history_id as number
  t.match(String(sessionId), /^\d{10}$/)
  const [run] = engine.runs
  t.match(run?.plan, {
    sessionId,
    applicationId: application_id,
    accountId: voximplant.accountId,
    ruleName: 'calls',
    customData: script_custom_data,
    script: 'var a = 1 // one\n;\nvar b = 2',
    accessUrl: body.media_session_access_url,
    pace: 1,
  })
  t.strictSame([...(run?.plan.secrets ?? [])], [['KEY', 'hush']])
  t.equal(run?.plan.recordUrl(5), `${voximplant.baseUrl}/records/5.mp3`)
  const session = await voximplant.waitForSession(({ customData }) => customData.includes('token'))
  t.match(session, { sessionId, direction: 'outbound', isOver: false, ruleId: rule_id })
  await t.rejects(voximplant.waitForSession(1, 1), { code: 'TIMED_OUT' })
})

t.test('what cannot be started is refused, and nothing is', async (t) => {
  const { voximplant, engine, codeOf, application_id, rule_id } = await open(t)
  const { application_id: other } = voximplant.addApplication({ name: 'other' })
  const empty = voximplant.addRule({ application_id, rule_name: 'empty' }).rule_id
  const start = (params: object) => codeOf('StartScenarios', { rule_id, ...params })
  t.equal(await codeOf('StartScenarios'), 134)
  t.equal(await start({ rule_id: 9 }), 147)
  t.equal(await start({ rule_id: 'calls' }), 147)
  t.equal(await start({ rule_id: empty }), 375)
  t.equal(await start({ application_id: other }), 147)
  t.equal(await start({ script_custom_data: 'é'.repeat(101) }), 496, '202 bytes')
  voximplant.balance = 0
  t.equal(await start({}), 127)
  t.equal(engine.runs.length, 0)
  voximplant.balance = 1
  t.equal(await start({ script_custom_data: 'é'.repeat(100) }), 0)
})

t.test('the access URL reaches the session while it lives', async (t) => {
  const { engine, voximplant, ask, rule_id } = await open(t)
  const { body } = await ask('StartScenarios', { rule_id, with_check_url: true })
  const { media_session_access_url: url, media_session_check_url: check } = body
  const send = () =>
    fetch(url, { method: 'POST', body: '{"command":"hangup"}', headers: { 'X-Own': 'yes' } })
  t.equal((await send()).status, 200)
  t.equal((await fetch(check)).status, 200)
  t.strictSame(engine.runs[0]?.heard, [
    {
      method: 'POST',
      path: new URL(url).pathname,
      content: '{"command":"hangup"}',
      headers: [{ key: 'x-own', value: 'yes' }],
    },
  ])
  t.equal((await fetch(`${url.slice(0, -1)}z`, { method: 'POST' })).status, 404)
  engine.runs[0]?.end()
  await (
    await voximplant.waitForSession(0)
  ).over
  t.equal((await send()).status, 404)
  t.equal((await fetch(check)).status, 404)
})

t.test('a session is in the history once it is over, with what it cost', async (t) => {
  const { engine, voximplant, ask, application_id, rule_id } = await open(t, { timeZone: 'UTC' })
  await ask('StartScenarios', { rule_id, script_custom_data: 'x' })
  const asked = {
    call_session_history_custom_data: 'x',
    from_date: '2026-01-02 00:00:00',
    to_date: '2026-01-03 00:00:00',
    with_calls: true,
    with_records: true,
    with_other_resources: true,
  }
  t.match((await ask('GetCallHistory', asked)).body, { count: 0 })
  const at = Date.parse('2026-01-02T03:04:06Z')
  engine.runs[0]?.end({
    calls: [
      {
        startTime: at,
        durationSeconds: 39,
        localNumber: '+4930555200',
        remoteNumber: '+49151',
        incoming: false,
        successful: true,
        endReason: '200 Normal call clearing',
        cost: 0.5,
      },
    ],
    records: [{ recordId: 5, startTime: at, durationSeconds: 3.6, cost: 0.25 }],
    resources: [{ type: 'VOICEMAILDETECTION', cost: 0.125, at }],
  })
  await (
    await voximplant.waitForSession(0)
  ).over
  const { body } = await ask('GetCallHistory', asked)
  t.match(body.result, [
    {
      application_id,
      application_name: 'desk.simulated.voximplant.com',
      rule_name: 'calls',
      start_date: '2026-01-02 03:04:05',
      duration: 42,
      finish_reason: 'Normal termination',
      custom_data: 'x',
      calls: [
        {
          call_id: Number,
          start_time: '2026-01-02 03:04:06',
          local_number: '4930555200',
          remote_number: '49151',
          successful: true,
          cost: 0.5,
        },
      ],
      records: [{ record_id: 5, duration: 4, cost: 0.25, file_size: Number }],
      other_resource_usage: [{ resource_type: 'VOICEMAILDETECTION', cost: 0.125 }],
    },
  ])
  const [record] = body.result[0].records
  const sound = await fetch(record.record_url)
  t.equal((await sound.arrayBuffer()).byteLength, record.file_size)
  t.equal(voximplant.balance, 100 - 0.875)
})

t.test('the history is behind by as much as was asked for', async (t) => {
  const real = createClock()
  let ahead = 0
  const clock = { anchor: real.anchor, now: () => epochMs(real.now() + ahead) }
  const { engine, voximplant, ask, rule_id } = await open(t, { historyDelayMs: 60_000, clock })
  const { body } = await ask('StartScenarios', { rule_id })
  engine.runs[0]?.end()
  await (
    await voximplant.waitForSession(0)
  ).over
  const { call_session_history_id } = body
  t.match((await ask('GetCallHistory', { call_session_history_id })).body, { count: 0 })
  ahead = 30_000
  t.match((await ask('GetCallHistory', { call_session_history_id })).body, { count: 0 })
  voximplant.addRecord(call_session_history_id, { record_id: 1, start_time: '2026-01-02 00:00:00' })
  ahead = 61_000
  t.match((await ask('GetCallHistory', { call_session_history_id, with_records: true })).body, {
    result: [{ records: [{ record_id: 1 }] }],
  })
})

t.test('who calls in meets the first rule that fits, or that of the number', async (t) => {
  const { engine, voximplant, application_id, rule_id } = await open(t, {
    phones: (number) => ({ answer: 'yes', digits: number.slice(-1) }),
  })
  const scenario_ids = [
    voximplant.addScenario({ scenario_name: 'c', scenario_script: 'c' }).scenario_id,
  ]
  const late = voximplant.addRule({ application_id, rule_name: 'late', scenario_ids }).rule_id
  voximplant.addNumber({ phone_number: '+4930555200', application_id })
  voximplant.addNumber({ phone_number: '+4930555201', application_id, rule_id: late })
  voximplant.addNumber({ phone_number: '+14930555200', application_id })
  voximplant.addNumber({ phone_number: '+4950555200' })
  const first = voximplant.callIn({ from: '+491517', to: '+4930555200' })
  t.match(first, { direction: 'inbound', ruleId: rule_id, customData: '' })
  t.strictSame(engine.runs[0]?.plan.incoming, {
    from: '491517',
    to: '4930555200',
    phone: { answer: 'yes', digits: '7' },
  })
  t.match(voximplant.callIn({ from: '491517', to: '4930555201' }), { ruleId: late })
  t.match(voximplant.callIn({ from: '491517', to: '14930555200' }), { ruleId: late })
  t.throws(() => voximplant.callIn({ from: '49', to: '4950555200' }), { code: 'NOT_FOUND' })
  t.throws(() => voximplant.callIn({ from: '49', to: '49999' }), { code: 'NOT_FOUND' })
})

t.test('faults of the engine are those of the sessions that start from then on', async (t) => {
  const { voximplant, engine, ask, rule_id } = await open(t)
  await ask('StartScenarios', { rule_id })
  voximplant.faultSessions({ agentNeverOpens: true })
  await ask('StartScenarios', { rule_id })
  t.strictSame(
    engine.runs.map(({ plan }) => plan.faults),
    [undefined, { agentNeverOpens: true }],
  )
})

t.test('sessions that live are ended when the simulator closes', async (t) => {
  const { voximplant, ask, rule_id } = await open(t)
  await ask('StartScenarios', { rule_id })
  await voximplant.close()
  t.match(voximplant.sessions, [{ isOver: true }])
  t.equal(voximplant.sessions[0]?.result?.finishReason, 'Terminated administratively')
})
