// How a request reaches a command of the simulated Management API: addresses, encodings, keys.
import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { multipartOf, openPlatform, textOf, type Params } from './open-platform.ts'

t.test('three addresses and three encodings lead to the same command', async (t) => {
  const { voximplant, token } = await openPlatform(t)
  const headers = { authorization: `Bearer ${token()}` }
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  voximplant.addScenario({
    scenario_name: 'grüße',
    scenario_script: '/* äöü\r\n--x */',
    application_id,
  })
  const asked: Params = { scenario_name: 'grüße', count: 5 }
  const forms = {
    path: (params: Params) =>
      fetch(`${voximplant.baseUrl}/platform_api/GetScenarios?${query(params)}`, { headers }),
    'path with a slash': (params: Params) =>
      fetch(`${voximplant.baseUrl}/platform_api/GetScenarios/?${query(params)}`, { headers }),
    'cmd in the query': (params: Params) =>
      fetch(`${voximplant.baseUrl}/platform_api?${query({ cmd: 'GetScenarios', ...params })}`, {
        headers,
      }),
    urlencoded: (params: Params) =>
      fetch(`${voximplant.baseUrl}/platform_api/GetScenarios`, {
        method: 'POST',
        headers,
        body: new URLSearchParams(textOf(params)),
      }),
    'multipart, cmd in the form': (params: Params) => {
      const { type, body } = multipartOf({ cmd: 'GetScenarios', ...params })
      const url = `${voximplant.baseUrl}/platform_api`
      return fetch(url, { method: 'POST', headers: { ...headers, 'content-type': type }, body })
    },
    'multipart, as fetch makes it': (params: Params) => {
      const body = new FormData()
      for (const [name, value] of textOf(params)) body.set(name, value)
      const url = `${voximplant.baseUrl}/platform_api/GetScenarios/`
      return fetch(url, { method: 'POST', headers, body })
    },
  }
  for (const [name, send] of Object.entries(forms)) {
    const response = await send(asked)
    t.equal(response.status, 200, name)
    t.match(await response.json(), { result: [{ scenario_name: 'grüße' }], total_count: 1 }, name)
    const record = voximplant.requests.at(-1)
    t.match(record, { command: 'GetScenarios', status: 200, errorCode: null })
    t.strictSame(record?.params, { scenario_name: 'grüße', count: '5' }, name)
  }
})

t.test('a missing command, an unknown one, and what is not the API', async (t) => {
  const { voximplant, codeOf } = await openPlatform(t)
  t.equal(await codeOf(''), 102)
  t.equal(await codeOf('GetCallRecordings'), 103)
  t.equal(await codeOf('constructor'), 103)
  t.equal((await fetch(`${voximplant.baseUrl}/v1/other`)).status, 404)
  const open = await fetch(`${voximplant.baseUrl}/getMediaResources?with_jsservers`)
  t.match(await open.json(), { jsservers: ['127.0.0.1'] })
})

t.test('the account gets in by its key and any of its names, nobody else', async (t) => {
  const { voximplant } = await openPlatform(t, { accountId: 77, apiKey: 'secret-key' })
  const ask = async (params: Params) => {
    const url = `${voximplant.baseUrl}/platform_api/GetAccountInfo?${query(params)}`
    return (await (await fetch(url)).json()) as object
  }
  for (const name of [
    { account_id: 77 },
    { account_name: voximplant.accountName },
    { account_email: voximplant.serviceAccountKey.account_email },
  ])
    t.match(await ask({ ...name, api_key: 'secret-key' }), {
      result: { account_id: 77, api_key: 'secret-key', currency: 'USD', balance: 100 },
    })
  const refused = { error: { code: 100, msg: 'Authorization failed' } }
  t.match(await ask({ account_id: 77, api_key: 'other' }), refused)
  t.match(await ask({ account_id: 78, api_key: 'secret-key' }), refused)
  t.match(await ask({}), refused)
  t.notMatch(JSON.stringify(voximplant.requests), /secret-key/)
})

t.test('a token is taken as the vendor takes it, and refused as he refuses it', async (t) => {
  const { voximplant, token } = await openPlatform(t)
  const now = Math.floor(Date.now() / 1000)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const codeFor = async (bearer: string) => {
    const response = await fetch(`${voximplant.baseUrl}/platform_api/GetAccountInfo`, {
      headers: { authorization: `Bearer ${bearer}` },
    })
    const body = (await response.json()) as { result?: object; error?: { code: number } }
    if (body.result) t.notOk('api_key' in body.result, 'a token does not show the legacy key')
    return body.error?.code ?? 0
  }
  const valid = token()
  const [head = '', payload = '', signature = ''] = valid.split('.')
  const expected: readonly (readonly [string, string, number])[] = [
    ['a good one', valid, 0],
    ['a number written as a string', token({ payload: { iss: String(voximplant.accountId) } }), 0],
    ['an hour', token({ payload: { iat: now, exp: now + 3600 } }), 0],
    ['no token', 'nonsense', 447],
    ['two parts', `${head}.${payload}`, 447],
    ['no JSON', `${head}.e30e.${signature}`, 447],
    ['without times', token({ payload: { exp: undefined } }), 447],
    ['another algorithm', token({ header: { alg: 'HS256' } }), 447],
    ['no key id', token({ header: { kid: undefined } }), 447],
    ['another key id', token({ header: { kid: 'other' } }), 433],
    ['longer than an hour', token({ payload: { exp: now + 3700 } }), 454],
    ['from the future', token({ payload: { iat: now + 60, exp: now + 90 } }), 455],
    ['too old', token({ payload: { iat: now - 90, exp: now - 30 } }), 456],
    ['signed by somebody else', token({ key: other }), 100],
    ['of another account', token({ payload: { iss: 5 } }), 100],
  ]
  for (const [name, bearer, code] of expected) t.equal(await codeFor(bearer), code, name)
})

t.test('a service account may do what its roles let it', async (t) => {
  const { voximplant, codeOf } = await openPlatform(t, { apiKey: 'all-powerful' })
  voximplant.forbid('GetCallHistory')
  voximplant.forbid('GetPhoneNumbers', 100)
  t.equal(await codeOf('GetCallHistory'), 104)
  t.equal(await codeOf('GetPhoneNumbers'), 100)
  t.equal(await codeOf('GetAccountInfo'), 0)
  const params = { account_id: voximplant.accountId, api_key: 'all-powerful' }
  const legacy = await fetch(`${voximplant.baseUrl}/platform_api/GetCallHistory?${query(params)}`)
  t.match(await legacy.json(), { result: [] }, 'the legacy key has no roles')
  voximplant.allow('GetCallHistory')
  t.equal(await codeOf('GetCallHistory'), 0)
})

t.test('errors come with the HTTP status that is asked for', async (t) => {
  const { ask } = await openPlatform(t, { errorHttpStatus: 400 })
  t.match(await ask('GetRules'), { status: 400, body: { error: { code: 134 } } })
  t.match(await ask('GetAccountInfo'), { status: 200 })
})

t.test('account info names the address of the API itself', async (t) => {
  const { ask, voximplant } = await openPlatform(t)
  const { body } = await ask('GetAccountInfo', { return_live_balance: true })
  t.equal(`http://${body.api_address}`, voximplant.baseUrl)
})

const query = (params: Params): string => new URLSearchParams(textOf(params)).toString()
