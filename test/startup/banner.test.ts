// What a start prints, for each kind of start: the real files, the addresses made up.
import t from 'tap'
import { compileConfig, type Config } from '#core/config'
import { renderBanner } from '../../startup/banner.ts'
import { describeUse } from '../../startup/how-to.ts'

const AGENT = { ELEVENLABS_AGENT_ID: 'agent_1' }
const TRUNK = {
  ...AGENT,
  EXOLVE_SIP_USER: '883140776920289',
  EXOLVE_SIP_PASS: 'planted-secret',
  EXOLVE_SIP_DOMAIN: '127.0.0.1:5070',
}
const OUTSIDE = { RTP_HOST: '192.0.2.7', SIP_ADVERTISE: '203.0.113.7' }
const DEMO = [{ number: '+4930231250000', what: 'answers and talks' }]

function config(settings: Record<string, string>): Config {
  const compiled = compileConfig(settings, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

function banner(
  settings: Record<string, string>,
  more: Partial<Config> = {},
  notes: string[] = [],
) {
  const given = { ...config(settings), ...more }
  const use = describeUse({
    config: given,
    sipAddresses: given.sipListen,
    http: { host: given.httpHost, port: given.httpPort },
    demoNumbers: given.rehearsal ? DEMO : [],
  })
  return { ...use, text: renderBanner({ config: given, use, generatedKey: undefined, notes }) }
}

t.test('a rehearsal invites any softphone, over UDP and TCP', async (t) => {
  const { text, sipUri } = banner({}, {}, ['this was done'])
  t.equal(sipUri, 'sip:agent@127.0.0.1:5060')
  t.match(
    text,
    '  call in   sip:agent@127.0.0.1:5060   (UDP and TCP; any softphone, no registration, PCMU or PCMA)\n',
  )
  t.match(text, /^ {2}note {6}this was done$/m)
  t.match(text, '"+4930231250000"')
  t.notMatch(text, /trunk|firewall/)
})

t.test('without a certificate no tls address is shown; with one it is', async (t) => {
  const tls = { SIP_LISTEN: 'udp:127.0.0.1:5060,tcp:127.0.0.1:5062,tls:127.0.0.1:5061' }
  t.notMatch(banner(tls).text, 'tls')
  const { callIn } = banner(tls, { sipTls: { cert: 'c', key: 'k' } })
  t.same(callIn, [
    { uri: 'sip:agent@127.0.0.1:5060', protocols: ['udp'] },
    { uri: 'sip:agent@127.0.0.1:5062;transport=tcp', protocols: ['tcp'] },
    { uri: 'sip:agent@127.0.0.1:5061;transport=tls', protocols: ['tls'] },
  ])
  const alone = banner({ SIP_LISTEN: 'tls:127.0.0.1:5061' })
  t.equal(alone.sipUri, '')
  t.match(alone.text, /^ {2}call in {3}nowhere/m)
})

t.test('a wildcard is shown as the address to advertise', async (t) => {
  const everywhere = (advertise: string, more: Record<string, string> = {}) =>
    banner({
      SIP_LISTEN: 'udp:0.0.0.0:5060,tcp:0.0.0.0:5060',
      ...OUTSIDE,
      SIP_ADVERTISE: advertise,
      HTTP_HOST: '0.0.0.0',
      ...more,
    })
  t.same(everywhere('203.0.113.7').callIn, [
    { uri: 'sip:agent@203.0.113.7:5060', protocols: ['udp', 'tcp'] },
  ])
  t.equal(everywhere('sip.example.com:5080').sipUri, 'sip:agent@sip.example.com:5080')
  t.equal(everywhere('sip.example.com:0').sipUri, 'sip:agent@sip.example.com:5060')
  t.equal(everywhere('2001:db8::7').sipUri, 'sip:agent@[2001:db8::7]:5060')
  t.equal(everywhere('[2001:db8::7]:5080').sipUri, 'sip:agent@[2001:db8::7]:5080')
  t.equal(everywhere('203.0.113.7').apiUrl, 'http://127.0.0.1:8000', 'it is this machine’s too')
  const named = everywhere('203.0.113.7', { PUBLIC_URL: 'https://gate.example.com' })
  t.match(named.text, /^ {2}API {7}https:\/\/gate\.example\.com\/docs$/m)
  t.notMatch(named.text, '0.0.0.0')
})

t.test('outside rehearsal the trunk is named, and nobody is invited', async (t) => {
  const far = { ...TRUNK, ...OUTSIDE, SIP_LISTEN: 'udp:192.0.2.7:5060' }
  const { text } = banner({ ...far, DIAL_ALLOW_PREFIXES: '+7,+49' })
  t.match(text, /^ {2}trunk {5}exolve: registers; may make \+7…, \+49… ring$/m)
  t.match(text, /^ {2}call in {3}sip:agent@192\.0\.2\.7:5060 {3}\(UDP; PCMU or PCMA\)$/m)
  t.match(text, '            Calls of the trunks below only; others are refused (SIP_STRANGERS).\n')
  t.match(banner({ ...far, SIP_STRANGERS: 'drop' }).text, 'others get no answer (SIP_STRANGERS)')
  t.notMatch(text, /softphone|planted-secret|883140776920289/)
  t.match(text, '"+4930231250000"', 'a number that is nobody’s')
  t.match(banner({ ...far, DIAL_ALLOW_PREFIXES: '+7' }).text, '"+7…"')
})

t.test('where nothing may ring, nothing is tried', async (t) => {
  for (const settings of [TRUNK, AGENT]) {
    const { text, exampleCurl } = banner(settings)
    t.match(exampleCurl, /^curl 'http:\/\/127\.0\.0\.1:8000\/api\/calls\?limit=10' -H/)
    t.match(text, /limit=10' -H "Authorization: Bearer \$API_KEY" -H/)
  }
  t.match(banner(TRUNK).text, /may make no number ring \(DIAL_ALLOW_PREFIXES is empty\)/)
  const alone = { ...AGENT, ...OUTSIDE, SIP_LISTEN: 'udp:192.0.2.7:5060' }
  for (const { text } of [banner(AGENT), banner(alone)]) {
    t.match(text, /^ {2}trunk {5}none: calls are taken, none are placed$/m)
    t.match(text, /^ {12}Programs on this machine only; others are refused until a trunk knows/m)
  }
})

t.test('the stop line says how long calls may finish, where they may', async (t) => {
  t.match(banner({}).text, 'Ctrl-C (calls may finish for 1 s, then end with BYE; twice: at once)')
  t.match(banner(AGENT).text, 'calls may finish for 10 s, then')
  t.match(banner({ DRAIN_SECONDS: '0' }).text, 'Ctrl-C (calls end with BYE; twice: at once)')
})

t.test('each trunk of a file: what may ring by it, and how the file is read again', async (t) => {
  const trunk = (name: string, ...prefixes: string[]) => ({
    name,
    domain: '127.0.0.1:5070',
    numbers: [],
    routes: prefixes.length === 0 ? [] : [{ prefixes, priority: 100, weight: 1 }],
  })
  const trunks = [trunk('a', '+49', '+1'), trunk('b', '+'), trunk('c', '+33'), trunk('d')]
  const { text } = banner(
    { ...TRUNK, DIAL_ALLOW_PREFIXES: '+4930,+7' },
    { trunks, trunksFile: 'sip-config/trunks.yaml' },
  )
  t.match(
    text,
    `  trunk     a: does not register; may make +4930… ring
            b: does not register; may make +4930…, +7… ring
            c: does not register; may make no number ring (DIAL_ALLOW_PREFIXES has none of its routes)
            d: does not register; takes calls only
            kill -HUP ${process.pid} reads sip-config/trunks.yaml again
`,
  )
})

t.test('a rehearsal names the number that its menu answers, where it can be called', async (t) => {
  const facts = {
    config: config({}),
    sipAddresses: [{ protocol: 'udp' as const, host: '127.0.0.1', port: 5062 }],
    http: { host: '127.0.0.1', port: 8000 },
    demoNumbers: [],
    menuNumber: '+4930555101',
  }
  const use = describeUse(facts)
  const text = renderBanner({ ...facts, use, generatedKey: undefined, notes: [] })
  t.match(text, /^ {12}sip:\+4930555101@127\.0\.0\.1:5062 {3}\(the menu: consent/m)
  t.equal(describeUse({ ...facts, sipAddresses: [] }).menuUri, undefined)
})
