// The drachtio-server's configuration for production is well-formed, and a real one starts with it as it is.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ms } from '#core/contracts'
import { greetDrachtio } from '#gateway'
import { makeCertificates } from '../support/certificates.ts'
import { drachtioServerOptions } from '../support/drachtio-server.ts'
import { eventually, freeTcpPort, startProgram, temporaryFolder } from '../support/process.ts'

const FILE = join(import.meta.dirname, '../../sip-config/drachtio.conf.xml')
const text = readFileSync(FILE, 'utf8')
const SECRET = 'a-secret-of-the-environment'

/** Elements opened and closed in order, nothing left over, no two hyphens within a comment. */
function faultsOf(xml: string): string[] {
  const comments = [...xml.matchAll(/<!--([^]*?)-->/g)].map(([, body = '']) => body)
  const faults = comments
    .filter((body) => body.includes('--'))
    .map(() => 'two hyphens in a comment')
  const open: string[] = []
  const bare = xml.replace(/<!--[^]*?-->/g, '').replace(/^<\?xml[^]*?\?>/, '')
  for (const [, close, name = '', empty] of bare.matchAll(
    /<(\/)?([\w-]+)(?:\s+[\w-]+="[^"<&]*")*\s*(\/)?>/g,
  ))
    if (close !== undefined) {
      if (open.pop() !== name) faults.push(`</${name}> closes nothing`)
    } else if (empty === undefined) open.push(name)
  const rest = bare.replace(/<\/?[\w-]+(?:\s+[\w-]+="[^"<&]*")*\s*\/?>/g, '')
  if (/[<>&]/.test(rest)) faults.push('a stray <, > or &')
  return [...faults, ...open.map((name) => `<${name}> is never closed`)]
}

t.test('it is well-formed', async (t) => {
  t.same(faultsOf(text), [])
  t.same(faultsOf('<a><b></a>').length > 0, true, 'and the check sees when it is not')
  t.same(faultsOf('<a>&</a>').length > 0, true)
})

async function start(t: Test, file: string, contacts: readonly string[]) {
  const [admin, figures] = [await freeTcpPort(), await freeTcpPort()]
  const env = {
    PATH: process.env['PATH'],
    DRACHTIO_SECRET: SECRET,
    DRACHTIO_ADMIN_TCP_PORT: String(admin),
    DRACHTIO_PROMETHEUS_SCRAPE_PORT: `127.0.0.1:${figures}`,
  }
  const command = ['drachtio', '-f', file, ...contacts.flatMap((each) => ['--contact', each])]
  const program = startProgram(t, command as [string, ...string[]], {
    cwd: temporaryFolder(t, 'drachtio'),
    env,
  })
  const access = { host: '127.0.0.1', port: admin, secret: SECRET }
  const greeting = await eventually('the greeting', 10_000, async () => {
    const each = await greetDrachtio(access, ms(1000))
    return each.kind === 'accepted' && each
  })
  return { access, figures, program, greeting }
}

t.test('a drachtio-server starts with it', drachtioServerOptions, async (t) => {
  const port = await freeTcpPort()
  const server = await start(t, FILE, [`sip:127.0.0.1:${port};transport=udp,tcp`])
  t.match(
    [...server.greeting.addresses].sort((one, other) => one.protocol.localeCompare(other.protocol)),
    [
      { protocol: 'tcp', port },
      { protocol: 'udp', port },
    ],
  )
  for (const secret of ['SET-DRACHTIO_SECRET-IN-THE-ENVIRONMENT', 'cymru', 'admin'])
    t.match(await greetDrachtio({ ...server.access, secret }, ms(1000)), { kind: 'wrong-secret' })
  const page = await (await fetch(`http://127.0.0.1:${server.figures}/metrics`)).text()
  t.match(page, 'drachtio')
  t.notMatch(server.program.stdout, /rror|invalid/)
})

t.test('and with TLS, once that is taken out of its comments', drachtioServerOptions, async (t) => {
  const folder = temporaryFolder(t, 'tls')
  const { ca, good } = makeCertificates(t)
  const [plain, secured] = [await freeTcpPort(), await freeTcpPort()]
  const file = join(folder, 'drachtio.conf.xml')
  const withTls = text
    .replace(/<!-- TLS: [^\n]*\n/g, '')
    .replace(/ *TLS -->\n/g, '')
    .replace('127.0.0.1:5060', `127.0.0.1:${plain}`)
    .replace('127.0.0.1:5061', `127.0.0.1:${secured}`)
    .replace('/etc/voicegate/tls/key.pem', good.key)
    .replace('/etc/voicegate/tls/cert.pem', good.cert)
    .replace('/etc/voicegate/tls/chain.pem', ca)
  t.same(faultsOf(withTls), [])
  writeFileSync(file, withTls)
  const { greeting } = await start(t, file, [])
  t.match(
    greeting.addresses.filter(({ protocol }) => protocol === 'tls'),
    [{ host: '127.0.0.1', port: secured }],
  )
})
