// Loss 10 %, duplication and reordering of SIP over UDP at 50 calls a second, a slice of `npm run proof -- sip-loss`.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { SILENT } from '../../../proof/progress.ts'
import { seededRandom } from '../../../proof/seeded-random.ts'
import { runLoss } from '../../../proof/sip-loss/sip-loss.ts'
import { sippOptions } from '../../support/sipp.ts'
import { openSipRelay } from '../../support/sip-relay.ts'

t.setTimeout(100_000)

t.test('150 calls each way: every call ends, no dialog remains', sippOptions, async (t) => {
  const { figures, problems } = await runLoss({
    ...{ seed: 1, count: 150, t1Ms: 100, transport: 'udp' },
    progress: SILENT,
  })
  t.same(problems, [], 'whatever was lost', { figures })
})

t.test('the line really loses, doubles and reorders, and closes', async (t) => {
  const near = createSocket('udp4').bind(0, '127.0.0.1')
  const far = createSocket('udp4').bind(0, '127.0.0.1')
  await Promise.all([once(near, 'listening'), once(far, 'listening')])
  t.teardown(() => [near.close(), far.close()])
  const faults = { lost: 0.1, doubled: 0.1, late: 0.1, lateMs: 20 }
  const relay = await openSipRelay(seededRandom(1), faults)
  const at = (socket: typeof near) => ({ host: '127.0.0.1', port: socket.address().port })
  relay.connect(at(near), at(far))
  const came: number[] = []
  far.on('message', (bytes) => came.push(bytes.readUInt16BE()))
  for (let n = 0; n < 1_000; n += 1) {
    const bytes = Buffer.alloc(2)
    bytes.writeUInt16BE(n)
    near.send(bytes, relay.near.port, relay.near.host)
    if (n % 20 === 0) await sleep(1)
  }
  await sleep(100)
  const { doubled, late, lost, passed } = relay.counts
  t.equal(passed + lost, 1_000 + doubled)
  t.equal(came.length, passed)
  for (const [what, count] of Object.entries({ lost, doubled, late }))
    t.ok(count > 60 && count < 150, `a tenth ${what}`, { count })
  t.ok(
    came.some((n, index) => n < (came[index - 1] ?? 0)),
    'some were overtaken',
  )
  await relay.close()
  await relay.close()
  near.send('x', relay.near.port, relay.near.host)
  await sleep(20)
  t.equal(came.length, passed, 'nothing passes any more')
})
