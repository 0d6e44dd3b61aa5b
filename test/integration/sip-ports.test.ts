// The SIP ports of `npm start`: UDP and TCP on one; moved together in rehearsal when either is taken, else a problem. In this
// process, by the composition root; what a start prints by the banner of what it says of itself.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startVoicegate, type Voicegate } from '../../main.ts'
import { compileConfig } from '../../core/config/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { renderBanner } from '../../startup/banner.ts'
import { describeUse } from '../../startup/how-to.ts'
import { openSipServer } from '../../startup/sip-server.ts'
import { makeCertificates, opensslOptions } from '../support/certificates.ts'
import { runMain } from '../support/child-product.ts'
import {
  eventually,
  freeTcpPort,
  needs,
  startProgram,
  temporaryFolder,
} from '../support/process.ts'
import { ProductView } from '../support/product-view.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'

type Settings = Readonly<Record<string, string>>

async function taken(t: Test): Promise<number> {
  const server = createServer().listen(await freeTcpPort(), '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

const both = (port: number): string => `udp:127.0.0.1:${port},tcp:127.0.0.1:${port}`

function configOf(t: Test, settings: Settings) {
  const dataDir = temporaryFolder(t, 'data')
  const compiled = compileConfig({ HTTP_PORT: '0', DATA_DIR: dataDir, ...settings }, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

interface Started {
  readonly voicegate: Voicegate
  readonly view: ProductView
  /** What it logged, and would print. */
  readonly said: string
}

async function start(t: Test, settings: Settings): Promise<Started> {
  const config = configOf(t, settings)
  const lines: string[] = []
  const logger = createLogger('warn', { write: (line: string) => void lines.push(line) })
  const voicegate = await startVoicegate(config, { logger })
  t.teardown(() => voicegate.stop(0))
  const { howTo, notes } = voicegate
  const banner = renderBanner({ config, use: howTo(), generatedKey: undefined, notes })
  return { voicegate, view: new ProductView(howTo().apiUrl), said: lines.join('') + banner }
}

t.test('in rehearsal both move to one free port when one is taken', sippOptions, async (t) => {
  const port = await taken(t)
  const { voicegate } = await start(t, { SIP_LISTEN: both(port) })
  const target = voicegate.howTo().sipUri.split('@')[1] ?? ''
  const moved = Number(target.split(':')[1])
  t.not(moved, port)
  const socket = connect(moved, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  const sipp = await runSipp(t, { scenario: 'options', target })
  await succeeds(t, sipp)
})

t.test('with a real agent a taken port stops the start, and is named', async (t) => {
  const port = await taken(t)
  const settings = { SIP_LISTEN: both(port), ELEVENLABS_AGENT_ID: 'agent_1' }
  const message = `SIP_LISTEN: cannot listen at tcp:127.0.0.1:${port}: the port is taken`
  await t.rejects(start(t, settings), { code: 'CONFIGURATION_INVALID', message })
})

t.test('in rehearsal TLS does not move to where TCP does', opensslOptions, async (t) => {
  const port = await taken(t)
  const { good } = makeCertificates(t)
  const SIP_LISTEN = `${both(port)},tls:127.0.0.1:${await freeTcpPort()}`
  const config = configOf(t, { SIP_LISTEN, SIP_TLS_CERT: good.cert, SIP_TLS_KEY: good.key })
  const deps = { config, logger: createLogger('silent'), metrics: createMetrics() }
  const sip = await openSipServer({ ...deps, carrierIsLocal: true })
  t.teardown(() => sip.close())
  const http = { host: '127.0.0.1', port: 1 }
  const use = describeUse({ config, sipAddresses: sip.addresses, http, demoNumbers: [] })
  const banner = renderBanner({ config, use, generatedKey: undefined, notes: [] })
  const [, plain] =
    /^ {2}call in {3}sip:agent@127.0.0.1:(\d+) {3}\(UDP and TCP;/m.exec(banner) ?? []
  const [, tls] = /^ +sip:agent@127.0.0.1:(\d+);transport=tls {3}\(TLS\)$/m.exec(banner) ?? []
  t.ok(plain && tls && plain !== tls && plain !== String(port), banner)
})

t.test(
  'in rehearsal the carrier finds us, whatever SIP_LISTEN says; the printed line works',
  needs('curl', 'curl'),
  async (t) => {
    for (const SIP_LISTEN of ['tcp:127.0.0.1:0,tls:127.0.0.1:0', 'udp:[::1]:0']) {
      const { voicegate, view, said } = await start(t, { SIP_LISTEN })
      t.match(said, /^ {2}note .*: udp:127\.0\.0\.1:\d+ was added$/m)
      if (SIP_LISTEN.includes('tls')) {
        const missing = /SIP_TLS_CERT is missing: nothing listens at the tls addresses/
        t.match(said, missing, 'a warning is logged, and the start goes on')
        t.notMatch(said, /transport=tls/)
      }
      const line = /^ {2}try +(.*)$/m.exec(said)?.[1] ?? ''
      const curl = startProgram(t, ['sh', '-c', `${line} -s`])
      t.equal((await curl.ended).code, 0)
      const { call_id } = JSON.parse(curl.stdout) as { call_id: string }
      await eventually('the agent to be heard', 15_000, async () =>
        (await view.timeline(call_id)).some(({ type }) => type === 'agent.first_audio'),
      )
      t.equal(await view.hangUp(call_id), 202)
      t.match(await view.ended(call_id), { outcome: 'answered' }, SIP_LISTEN)
      await voicegate.stop(0)
    }
  },
)

t.test('an address of another machine stops the start before anything is opened', async (t) => {
  const env = { SIP_LISTEN: 'udp:198.51.100.1:5060', RTP_HOST: '203.0.113.2' }
  const dataDir = join(temporaryFolder(t, 'data'), 'never-made')
  const program = runMain(t, { env, dataDir })
  t.equal((await program.ended).code, 1)
  for (const [name, host] of [
    ['SIP_LISTEN', '198.51.100.1'],
    ['RTP_HOST', '203.0.113.2'],
  ])
    t.match(
      program.stderr,
      `${name}: no interface has ${host}; listen on the private address and set SIP_ADVERTISE`,
    )
  t.notMatch(program.stderr, /^ +at /m, 'no stack')
  t.notOk(existsSync(dataDir))
})
