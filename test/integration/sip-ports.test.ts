// The SIP ports of `npm start`: UDP and TCP on one; moved together in rehearsal when either is taken, else a problem.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../support/process.ts'
import { runMain, startChild } from '../support/child-product.ts'
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
  t.match(program.stderr, /SIP_LISTEN: cannot listen there: the port is taken/)
})
