// What a trunks file says, and every way in which it can be wrong: one example a rule, the message as it is shown.
import t from 'tap'
import { parseTrunksFile } from '../../../../core/config/trunks-file/parse-trunks-file.ts'
import { trunk, WRONG } from './wrong-trunks-files.ts'

const VARIABLES: Readonly<Record<string, string>> = {
  PASS: 'planted-secret',
  NUMBER: '+4930231250001',
  MAX: '20',
  NASTY: '"}\n- *x ${PASS}',
  WIRE: 'tcp',
}

const parse = (text: string) => parseTrunksFile(text, 'trunks.yaml', (name) => VARIABLES[name])
const problems = (text: string) => parse(text).problems.map((p) => `${p.name} ${p.problem}`)

t.test('everything of the contract can be said', async (t) => {
  const { set, problems: wrong } = parse(
    `
trunks:
  - name: carrier-1
    domain: sip.example.com:5080
    proxy: sip:203.0.113.9:5061;transport=TLS;lr
    numbers: ['\${NUMBER}', +49 30 23125002]
    account:
      user: 883140776920289
      auth_user: user@realm
      password: \${PASS}
      register: false
    routes:
      - prefixes: [+49, '+7']
        priority: 10
        weight: 0
      - prefixes: ['+']
    inbound:
      addresses: [203.0.113.9, 203.0.113.64/26, '2001:db8::/32']
      tls_names: [sbc.example.com]
      account: { username: carrier, password: '\${PASS}', algorithms: [SHA-256, MD5] }
    codecs: [opus, G722, PCMA]
    media: anchored
    srtp: required
    number_format: { country: '+49', national_prefix: 0, international_prefix: 00 }
    caller_id: { from: account, asserted_identity: true, anonymous: false }
    limits: { max_concurrent_calls: \${MAX}, max_calls_per_second: 2 }
    health: { interval_seconds: 60 }
    pass_headers: true
    transfer: bridge
  - name: plain
    domain: 2001:db8::1
    transport: \${WIRE}
    health: off
    number_format: digits
    routes: []
numbers:
  \${NUMBER}:
    agent: agent_sales
  +49 30 23125002: { reject: 603 }
  +49 30 23125003: { answer_with: order-ivr }
  +49 30 23125004: { answer_with: order-ivr-then-agent }
  +49 30 23125005: { answer_with: order-ivr-then-agent, agent: agent_b }
  +49 30 23125006: { answer_with: agent, agent: agent_b }
  +49 30 23125007: { answer_with: agent }
`.replace('${MAX}', "'${MAX}'"),
  )
  t.strictSame(wrong, [])
  t.strictSame(set, {
    trunks: [
      {
        name: 'carrier-1',
        domain: 'sip.example.com:5080',
        proxy: 'sip:203.0.113.9:5061;transport=tls',
        numbers: ['+4930231250001', '+493023125002'],
        account: {
          user: '883140776920289',
          authUser: 'user@realm',
          password: 'planted-secret',
          registers: false,
          settings: 'account of carrier-1 in trunks.yaml',
        },
        routes: [
          { prefixes: ['+49', '+7'], priority: 10, weight: 0 },
          { prefixes: ['+'], priority: 100, weight: 1 },
        ],
        inbound: {
          addresses: ['203.0.113.9', '203.0.113.64/26', '2001:db8::/32'],
          tlsNames: ['sbc.example.com'],
          account: {
            username: 'carrier',
            password: 'planted-secret',
            algorithms: ['SHA-256', 'MD5'],
          },
        },
        codecs: ['opus', 'G722', 'PCMA'],
        media: 'anchored',
        srtp: 'required',
        numberFormat: { country: '49', nationalPrefix: '0', internationalPrefix: '00' },
        callerId: { from: 'account', assertedIdentity: true, anonymous: false },
        limits: { maxConcurrentCalls: 20, maxCallsPerSecond: 2 },
        health: { intervalSeconds: 60, downAfter: 3, upAfter: 2 },
        passHeaders: true,
        transfer: 'bridge',
      },
      {
        name: 'plain',
        domain: '[2001:db8::1]',
        numbers: [],
        transport: 'tcp',
        routes: [],
        numberFormat: 'digits',
        health: 'off',
      },
    ],
    numbers: [
      { number: '+4930231250001', to: { kind: 'agent', agentId: 'agent_sales' } },
      { number: '+493023125002', to: { kind: 'reject', sipStatus: 603 } },
      { number: '+493023125003', to: { kind: 'flow', agentId: null } },
      { number: '+493023125004', to: { kind: 'flow' } },
      { number: '+493023125005', to: { kind: 'flow', agentId: 'agent_b' } },
      { number: '+493023125006', to: { kind: 'agent', agentId: 'agent_b' } },
    ],
  })
})

t.test('what is absent stays absent; a file may be empty', async (t) => {
  t.strictSame(parse('# nothing yet\n').set, { trunks: [], numbers: [] })
  t.strictSame(problems('# nothing yet\n'), [])
  t.strictSame(problems('trunks: []\nnumbers: {}\n'), [])
  t.strictSame(parse(trunk()).set.trunks, [{ name: 'one', domain: 'sip.example.com', numbers: [] }])
  const { account, numbers } =
    parse(trunk('account: { user: 4930231250001, password: p }')).set.trunks[0] ?? {}
  t.equal(account?.registers, true)
  t.strictSame(numbers, ['+4930231250001'], 'a user that is a number is the number')
})

t.test('every mistake is told by its line, its place and what to do', async (t) => {
  for (const [text, ...told] of WRONG) t.strictSame(problems(text), told, text.slice(0, 200))
})

t.test('a key that is there twice hides nothing else', async (t) => {
  const twice = "numbers:\n  '+4930231250001': { agent: a }\n  '+4930231250001': { agnet: b }\n"
  t.strictSame(problems(`${twice}${trunk('domain: x', 'codec: [PCMU]')}`), [
    'trunks.yaml:3: this key stands there already: take one of the two out',
    'trunks.yaml:3: numbers[1].agnet: is no key that can stand here; did you mean agent?',
    'trunks.yaml:7: this key stands there already: take one of the two out',
    'trunks.yaml:8: trunks[one].codec: is no key that can stand here; did you mean codecs?',
  ])
})

t.test('all of them at once, from top to bottom', async (t) => {
  const told = problems(
    `numbers: { x: { agent: a } }\ntrunks:\n  - name: one\n    domian: x\n    srtp: maybe\n    codecs: [opus]\n    media: ancored\n`,
  )
  t.match(told, [
    /^trunks.yaml:1: numbers\[0\]: must be a telephone number/,
    /^trunks.yaml:3: trunks\[one\].domain: is missing/,
    /^trunks.yaml:4: trunks\[one\].domian: is no key .* did you mean domain\?$/,
    /^trunks.yaml:5: trunks\[one\].srtp: must be one of off, required$/,
    /^trunks.yaml:7: trunks\[one\].media: must be one of direct, anchored; did you mean anchored\?$/,
  ])
  t.equal(told.length, 5, 'and nothing that follows from another')
})

t.test('what the environment says is a text and nothing more', async (t) => {
  const nasty = { ...VARIABLES, NASTY: 'a"}: *x ${PASS} #' }
  const given = parseTrunksFile(
    trunk('account:', '  user: u', '  password: ${NASTY}', '  auth_user: pre-$${X}-${MAX}'),
    'f',
    (name) => nasty[name as keyof typeof nasty],
  )
  t.match(given.set.trunks[0]?.account, {
    password: 'a"}: *x ${PASS} #',
    authUser: 'pre-${X}-20',
  })
  t.strictSame(given.variables, ['NASTY', 'MAX'], 'what is named is known')
  const inKey = parse('numbers:\n  ${NUMBER}:\n    agent: a\n')
  t.strictSame(inKey.variables, ['NUMBER'])
  t.equal(inKey.set.numbers[0]?.number, '+4930231250001')
})

t.test('anchors and aliases are read; one of itself ends', async (t) => {
  const twice = `trunks:\n  - { name: a, domain: x, codecs: &ours [PCMA] }\n  - { name: b, domain: y, codecs: *ours }\n`
  t.strictSame(parse(twice).set.trunks[1]?.codecs, ['PCMA'])
  t.match(problems('trunks: &all\n  - *all\n'), [/must be a group of keys/])
})

t.test('a value that is wrong is never repeated, whatever is wrong with it', async (t) => {
  const planted = ['planted-secret', '4930231250001', '+49302312500019999']
  const places = [
    (value: string) =>
      trunk(`account: { user: "${value} x", auth_user: "${value}\\t", password: "${value}\\t" }`),
    (value: string) => trunk(`numbers: ["${value} x", "${value}0000000"]`),
    (value: string) => trunk(`${value}: 1`),
    (value: string) => trunk(`"${value}": 1`, `${value} "`),
    (value: string) => trunk(`codecs: ["${value}"]`, `transport: ${value}`, `health: ${value}`),
    (value: string) => trunk(`codecs: *${value}`),
    (value: string) => trunk(`codecs: !${value} x`),
    (value: string) => trunk(`domain: ${value}: "${value}`),
    (value: string) => `%${value}\n${trunk(`proxy: "${value}`)}`,
    (value: string) => `numbers: { "${value}x": { agent: "${value} x", "${value}": 1 } }`,
    (value: string) => trunk('account: { user: u, password: "${' + value + '}" }'),
  ]
  for (const place of places)
    for (const value of planted) {
      const told = problems(place(value))
      t.not(told.length, 0, place(value))
      t.notOk(
        told.some((each) => each.includes(value)),
        place(value),
      )
    }
})

t.test('a file of nothing but mistakes is told in fifty lines and a count', async (t) => {
  const told = problems(trunk(...Array.from({ length: 200 }, (_, at) => `wrong${at}: 1`)))
  t.equal(told.length, 51)
  t.equal(told.at(-1), 'trunks.yaml: has 150 more problems')
})
