// A push that fails somewhere: the next one finishes it, and nothing is there twice.
import t from 'tap'
import type { Fault } from '../../../simulators/voximplant/index.ts'
import { anApplicationToPush as staged, type PushStage } from './push-stage.ts'

/** Each may fail in each way: the next push finishes it, and nothing is there twice. */
const FAULTS: readonly (readonly [name: string, fault: Fault])[] = [
  ['the answer is lost', { kind: 'answer-lost' }],
  ['half an answer comes', { kind: 'half-body' }],
  ['500', { kind: 'http', status: 500 }],
  ['it is not allowed', { kind: 'code', code: 104 }],
  ['it is too much', { kind: 'rate-limit-http' }],
]

for (const [name, fault] of FAULTS)
  t.test(`a push that fails anywhere is repeated without harm: ${name}`, async (t) => {
    for (const command of ['AddScenario', 'AddSecret', 'AddRule', 'BindScenario', 'GetSecrets']) {
      const own = command === 'BindScenario'
      const stage = await staged(t)
      const { vendor, vendorId, ask, id, preview, push } = stage
      if (own) {
        const { rule_id: rule } = vendor.addRule({ application_id: vendorId, rule_name: 'mine' })
        await ask('PATCH', `/applications/${id}`, { rule_id: String(rule) })
      }
      vendor.fail(fault, { of: command })
      const first = await push(null)
      t.equal(first.status, 200, `${command}: ${first.text}`)
      const failed = first.body.steps.filter(({ ok }: { ok: boolean }) => !ok)
      t.ok(failed.length <= 1 && first.body.steps.at(-1).ok === (failed.length === 0), command)
      if (failed.length > 0) t.not(first.body.application.is_pushed_current, true)
      const seen = (await preview()).body
      const second = await push(seen.current?.sha256 ?? null)
      t.match(
        second.body,
        { application: { is_pushed_current: true } },
        `${command}: ${second.text}`,
      )
      await t.resolves(onlyOne(stage), command)
    }
  })

/** @throws when there is a second scenario or rule of ours */
async function onlyOne({ vendor }: PushStage): Promise<void> {
  const key = { account_id: String(vendor.accountId), api_key: vendor.apiKey }
  const body = new URLSearchParams({ ...key, with_rules: 'true', with_scenarios: 'true' })
  const asked = await fetch(`${vendor.baseUrl}/platform_api/GetApplications`, {
    method: 'POST',
    body,
  })
  const { result } = (await asked.json()) as { result: { rules: { scenarios: object[] }[] }[] }
  const rules = result.flatMap((one) => one.rules)
  if (rules.length !== 1 || rules[0]?.scenarios.length !== 1)
    throw new Error(`not one: ${JSON.stringify(rules)}`)
  const scenarios = await fetch(`${vendor.baseUrl}/platform_api/GetScenarios`, {
    method: 'POST',
    body: new URLSearchParams(key),
  })
  const { total_count: count } = (await scenarios.json()) as { total_count: number }
  if (count !== 1) throw new Error(`${count} scenarios`)
}
