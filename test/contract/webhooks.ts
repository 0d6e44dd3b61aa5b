// Webhooks on a database: told, tried again, given up, replayed, turned to a new key. Run on SQLite and on PostgreSQL.
import type { Test } from 'tap'
import { randomBytes } from 'node:crypto'
import { createVault } from '../../control-api/secrets/vault.ts'
import { deliveriesOf } from '../../control-api/webhooks/deliveries.ts'
import { waitingDeliveries } from '../../control-api/webhooks/delivery-figures.ts'
import { epochMs, ms, newCallId } from '../../core/contracts/index.ts'
import { buildWebhooks, type BuiltWebhooks } from '../support/build-webhooks.ts'
import { eventually } from '../support/process.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const HOUR = 3_600_000

export type OpenPlace = (
  t: Test,
) => Promise<{ readonly dataDir: string; readonly databaseUrl?: string }>

const endpointState =
  (built: BuiltWebhooks, id: string) =>
  async (state: 'enabled' | 'disabled'): Promise<void> => {
    await built.database.write([built.endpoints.update(id, { state }, built.clock.now())])
  }

export function webhooksContract(t: Test, open: OpenPlace): void {
  t.test('webhooks: told, tried again, failing, back, given up, replayed', async (t) => {
    const receiver = await WebhookReceiver.listen(t)
    const key = randomBytes(32)
    const built = await buildWebhooks({
      ...(await open(t)),
      key,
      schedule: {
        delayAfter: () => ms(10),
        giveUpAt: (now) => epochMs(now + 20 * HOUR),
        failingAfter: ms(12 * HOUR),
        probeEvery: ms(20),
      },
    })
    t.teardown(() => built.close())
    const { id } = await built.add(receiver.url())
    const callId = newCallId()
    const state = (wanted: string, count: number) =>
      eventually(`${count} ${wanted}`, 8000, async () => {
        const rows = await built.rows()
        return rows.filter((row) => row.state === wanted).length === count
      })

    const waiting = async () => waitingDeliveries(built.database, ms(20 * HOUR))
    t.same(await waiting(), { count: 0, oldestSince: null })

    receiver.answer = (_request, before) => (before < 6 ? 500 : 200)
    await built.tell([callId, null])
    await state('delivered', 2)
    t.match(await built.endpoints.find(id), { failures: 0, failed_since: null, state: 'enabled' })

    receiver.answer = () => 500
    await built.tell([callId])
    await receiver.until(9)
    const toldAt = built.clock.now()
    const one = await waiting()
    t.equal(one.count, 1)
    t.ok(toldAt - Number(one.oldestSince) < 10_000, 'since it was made')
    const turn = endpointState(built, id)
    await turn('disabled')
    t.same(await waiting(), { count: 0, oldestSince: null }, 'nobody is to deliver it')
    await turn('enabled')
    built.clock.aheadMs = 21 * HOUR
    built.dispatcher.changed(id)
    await state('dead', 1)
    built.clock.aheadMs = 34 * HOUR
    for (let count = 0; count < 5; count += 1) await built.tell([null])
    await eventually(
      'it to be failing',
      8000,
      async () => (await built.endpoints.find(id))?.state === 'failing',
    )
    receiver.answer = () => 200
    await eventually(
      'it to be back',
      8000,
      async () => (await built.endpoints.find(id))?.state === 'enabled',
    )

    await state('delivered', 7)
    const now = built.clock.now()
    const times = { next_at: now + HOUR, give_up_at: now + HOUR }
    await built.database.write([built.deliveries.revived(id, times)])
    const again = await waitingDeliveries(built.database, ms(HOUR))
    t.same(again, { count: 1, oldestSince: now }, 'since it was replayed')
    await built.database.write([built.deliveries.hastened(id, { next_at: now })])
    built.dispatcher.changed(id)
    await state('delivered', 8)
    const views = await deliveriesOf(built.database, callId, 10)
    t.match(views, [{ state: 'delivered', call_id: callId }, { state: 'delivered' }])
    t.equal((await deliveriesOf(built.database, callId, 1)).length, 1)

    const sent = receiver.received.length
    await built.database.write([built.endpoints.rewound(id, 0, now)])
    built.dispatcher.changed(id)
    await receiver.until(sent + 8)
    await state('delivered', 8)
    t.equal((await built.rows()).length, 8, 'one row an event')
    t.equal(await built.deliveries.count(id, 'delivered', 5), 5)
    const page = await built.deliveries.page(id, { state: 'delivered', after: null, limit: 3 })
    const after = page.at(-1)?.feed_position ?? 0
    const next = await built.deliveries.page(id, { after, limit: 9 })
    t.same([page.length, next.length], [3, 5])

    const k2 = { id: 'k2', key: randomBytes(32) }
    const vault = createVault(built.database, [k2, { id: 'k1', key }])
    t.match(await vault.rotate(), { rewrapped: 1, unusedKeyIds: ['k1'] })
    await built.database.write(built.endpoints.remove(id))
    t.same(await built.rows(), [])
  })
}
