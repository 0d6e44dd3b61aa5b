// The connection for legs to a media server: what the log says of a SIP server that is away.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createLogger } from '../../../core/telemetry/index.ts'
import { connectDrachtio } from '../../../gateway/sip/drachtio-connection.ts'

t.test('a SIP server that is away is told of once, however often it is tried', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const lines: string[] = []
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) })
  const told = (level: string): number =>
    lines.filter((line) => line.includes(`"level":"${level}"`)).length
  // Nobody listens there any more.
  server.close()
  const connection = connectDrachtio(logger, { host: '127.0.0.1', port, secret: 'x' })
  t.teardown(() => connection.close())
  while (told('debug') < 2) await sleep(20)
  t.equal(told('warn'), 1)
})
