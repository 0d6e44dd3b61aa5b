import t from 'tap'
import { compileConfig } from '../../../core/config/index.ts'

const problems = (environment: Record<string, string>) => {
  const compiled = compileConfig(environment, {})
  return 'problems' in compiled ? compiled.problems.map((p) => `${p.name} ${p.problem}`) : []
}
const listen = (SIP_LISTEN: string) =>
  problems({ SIP_LISTEN, SIP_ADVERTISE: '192.0.2.7', RTP_HOST: '192.0.2.7' })

t.test('an address given twice is named', async (t) => {
  const twice = 'udp:127.0.0.1:5060,tcp:127.0.0.1:5060,udp:127.0.0.1:5060'
  t.same(listen(twice), ['SIP_LISTEN names udp:127.0.0.1:5060 twice'])
  t.same(listen('udp:[::1]:5060,udp:[0:0::1]:5060'), ['SIP_LISTEN names udp:[::1]:5060 twice'])
})

t.test('two that need the same port are named', async (t) => {
  const need = (one: string, other: string) => [
    `SIP_LISTEN cannot have ${one} and ${other}: they need the same port`,
  ]
  for (const [one, other] of [
    ['tcp:127.0.0.1:5060', 'tls:127.0.0.1:5060'],
    ['udp:0.0.0.0:5060', 'udp:192.0.2.7:5060'],
    ['tls:[2001:db8::1]:5061', 'tcp:[::]:5061'],
  ] as const)
    t.same(listen(`${one},${other}`), need(one, other))
})

t.test('what does not collide passes', async (t) => {
  for (const setting of [
    'udp:127.0.0.1:5060,tcp:127.0.0.1:5060,tls:127.0.0.1:5061',
    'udp:127.0.0.1:5060,udp:192.0.2.7:5060',
    'udp:127.0.0.1:5060,udp:127.0.0.1:5062',
    'tcp:127.0.0.1:0,tls:127.0.0.1:0,tcp:127.0.0.1:0',
    'tcp:0.0.0.0:5060,tcp:[::]:5060',
    'tcp:0.0.0.0:5060,tls:[::1]:5060',
  ])
    t.same(listen(setting), [], setting)
})

t.test('files for TLS that nothing uses are named', async (t) => {
  const file = import.meta.filename
  const useless = (settings: Record<string, string>) =>
    problems(settings).filter((problem) => problem.includes('is of no use'))
  const all = { SIP_TLS_CERT: file, SIP_TLS_KEY: file, SIP_TLS_CA: file }
  t.same(
    useless(all),
    Object.keys(all).map((name) => `${name} is of no use: SIP_LISTEN has no tls address`),
  )
  t.same(useless({ ...all, SIP_LISTEN: 'tls:127.0.0.1:5061' }), [])
  t.same(useless({ ...all, SIP_LISTEN: 'nonsense' }), [], 'told already')
})
