// GET /api/settings: what the node is set to, the last sweep, and no secret.
import t from 'tap'
import { buildApp, eventually, freshDataDir, type BuiltApp } from '../support/build-app.ts'

const API_KEY = 'planted-key-'.padEnd(32, 'k')
const SECRET = 'planted-secret'
const headers = { authorization: `Bearer ${API_KEY}` }

const settings = {
  recordCalls: 'after-consent',
  limits: {
    ...{ maxConcurrentCalls: 20, maxOutboundCallsPerSecond: 2, maxInboundCallsPerSecond: 10 },
    agentMaxSessions: undefined,
  },
  dialAllowPrefixes: ['+49'],
  vendors: { elevenlabs: true, twilio: true },
} as const

const config = {
  ...{ apiKey: API_KEY, requireKey: true, settings, pricePerMinute: 0.1 },
  agentVendor: { restUrl: 'http://127.0.0.1:9', apiKey: SECRET, webhookSecret: SECRET },
  retentionDays: { audio: 30, transcripts: 60, events: 90 },
}

interface Shown {
  readonly last_sweep: { readonly at: string; readonly deleted: object | null } | null
}

const shown = async (app: BuiltApp): Promise<Shown> =>
  (await (await app.request('/api/settings', { headers })).json()) as Shown

t.test('what this node is set to; the last sweep also after a restart', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = Date.now()
  const first = await buildApp(t, { dataDir, config })
  await eventually('the first sweep', async () => (await shown(first)).last_sweep !== null)
  const text = await (await first.request('/api/settings', { headers })).text()
  t.notMatch(text, /planted/)
  const { last_sweep: sweep, ...rest } = JSON.parse(text) as Shown
  t.same(rest, {
    version: '0.0.0-test',
    rehearsal: true,
    node: { http_url: 'http://127.0.0.1:8000', sip_uri: 'sip:agent@127.0.0.1:5060' },
    retention_days: { audio: 30, transcripts: 60, events: 90, media: null },
    record_calls: 'after-consent',
    price_per_minute: 0.1,
    limits: {
      ...{ max_concurrent_calls: 20, max_outbound_calls_per_second: 2 },
      ...{ max_inbound_calls_per_second: 10, agent_max_sessions: null },
    },
    dial_allow_prefixes: ['+49'],
    default_agent_id: 'agent_default',
    database: 'sqlite',
    vendors: { elevenlabs: true, twilio: true },
  })
  const at = Date.parse(sweep?.at ?? '')
  t.ok(at >= before && at <= Date.now(), 'swept at the start')
  t.match(sweep?.deleted, { recordings: 0, transcripts: 0, events: 0 })
  await first.close()

  const second = await buildApp(t, { dataDir, config })
  const { last_sweep: again } = await shown(second)
  t.equal(again?.deleted, null, 'what it deleted is not known any more')
  t.ok(Math.abs(Date.parse(again?.at ?? '') - at) < 1000, 'but when it was')
  await second.close()

  // Another policy was not followed yet: whatever the last sweep was, it was not by this one.
  const retentionDays = { audio: 1, transcripts: 1, events: 1, media: 700 }
  const third = await buildApp(t, { dataDir, config: { ...config, retentionDays } })
  await eventually('its own sweep', async () => (await shown(third)).last_sweep?.deleted != null)
  t.match(await shown(third), { retention_days: { audio: 1, media: 700 } })
})

t.test('a part that nobody told of the rest says none', async (t) => {
  const app = await buildApp(t)
  t.match(await (await app.request('/api/settings')).json(), {
    ...{
      record_calls: 'off',
      dial_allow_prefixes: [],
      vendors: { elevenlabs: false, twilio: false },
    },
    limits: { max_concurrent_calls: null, agent_max_sessions: null },
  })
})
