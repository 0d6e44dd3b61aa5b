// Accounts of Voximplant over REST: added once their key was tried, shown without it, tested, changed, removed.
import t from 'tap'
import { LiveLists } from '../../../control-api/voximplant/accounts/live-lists.ts'
import { json } from '../../support/build-app.ts'
import { anAccount, anApplication, aStage } from './stage.ts'
import { askedFor, aVendor } from './vendor-stage.ts'

t.test('an account is added by the key of a service account, and shown without it', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  vendor.addApplication({ name: 'shop' })
  vendor.forbid('GetPhoneNumbers')
  vendor.forbid('GetScenarios', 100)
  const body = {
    account_name: ' Main ',
    account_id: ` ${vendor.accountId} `,
    service_account_key: vendor.serviceAccountKey,
  }
  const added = await ask('POST', '/accounts', body)
  t.equal(added.status, 201, added.text)
  t.match(added.body, {
    account_id: /^vac_[0-9a-f]{24}$/,
    account_name: 'Main',
    vendor_account_id: String(vendor.accountId),
    credential: 'service_account',
    is_active: true,
    vendor_name: vendor.accountName,
    balance: 100,
    currency: 'USD',
    applications: 0,
    created_by: 'rehearsal',
    permissions: {
      GetAccountInfo: 'allowed',
      GetApplications: 'allowed',
      GetRules: 'allowed',
      GetCallHistory: 'allowed',
      GetPhoneNumbers: 'forbidden',
      GetScenarios: 'forbidden',
      StartScenarios: 'unknown',
      AddScenario: 'unknown',
    },
  })
  const list = await ask('GET', '/accounts')
  t.match(list.body, { items: [added.body], next_cursor: null, rehearsal_account: null })
  t.same((await ask('GET', `/accounts/${added.body.account_id}`)).body, added.body)
  t.equal(askedFor(vendor, 'StartScenarios') + askedFor(vendor, 'AddScenario'), 0)
})

t.test('the key is also taken as its text, or as the legacy key', async (t) => {
  const { ask, vendor } = await aStage(t)
  const account_id = String(vendor.accountId)
  const asText = JSON.stringify(vendor.serviceAccountKey)
  for (const key of [{ service_account_key: asText }, { api_key: vendor.apiKey }]) {
    const tried = await ask('POST', '/accounts/test', { account_id, ...key })
    t.equal(tried.status, 200, tried.text)
    t.match(tried.body, { vendor_name: vendor.accountName, is_active: true, is_frozen: false })
  }
  t.same((await ask('GET', '/accounts')).body.items, [], 'a trial stores nothing')
})

t.test('a wrong key is refused in the vendor’s word, and nothing is stored', async (t) => {
  const { ask, vendor } = await aStage(t)
  const account_id = String(vendor.accountId)
  const wrong = { account_name: 'x', account_id, api_key: 'wrong-key-of-ours' }
  for (const path of ['/accounts', '/accounts/test']) {
    const { account_name: name, ...key } = wrong
    const refused = await ask(
      'POST',
      path,
      path === '/accounts' ? { account_name: name, ...key } : key,
    )
    t.equal(refused.status, 422)
    t.match(refused.body, {
      code: 'PROVIDER_REFUSED',
      detail: /^Voximplant: Authorization failed \(code 100\)/,
    })
    t.notMatch(refused.text, /wrong-key/)
  }
  t.same((await ask('GET', '/accounts')).body.items, [])
})

t.test(
  'what is no key is refused before anybody is asked, by its field and without it',
  async (t) => {
    const { ask, vendor } = await aStage(t)
    const account_id = String(vendor.accountId)
    const key = vendor.serviceAccountKey
    const pem = key.private_key.replace(/[A-Z]{4}/g, 'zzzz')
    const bad: readonly [field: string, body: object][] = [
      ['api_key', {}],
      ['service_account_key', { api_key: 'k'.repeat(20), service_account_key: key }],
      ['service_account_key', { service_account_key: '{"account_id":' }],
      ['service_account_key', { service_account_key: '[]' }],
      ['service_account_key', { service_account_key: { ...key, account_id: 12345 } }],
      ['service_account_key.account_id', { service_account_key: { ...key, account_id: null } }],
      ['service_account_key.key_id', { service_account_key: { ...key, key_id: '' } }],
      ['service_account_key.private_key', { service_account_key: { ...key, private_key: pem } }],
      ['service_account_key.private_key', { service_account_key: { ...key, private_key: 7 } }],
      ['account_id', { account_id: 'me@example.org', api_key: 'k'.repeat(20) }],
    ]
    for (const [field, body] of bad) {
      const refused = await ask('POST', '/accounts/test', { account_id, ...body })
      t.equal(refused.status, 400, refused.text)
      t.match(refused.body, { code: 'REQUEST_INVALID', errors: [{ field }] }, field)
      t.notMatch(refused.text, /zzzz|kkkk|BEGIN|example\.org/)
    }
    t.equal(vendor.requests.length, 0)
  },
)

t.test('an account that is here is not added again, not even at the same moment', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const body = { account_name: 'x', account_id: String(vendor.accountId), api_key: vendor.apiKey }
  const both = await Promise.all([ask('POST', '/accounts', body), ask('POST', '/accounts', body)])
  t.same(both.map(({ status }) => status).sort(), [201, 409])
  t.match(await ask('POST', '/accounts', body), { status: 409, body: { code: 'STATE_CONFLICT' } })
  t.equal((await ask('GET', '/accounts')).body.items.length, 1)
})

t.test('a test of a kept account keeps what was told', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const id = await anAccount(stage)
  vendor.balance = 7.5
  vendor.forbid('GetCallHistory')
  const tested = await ask('POST', `/accounts/${id}/test`)
  t.match(tested, {
    status: 200,
    body: { balance: 7.5, permissions: { GetCallHistory: 'forbidden' } },
  })
  t.match((await ask('GET', `/accounts/${id}`)).body, {
    balance: 7.5,
    permissions: { GetCallHistory: 'forbidden' },
  })
  vendor.fail({ kind: 'code', code: 100 }, { of: 'GetAccountInfo' })
  t.match(await ask('POST', `/accounts/${id}/test`), {
    status: 422,
    body: { code: 'PROVIDER_REFUSED' },
  })
  t.match((await ask('GET', `/accounts/${id}`)).body, { balance: 7.5 })
})

t.test('a new key is tried first; without one, only the name changes', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const id = await anAccount(stage)
  const wrong = await ask('PATCH', `/accounts/${id}`, { api_key: 'no-key-at-all' })
  t.equal(wrong.status, 422)
  t.match((await ask('GET', `/accounts/${id}`)).body, { credential: 'service_account' })
  t.match(await ask('PATCH', `/accounts/${id}`, { account_name: 'New' }), {
    status: 200,
    body: { account_name: 'New', credential: 'service_account' },
  })
  const changed = await ask('PATCH', `/accounts/${id}`, { api_key: vendor.apiKey })
  t.match(changed, { status: 200, body: { credential: 'api_key' } })
  await ask('GET', `/accounts/${id}/applications`)
  t.equal(vendor.requests.at(-1)?.caller, 'api-key', 'from then on it is used')
  t.equal((await ask('PATCH', `/accounts/${id}`, {})).status, 400)
})

t.test('a deactivated account is asked nothing, until it is active again', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const id = await anAccount(stage)
  t.match(await ask('PATCH', `/accounts/${id}`, { is_active: false }), {
    body: { is_active: false },
  })
  const before = vendor.requests.length
  for (const path of ['applications', 'numbers', 'rules?voximplant_application_id=1'])
    t.match(await ask('GET', `/accounts/${id}/${path}`), { status: 409 }, path)
  t.equal((await ask('POST', `/accounts/${id}/test`)).status, 409)
  t.equal(vendor.requests.length, before)
  await ask('PATCH', `/accounts/${id}`, { is_active: true })
  t.equal((await ask('GET', `/accounts/${id}/numbers`)).status, 200)
})

t.test('what the vendor has is listed live', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const id = await anAccount(stage)
  const { application_id: application } = vendor.addApplication({ name: 'shop', secure: true })
  const { scenario_id: scenario } = vendor.addScenario({ scenario_name: 'old' })
  vendor.addRule({ application_id: application, rule_name: 'r', scenario_ids: [scenario] })
  vendor.addNumber({ phone_number: '4930555100', application_id: application })
  vendor.addNumber({ phone_number: '4930555101', deactivated: true })
  const applications = await ask('GET', `/accounts/${id}/applications`)
  t.match(applications.body.items, [
    { voximplant_application_id: String(application), has_secure_records: true },
  ])
  const asked = `rules?voximplant_application_id=${application}`
  const rules = await ask('GET', `/accounts/${id}/${asked}`)
  t.match(rules.body.items, [
    { name: 'r', pattern: '.*', scenarios: [{ scenario_id: String(scenario), name: 'old' }] },
  ])
  const numbers = await ask('GET', `/accounts/${id}/numbers`)
  t.match(numbers.body.items, [
    { number: '+4930555100', voximplant_application_id: String(application), is_usable: true },
    { number: '+4930555101', voximplant_application_id: null, is_usable: false },
  ])
  t.equal((await ask('GET', `/accounts/${id}/rules`)).status, 400)
  t.match(await ask('GET', `/accounts/${id}/rules?voximplant_application_id=5`), {
    status: 422,
    body: { detail: /code 116/ },
  })
})

t.test('who looks at the same time, or again at once, asks the vendor once', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const id = await anAccount(stage)
  const { application_id: application } = vendor.addApplication({ name: 'shop' })
  const lists: readonly (readonly [command: string, path: string])[] = [
    ['GetApplications', 'applications'],
    ['GetPhoneNumbers', 'numbers'],
    ['GetRules', `rules?voximplant_application_id=${application}`],
  ]
  for (const [command, path] of lists) {
    const before = askedFor(vendor, command)
    vendor.fail({ kind: 'slow', ms: 100 }, { of: command })
    const look = () => ask('GET', `/accounts/${id}/${path}`)
    const answers = [...(await Promise.all(Array.from({ length: 8 }, look))), await look()]
    t.ok(
      answers.every(({ status, text }) => status === 200 && text === answers[0]?.text),
      path,
    )
    t.equal(askedFor(vendor, command) - before, 1, command)
  }
  t.equal((await ask('GET', `/accounts/${id}/rules?voximplant_application_id=5`)).status, 422)
})

t.test(
  'a list is asked for again when it is old, when it failed, and by another key',
  async (t) => {
    const lists = new LiveLists<number>({ freshMs: 0 })
    const kept = new LiveLists<number>({ maxAtOnce: 2, maxKept: 2 })
    let asked = 0
    const ask = () => Promise.resolve((asked += 1))
    const [owner, other] = [{}, {}]
    t.same([await lists.read(owner, 'a', ask), await lists.read(owner, 'a', ask)], [1, 2])
    t.same([await kept.read(owner, 'a', ask), await kept.read(owner, 'a', ask)], [3, 3])
    t.equal(await kept.read(other, 'a', ask), 4)
    const fails = () => Promise.reject(new Error('no'))
    await t.rejects(kept.read(owner, 'b', fails), { message: 'no' })
    t.equal(await kept.read(owner, 'b', ask), 5)
    const never = () => new Promise<number>(() => undefined)
    const limited = new LiveLists<number>({ maxAtOnce: 2 })
    for (const key of ['c', 'd']) void limited.read(owner, key, never)
    await t.rejects(limited.read(owner, 'e', ask), { code: 'VENDOR_FAILED' })
    t.equal(await limited.read(other, 'e', ask), 6, 'another account has its own')
  },
)

t.test('an account with applications stays; one without goes, and is noted', async (t) => {
  const stage = await aStage(t)
  const { ask, app } = stage
  const { id, account } = await anApplication(stage)
  t.match(await ask('DELETE', `/accounts/${account}`), { status: 409, body: { detail: /\(1\)/ } })
  t.equal((await ask('DELETE', `/applications/${id}`)).status, 204)
  t.equal((await ask('DELETE', `/accounts/${account}`)).status, 204)
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/test'],
    ['GET', '/numbers'],
  ] as const)
    t.equal((await ask(method, `/accounts/${account}${path}`)).status, 404, `${method} ${path}`)
  const audit = await (await app.request('/api/audit')).text()
  for (const action of [
    'account_added',
    'account_removed',
    'application_added',
    'application_removed',
  ])
    t.match(audit, `voximplant.${action}`)
})

t.test('the account of the simulated vendor is shown in rehearsal', async (t) => {
  const vendor = await aVendor(t)
  const rehearsalAccount = { accountId: '5', apiKey: 'k', phoneNumber: '+4930555000' }
  const voximplant = { baseUrl: vendor.baseUrl, rehearsalAccount }
  const { ask } = await aStage(t, { config: { voximplant } })
  t.match((await ask('GET', '/accounts')).body, {
    rehearsal_account: { account_id: '5', api_key: 'k', phone_number: '+4930555000' },
  })
})

t.test('without an address of the vendor every route says so', async (t) => {
  const { app } = await aStage(t, { config: { voximplant: undefined } })
  for (const [method, path] of [
    ['GET', '/accounts'],
    ['POST', '/accounts'],
    ['GET', '/applications'],
    ['POST', '/applications/x/push'],
  ] as const) {
    const response = await app.request(`/api/voximplant${path}`, { method })
    t.equal(response.status, 501)
    t.match(await response.json(), { code: 'PROVIDER_NOT_CONFIGURED' })
  }
})

t.test('who may: everybody with a key reads, administrators change', async (t) => {
  const KEY = 'k'.repeat(32)
  const access = { requireKey: true, apiKey: KEY, rehearsal: false }
  const secretsKeys = [{ id: 'k1', key: Buffer.alloc(32, 1) }]
  const headers = { authorization: `Bearer ${KEY}` }
  const { app, ask } = await aStage(t, { config: { ...access, secretsKeys }, headers })
  const keyOf = async (role: string): Promise<string> => {
    const made = await app.request('/api/keys', json({ role }, headers))
    return ((await made.json()) as { key: string }).key
  }
  const routes: readonly [method: string, path: string, access: 'viewer' | 'admin'][] = [
    ['GET', '/accounts', 'viewer'],
    ['GET', '/accounts/x', 'viewer'],
    ['GET', '/accounts/x/applications', 'viewer'],
    ['GET', '/accounts/x/rules', 'viewer'],
    ['GET', '/accounts/x/numbers', 'viewer'],
    ['POST', '/accounts', 'admin'],
    ['POST', '/accounts/test', 'admin'],
    ['POST', '/accounts/x/test', 'admin'],
    ['PATCH', '/accounts/x', 'admin'],
    ['DELETE', '/accounts/x', 'admin'],
    ['GET', '/applications', 'viewer'],
    ['GET', '/applications/x', 'viewer'],
    ['GET', '/applications/x/scenario', 'viewer'],
    ['GET', '/applications/x/scenario.js', 'viewer'],
    ['POST', '/applications', 'admin'],
    ['PATCH', '/applications/x', 'admin'],
    ['DELETE', '/applications/x', 'admin'],
    ['GET', '/applications/x/push', 'admin'],
    ['POST', '/applications/x/push', 'admin'],
  ]
  const [viewer, operator] = [await keyOf('viewer'), await keyOf('operator')]
  for (const [method, path, access] of routes) {
    const what = `${method} ${path}`
    const mayNot = access === 'admin'
    t.equal((await ask(method, path)).status, 401, what)
    t.equal((await ask(method, path, undefined, viewer)).status === 403, mayNot, what)
    t.equal((await ask(method, path, undefined, operator)).status === 403, mayNot, what)
    t.not((await ask(method, path, undefined, KEY)).status, 403, what)
  }
})
