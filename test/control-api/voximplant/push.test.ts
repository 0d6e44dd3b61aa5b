// A push of the scenario: what it would change is shown, it changes nothing else, and it can be repeated wherever it failed.
import t from 'tap'
import { hashOf, readPlan } from '../../../control-api/voximplant/applications/push-plan.ts'
import { anApplicationToPush as staged } from './push-stage.ts'
import { aStage } from './stage.ts'
import { askedFor } from './vendor-stage.ts'

const actionsOf = (body: { steps: { step: string; action: string }[] }) =>
  Object.fromEntries(body.steps.map(({ step, action }) => [step, action]))

t.test(
  'a first push creates everything, is whole, and a second one changes nothing twice',
  async (t) => {
    const { vendor, vendorId, preview, push, changes } = await staged(t)
    const before = await preview()
    t.equal(before.status, 200, before.text)
    t.match(before.body, { problems: [], current: null, is_same: false })
    t.same(actionsOf(before.body), {
      scenario: 'create',
      secrets: 'create',
      rule: 'create',
      binding: 'create',
    })
    t.equal(changes(), 0, 'a preview changes nothing')
    const pushed = await push(null)
    t.equal(pushed.status, 200, pushed.text)
    t.ok(pushed.body.steps.length === 4 && pushed.body.steps.every(({ ok }: { ok: boolean }) => ok))
    const { application } = pushed.body
    t.match(application, { is_pushed_current: true, rule_id: /^\d+$/, rule_name: /^voicegate-/ })
    t.equal(vendor.scriptOf(Number(application.scenario_id)), before.body.wanted.code)
    const secrets = vendor.secrets(vendorId)
    t.match(secrets.get('VOICEGATE_KEY'), /^[0-9a-f]{64}$/)
    t.equal(secrets.get('ELEVENLABS_API_KEY'), 'rehearsal')
    const after = await preview()
    t.match(after.body, {
      is_same: true,
      problems: [],
      current: { sha256: before.body.wanted.sha256 },
    })
    t.match(actionsOf(after.body), { scenario: 'none', rule: 'none', binding: 'none' })
    t.match(await push(after.body.current.sha256), { status: 200 })
    for (const command of ['AddScenario', 'AddRule']) t.equal(askedFor(vendor, command), 1, command)
    t.equal(askedFor(vendor, 'SetScenarioInfo'), 0)
  },
)

t.test('a change is pushed over what the preview showed, and over nothing else', async (t) => {
  const { vendor, ask, id, preview, push } = await staged(t)
  const { application } = (await push(null)).body
  await ask('PATCH', `/applications/${id}`, { elevenlabs_agent_id: 'agent_2' })
  t.equal((await ask('GET', `/applications/${id}`)).body.is_pushed_current, false)
  const seen = (await preview()).body
  t.match(actionsOf(seen), { scenario: 'update' })
  t.match(seen.current.code, /agent_1/)
  const account = vendor.apiKey
  const body = new URLSearchParams({
    account_id: String(vendor.accountId),
    api_key: account,
    scenario_id: application.scenario_id,
    scenario_script: 'edited()',
  })
  await fetch(`${vendor.baseUrl}/platform_api/SetScenarioInfo`, { method: 'POST', body })
  t.match(await push(seen.current.sha256), { status: 409, body: { code: 'STATE_CONFLICT' } })
  t.match(await push(null), { status: 409 })
  t.equal(vendor.scriptOf(Number(application.scenario_id)), 'edited()', 'somebody’s work stays')
  const now = (await preview()).body
  t.equal(now.current.code, 'edited()')
  t.match(await push(now.current.sha256), {
    status: 200,
    body: { application: { is_pushed_current: true } },
  })
  t.match(vendor.scriptOf(Number(application.scenario_id)), /agent_2/)
  t.equal(vendor.secrets(Number(application.voximplant_application_id)).size, 2)
})

t.test('what a lost push has left is found by its name, and not made again', async (t) => {
  const { vendor, vendorId, preview, push } = await staged(t)
  const { name, code } = (await preview()).body.wanted
  const left = { scenario_name: name, scenario_script: code, application_id: vendorId }
  const { scenario_id: scenarioId } = vendor.addScenario(left)
  t.match((await preview()).body, { is_same: true, current: { scenario_id: String(scenarioId) } })
  const pushed = await push(null)
  t.match(pushed.body.application, { is_pushed_current: true, scenario_id: String(scenarioId) })
  t.equal(askedFor(vendor, 'AddScenario'), 0)
})

t.test('two pushes at a time: the second is told', async (t) => {
  const { push, vendor } = await staged(t)
  vendor.fail({ kind: 'slow', ms: 200 }, { of: 'AddScenario' })
  const both = await Promise.all([push(null), push(null)])
  t.same(both.map(({ status }) => status).sort(), [200, 409])
  t.equal(askedFor(vendor, 'AddScenario'), 1)
})

t.test('a rule that runs other scenarios too is a problem: they share one context', async (t) => {
  const { vendor, vendorId, ask, id, preview, push, changes } = await staged(t)
  const { scenario_id: other } = vendor.addScenario({ scenario_name: 'other' })
  const rule = { application_id: vendorId, rule_name: 'mine', scenario_ids: [other] }
  const { rule_id: ruleId } = vendor.addRule(rule)
  await ask('PATCH', `/applications/${id}`, { rule_id: String(ruleId) })
  const { body } = await preview()
  t.match(body.problems, [{ field: 'rule_id', problem: /other/ }])
  t.match(await push(null), { status: 409, body: { code: 'STATE_CONFLICT', detail: /other/ } })
  t.equal(changes(), 0)
})

const ok = <T>(value: T) => Promise.resolve({ kind: 'ok', value } as const)

t.test(
  'a chosen rule that is gone is a problem; code that is not shown is not overwritten',
  async (t) => {
    const row = { vendor_application_id: '1', rule_id: '5', scenario_id: '7', pushed_at: null }
    const wanted = { name: 'voicegate-x', code: 'x()\n', sha256: hashOf('x()\n') }
    const shown: { code: string | null } = { code: 'x()\r\n' }
    const rest = {
      rules: () => ok([]),
      scenarios: () => ok([]),
      scenario: () => ok({ scenarioId: '7', name: 'mine', code: shown.code }),
    }
    const read = () => readPlan(rest as never, row as never, wanted)
    const plan = await read()
    t.match(plan.problems, [{ field: 'rule_id', problem: /not at Voximplant any more/ }])
    t.ok(plan.isSame, 'ends of lines are the vendor’s')
    shown.code = null
    await t.rejects(read(), { code: 'VENDOR_FAILED' })
  },
)

t.test('what stands in the way is listed, and nothing is pushed', async (t) => {
  const secretsKeys = [{ id: 'k1', key: Buffer.alloc(32, 1) }]
  const { ask, vendor, app } = await aStage(t, { config: { rehearsal: false, secretsKeys } })
  const account = await ask('POST', '/accounts', {
    account_name: 'x',
    account_id: String(vendor.accountId),
    api_key: vendor.apiKey,
  })
  const { account_id: accountId } = account.body
  const { body } = await ask('POST', '/applications', {
    account: accountId,
    application_name: 'x',
    elevenlabs_agent_id: 'agent_1',
  })
  const path = `/applications/${body.application_id}/push`
  await ask('PATCH', `/accounts/${accountId}`, { is_active: false })
  const { body: plan } = await ask('GET', path)
  const fields = plan.problems.map(({ field }: { field: string }) => field)
  t.same(fields, ['public_url', 'elevenlabs_api_key', 'account', 'voximplant_application_id'])
  t.match(plan, { current: null, steps: [], is_same: false })
  const refused = await ask('POST', path, { current_sha256: null })
  t.match(refused, { status: 409, body: { errors: [{ field: 'public_url' }] } })
  t.notMatch(app.logged(), vendor.apiKey)
})

t.test('PUBLIC_URL must be https outside of rehearsal, and stands in the scenario', async (t) => {
  const secretsKeys = [{ id: 'k1', key: Buffer.alloc(32, 1) }]
  const agentVendor = { restUrl: 'http://127.0.0.1:1', apiKey: 'sk_of_this_node' }
  const base = { rehearsal: false, secretsKeys, agentVendor }
  const plain = await staged(t, {}, { config: { ...base, publicUrl: 'http://calls.example/' } })
  t.match((await plain.preview()).body.problems, [{ field: 'public_url', problem: /https/ }])
  const good = await staged(t, {}, { config: { ...base, publicUrl: 'https://calls.example/' } })
  const { body } = await good.preview()
  t.same(body.problems, [])
  t.match(body.wanted.code, /"https:\/\/calls\.example"/)
  await good.push(null)
  const secrets = good.vendor.secrets(good.vendorId)
  t.equal(secrets.get('ELEVENLABS_API_KEY'), 'sk_of_this_node')
})

t.test('the vendor’s no to a preview is told as it is', async (t) => {
  const { vendor, preview, push } = await staged(t)
  vendor.forbid('GetScenarios')
  t.match(await preview(), { status: 422, body: { code: 'PROVIDER_REFUSED', detail: /code 104/ } })
  t.match(await push(null), { status: 422 })
})
