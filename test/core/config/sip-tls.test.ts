import t from 'tap'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileConfig } from '../../../core/config/index.ts'
import { temporaryFolder } from '../../support/process.ts'

const skip = spawnSync('openssl', ['version']).error ? 'openssl is not installed' : false

t.test('the files of SIP over TLS are read and proven at start', { skip }, async (t) => {
  const folder = temporaryFolder(t, 'sip-tls')
  const path = (name: string): string => join(folder, name)
  const make = (name: string, validDays = 10): void => {
    const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days ${validDays} -subj /CN=${name}`
    const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)]
    execFileSync('openssl', [...args.split(' '), ...files], { stdio: 'ignore' })
  }
  make('one')
  make('two')
  writeFileSync(path('none.pem'), 'no PEM at all')
  const one = readFileSync(path('one.crt'), 'utf8')
  const two = readFileSync(path('two.crt'), 'utf8')
  make('long', 20)
  writeFileSync(path('both.crt'), one + two)
  writeFileSync(path('some-over.crt'), one + readFileSync(path('long.crt'), 'utf8'))
  writeFileSync(path('broken.crt'), `${one}${two.replace(/\n[^\n]{10}/, '\nAAAAAAAAAA')}`)
  execFileSync('openssl', [
    'pkey',
    '-aes128',
    '-passout',
    'pass:x',
    '-in',
    path('one.key'),
    '-out',
    path('locked.key'),
  ])

  const days = (count: number) => () => Date.now() + count * 86_400_000
  const compile = (files: Record<string, string>, now: () => number = Date.now) => {
    const given = Object.entries(files).map(([name, file]) => [`SIP_TLS_${name}`, path(file)])
    const readFile = (file: string) => readFileSync(file, 'utf8')
    const settings = { SIP_LISTEN: 'tls:127.0.0.1:5061', ...Object.fromEntries(given) }
    return compileConfig(settings, {}, { readFile, now })
  }
  const problems = (files: Record<string, string>, now?: () => number) => {
    const compiled = compile(files, now)
    return 'problems' in compiled ? compiled.problems.map((p) => `${p.name} ${p.problem}`) : []
  }

  const right = { CERT: 'one.crt', KEY: 'one.key', CA: 'both.crt' }
  t.match(compile(right), {
    config: { sipTls: { cert: one, key: /PRIVATE KEY/, ca: one + two } },
  })
  t.match(compile({}), { config: { sipTls: {} } })
  t.match(problems({ CERT: 'one.crt' }), [/^SIP_TLS_KEY is missing: SIP_TLS_CERT needs it$/])
  t.match(problems({ KEY: 'one.key' }), [/^SIP_TLS_CERT is missing: SIP_TLS_KEY needs it$/])
  t.match(problems({ ...right, KEY: 'two.key' }), [/^SIP_TLS_KEY is not the key of/])
  t.match(problems({ ...right, CA: 'absent.crt' }), [/^SIP_TLS_CA names .* \(ENOENT\)$/])
  t.match(problems({ ...right, CERT: 'none.pem' }), [/^SIP_TLS_CERT must be a PEM file/])
  t.match(problems({ ...right, KEY: 'none.pem' }), [/^SIP_TLS_KEY must be a PEM file/])
  t.match(problems({ ...right, KEY: 'locked.key' }), [/not encrypted$/])
  t.match(problems({ ...right, CA: 'broken.crt' }), [/^SIP_TLS_CA must be a PEM file/])
  const own = { CERT: 'one.crt', KEY: 'one.key' }
  t.match(problems(own, days(11)), [/^SIP_TLS_CERT is a certificate that expired on \d{4}-/])
  t.match(problems(own, days(-1)), [/^SIP_TLS_CERT is a certificate that is not valid before/])
  const ca = { CA: 'both.crt' }
  const over = /^SIP_TLS_CA has only certificates that expired, the last on \d{4}-\d\d-\d\d$/
  t.match(problems(ca, days(11)), [over])
  t.match(problems(ca, days(-1)), [/^SIP_TLS_CA has no certificate that is valid yet$/])
  t.same(problems({ CA: 'some-over.crt' }, days(11)), [], 'one that is valid is enough')
  t.notMatch(problems({ CERT: 'absent', KEY: 'one.crt', CA: 'none.pem' }).join(), folder)
})
