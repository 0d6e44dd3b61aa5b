// The socket alone: what must hold whatever the vendor does.
import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { openAgentSocket } from '../../../bridge/elevenlabs/agent-socket.ts'

t.test('terminate resolves when the connection is gone, however far it came', async (t) => {
  const accepted: Socket[] = []
  const server = createServer((socket) => {
    accepted.push(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.teardown(() => server.close())
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const ends: unknown[] = []
  const listener = {
    onOpen: () => undefined,
    onText: () => undefined,
    onSignOfLife: () => undefined,
    onEnd: (end: unknown) => void ends.push(end),
  }
  const agent = openAgentSocket({ url: new URL(`ws://127.0.0.1:${port}/`), socket }, listener)
  await once(accepted[0]!, 'data') // The upgrade request, which nobody answers.
  let closed = false
  socket.once('close', () => (closed = true))
  const gone = agent.terminate()
  t.notOk(closed)
  await gone
  t.ok(closed)
  await agent.terminate()
  agent.close()
  t.strictSame(ends, [], 'after terminate nothing is told')
})
