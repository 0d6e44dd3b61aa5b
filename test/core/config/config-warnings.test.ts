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

t.test('a trunk on which nothing may ring', async (t) => {
  const trunk = { ...TRUNK, DIAL_ALLOW_PREFIXES: '' }
  t.match(warnings(trunk), [/^DIAL_ALLOW_PREFIXES is empty: .* refused \(403\)$/])
  t.same(warnings({ ELEVENLABS_AGENT_ID: 'a' }), [], 'without a trunk nothing is missed')
  for (const { todo } of configWarnings(config(trunk))) t.match(todo, /\.$/)
})
