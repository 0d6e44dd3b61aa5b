import t from 'tap'
import { compileConfig } from '../../../core/config/index.ts'

const compile = (environment: Record<string, string>) => compileConfig(environment, {})
const problems = (environment: Record<string, string>) => {
  const compiled = compile(environment)
  return 'problems' in compiled ? compiled.problems.map((p) => `${p.name} ${p.problem}`) : []
}
const config = (environment: Record<string, string>) => {
  const compiled = compile(environment)
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

const ACCOUNT = {
  EXOLVE_SIP_USER: '883140776920289',
  EXOLVE_SIP_PASS: 'planted-secret',
  EXOLVE_SIP_DOMAIN: 'sip.exolve.ru',
}
const AGENT = { ELEVENLABS_AGENT_ID: 'agent_1' }
const OUTSIDE = { SIP_LISTEN: 'udp:192.0.2.7:5060,tcp:192.0.2.7:5060', RTP_HOST: '192.0.2.7' }
const LOCAL = { ...ACCOUNT, EXOLVE_SIP_DOMAIN: '127.0.0.1:5070', ...AGENT }

t.test('the shorthand defines the trunk exolve; it is no rehearsal and needs a key', async (t) => {
  const proxy = { EXOLVE_SIP_PROXY: 'sip:80.75.130.100' }
  t.match(config({ ...ACCOUNT, ...proxy, ...AGENT, ...OUTSIDE, DIAL_ALLOW_PREFIXES: '+7' }), {
    rehearsal: false,
    requireKey: true,
    trunks: [
      {
        name: 'exolve',
        numbers: ['+883140776920289'],
        account: {
          user: '883140776920289',
          password: 'planted-secret',
          registers: true,
          settings: 'EXOLVE_SIP_USER, EXOLVE_SIP_PASS and EXOLVE_SIP_DOMAIN',
        },
        domain: 'sip.exolve.ru',
        proxy: 'sip:80.75.130.100',
      },
    ],
    numbers: [],
    trunksFile: undefined,
    dialAllowPrefixes: ['+7'],
  })
})

t.test('all of user, password and domain or none: each missing one is named', async (t) => {
  for (const name of Object.keys(ACCOUNT)) {
    t.match(problems({ ...LOCAL, [name]: '' }), [new RegExp(`^${name} is missing: `)], name)
  }
  t.match(
    problems({ ...AGENT, EXOLVE_SIP_PROXY: 'sip:127.0.0.1' }).sort(),
    ['EXOLVE_SIP_DOMAIN', 'EXOLVE_SIP_PASS', 'EXOLVE_SIP_USER'].map(
      (name) => new RegExp(`^${name} is missing: EXOLVE_SIP_PROXY needs it$`),
    ),
  )
  t.same(problems({ EXOLVE_SIP_USER: '', EXOLVE_SIP_PASS: ' ' }), [], 'empty is unset')
})

t.test('a trunk without an agent is refused, naming the missing one', async (t) => {
  const trunkAlone = { ...LOCAL, ELEVENLABS_AGENT_ID: '' }
  t.match(problems(trunkAlone), [/^ELEVENLABS_AGENT_ID is missing: a trunk is configured/])
  t.match(problems({ ...trunkAlone, ELEVENLABS_API_KEY: 'k' }), [/^ELEVENLABS_AGENT_ID is missing/])
  const [, withoutDomain] = problems({ ...trunkAlone, EXOLVE_SIP_DOMAIN: '' })
  t.match(withoutDomain, /^ELEVENLABS_AGENT_ID is missing: .*EXOLVE_SIP_USER, EXOLVE_SIP_PASS/)
  t.notMatch(withoutDomain, /EXOLVE_SIP_DOMAIN/)
})

t.test(
  'a carrier beyond this machine cannot be reached from loopback: the setting is named',
  async (t) => {
    const far = { ...ACCOUNT, ...AGENT }
    t.match(problems(far), [
      /^SIP_LISTEN is loopback while EXOLVE_SIP_DOMAIN is not/,
      /^RTP_HOST is loopback while EXOLVE_SIP_DOMAIN is not/,
    ])
    t.match(problems({ ...far, RTP_HOST: '192.0.2.7' }), [/^SIP_LISTEN is loopback/])
    t.match(problems({ ...LOCAL, EXOLVE_SIP_PROXY: 'sip:80.75.130.100' }), [
      /^SIP_LISTEN is loopback while EXOLVE_SIP_PROXY/,
      /^RTP_HOST is loopback/,
    ])
    t.same(problems({ ...far, ...OUTSIDE }), [])
    for (const domain of [
      '127.0.0.1',
      '127.0.0.2:5080',
      'localhost',
      'localhost:5080',
      '[::1]:5080',
      '::1',
    ])
      t.same(problems({ ...LOCAL, EXOLVE_SIP_DOMAIN: domain }), [], domain)
    for (const domain of ['127.evil.example', 'localhost.example', '2001:db8::1', '10.0.0.1'])
      t.match(problems({ ...LOCAL, EXOLVE_SIP_DOMAIN: domain }), [/SIP_LISTEN/, /RTP_HOST/], domain)
    t.equal(config({ ...LOCAL, EXOLVE_SIP_DOMAIN: '::1' }).trunks[0]?.domain, '[::1]')
  },
)

t.test('the protocol that the carrier is called by must get beyond loopback', async (t) => {
  const far = { ...ACCOUNT, ...AGENT, RTP_HOST: '192.0.2.7' }
  const listen = (SIP_LISTEN: string, transport?: string) =>
    problems({
      ...far,
      SIP_LISTEN,
      EXOLVE_SIP_PROXY: transport === undefined ? '' : `sip:sip.exolve.ru;transport=${transport}`,
    })
  const udpNear = 'udp:127.0.0.1:5060,tcp:192.0.2.7:5060'
  t.match(listen(udpNear), [/^SIP_LISTEN has udp on loopback only while EXOLVE_SIP_DOMAIN is not/])
  t.match(listen(udpNear, 'udp'), [/^SIP_LISTEN has udp .* while EXOLVE_SIP_PROXY is not/])
  t.same(listen(udpNear, 'tcp'), [])
  const tcpNear = 'udp:192.0.2.7:5060,tcp:127.0.0.1:5060'
  t.same(listen(tcpNear), [])
  t.match(listen(tcpNear, 'tcp'), [/^SIP_LISTEN has tcp on loopback only/])
  t.same(listen('udp:127.0.0.1:5060,udp:192.0.2.7:5060'), [], 'both')
  t.same(listen('tcp:192.0.2.7:5060'), [], 'without UDP it is TCP')
  t.match(listen('tls:192.0.2.7:5061'), [/^SIP_LISTEN has no udp or tcp address for the trunk/])
  t.same(listen('tls:192.0.2.7:5061', 'tls'), [])
  t.match(listen('nonsense'), [/^SIP_LISTEN has an item that is not right/], 'told once')
})

t.test('the proxy is a SIP URI, and its protocol must be one we listen with', async (t) => {
  const proxied = (proxy: string) => problems({ ...LOCAL, EXOLVE_SIP_PROXY: proxy })
  const uri = (proxy: string) => config({ ...LOCAL, EXOLVE_SIP_PROXY: proxy }).trunks[0]?.proxy
  t.equal(uri('sip:127.0.0.1:5070;transport=TCP;lr'), 'sip:127.0.0.1:5070;transport=tcp')
  t.equal(uri('sip:localhost;lr'), 'sip:localhost')
  t.equal(uri('sip:[::1]:5070'), 'sip:[::1]:5070')
  t.match(proxied('sip:127.0.0.1;transport=tls'), [/^SIP_LISTEN has no tls address/])
  for (const wrong of [
    '80.75.130.100',
    'sips:127.0.0.1',
    'sip:user@127.0.0.1',
    'sip:127.0.0.1:99999',
    'sip:127.0.0.1;transport=sctp',
    'sip:127.0.0.1;transport=tcp;maddr=1.2.3.4',
    'sip:127.0.0.1>;x=<sip:evil',
    'sip:127.0.0.1\r\nX: y',
  ])
    t.match(proxied(wrong), [/^EXOLVE_SIP_PROXY must be a SIP URI/], wrong)
})

t.test(
  'a user that could not stand in a SIP URI is refused; no value is ever repeated',
  async (t) => {
    for (const user of ['sip:1@x', 'a b', 'a>;b', 'a@b', 'a\r\nX: y'])
      t.match(problems({ ...LOCAL, EXOLVE_SIP_USER: user }), [/^EXOLVE_SIP_USER must be/], user)
    const told = problems({ ...ACCOUNT, EXOLVE_SIP_USER: 'a b', EXOLVE_SIP_DOMAIN: 'x y' }).join()
    t.notMatch(told, /planted-secret|a b|x y/)
  },
)
