// What a dial request says of numbers, agents and secrets, and where it may go.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp, eventually, json } from '../../support/build-app.ts'

const NUMBER = '+4930123456'
type Body = Record<string, unknown>

t.test('why a number is none is said, without the number', async (t) => {
  const app = await buildApp(t)
  const cases: readonly (readonly [string, RegExp])[] = [
    ['030123456', /needs a plus and the country code/],
    ['+49', /too few digits/],
    ['+4930', /too few digits/],
    ['+3361234567890', /too many digits/],
    ['+99912345678901', /no country code that exists/],
    ['+33612', /too few digits/],
    ['+49 call me', /is not a phone number in E\.164/],
  ]
  for (const [phone_number, said] of cases) {
    const answer = await app.request('/api/calls', json({ phone_number }))
    const problem = (await answer.json()) as Body
    t.match(problem, { status: 400, code: 'NUMBER_INVALID', errors: [{ field: 'phone_number' }] })
    t.match(problem['detail'], said, phone_number)
    t.notMatch(problem['detail'], /\d{4}/)
  }
  const { callId } = await app.control.begin()
  const transfer = await app.request(`/api/calls/${callId}/transfer`, json({ to: '+4930' }))
  t.match(await transfer.json(), { code: 'NUMBER_INVALID', detail: /^to is .*too few digits/ })
  const from = await app.request('/api/calls', json({ phone_number: NUMBER, from: '+4930' }))
  t.match(await from.json(), { code: 'NUMBER_INVALID', detail: /^from is .*too few digits/ })
})

t.test('secret variables reach the agent and nothing else', async (t) => {
  const planted = 'planted-secret-of-a-customer'
  const app = await buildApp(t)
  const body = {
    phone_number: NUMBER,
    dynamic_variables: { secret__token: planted, name: 'Ada' },
    metadata: { order: 7 },
  }
  const answer = await app.request('/api/calls', json(body, { 'idempotency-key': 'k' }))
  const text = await answer.text()
  const { call_id: callId } = JSON.parse(text) as { call_id: string }
  t.match(app.control.requests[0], { agent: { dynamicVariables: { secret__token: planted } } })
  const shown = [text, app.logged()]
  for (const path of ['', '/timeline', '/debug'])
    shown.push(await (await app.request(`/api/calls/${callId}${path}`)).text())
  for (const one of shown) t.notMatch(one, planted)
  const copied = await app.request(
    '/api/calls',
    json({ ...body, metadata: { secret__token: 'x' } }),
  )
  t.match(await copied.json(), { code: 'REQUEST_INVALID', errors: [{ field: 'metadata' }] })
  await app.close()
  const files = readdirSync(app.dataDir, { recursive: true, withFileTypes: true })
  for (const file of files.filter((one) => one.isFile()))
    t.notOk(readFileSync(join(file.parentPath, file.name)).includes(planted), file.name)
})

t.test(
  'a call knows whose key placed it, and which agent answers, from its first line on',
  async (t) => {
    const app = await buildApp(t)
    const gate = Promise.withResolvers<unknown>()
    app.control.hold = gate.promise
    const asked = app.request('/api/calls', json({ phone_number: NUMBER, agent_id: 'agent_7' }))
    await eventually('the gateway is asked', async () => app.control.requests.length === 1)
    gate.resolve(undefined)
    t.match(await (await asked).json(), { status: 'queued', agent: { agent_id: 'agent_7' } })
  },
)
