// The ready files of sip-config/trunks, and what is written about them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { compileConfig, type Config } from '../../../../core/config/index.ts'
import { parseTrunksFile } from '../../../../core/config/trunks-file/parse-trunks-file.ts'

const SIP_CONFIG = join(import.meta.dirname, '../../../../sip-config')
const read = (path: string): string => readFileSync(join(SIP_CONFIG, path), 'utf8')
const names = readdirSync(join(SIP_CONFIG, 'trunks'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''))

const DUMMIES: readonly (readonly [ending: RegExp, value: string])[] = [
  [/_NUMBER$/, '+4930231250001'],
  [/_ADDRESS$/, '203.0.113.9'],
  [/_HOST$/, 'pbx.example.com'],
  [/_AGENT$/, 'agent_1'],
  [/^EXOLVE_USER$/, '883140776920289'],
]
const dummy = (name: string): string =>
  DUMMIES.find(([ending]) => ending.test(name))?.[1] ??
  `dummy-${name.toLowerCase().replaceAll('_', '-')}`

const schema = JSON.parse(read('trunks.schema.json')) as object
// Without an opinion on `errorMessage`, which is for editors.
const isValid = new Ajv({ strict: false, allErrors: true }).compile(schema)

function configOf(text: string): Config {
  const lookup = parseTrunksFile(text, 'f', () => undefined).variables
  const variables = Object.fromEntries(lookup.map((name) => [name, dummy(name)]))
  const settings = {
    TRUNKS_FILE: 'trunks.yaml',
    ELEVENLABS_AGENT_ID: 'agent_1',
    SIP_LISTEN: 'udp:192.0.2.7:5060,tcp:192.0.2.7:5060,tls:192.0.2.7:5061',
    RTP_HOST: '192.0.2.7',
    FREESWITCH_HOST: '192.0.2.7',
    FREESWITCH_SECRET: 'own',
    DIAL_ALLOW_PREFIXES: '+49',
  }
  const surroundings = { readFile: () => text, now: () => Date.now() }
  const compiled = compileConfig(settings, variables, surroundings)
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

t.test('each of them starts with its variables in .env', async (t) => {
  t.strictSame(names, ['exolve', 'generic-pbx', 'twilio', 'voximplant'])
  for (const name of names) {
    const { trunks, numbers } = configOf(read(`trunks/${name}.yaml`))
    t.equal(trunks.length, 1, name)
    t.equal(numbers.length, 1, name)
    t.strictSame(trunks[0]?.numbers, ['+4930231250001'], name)
  }
  t.match(configOf(read('trunks/exolve.yaml')).trunks[0], {
    name: 'exolve',
    domain: 'sip.exolve.ru',
    proxy: 'sip:80.75.130.100',
    account: { registers: true },
  })
  t.match(configOf(read('trunks/twilio.yaml')).trunks[0], {
    domain: 'dummy-twilio-trunk.pstn.twilio.com',
    account: { registers: false },
  })
})

t.test('what stands in their comments to be chosen instead is right, too', async (t) => {
  const encrypted = read('trunks/twilio.yaml')
    .replace('    transport: tcp\n', '')
    .replace(/^ {4}# {3}(transport|media|srtp)/gm, '    $1')
  t.match(configOf(encrypted).trunks, [{ transport: 'tls', media: 'anchored', srtp: 'required' }])
  const [head = '', static_ = ''] = read('trunks/generic-pbx.yaml').split('  # 1. We register')
  const alone = `${head}${static_.slice(static_.indexOf('  # - name'))}`.replaceAll(
    /^ {2}# /gm,
    '  ',
  )
  const { account, callerId } = configOf(alone).trunks[0] ?? {}
  t.equal(account, undefined)
  t.strictSame(callerId, { assertedIdentity: true })
})

t.test('the schema of editors takes them as they stand', async (t) => {
  for (const name of names) {
    const text = read(`trunks/${name}.yaml`)
    t.match(
      text,
      /^# yaml-language-server: \$schema=trunks\.schema\.json\n/,
      'beside which it is copied',
    )
    t.ok(isValid(parse(text)), `${name} ${JSON.stringify(isValid.errors)}`)
  }
})

t.test('and refuses what we refuse', async (t) => {
  const wrong = [
    { trunk: [] },
    { trunks: [{ name: 'one' }] },
    { trunks: [{ name: 'One', domain: 'a' }] },
    { trunks: [{ name: 'one', domain: 'a', codec: ['PCMU'] }] },
    { trunks: [{ name: 'one', domain: 'a', codecs: ['G729'] }] },
    { trunks: [{ name: 'one', domain: 'a', numbers: ['030'] }] },
    { trunks: [{ name: 'one', domain: 'a', health: 'on' }] },
    { trunks: [{ name: 'one', domain: 'a', limits: { max_concurrent_calls: 0 } }] },
    { numbers: { '+4930231250001': { ivr: 'x' } } },
    { numbers: { '+4930231250001': { agent: 'a', reject: 404 } } },
    { numbers: { '+4930231250001': { answer_with: 'agent', reject: 404 } } },
    { numbers: { '+4930231250001': { answer_with: 'order-ivr', agent: 'a' } } },
    { numbers: { '+4930231250001': { answer_with: 'ivr' } } },
  ]
  for (const file of wrong) {
    t.notOk(isValid(file), JSON.stringify(file))
    t.not(parseTrunksFile(JSON.stringify(file), 'f', () => undefined).problems.length, 0)
  }
})

t.test('each note names every variable of its file', async (t) => {
  for (const name of names) {
    const note = read(`trunks/${name}.md`)
    const { variables } = parseTrunksFile(read(`trunks/${name}.yaml`), 'f', () => undefined)
    t.ok(variables.length >= 3, name)
    for (const variable of variables)
      t.ok(
        note.includes(`\`${variable}\``) || note.includes(`'${variable}'`),
        `${name} ${variable}`,
      )
    for (const variable of variables)
      t.match(read(`trunks/${name}.yaml`), new RegExp(`^#   ${variable} `, 'm'), variable)
  }
})

t.test('the README has every key, and no other', async (t) => {
  interface Shape {
    readonly properties?: Readonly<Record<string, Shape>>
    readonly items?: Shape
    readonly anyOf?: readonly Shape[]
  }
  const keys = ({ properties = {}, items, anyOf = [] }: Shape): string[] => [
    ...Object.entries(properties).flatMap(([name, shape]) => [name, ...keys(shape)]),
    ...(items ? keys(items) : []),
    ...anyOf.flatMap(keys),
  ]
  const { properties } = schema as Shape
  const trunk = properties?.['trunks']?.items ?? {}
  const rows = read('README.md').match(/^\| `.*$/gm) ?? []
  const told = new Set(
    rows.flatMap((row) => [...row.matchAll(/`(?:\w+\.)?([a-z_]+)`/g)].map(([, key = '']) => key)),
  )
  for (const key of keys(trunk)) t.ok(told.has(key), key)
  const first = rows.map((row) => /^\| `(\w+)/.exec(row)?.[1] ?? '')
  t.strictSame([...new Set(first)], Object.keys(trunk.properties ?? {}))
})
