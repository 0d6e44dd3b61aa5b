// The SIP ports of `npm start`: UDP and TCP on one; moved together in rehearsal when either is taken, else a problem.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeCertificates, opensslOptions } from '../support/certificates.ts'
import { runMain, startChild } from '../support/child-product.ts'
import {
  eventually,
  freeTcpPort,
  needs,
  startProgram,
  temporaryFolder,
} from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'

async function taken(t: Test): Promise<number> {
  const server = createServer().listen(await freeTcpPort(), '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

const both = (port: number): string => `udp:127.0.0.1:${port},tcp:127.0.0.1:${port}`

t.test('in rehearsal both move to one free port when one is taken', sippOptions, async (t) => {
  const port = await taken(t)
  const product = await startChild(t, { env: { SIP_LISTEN: both(port) } })
  const moved = Number(product.sipTarget.split(':')[1])
  t.not(moved, port)
  const socket = connect(moved, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  const sipp = await runSipp(t, { scenario: 'options', target: product.sipTarget })
  await succeeds(t, sipp)
  t.equal(await product.stop(), 0)
})

t.test('with a real agent a taken port stops the start, and is named', async (t) => {
  const port = await taken(t)
  const env = { SIP_LISTEN: both(port), ELEVENLABS_AGENT_ID: 'agent_1' }
  const program = runMain(t, { env })
  t.equal((await program.ended).code, 1)
  t.match(program.stderr, `SIP_LISTEN: cannot listen at tcp:127.0.0.1:${port}: the port is taken`)
})

t.test('in rehearsal TLS does not move to where TCP does', opensslOptions, async (t) => {
  const port = await taken(t)
  const { good } = makeCertificates(t)
  const SIP_LISTEN = `${both(port)},tls:127.0.0.1:${await freeTcpPort()}`
  const env = { SIP_LISTEN, SIP_TLS_CERT: good.cert, SIP_TLS_KEY: good.key }
  const product = await startChild(t, { env })
  const { stdout } = product.program
  const [, plain] =
    /^ {2}call in {3}sip:agent@127.0.0.1:(\d+) {3}\(UDP and TCP;/m.exec(stdout) ?? []
  const [, tls] = /^ +sip:agent@127.0.0.1:(\d+);transport=tls {3}\(TLS\)$/m.exec(stdout) ?? []
  t.ok(plain && tls && plain !== tls && plain !== String(port), stdout)
  t.equal(await product.stop(), 0)
})

t.test(
  'in rehearsal the carrier finds us, whatever SIP_LISTEN says; the printed line works',
  needs('curl', 'curl'),
  async (t) => {
    for (const SIP_LISTEN of ['tcp:127.0.0.1:0', 'udp:[::1]:0']) {
      const product = await startChild(t, { env: { SIP_LISTEN } })
      t.match(product.program.stdout, /^ {2}note .*: udp:127\.0\.0\.1:\d+ was added$/m)
      const curl = startProgram(t, ['sh', '-c', `${product.curl} -s`])
      t.equal((await curl.ended).code, 0)
      const { call_id } = JSON.parse(curl.stdout) as { call_id: string }
      await eventually('the agent to be heard', 15_000, async () =>
        (await product.view.timeline(call_id)).some(({ type }) => type === 'agent.first_audio'),
      )
      t.equal(await product.view.hangUp(call_id), 202)
      t.match(await product.view.ended(call_id), { outcome: 'answered' }, SIP_LISTEN)
      t.equal(await product.stop(), 0)
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

t.test('a warning is logged, and the start goes on', async (t) => {
  const product = await startChild(t, { env: { SIP_LISTEN: 'udp:127.0.0.1:0,tls:127.0.0.1:0' } })
  const { stdout, stderr } = product.program
  t.match(stdout + stderr, /SIP_TLS_CERT is missing: nothing listens at the tls addresses/)
  t.notMatch(stdout, /transport=tls/)
  t.equal(await product.stop(), 0)
})
