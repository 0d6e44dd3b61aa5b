// The trunks file among the other settings: what it needs of them, and what they need of it.
import t from 'tap'
import { compileConfig } from '../../../core/config/index.ts'

const FILE = 'sip/trunks.yaml'
type Settings = Readonly<Record<string, string>>

/** @param files by their paths; one that is not there cannot be read */
const compile = (environment: Settings, files: Settings = {}, env: Settings = {}) =>
  compileConfig(environment, env, {
    readFile: (path) => {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' })
      return text
    },
    now: () => Date.now(),
  })
function problems(environment: Settings, text?: string, env: Settings = {}) {
  const files = text === undefined ? {} : { [FILE]: text }
  const named = text === undefined ? {} : { TRUNKS_FILE: FILE }
  const compiled = compile({ ...named, ...environment }, files, env)
  return 'problems' in compiled ? compiled.problems.map((p) => `${p.name} ${p.problem}`) : []
}
function config(environment: Settings, text: string, env: Settings = {}) {
  const compiled = compile({ TRUNKS_FILE: FILE, ...environment }, { [FILE]: text }, env)
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

const AGENT = { ELEVENLABS_AGENT_ID: 'agent_1' }
const OUTSIDE = { SIP_LISTEN: 'udp:192.0.2.7:5060,tcp:192.0.2.7:5060', RTP_HOST: '192.0.2.7' }
const FREESWITCH = { FREESWITCH_HOST: '127.0.0.1' }
const trunk = (name: string, ...keys: readonly string[]): string =>
  [`  - name: ${name}`, ...keys.map((key) => `    ${key}`)].join('\n')
const near = (...more: readonly string[]): string =>
  `trunks:\n${trunk('one', 'domain: 127.0.0.1:5070', ...more)}\n`

t.test('a trunk of the file is real: no rehearsal, a key, and an agent is needed', async (t) => {
  t.match(config({ ...AGENT, DIAL_ALLOW_PREFIXES: '+7' }, near()), {
    rehearsal: false,
    requireKey: true,
    trunksFile: FILE,
    trunks: [{ name: 'one', domain: '127.0.0.1:5070' }],
  })
  t.strictSame(problems({}, near()), [
    'ELEVENLABS_AGENT_ID is missing: a trunk is configured (sip/trunks.yaml:2: trunks[one].name), and nobody is there to talk on it',
  ])
})

t.test('a file without trunks leaves a rehearsal one, and its numbers count', async (t) => {
  const { rehearsal, numbers } = config({}, "numbers: { '+4930231250001': { reject: 404 } }")
  t.equal(rehearsal, true)
  t.strictSame(numbers, [{ number: '+4930231250001', to: { kind: 'reject', sipStatus: 404 } }])
  t.strictSame(problems({ ...AGENT, DIAL_ALLOW_PREFIXES: '+49' }, 'trunks: []'), [
    'EXOLVE_SIP_DOMAIN is missing: DIAL_ALLOW_PREFIXES allows numbers to be dialled, and there is no trunk to dial them ' +
      'through, neither by EXOLVE_SIP_DOMAIN nor in a TRUNKS_FILE; leave DIAL_ALLOW_PREFIXES empty to take calls only',
  ])
})

t.test(
  'a file that is named must be there; what is wrong in it is told with the rest',
  async (t) => {
    t.strictSame(problems({ TRUNKS_FILE: FILE }), [
      'TRUNKS_FILE names sip/trunks.yaml, which cannot be read (ENOENT)',
    ])
    t.strictSame(
      problems({ HTTP_PORT: 'x', DIAL_ALLOW_PREFIXES: '+49', ...AGENT }, near('codec: x')),
      [
        'HTTP_PORT must be a whole number from 0 to 65535',
        'sip/trunks.yaml:4: trunks[one].codec: is no key that can stand here; did you mean codecs?',
      ],
    )
  },
)

t.test('what the file asks for may stand in .env; the environment goes first', async (t) => {
  const text = near('account:', '  user: u', '  password: ${CARRIER_PASS}')
  const passwordOf = (environment: Settings, env: Settings) =>
    config({ ...AGENT, ...environment }, text, env).trunks[0]?.account?.password
  t.equal(passwordOf({}, { CARRIER_PASS: 'from-file' }), 'from-file')
  t.equal(passwordOf({ CARRIER_PASS: 'p' }, { CARRIER_PASS: 'from-file' }), 'p')
  t.equal(passwordOf({ CARRIER_PASS: '' }, { CARRIER_PASS: 'from-file' }), 'from-file')
  t.match(problems(AGENT, text, { CARRIER_PASSS: 'x' }), [
    /^CARRIER_PASSS is not a setting of ours/,
    /^sip\/trunks.yaml:6: trunks\[one\].account.password: needs the variable CARRIER_PASS,/,
  ])
  t.strictSame(
    problems({ ...AGENT, CARRIER_PASS: '' }, text, { CARRIER_PASS: ' ' }).length,
    1,
    'empty is unset',
  )
})

t.test('the shorthand and the file stand side by side, but not for one trunk', async (t) => {
  const shorthand = {
    ...AGENT,
    EXOLVE_SIP_USER: '883140776920289',
    EXOLVE_SIP_PASS: 'planted-secret',
    EXOLVE_SIP_DOMAIN: '127.0.0.1:5070',
  }
  t.strictSame(
    config(shorthand, near()).trunks.map(({ name }) => name),
    ['exolve', 'one'],
  )
  t.strictSame(problems(shorthand, `trunks:\n${trunk('exolve', 'domain: 127.0.0.1')}`), [
    'sip/trunks.yaml:2: trunks[exolve].name: is the trunk that EXOLVE_SIP_DOMAIN defines too: unset EXOLVE_SIP_…, or take it out here',
  ])
})

t.test('each trunk must be reachable: the setting is named, the file and the trunk', async (t) => {
  const both = `trunks:\n${trunk('near', 'domain: localhost')}\n${trunk('far', 'domain: sip.example.com')}\n`
  t.strictSame(problems(AGENT, both), [
    'SIP_LISTEN is loopback while sip/trunks.yaml:5: trunks[far].domain is not: the carrier could not be reached from there',
    'RTP_HOST is loopback while sip/trunks.yaml:5: trunks[far].domain is not: the carrier could not be reached from there',
  ])
  t.strictSame(problems({ ...AGENT, ...OUTSIDE }, both), [])
  const proxied = near('proxy: sip:203.0.113.9;transport=tcp')
  t.strictSame(
    problems(
      { ...AGENT, ...OUTSIDE, SIP_LISTEN: 'udp:192.0.2.7:5060,tcp:127.0.0.1:5060' },
      proxied,
    ),
    [
      'SIP_LISTEN has tcp on loopback only while sip/trunks.yaml:4: trunks[one].proxy is not, and the carrier is called by tcp',
    ],
  )
  t.strictSame(problems(AGENT, near('transport: tls')), [
    'SIP_LISTEN has no tls address, which sip/trunks.yaml:4: trunks[one].transport asks for',
  ])
  t.strictSame(problems(AGENT, near('proxy: sip:127.0.0.1;transport=tls')), [
    'SIP_LISTEN has no tls address, which sip/trunks.yaml:4: trunks[one].proxy asks for',
  ])
  t.strictSame(problems({ ...AGENT, SIP_LISTEN: 'tls:127.0.0.1:5061' }, near()), [
    'SIP_LISTEN has no udp or tcp address for the trunk (sip/trunks.yaml:3: trunks[one].domain); one that is called by tls ' +
      'has transport: tls, or ;transport=tls behind its proxy',
  ])
})

t.test('a drachtio-server listens by itself: SIP_LISTEN is not asked', async (t) => {
  const drachtio = { ...AGENT, DRACHTIO_HOST: '127.0.0.1' }
  t.strictSame(problems(drachtio, near('transport: tls')), [])
  t.strictSame(problems(drachtio, `trunks:\n${trunk('far', 'domain: sip.example.com')}`), [
    'RTP_HOST is loopback while sip/trunks.yaml:3: trunks[far].domain is not: the carrier could not be reached from there',
  ])
})

t.test('an anchored trunk needs a FreeSWITCH', async (t) => {
  const text = near('media: anchored', 'srtp: required', 'codecs: [opus]')
  t.strictSame(problems(AGENT, text), [
    'sip/trunks.yaml:4: trunks[one].media: is anchored, and there is no FreeSWITCH: set FREESWITCH_HOST',
  ])
  t.strictSame(problems({ ...AGENT, ...FREESWITCH }, text), [])
  t.strictSame(
    problems(AGENT, near('media: anchored', 'codec: [opus]')),
    [
      'sip/trunks.yaml:5: trunks[one].codec: is no key that can stand here; did you mean codecs?',
      'sip/trunks.yaml:4: trunks[one].media: is anchored, and there is no FreeSWITCH: set FREESWITCH_HOST',
    ],
    'also where something else of the file is wrong',
  )
})
