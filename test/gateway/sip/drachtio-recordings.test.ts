// Our SIP port against what a drachtio-server 0.9.10 said in each of these exchanges, recorded; and, where there is one,
// against a real one: both come to the same.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { EXCHANGES } from '../../support/drachtio-replay/exchanges.ts'
import { openPort } from '../../support/drachtio-replay/open-port.ts'
import { FOLDER, record } from '../../support/drachtio-replay/record.ts'
import { readFrames, startReplay } from '../../support/drachtio-replay/replay.ts'
import { drachtioServerOptions } from '../../support/drachtio-server.ts'

for (const exchange of EXCHANGES) {
  const file = join(FOLDER, `${exchange.name}.jsonl`)
  t.test(`${exchange.name}, as recorded`, async (t) => {
    t.ok(existsSync(file), 'there is a recording')
    const server = await startReplay(readFrames(file))
    t.teardown(() => server.close())
    const sip = await openPort({
      host: '127.0.0.1',
      port: server.port,
      secret: 'secret',
      outlivesUs: true,
    })
    t.teardown(() => sip.close())
    t.strictSame(await exchange.play(sip), exchange.expected)
    await sleep(20)
    t.same(server.missing(), [], 'we said all that we said then')
    t.same(server.unknown, [], 'and nothing else')
  })
}

t.test('the same with a drachtio-server', drachtioServerOptions, async (t) => {
  for (const exchange of EXCHANGES)
    t.strictSame((await record(exchange)).notes, exchange.expected, exchange.name)
})
