// Applications, rules, scenarios, numbers and secrets of the simulated account.
import t from 'tap'
import { openPlatform } from './open-platform.ts'

t.test('applications have a long name, and are found by either', async (t) => {
  const { ask, codeOf } = await openPlatform(t)
  const { body: added } = await ask('AddApplication', {
    application_name: 'front-desk',
    secure_record_storage: true,
  })
  t.match(added, {
    result: 1,
    application_name: 'front-desk.simulated.voximplant.com',
    secure_record_storage: true,
  })
  const { body: found } = await ask('GetApplications', { application_name: 'DESK', count: 1 })
  t.match(found, { count: 1, total_count: 1, result: [{ application_id: added.application_id }] })
  t.match(found.result[0].modified, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  t.equal(await codeOf('AddApplication', { application_name: 'front-desk' }), 129)
  t.equal(await codeOf('AddApplication', { application_name: 'Front Desk' }), 107)
  t.equal(await codeOf('AddApplication'), 134)
  t.equal(await codeOf('GetApplications', { count: 1001 }), 496)
  t.equal(await codeOf('GetApplications', { offset: 10_001 }), 496)
  t.equal(await codeOf('GetApplications', { with_rules: 'yes' }), 496)
})

t.test('scenarios: added, rewritten, renamed; their limits', async (t) => {
  const { ask, codeOf, voximplant } = await openPlatform(t)
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  const script = '// Grüße, 100 % & more\r\nVoxEngine.terminate()'
  const asked = { scenario_name: 'voicegate', scenario_script: script, application_id }
  const { body: added } = await ask('AddScenario', asked)
  t.match(added, { result: 1, scenario_id: Number })
  const { scenario_id } = added
  t.equal(voximplant.scriptOf(scenario_id), script)
  t.equal(await codeOf('AddScenario', asked), 133)
  const again = await ask('AddScenario', { ...asked, scenario_script: 'x', rewrite: true })
  t.equal(again.body.scenario_id, scenario_id)
  t.equal(voximplant.scriptOf(scenario_id), 'x')
  await ask('SetScenarioInfo', { scenario_id, scenario_script: script })
  const { body: shown } = await ask('GetScenarios', { scenario_id, with_script: true })
  t.match(shown.result, [{ scenario_id, scenario_script: script, parent: false }])
  t.notOk('scenario_script' in (await ask('GetScenarios', { scenario_id })).body.result[0])
  await ask('SetScenarioInfo', { required_scenario_name: 'voicegate', scenario_name: 'renamed' })
  t.match((await ask('GetScenarios', { scenario_name: 'NAME', application_id })).body, {
    result: [{ scenario_name: 'renamed' }],
    application_name: 'desk',
    extended_application_name: 'desk.simulated.voximplant.com',
  })
  const name = (length: number) => ({ scenario_name: 'n'.repeat(length) })
  t.equal(await codeOf('AddScenario', name(29)), 0)
  t.equal(await codeOf('AddScenario', name(30)), 168)
  const long = (bytes: number) => ({ scenario_id, scenario_script: 'é'.repeat(bytes / 2) })
  t.equal(await codeOf('SetScenarioInfo', long(128 * 1024 - 2)), 0)
  t.equal(await codeOf('SetScenarioInfo', long(128 * 1024)), 130)
  t.equal(await codeOf('SetScenarioInfo', { scenario_id: 5 }), 132)
  t.equal(await codeOf('SetScenarioInfo', { scenario_name: 'x' }), 134)
  t.equal(await codeOf('GetScenarios', { scenario_id: 'x' }), 132)
  t.equal(await codeOf('GetScenarios', { with_script: true }), 134)
  t.equal(await codeOf('SetScenarioInfo', { scenario_id, scenario_name: 'n'.repeat(29) }), 0)
})

t.test('rules: in order, with their scenarios, bound and unbound', async (t) => {
  const { ask, codeOf, voximplant } = await openPlatform(t)
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  const other = voximplant.addApplication({ name: 'other' }).application_id
  const scenario = (scenario_name: string) =>
    voximplant.addScenario({ scenario_name, application_id }).scenario_id
  const [a, b] = [scenario('a'), scenario('b')]
  const asked = { application_id, rule_name: 'out', rule_pattern: '.*', scenario_id: `${a};${b}` }
  const { body: added } = await ask('AddRule', asked)
  const { rule_id } = added
  const names = async () => {
    const { body } = await ask('GetRules', { application_id, rule_id, with_scenarios: true })
    const scenarios = body.result[0].scenarios as { scenario_name: string }[]
    return scenarios.map((each) => each.scenario_name)
  }
  t.strictSame(await names(), ['a', 'b'])
  await ask('ReorderScenarios', { rule_id, scenario_id: `${b};${a}` })
  t.strictSame(await names(), ['b', 'a'])
  await ask('BindScenario', { application_id, rule_id, scenario_id: b, bind: false })
  t.strictSame(await names(), ['a'])
  await ask('BindScenario', { application_id, rule_name: 'out', scenario_name: 'b' })
  t.strictSame(await names(), ['a', 'b'])
  const { body } = await ask('GetRules', { application_name: 'desk' })
  t.match(body, { total_count: 1, result: [{ rule_id, rule_pattern: '.*', application_id }] })
  t.notOk('scenarios' in body.result[0])
  t.notOk('rule_pattern_exclude' in body.result[0])

  t.equal(await codeOf('AddRule', asked), 175)
  t.equal(await codeOf('AddRule', { ...asked, rule_name: 'r'.repeat(100) }), 156)
  t.equal(await codeOf('AddRule', { ...asked, rule_name: 'x', rule_pattern: '(' }), 148)
  t.equal(await codeOf('AddRule', { ...asked, rule_name: 'x', rule_pattern_exclude: '(' }), 149)
  t.equal(await codeOf('AddRule', { ...asked, rule_name: 'x', scenario_id: 9 }), 132)
  t.equal(await codeOf('AddRule', { ...asked, rule_name: 'x', application_id: 9 }), 116)
  t.equal(await codeOf('GetRules'), 134)
  t.equal(await codeOf('GetRules', { application_id: 9 }), 116)
  t.equal(await codeOf('GetRules', { application_name: 'nowhere' }), 558)
  const bind = { application_id, rule_id, scenario_id: a }
  t.equal(await codeOf('BindScenario', { ...bind, rule_id: 9 }), 147)
  t.equal(await codeOf('BindScenario', { ...bind, scenario_id: 9 }), 132)
  t.equal(await codeOf('BindScenario', { ...bind, application_id: other }), 147)
  const comma = await ask('BindScenario', { ...bind, scenario_id: `${a},${b}` })
  t.match(comma.body, { error: { msg: `For input string: "${a},${b}"` } })
})

t.test('numbers have no plus sign, and may be bound', async (t) => {
  const { ask, codeOf, voximplant } = await openPlatform(t)
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  const { rule_id } = voximplant.addRule({ application_id, rule_name: 'in' })
  voximplant.addNumber({ phone_number: '+4930555200', rule_id })
  voximplant.addNumber({ phone_number: '4930555300', sandbox: true, country_code: 'US' })
  const { body } = await ask('GetPhoneNumbers')
  t.match(body, {
    total_count: 2,
    result: [
      { phone_number: '4930555200', application_id, rule_id, rule_name: 'in', can_be_used: true },
      { phone_number: '4930555300', phone_country_code: 'US' },
    ],
  })
  t.notOk('application_id' in body.result[1])
  const count = async (params: Parameters<typeof ask>[1]) =>
    (await ask('GetPhoneNumbers', params)).body.total_count as number
  t.equal(await count({ is_bound_to_application: false }), 1)
  t.equal(await count({ application_id, is_bound_to_rule: true }), 1)
  t.equal(await count({ sandbox: 'false' }), 1)
  t.equal(await count({ phone_number: '4930555300;4930555200' }), 2)
  t.equal(await count({ phone_template: '49305553', country_code: 'US' }), 1)
  t.equal(await count({ rule_id: 9 }), 0)
  t.equal(await codeOf('GetPhoneNumbers', { sandbox: 'maybe' }), 496)
})

t.test('secrets are kept per application, and their values in no list and no log', async (t) => {
  const { ask, codeOf, voximplant } = await openPlatform(t)
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  const { application_id: other } = voximplant.addApplication({ name: 'other' })
  const secret = { application_id, secret_name: 'VOICEGATE_KEY', secret_value: 'hush-hush' }
  const { body: added } = await ask('AddSecret', secret)
  t.match(added, { result: [{ secret_id: Number }] })
  t.equal(await codeOf('AddSecret', secret), 496, 'the name is taken')
  t.equal(await codeOf('AddSecret', { ...secret, application_id: other }), 0)
  t.strictSame([...voximplant.secrets(application_id)], [['VOICEGATE_KEY', 'hush-hush']])
  const change = { application_id, secret_name: 'VOICEGATE_KEY', secret_value: 'shh' }
  t.equal(await codeOf('SetSecretInfo', change), 0)
  t.equal(voximplant.secrets(application_id).get('VOICEGATE_KEY'), 'shh')
  const { body: list } = await ask('GetSecrets', { application_id, secret_name_part: 'voice' })
  t.match(list, { count: 1, total_count: 1, result: [{ secret_name: 'VOICEGATE_KEY' }] })
  t.notMatch(JSON.stringify(list), /shh/)
  t.equal(await codeOf('AddSecret', { ...secret, secret_name: '1st' }), 496)
  t.equal(await codeOf('AddSecret', { ...secret, secret_name: 'A', secret_value: '' }), 134)
  const long = { ...secret, secret_name: 'A', secret_value: 'v'.repeat(8193) }
  t.equal(await codeOf('AddSecret', long), 496)
  const { secret_id } = added.result[0]
  t.equal(await codeOf('DelSecret', { application_id, secret_id }), 0)
  t.equal(await codeOf('DelSecret', { application_id, secret_id }), 496)
  t.equal(voximplant.secrets(application_id).size, 0)
  t.equal(voximplant.secrets(other).size, 1)
  t.notMatch(JSON.stringify(voximplant.requests), /hush-hush|shh/)
})
