import t from 'tap'
import { compileConfig } from '../../../core/config/index.ts'

const config = (environment: Record<string, string>, file: Record<string, string> = {}) => {
  const compiled = compileConfig(environment, file)
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}
const problems = (environment: Record<string, string>, file: Record<string, string> = {}) => {
  const compiled = compileConfig(environment, file)
  return 'problems' in compiled ? compiled.problems.map((p) => `${p.name} ${p.problem}`) : []
}

t.test(
  'with nothing set it rehearses on loopback, needs no key and may dial every number',
  async (t) => {
    t.match(config({}), {
      rehearsal: true,
      requireKey: false,
      httpHost: '127.0.0.1',
      httpPort: 8000,
      sipListen: [
        { protocol: 'udp', host: '127.0.0.1', port: 5060 },
        { protocol: 'tcp', host: '127.0.0.1', port: 5060 },
      ],
      trunk: undefined,
      dialAllowPrefixes: ['+'],
      rtpPortMin: 20000,
    })
    t.match(config({}).dataDir, /data\/rehearsal$/)
  },
)

t.test('an empty value is unset, in the file and in the environment', async (t) => {
  t.equal(config({ HTTP_PORT: '' }, { HTTP_PORT: '9000' }).httpPort, 9000)
  t.equal(config({}, { ELEVENLABS_API_KEY: '  ' }).rehearsal, true)
})

t.test('the environment wins over the file', async (t) => {
  t.equal(config({ HTTP_PORT: '1' }, { HTTP_PORT: '2' }).httpPort, 1)
})

t.test(
  'all problems are listed at once, with the nearest name of an unknown key and no values',
  async (t) => {
    const found = problems(
      { HTTP_PORT: 'eighty', API_KEY: 'planted-secret', REDIS_URL: 'redis://x' },
      { ELEVENLABS_AGENTID: 'a', COMPOSE_PROJECT_NAME: 'passes', OTEL_X: 'passes' },
    )
    t.match(found.sort(), [
      /^API_KEY must have at least 32 characters$/,
      /^ELEVENLABS_AGENTID is not a setting of ours; did you mean ELEVENLABS_AGENT_ID\?$/,
      /^HTTP_PORT must be a whole number from 0 to 65535$/,
      /^REDIS_URL is not built yet; leave it empty$/,
    ])
    t.notMatch(found.join(), /planted-secret/)
  },
)

t.test('a suggestion is near, and built', async (t) => {
  const told = (name: string) => problems({}, { [name]: 'x' })[0]
  for (const [written, meant] of [
    ['EXOLVE_SIP_PASSWD', 'EXOLVE_SIP_PASS'],
    ['dial_allow_prefix', 'DIAL_ALLOW_PREFIXES'],
    ['APIKEY', 'API_KEY'],
  ])
    t.equal(told(written!), `${written} is not a setting of ours; did you mean ${meant}?`)
  for (const written of ['DATABASE_PASSWORD', 'FOO', 'REDIS_URLS', 'WEBRTC_HOSTS', 'ROLES'])
    t.equal(told(written), `${written} is not a setting of ours`)
})

t.test('a database of the replaced systems gets a message that names the import', async (t) => {
  t.match(problems({ DATABASE_URL: 'sqlite:///liza.db' }), [/import/])
  t.match(problems({ DATABASE_URL: 'mysql://x/y' }), [/import/])
})

t.test(
  'a key without an agent, an agent that may dial without a trunk: the missing setting is named',
  async (t) => {
    t.match(problems({ ELEVENLABS_API_KEY: 'k' }), [/^ELEVENLABS_AGENT_ID is missing/])
    t.match(
      problems({ ELEVENLABS_API_KEY: 'k', ELEVENLABS_AGENT_ID: 'a', DIAL_ALLOW_PREFIXES: '+49' }),
      [/^EXOLVE_SIP_DOMAIN is missing: DIAL_ALLOW_PREFIXES/],
    )
  },
)

t.test('a real agent, or any listener beyond loopback, needs a key', async (t) => {
  t.match(config({ ELEVENLABS_AGENT_ID: 'a' }), { rehearsal: false, requireKey: true })
  t.equal(config({ HTTP_HOST: '0.0.0.0' }).requireKey, true)
  t.equal(
    config({ PUBLIC_URL: 'https://tunnel.example.com' }).requireKey,
    true,
    'others come in by it',
  )
  t.equal(config({ PUBLIC_URL: 'http://localhost:8000' }).requireKey, false)
  t.equal(config({ PUBLIC_URL: 'http://[::1]:8000' }).requireKey, false)
  t.equal(config({ API_KEY: 'k'.repeat(32) }).requireKey, true, 'a key that was set is meant')
  t.same(config({ ELEVENLABS_AGENT_ID: 'a' }).dialAllowPrefixes, [], 'and nothing may be dialled')
})

t.test('listeners that contradict each other are refused', async (t) => {
  t.match(problems({ SIP_LISTEN: 'udp:192.0.2.1:5060' }), [/^RTP_HOST is loopback/])
  t.match(problems({ SIP_LISTEN: 'udp:0.0.0.0:5060', RTP_HOST: '192.0.2.1' }), [
    /^SIP_ADVERTISE is missing/,
  ])
  t.match(problems({ RTP_PORT_MIN: '20000', RTP_PORT_MAX: '20001' }), [/^RTP_PORT_MAX/])
  t.match(problems({ SIP_LISTEN: 'sctp:127.0.0.1:5061' }), [/^SIP_LISTEN has an item/])
  t.match(problems({ SIP_ADVERTISE: 'sip.example.com:70000' }), [/^SIP_ADVERTISE must be a host/])
  t.match(problems({ DIAL_ALLOW_PREFIXES: '49' }), [/plus sign/])
  t.match(problems({ RTP_HOST: 'localhost' }), [/^RTP_HOST must be an IP address/])
  t.match(problems({ SIP_ADVERTISE: '192.0.2.1 evil;x=<y>' }), [/^SIP_ADVERTISE must be a host/])
  t.equal(config({ SIP_ADVERTISE: 'sip.example.com:5070' }).sipAdvertise, 'sip.example.com:5070')
  for (const [written, address] of [
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:5070', '203.0.113.7'],
    ['[2001:db8::7]:5070', '2001:db8::7'],
    ['sip.example.com', undefined],
  ] as const)
    t.equal(config({ SIP_ADVERTISE: written }).rtpAdvertise, address, 'what SDP may show')
})

t.test('a port to show is for one port to listen on', async (t) => {
  const several = [/^SIP_ADVERTISE names one port, but SIP_LISTEN has several: leave its port out/]
  const RTP_HOST = '192.0.2.1'
  for (const [listen, advertise] of [
    ['udp:127.0.0.1:5060,tls:127.0.0.1:5061', '203.0.113.7:5060'],
    ['udp:127.0.0.1:5060,tcp:127.0.0.1:5062', 'sip.example.com:5060'],
    ['udp:127.0.0.1:5060,tcp:127.0.0.1:5062', '[2001:db8::7]:5060'],
    ['udp:0.0.0.0:5060,tcp:0.0.0.0:5060,tls:0.0.0.0:5061', '203.0.113.7:5060'],
    ['udp:127.0.0.1:0,tcp:127.0.0.1:0', '203.0.113.7:5060'],
  ] as const) {
    const settings = { SIP_LISTEN: listen, SIP_ADVERTISE: advertise, RTP_HOST }
    t.match(problems(settings), several, `${listen} ${advertise}`)
    const host = advertise.replace(/:5060$/, '')
    t.equal(config({ ...settings, SIP_ADVERTISE: host }).sipAdvertise, host)
    t.equal(config({ ...settings, SIP_ADVERTISE: `${host}:0` }).sipAdvertise, `${host}:0`)
  }
  for (const listen of [
    'udp:127.0.0.1:5060,tcp:127.0.0.1:5060',
    'udp:0.0.0.0:5060,tls:0.0.0.0:5060',
    'udp:127.0.0.1:5070',
    'udp:127.0.0.1:0',
  ])
    t.ok(config({ SIP_LISTEN: listen, SIP_ADVERTISE: '203.0.113.7:5080', RTP_HOST }), listen)
  const ipv6 = { SIP_LISTEN: 'udp:127.0.0.1:5060,tls:127.0.0.1:5061', SIP_ADVERTISE: '2001:db8::7' }
  t.equal(config(ipv6).sipAdvertise, '2001:db8::7', 'its last group is no port')
})

t.test(
  'how calls are recorded and agents are told of keys has defaults that cost nothing',
  async (t) => {
    t.match(config({}), {
      recordCalls: 'always',
      agent: {
        frameMs: 20,
        dtmf: 'user_message',
        fallbackMessage: undefined,
        toolServer: undefined,
      },
    })
    t.equal(
      config({ ELEVENLABS_AGENT_ID: 'a' }).recordCalls,
      'off',
      'whoever is recorded for real is asked for',
    )
    t.equal(config({ RECORD_CALLS: 'after-consent' }).recordCalls, 'after-consent')
    t.same(config({ AGENT_FRAME_MS: '60' }).agent.frameMs, 60)
    t.match(problems({ AGENT_FRAME_MS: '30', AGENT_DTMF: 'maybe', RECORD_CALLS: 'sometimes' }), [
      /^AGENT_FRAME_MS/,
      /^AGENT_DTMF/,
      /^RECORD_CALLS/,
    ])
  },
)

t.test(
  'a tool server and its secret are of no use alone, and a short secret is none',
  async (t) => {
    const url = { TOOL_SERVER_URL: 'https://tools.example/run' }
    const secret = { TOOL_SERVER_SECRET: 'planted-tool-secret' }
    t.same(config({ ...url, ...secret }).agent.toolServer, {
      url: 'https://tools.example/run',
      secret: 'planted-tool-secret',
    })
    t.match(problems(url), [/^TOOL_SERVER_SECRET is missing: TOOL_SERVER_URL needs it$/])
    t.match(problems(secret), [/^TOOL_SERVER_URL is missing: TOOL_SERVER_SECRET needs it$/])
    t.match(problems({ ...url, TOOL_SERVER_SECRET: 'short' }), [
      /^TOOL_SERVER_SECRET must have at least 16 characters$/,
    ])
  },
)

t.test('a fallback message is words or a WAV file, and a voice is an id', async (t) => {
  for (const message of [
    'We are sorry. Please call 24/7 support.',
    'sorry.wav',
    '/srv/a b.wav',
    'Sorry!',
  ])
    t.equal(config({ AGENT_FALLBACK_MESSAGE: message }).agent.fallbackMessage, message)
  for (const message of ['/srv/sorry.mp3', 'sorry.ogg', './sorry', 'C:\\sorry'])
    t.match(problems({ AGENT_FALLBACK_MESSAGE: message }), [/^AGENT_FALLBACK_MESSAGE names a file/])
  t.match(problems({ ELEVENLABS_VOICE_ID: 'no/such?voice=1' }), [
    /^ELEVENLABS_VOICE_ID must be an id/,
  ])
})

t.test('a setting that is wrong is not called missing as well', async (t) => {
  t.match(problems({ TOOL_SERVER_URL: 'ftp://x', TOOL_SERVER_SECRET: 'planted-tool-secret' }), [
    /^TOOL_SERVER_URL must be an address/,
  ])
  t.equal(
    problems({ TOOL_SERVER_URL: 'ftp://x', TOOL_SERVER_SECRET: 'planted-tool-secret' }).length,
    1,
  )
})

t.test('calls may finish for 10 s, in rehearsal for 1, or for as long as one says', async (t) => {
  const real = { ELEVENLABS_AGENT_ID: 'agent_1' }
  t.equal(config({}).drain, 1000)
  t.equal(config(real).drain, 10_000)
  t.equal(config({ DRAIN_SECONDS: '5' }).drain, 5000)
  t.equal(config({ ...real, DRAIN_SECONDS: '0' }).drain, 0)
  t.match(problems({ DRAIN_SECONDS: '7201' }), [
    /^DRAIN_SECONDS must be a whole number from 0 to 7200 seconds$/,
  ])
})
