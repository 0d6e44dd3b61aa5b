// Keys of Voximplant accounts, of agents and of signatures: encrypted where they are kept, rewrapped by a rotation, and in
// nothing that anybody is told.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { json } from '../../support/build-app.ts'
import { anApplication, askerOf, aStage } from './stage.ts'
import { buildApp } from '../../support/build-app.ts'

const AGENT_KEY = 'sk_planted_4f1c9a77'
const LEGACY_KEY = 'planted-legacy-key-77aa'

t.test('no key is in an answer, a log line, a file or an error, whatever goes wrong', async (t) => {
  const stage = await aStage(t, { vendor: { apiKey: LEGACY_KEY } })
  const { app, ask, vendor } = stage
  const told: string[] = []
  const asked = async (...request: Parameters<typeof ask>) => {
    const answer = await ask(...request)
    told.push(answer.text)
    return answer
  }
  const { id, vendorId, account } = await anApplication(stage, { elevenlabs_api_key: AGENT_KEY })
  await asked('PATCH', `/accounts/${account}`, { api_key: LEGACY_KEY })
  await asked('POST', `/applications/${id}/push`, { current_sha256: null })
  const signingKey = vendor.secrets(vendorId).get('VOICEGATE_KEY') ?? ''
  t.equal(vendor.secrets(vendorId).get('ELEVENLABS_API_KEY'), AGENT_KEY)
  t.match(signingKey, /^[0-9a-f]{64}$/)
  const reads = [
    ...['/accounts', `/accounts/${account}`, '/applications', `/applications/${id}`],
    ...[
      `/applications/${id}/scenario`,
      `/applications/${id}/scenario.js`,
      `/applications/${id}/push`,
    ],
  ]
  for (const path of reads) t.equal((await asked('GET', path)).status, 200, path)
  for (const fault of [
    { kind: 'code', code: 100 },
    { kind: 'http', status: 404 },
    { kind: 'http', status: 302 },
  ] as const) {
    vendor.fail(fault, { times: 1 })
    t.not((await asked('POST', `/accounts/${account}/test`)).status, 200)
    vendor.fail(fault, { of: 'SetSecretInfo' })
    await asked('POST', `/applications/${id}/push`, { current_sha256: null })
  }
  await asked('POST', '/accounts/test', { account_id: '1', api_key: LEGACY_KEY })
  await asked('POST', '/accounts', { account_name: 'x', account_id: 'x', api_key: LEGACY_KEY })
  await asked('POST', '/accounts', { api_key: LEGACY_KEY, service_account_key: LEGACY_KEY })
  await asked('PATCH', `/applications/${id}`, { elevenlabs_api_key: { key: AGENT_KEY } })
  for (const path of ['/api/audit', '/metrics', '/api/settings', '/openapi.json'])
    told.push(await (await app.request(path)).text())
  const pem = vendor.serviceAccountKey.private_key.split('\n')[1] ?? ''
  const secrets = [AGENT_KEY, LEGACY_KEY, signingKey, pem]
  for (const secret of secrets) {
    t.equal(
      told.findIndex((text) => text.includes(secret)),
      -1,
      'in no answer',
    )
    t.notOk(app.logged().includes(secret), 'in no log line')
  }
  t.notMatch(app.logged(), /Bearer |BEGIN|api_key=/)
  await app.close()
  for (const name of await readdir(app.dataDir)) {
    const bytes = await readFile(join(app.dataDir, name)).catch(() => Buffer.alloc(0))
    for (const secret of secrets) t.notOk(bytes.includes(secret), name)
  }
})

t.test('a rotation wraps them all anew, and the old key is not needed any more', async (t) => {
  const [first, second] = [
    { id: 'k1', key: Buffer.alloc(32, 1) },
    { id: 'k2', key: Buffer.alloc(32, 2) },
  ]
  const stage = await aStage(t, { config: { secretsKeys: [first] } })
  const { app, vendor } = stage
  const { id, vendorId, account } = await anApplication(stage, { elevenlabs_api_key: AGENT_KEY })
  await app.close()
  const voximplant = { baseUrl: vendor.baseUrl }
  const both = { voximplant, secretsKeys: [second, first] }
  const rotating = await buildApp(t, { dataDir: app.dataDir, config: both })
  const rotated = await rotating.request('/api/secrets/rotate', json({}))
  t.match(await rotated.json(), { active_key_id: 'k2', secrets: 3, rewrapped: 3, unopened: [] })
  await rotating.close()
  const alone = { voximplant, secretsKeys: [second] }
  const after = await buildApp(t, { dataDir: app.dataDir, config: alone })
  const ask = askerOf(after)
  t.equal((await ask('POST', `/accounts/${account}/test`)).status, 200)
  const pushed = await ask('POST', `/applications/${id}/push`, { current_sha256: null })
  t.match(pushed.body.application, { is_pushed_current: true }, pushed.text)
  t.equal(vendor.secrets(vendorId).get('ELEVENLABS_API_KEY'), AGENT_KEY)
})

t.test('without a key to encrypt with, nothing is taken', async (t) => {
  const { ask, vendor } = await aStage(t, { config: { rehearsal: false } })
  const body = { account_name: 'x', account_id: String(vendor.accountId), api_key: vendor.apiKey }
  t.match(await ask('POST', '/accounts', body), {
    status: 503,
    body: { code: 'SECRETS_KEY_MISSING' },
  })
  t.same((await ask('GET', '/accounts')).body.items, [])
})
