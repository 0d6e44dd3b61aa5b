// Applications of Voximplant over REST: linked with what the vendor has, changed, removed; their scenario shown and fetched.
import { createHash } from 'node:crypto'
import t from 'tap'
import { openAuditLog } from '../../../control-api/access/audit-log.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { createAnnouncements } from '../../../control-api/events/announcements.ts'
import { createVault } from '../../../control-api/secrets/vault.ts'
import { createAccountStore } from '../../../control-api/voximplant/accounts/account-store.ts'
import { ApplicationDesk } from '../../../control-api/voximplant/applications/application-desk.ts'
import { createApplicationStore } from '../../../control-api/voximplant/applications/application-store.ts'
import {
  createVendorCallStore,
  newVendorCall,
} from '../../../control-api/voximplant/calls/call-store.ts'
import { createClients } from '../../../control-api/voximplant/vendor/clients.ts'
import { newCallId } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { freshDataDir } from '../../support/build-app.ts'
import { anAccount, anApplication, aStage } from './stage.ts'

t.test(
  'an application is linked with what the vendor has, and its keys are not shown',
  async (t) => {
    const stage = await aStage(t)
    const { ask, app, vendor } = stage
    const account = await anAccount(stage)
    const { application_id: vendorId, application_name: name } = vendor.addApplication({
      name: 'shop',
    })
    const { rule_id: ruleId } = vendor.addRule({ application_id: vendorId, rule_name: 'all' })
    const body = {
      account,
      application_name: ' Shop ',
      elevenlabs_agent_id: 'agent_1',
      voximplant_application_id: String(vendorId),
      rule_id: String(ruleId),
      elevenlabs_api_key: 'sk_planted_secret',
      phone_number: '+49 30 555100',
      options: { recording: 'consent', language: 'en' },
    }
    const added = await ask('POST', '/applications', body)
    t.equal(added.status, 201, added.text)
    t.match(added.body, {
      application_id: /^vap_[0-9a-f]{24}$/,
      account,
      account_name: 'Main',
      application_name: 'Shop',
      voximplant_application_id: String(vendorId),
      rule_id: String(ruleId),
      rule_name: 'all',
      scenario_id: null,
      phone_number: '+4930555100',
      has_elevenlabs_api_key: true,
      options: { recording: 'consent', language: 'en', max_duration_seconds: 600 },
      pushed_at: null,
      is_pushed_current: null,
      swept_until: null,
      webhook_url: `${app.url}/api/webhook/voximplant?application=${added.body.application_id}`,
      created_by: 'rehearsal',
    })
    t.ok(added.body.voximplant_application_name.startsWith(name.split('.')[0]))
    t.notMatch(added.text, /planted|signing/)
    const id = added.body.application_id as string
    t.same((await ask('GET', `/applications/${id}`)).body, added.body)
    t.same((await ask('GET', `/applications?account=${account}`)).body.items, [added.body])
    t.same((await ask('GET', '/applications?account=vac_none')).body.items, [])
    t.equal((await ask('GET', `/accounts/${account}`)).body.applications, 1)
  },
)

t.test('what cannot be linked is refused by its field', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const account = await anAccount(stage)
  const { application_id: vendorId } = vendor.addApplication({ name: 'shop' })
  const base = { account, application_name: 'Shop', elevenlabs_agent_id: 'agent_1' }
  const bad: readonly [field: string, fields: object][] = [
    ['account', { account: 'vac_none' }],
    ['voximplant_application_id', { voximplant_application_id: '7' }],
    ['rule_id', { rule_id: '7' }],
    ['rule_id', { voximplant_application_id: String(vendorId), rule_id: '7' }],
    ['phone_number', { phone_number: '030 555100' }],
    ['options.answering_machine_model', { options: { answering_machine_model: 'DE' } }],
    ['application_name', { application_name: '  ' }],
    ['elevenlabs_agent_id', { elevenlabs_agent_id: '' }],
    ['elevenlabs_api_key', { elevenlabs_api_key: 'short' }],
  ]
  for (const [field, fields] of bad) {
    const refused = await ask('POST', '/applications', { ...base, ...fields })
    t.equal(refused.status, 400, `${field} ${refused.text}`)
    t.equal(refused.body.errors?.[0]?.field, field, refused.text)
  }
  t.equal((await ask('POST', '/applications', { ...base, unknown: 1 })).status, 400)
  const unlinked = await ask('POST', '/applications', base)
  t.match(unlinked, { status: 201, body: { voximplant_application_id: null, rule_id: null } })
})

t.test('a change keeps what it does not name; another link is not pushed yet', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const { id, vendorId } = await anApplication(stage, { options: { recording: 'announced' } })
  const renamed = await ask('PATCH', `/applications/${id}`, {
    application_name: 'New',
    options: { max_duration_seconds: 60 },
  })
  t.match(renamed.body, {
    application_name: 'New',
    voximplant_application_id: String(vendorId),
    options: { recording: 'announced', max_duration_seconds: 60 },
  })
  const pushed = await ask('POST', `/applications/${id}/push`, { current_sha256: null })
  t.match(pushed.body.application, { is_pushed_current: true, scenario_id: /^\d+$/ }, pushed.text)
  const withKey = await ask('PATCH', `/applications/${id}`, { elevenlabs_api_key: 'sk_another' })
  t.match(withKey.body, { has_elevenlabs_api_key: true, is_pushed_current: false })
  const { application_id: other } = vendor.addApplication({ name: 'other' })
  const moved = await ask('PATCH', `/applications/${id}`, {
    voximplant_application_id: String(other),
    elevenlabs_api_key: null,
  })
  t.match(moved.body, {
    voximplant_application_id: String(other),
    rule_id: null,
    scenario_id: null,
    has_elevenlabs_api_key: false,
    pushed_at: null,
    is_pushed_current: null,
  })
  const unlinked = await ask('PATCH', `/applications/${id}`, { voximplant_application_id: null })
  t.match(unlinked.body, { voximplant_application_id: null, voximplant_application_name: null })
  t.equal((await ask('PATCH', `/applications/${id}`, { account: 'x' })).status, 400)
})

t.test('an application of the vendor is linked with one of ours, and not with two', async (t) => {
  const stage = await aStage(t)
  const { ask, vendor } = stage
  const { id, vendorId, account } = await anApplication(stage)
  const base = { account, application_name: 'Second', elevenlabs_agent_id: 'agent_2' }
  const taken = { voximplant_application_id: String(vendorId) }
  const conflict = {
    status: 409,
    body: {
      code: 'STATE_CONFLICT',
      detail: /Shop is linked/,
      errors: [{ field: 'voximplant_application_id' }],
    },
  }
  t.match(await ask('POST', '/applications', { ...base, ...taken }), conflict)
  const drafts = await Promise.all([1, 2].map(() => ask('POST', '/applications', base)))
  t.same(
    drafts.map(({ status }) => status),
    [201, 201],
    'any number may be without a link',
  )
  const [second] = drafts.map(({ body }) => `/applications/${body.application_id as string}`)
  t.match(await ask('PATCH', String(second), taken), conflict)
  t.match(await ask('PATCH', `/applications/${id}`, { ...taken, rule_id: null }), { status: 200 })
  const { application_id: other } = vendor.addApplication({ name: 'other' })
  const both = await Promise.all(
    drafts.map(({ body }) =>
      ask('PATCH', `/applications/${body.application_id as string}`, {
        voximplant_application_id: String(other),
      }),
    ),
  )
  t.same(both.map(({ status }) => status).sort(), [200, 409], 'nor by two at a time')
  const fresh = {
    ...base,
    voximplant_application_id: String(vendor.addApplication({ name: 'third' }).application_id),
  }
  const added = await Promise.all([1, 2].map(() => ask('POST', '/applications', fresh)))
  t.same(added.map(({ status }) => status).sort(), [201, 409])
  await ask('PATCH', `/applications/${id}`, { voximplant_application_id: null })
  t.match(await ask('PATCH', String(second), taken), { status: 200 }, 'it is free again')
})

t.test(
  'the scenario is shown and downloaded, with the names of its secrets and none of them',
  async (t) => {
    const stage = await aStage(t)
    const { ask, app } = stage
    const { id } = await anApplication(stage, {
      elevenlabs_api_key: 'sk_planted_secret',
      elevenlabs_agent_id: 'agent_shown',
      options: { recording: 'consent', announcement: 'Darf ich?' },
    })
    const shown = await ask('GET', `/applications/${id}/scenario`)
    t.match(shown.body, {
      name: /^voicegate-/,
      sha256: createHash('sha256').update(shown.body.code).digest('hex'),
      secrets: [{ name: 'VOICEGATE_KEY' }, { name: 'ELEVENLABS_API_KEY' }],
      webhook_url: `${app.url}/api/webhook/voximplant?application=${id}`,
    })
    t.ok(shown.body.name.length < 30)
    for (const part of ['agent_shown', 'Darf ich?', app.url, id])
      t.ok(shown.body.code.includes(part), part)
    t.notMatch(shown.body.code, /planted/)
    const file = await app.request(`/api/voximplant/applications/${id}/scenario.js`)
    t.match(file.headers.get('content-type'), /^text\/javascript/)
    t.match(file.headers.get('content-disposition'), /^attachment; filename="voicegate-[^"]+\.js"$/)
    t.equal(await file.text(), shown.body.code)
    t.equal((await ask('GET', '/applications/vap_none/scenario')).status, 404)
    t.equal((await ask('GET', '/applications/vap_none/scenario.js')).status, 404)
  },
)

t.test('an application with a live call stays', async (t) => {
  const database = await openDatabase(createLogger('silent'), { dataDir: await freshDataDir(t) })
  t.teardown(() => database.close())
  const vault = createVault(database, [{ id: 'k1', key: Buffer.alloc(32, 1) }])
  const [accounts, applications] = [
    createAccountStore(database, vault),
    createApplicationStore(database, vault),
  ]
  const clock = createClock()
  const clients = createClients(accounts, () => {
    throw new Error('nobody is asked')
  })
  const announcements = createAnnouncements(clock, (error) => t.error(error))
  const audit = await openAuditLog(database, clock)
  const stores = { database, audit, clock, announcements, accounts, applications, clients }
  const desk = new ApplicationDesk(stores)
  const by = { keyId: 'key_1', role: 'admin', by: 'key' } as const
  const [account_id, now] = ['vac_1', clock.now()]
  const account = { account_id, account_name: 'a', vendor_account_id: '1', is_active: 1 }
  const told = { vendor_name: null, balance: null, currency: null, permissions: null }
  const stamps = { tested_at: null, created_by: 'key_1', created_at: now, updated_at: now }
  const credential = { kind: 'api_key', apiKey: 'k' } as const
  await database.write([accounts.added({ ...account, ...told, ...stamps }, credential)])
  const given = { account: account_id, application_name: 'x', elevenlabs_agent_id: 'agent' }
  const { row } = await desk.add(by, given)
  const { application_id } = row
  const calls = createVendorCallStore(database)
  const call_id = newCallId()
  const vendor_account_id = '1'
  const live = {
    call_id,
    vendor_account_id,
    application_id,
    state: 'live',
    created_at: now,
  } as const
  await calls.add(newVendorCall(live))
  await t.rejects(desk.remove(by, application_id), { code: 'STATE_CONFLICT' })
  await calls.change(call_id, { state: 'over', ended_at: now }, now)
  await desk.remove(by, application_id)
  await t.rejects(desk.find(application_id), { code: 'NOT_FOUND' })
})
