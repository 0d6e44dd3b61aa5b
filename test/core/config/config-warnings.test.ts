import t from 'tap'
import { compileConfig, configWarnings, type Config } from '../../../core/config/index.ts'

const TRUNK = {
  EXOLVE_SIP_USER: '883140776920289',
  EXOLVE_SIP_PASS: 'planted-secret',
  EXOLVE_SIP_DOMAIN: '127.0.0.1:5070',
  ELEVENLABS_AGENT_ID: 'agent_1',
  DIAL_ALLOW_PREFIXES: '+49',
}
const TLS = { SIP_LISTEN: 'udp:127.0.0.1:5060,tls:127.0.0.1:5061' }
const OVER_TLS = { ...TRUNK, ...TLS, EXOLVE_SIP_PROXY: 'sip:127.0.0.1:5071;transport=tls' }

function config(environment: Record<string, string>): Config {
  const compiled = compileConfig(environment, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}
const warnings = (environment: Record<string, string>, more: Partial<Config> = {}) =>
  configWarnings({ ...config(environment), ...more }).map((w) => `${w.name} ${w.problem}`)

t.test('what is plain has no warning', async (t) => {
  t.same(warnings({}), [])
  t.same(warnings(TRUNK), [])
  t.same(warnings(OVER_TLS, { sipTls: { cert: 'c', key: 'k' } }), [])
})

t.test('TLS without a certificate is heard of, and passes', async (t) => {
  const called = /^SIP_TLS_CERT is missing: .*only by the connection that we opened/
  t.match(warnings(OVER_TLS), [called])
  const idle = /^SIP_TLS_CERT is missing: nothing listens at the tls addresses/
  t.match(warnings(TLS), [idle])
  t.match(warnings({ ...TRUNK, ...TLS }), [idle], 'the trunk is called by UDP')
})

t.test(
  'a trunk that is called by TLS without a proxy; a drachtio-server has its own',
  async (t) => {
    const trunk = { name: 'one', domain: 'sip.example.com', numbers: [], transport: 'tls' } as const
    t.match(warnings({ ...TRUNK, ...TLS }, { trunks: [trunk] }), [
      /^SIP_TLS_CERT .* that we opened/,
    ])
    const drachtio = { host: '127.0.0.1', port: 9022, secret: 's' }
    t.same(warnings({ ...TRUNK, ...TLS }, { trunks: [trunk], drachtio }), [])
  },
)

t.test('encrypted audio whose keys anybody can read', async (t) => {
  const trunk = { name: 'one', domain: 'sip.example.com', numbers: [], srtp: 'required' } as const
  const told =
    'trunks.yaml has srtp: required for the trunk one, which is not called by tls: whoever reads its SIP has the keys'
  const more = { trunksFile: 'trunks.yaml' }
  t.same(warnings(TRUNK, { ...more, trunks: [trunk] }), [told])
  const proxied = { ...trunk, proxy: 'sip:192.0.2.1;transport=tls' }
  t.same(warnings(TRUNK, { ...more, trunks: [proxied, { ...trunk, transport: 'tls' }] }), [])
})

t.test('a trunk on which nothing may ring', async (t) => {
  const trunk = { ...TRUNK, DIAL_ALLOW_PREFIXES: '' }
  t.match(warnings(trunk), [/^DIAL_ALLOW_PREFIXES is empty: .* refused \(403\)$/])
  t.same(warnings({ ELEVENLABS_AGENT_ID: 'a' }), [], 'without a trunk nothing is missed')
  for (const { todo } of configWarnings(config(trunk))) t.match(todo, /\.$/)
})

t.test('a rehearsal in a database that may be a real one', async (t) => {
  const database = { DATABASE_URL: 'postgres://u:planted-secret@db.example.com/voicegate' }
  t.match(warnings(database), [/^DATABASE_URL is set while .* this is a rehearsal/])
  t.notMatch(warnings(database).join(), 'planted-secret')
  t.same(warnings({ ...TRUNK, ...database }), [])
  t.equal(config(database).requireKey, true, 'not everybody reads what is in it')
  t.equal(config({}).requireKey, false)
})
