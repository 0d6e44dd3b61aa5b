// What the dispatcher does when receivers fail, are slow, move, or say that they want no more.
import t, { type Test } from 'tap'
import { CompiledQuery, SqliteQueryCompiler } from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDeliveries } from '../../../control-api/webhooks/deliveries.ts'
import type { DeliverySchedule } from '../../../control-api/webhooks/delivery-schedule.ts'
import { DELIVERY_SCHEDULE } from '../../../control-api/webhooks/delivery-schedule.ts'
import { createEndpointPolicy } from '../../../control-api/webhooks/endpoint-policy.ts'
import { epochMs, ms } from '../../../core/contracts/index.ts'
import {
  buildWebhooks,
  type BuiltWebhooks,
  type WebhooksOptions,
} from '../../support/build-webhooks.ts'
import { eventually, temporaryFolder } from '../../support/process.ts'
import { WebhookReceiver } from '../../support/webhook-receiver.ts'

const HOUR = 3_600_000
const FAST: DeliverySchedule = {
  delayAfter: (attempts) => ms(20 * attempts),
  giveUpAt: (now) => epochMs(now + 72 * HOUR),
  failingAfter: ms(12 * HOUR),
  probeEvery: ms(50),
}

async function build(t: Test, options: Partial<WebhooksOptions> = {}): Promise<BuiltWebhooks> {
  const built = await buildWebhooks({
    dataDir: temporaryFolder(t, 'webhooks'),
    schedule: FAST,
    ...options,
  })
  t.teardown(() => built.close())
  return built
}

const counted = async ({ metrics }: BuiltWebhooks, result: string): Promise<number> => {
  const { body } = await metrics.render()
  const line = `voicegate_webhook_deliveries_total{result="${result}"} `
  return Number(
    body
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.slice(line.length) ?? 0,
  )
}

const all = (built: BuiltWebhooks, state: string, count: number) =>
  eventually(`${count} ${state}`, 8000, async () => {
    const rows = await built.rows()
    return rows.filter((row) => row.state === state).length === count
  })

t.test('what fails is tried again under the same id, and holds nothing up', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await build(t)
  await built.add(receiver.url())
  const statuses = [500, 429, 302, 404]
  let first: string | undefined
  receiver.answer = ({ body }) => {
    first ??= body.id
    return body.id === first ? (statuses.shift() ?? 200) : 200
  }
  await built.tell([null, null, null])
  await all(built, 'delivered', 3)
  t.equal(receiver.ids().filter((id) => id === first).length, 5)
  t.same(new Set(receiver.ids().slice(0, 3)).size, 3, 'the others did not wait for it')
  t.equal(await counted(built, 'failed'), 4)
  await eventually('all to be counted', 5000, async () => (await counted(built, 'delivered')) === 3)
  const [row] = await built.rows()
  t.match(row, { attempts: 5, last_status: 200, last_error: null })
})

t.test('the schedule: soon, then seldom, never all at once, for three days', (t) => {
  const delays = [5, 30, 120, 600, 3600, 10_800, 21_600, 21_600].map((seconds) => seconds * 1000)
  let sum = 0
  for (const [index, delay] of delays.entries()) {
    const drawn = Array.from({ length: 50 }, () => DELIVERY_SCHEDULE.delayAfter(index + 1))
    t.ok(
      drawn.every((one) => one >= delay * 0.8 && one <= delay * 1.2),
      `after ${index + 1}`,
    )
    t.ok(new Set(drawn).size > 10)
    sum += delay
  }
  t.ok(sum < 72 * HOUR)
  t.equal(DELIVERY_SCHEDULE.giveUpAt(epochMs(0)), 72 * HOUR)
  t.end()
})

t.test('after three days it is given up, and may be replayed', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await build(t, { schedule: { ...FAST, giveUpAt: (now) => epochMs(now + 100) } })
  const { id } = await built.add(receiver.url())
  receiver.answer = () => 503
  await built.tell([null])
  await all(built, 'dead', 1)
  t.ok(receiver.received.length >= 2)
  t.equal(await counted(built, 'dead'), 1)
  t.match(await built.rows(), [{ last_error: 'answered 503', attempts: receiver.received.length }])
  receiver.answer = () => 200
  const now = built.clock.now()
  const times = { next_at: now, give_up_at: now + HOUR }
  await built.database.write([built.deliveries.revived(id, times)])
  built.dispatcher.changed(id)
  await all(built, 'delivered', 1)
})

t.test('410: disabled, what waits stays', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await build(t)
  const { id } = await built.add(receiver.url())
  receiver.answer = () => 410
  await built.tell([null])
  await all(built, 'dead', 1)
  t.match(await built.endpoints.find(id), { state: 'disabled' })
  await built.tell([null])
  await sleep(100)
  t.equal(receiver.received.length, 1)
})

t.test('failing for long it is probed alone; one success and all that waited comes', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await build(t)
  const { id } = await built.add(receiver.url())
  receiver.answer = () => 500
  await built.tell(Array.from({ length: 3 }, () => null))
  await receiver.until(9)
  t.match(await built.endpoints.find(id), { state: 'enabled' }, 'not before its time')
  built.clock.aheadMs = 13 * HOUR
  built.dispatcher.changed(id)
  await eventually(
    'it to be failing',
    5000,
    async () => (await built.endpoints.find(id))?.state === 'failing',
  )
  await sleep(60)
  const before = receiver.received.length
  await built.tell(Array.from({ length: 20 }, () => null))
  await sleep(300)
  const probes = receiver.received.length - before
  t.ok(probes >= 2 && probes <= 8, `${probes} probes in 300 ms`)
  t.equal((await built.rows()).length, 3, 'what is new stays in the feed')
  receiver.answer = () => 200
  await all(built, 'delivered', 23)
  t.match(await built.endpoints.find(id), { state: 'enabled', failures: 0, failed_since: null })
})

t.test(
  'a name that moved inside since the endpoint was made is refused, and counted',
  async (t) => {
    const inside = await WebhookReceiver.listen(t)
    const addresses = { now: ['93.184.215.14'] }
    const policy = createEndpointPolicy({
      allowHosts: [],
      allowLoopback: false,
      resolvePublic: () => Promise.resolve(addresses.now),
    })
    const url = 'https://moving.example/hook?token=1'
    t.match(await policy.examine(url), { kind: 'allowed' })
    addresses.now = ['127.0.0.1']
    const built = await build(t, { policy })
    await built.add(url)
    await built.tell([null])
    await eventually('it to be refused', 5000, async () => (await counted(built, 'refused')) >= 2)
    t.equal(inside.received.length, 0)
    const [row] = await built.rows()
    t.match(row, {
      state: 'waiting',
      last_error: 'refused: its host is not on the public internet',
    })
  },
)

t.test('of one call one at a time, in order; of many calls four at a time', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await build(t)
  await built.add(receiver.url())
  let most = 0
  const open = new Map<string, number>()
  receiver.answer = async ({ body }) => {
    const call = body.call_id ?? ''
    open.set(call, (open.get(call) ?? 0) + 1)
    t.equal(open.get(call), 1)
    most = Math.max(most, receiver.open)
    // The first ones wait for each other, however slow the machine is; a fifth would come meanwhile.
    await eventually('four at a time', 5000, () => most >= 4)
    await sleep(5)
    open.set(call, (open.get(call) ?? 0) - 1)
    return 200
  }
  const calls = Array.from({ length: 6 }, (_, index) => `call_${String(index).padStart(32, '0')}`)
  await built.tell(Array.from({ length: 60 }, (_, index) => calls[index % 6] ?? null))
  const received = await receiver.until(60)
  t.equal(most, 4)
  for (const call of calls) {
    const ids = received.filter(({ body }) => body.call_id === call).map(({ body }) => body.id)
    t.same(ids, [...ids].sort(), 'in order')
    t.equal(ids.length, 10)
  }
})

t.test('one that never answers costs nobody else anything, and no memory', async (t) => {
  const slow = await WebhookReceiver.listen(t)
  slow.answer = () => 'silent'
  const quick = await WebhookReceiver.listen(t)
  const built = await build(t, { totalTimeout: ms(60_000) })
  for (let count = 0; count < 5; count += 1) await built.add(slow.url())
  const { id } = await built.add(quick.url(), ['job.done'])
  const some = Array.from({ length: 70 }, () => null)
  for (let part = 0; part < 8; part += 1) await built.tell(some)
  await built.tell(some, 'job.done')
  await quick.until(70)
  await all(built, 'delivered', 70)
  t.equal(slow.open, 20, 'four to each of the slow ones')
  const rows = await built.rows()
  const waiting = new Map<string, number>()
  for (const { endpoint_id: endpoint } of rows.filter(({ state }) => state === 'waiting'))
    waiting.set(endpoint, (waiting.get(endpoint) ?? 0) + 1)
  t.notOk(waiting.has(id))
  t.ok(
    [...waiting.values()].every((count) => count <= 500),
    'later ones wait in the feed',
  )
})

t.test('types nobody wants cost no writes; a change of types counts from then on', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await build(t)
  const { id } = await built.add(receiver.url(), ['job.done'])
  await sleep(50)
  const before = built.database.stats().batches
  for (let count = 0; count < 20; count += 1) await built.tell([null])
  await built.tell([null], 'job.done')
  await receiver.until(1)
  await all(built, 'delivered', 1)
  t.ok(built.database.stats().batches - before <= 21 + 2, 'the events, the row, the result')
  const set = { types: JSON.stringify(['call.created']) }
  await built.database.write([built.endpoints.update(id, set, built.clock.now())])
  built.dispatcher.changed(id)
  await built.tell([null])
  await receiver.until(2)
  await sleep(50)
  t.same(receiver.types(), ['job.done', 'call.created'])
})

t.test('a drain lets what runs end, and begins nothing', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await build(t)
  await built.add(receiver.url())
  receiver.answer = async () => {
    await sleep(150)
    return 200
  }
  await built.tell(Array.from({ length: 8 }, () => null))
  await receiver.until(4)
  await built.dispatcher.drain(ms(3000))
  t.equal(receiver.received.length, 4)
  const states = (await built.rows()).map(({ state }) => state)
  t.same([...states].sort(), [
    ...Array<string>(4).fill('delivered'),
    ...Array<string>(4).fill('waiting'),
  ])
})

t.test('what is due, counted and listed is found by index', async (t) => {
  const built = await build(t)
  const { id } = await built.add('http://127.0.0.1:9/')
  const explain = async (statement: string) => {
    const plan = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${statement}`, [id])
    const { rows } = await built.database.query.executeQuery<{ detail: string }>(plan)
    return rows.map(({ detail }) => detail).join('; ')
  }
  const seen: string[] = []
  const watched = createDeliveries({
    query: built.database.query.withPlugin({
      transformQuery({ node, queryId }) {
        seen.push(new SqliteQueryCompiler().compileQuery(node, queryId).sql)
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    }),
  })
  await watched.waiting(id, 64)
  await watched.count(id, 'dead', 1000)
  await watched.page(id, { after: null, limit: 50 })
  await watched.page(id, { state: 'dead', after: null, limit: 50 })
  t.ok(seen.length >= 4)
  for (const statement of seen) {
    const index = statement.includes(`"state" = 'waiting'`)
      ? 'due'
      : statement.includes('"state" = ?')
        ? 'state'
        : 'once'
    let place = 0
    const steps = await explain(statement.replaceAll('?', () => (place++ === 0 ? '?' : "'1'")))
    t.match(steps, `INDEX webhook_deliveries_${index}`, steps)
    t.notMatch(steps, /TEMP B-TREE FOR ORDER BY/, steps)
  }
})
