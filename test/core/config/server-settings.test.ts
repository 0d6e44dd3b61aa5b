// A drachtio-server and a FreeSWITCH: secrets, addresses, and which settings go together.
import t from 'tap'
import { compileConfig, type Config } from '../../../core/config/index.ts'

type Settings = Readonly<Record<string, string>>
const problems = (environment: Settings) => {
  const compiled = compileConfig(environment, {})
  return 'problems' in compiled ? compiled.problems.map((p) => `${p.name} ${p.problem}`) : []
}
function config(environment: Settings): Config {
  const compiled = compileConfig(environment, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

const FAR = { SIP_LISTEN: 'udp:192.0.2.7:5060', RTP_HOST: '192.0.2.7' }
const DEFAULT_OF = (host: string) =>
  `is the default one, which everybody knows, while ${host} is not loopback: choose another, here and there`

t.test('on this machine the defaults do', async (t) => {
  const { drachtio, freeswitch, rehearsal, requireKey } = config({
    DRACHTIO_HOST: 'localhost',
    FREESWITCH_HOST: '127.0.0.1',
  })
  t.strictSame(drachtio, { host: 'localhost', port: 9022, secret: 'cymru' })
  t.strictSame(freeswitch, { host: '127.0.0.1', port: 8021, secret: 'ClueCon' })
  t.equal(rehearsal, false, 'a SIP server of others is real')
  t.equal(requireKey, true)
  t.match(config({}), { drachtio: undefined, freeswitch: undefined, rehearsal: true })
  t.equal(config({ FREESWITCH_HOST: '127.0.0.1' }).rehearsal, true)
  t.match(config({ DRACHTIO_HOST: '::1', DRACHTIO_PORT: '9023', DRACHTIO_SECRET: 'own' }), {
    drachtio: { host: '::1', port: 9023, secret: 'own' },
  })
})

t.test('elsewhere a default secret is refused, whether written or not', async (t) => {
  for (const secret of ['', 'cymru'])
    t.strictSame(problems({ ...FAR, DRACHTIO_HOST: 'drachtio', DRACHTIO_SECRET: secret }), [
      `DRACHTIO_SECRET ${DEFAULT_OF('DRACHTIO_HOST')}`,
    ])
  for (const secret of ['', 'ClueCon'])
    t.strictSame(problems({ ...FAR, FREESWITCH_HOST: '192.0.2.9', FREESWITCH_SECRET: secret }), [
      `FREESWITCH_SECRET ${DEFAULT_OF('FREESWITCH_HOST')}`,
    ])
  t.strictSame(
    problems({
      ...FAR,
      DRACHTIO_HOST: 'drachtio',
      DRACHTIO_SECRET: 'own',
      FREESWITCH_HOST: '192.0.2.9',
      FREESWITCH_SECRET: 'own',
    }),
    [],
  )
})

t.test('elsewhere they must reach us', async (t) => {
  t.strictSame(problems({ DRACHTIO_HOST: 'drachtio', DRACHTIO_SECRET: 'own' }), [
    'RTP_HOST is loopback while DRACHTIO_HOST is not: it could not reach us there',
  ])
  const freeswitch = { FREESWITCH_HOST: 'freeswitch', FREESWITCH_SECRET: 'own' }
  t.strictSame(problems(freeswitch), [
    'SIP_LISTEN is loopback while FREESWITCH_HOST is not: it could not reach us there',
    'RTP_HOST is loopback while FREESWITCH_HOST is not: it could not reach us there',
  ])
  t.strictSame(problems({ ...freeswitch, DRACHTIO_HOST: '127.0.0.1' }), [
    'RTP_HOST is loopback while FREESWITCH_HOST is not: it could not reach us there',
  ])
  t.strictSame(problems({ ...freeswitch, ...FAR }), [])
})

t.test('a port or a secret alone is of no use', async (t) => {
  t.strictSame(problems({ DRACHTIO_PORT: '9022', DRACHTIO_SECRET: 'x' }), [
    'DRACHTIO_HOST is missing: DRACHTIO_PORT needs it',
    'DRACHTIO_HOST is missing: DRACHTIO_SECRET needs it',
  ])
  t.strictSame(problems({ FREESWITCH_SECRET: 'x' }), [
    'FREESWITCH_HOST is missing: FREESWITCH_SECRET needs it',
  ])
  t.strictSame(problems({ DRACHTIO_PORT: '' }), [], 'empty is unset')
})

t.test('hosts and ports are such; no value is repeated', async (t) => {
  const host = 'must be a host alone, such as 127.0.0.1 or drachtio; its port is set apart'
  for (const wrong of ['drachtio:9022', 'tcp://drachtio', 'a b', 'user@drachtio'])
    t.strictSame(problems({ DRACHTIO_HOST: wrong }), [`DRACHTIO_HOST ${host}`], wrong)
  t.strictSame(problems({ DRACHTIO_HOST: 'localhost', DRACHTIO_PORT: '0' }), [
    'DRACHTIO_PORT must be a whole number from 1 to 65535',
  ])
})

t.test('strangers are refused unless they are to be dropped', async (t) => {
  t.equal(config({}).strangers, 'refuse')
  t.equal(config({ SIP_STRANGERS: 'drop' }).strangers, 'drop')
  t.strictSame(problems({ SIP_STRANGERS: 'accept' }), ['SIP_STRANGERS must be one of refuse, drop'])
})

t.test('humans to transfer to have numbers that may ring', async (t) => {
  const TRANSFER_NUMBERS = '+4930231250001, +4930231250002'
  t.strictSame(config({}).transferNumbers, [])
  t.strictSame(config({ TRANSFER_NUMBERS, DIAL_ALLOW_PREFIXES: '+49' }).transferNumbers, [
    '+4930231250001',
    '+4930231250002',
  ])
  t.strictSame(config({ TRANSFER_NUMBERS }).transferNumbers.length, 2, 'in rehearsal all may')
  const told =
    'TRANSFER_NUMBERS has a number that may not be made to ring: add its beginning to DIAL_ALLOW_PREFIXES'
  t.strictSame(problems({ TRANSFER_NUMBERS, DIAL_ALLOW_PREFIXES: '+7' }), [told])
  t.strictSame(problems({ TRANSFER_NUMBERS, ELEVENLABS_AGENT_ID: 'a' }), [told])
  t.strictSame(problems({ TRANSFER_NUMBERS: '030231250' }), [
    'TRANSFER_NUMBERS has an item that is not right: each must be a telephone number with its country code, such as +49 and its digits',
  ])
})

t.test(
  'proxies are trusted by address or network, and make a node one that others reach',
  async (t) => {
    const { httpTrustedProxies, requireKey, rehearsal } = config({
      HTTP_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8, fd00::/8',
    })
    t.strictSame(httpTrustedProxies, ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
    t.match({ requireKey, rehearsal }, { requireKey: true, rehearsal: true })
    t.strictSame(config({}).httpTrustedProxies, [])
    for (const wrong of ['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/x', '*'])
      t.match(problems({ HTTP_TRUSTED_PROXIES: wrong }), [/^HTTP_TRUSTED_PROXIES /], wrong)
  },
)
