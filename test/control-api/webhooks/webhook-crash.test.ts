// Killed wherever it hurts: no webhook is lost, none gets a second row, and what is sent again has the same id.
import t from 'tap'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp, json } from '../../support/build-app.ts'
import { buildWebhooks } from '../../support/build-webhooks.ts'
import { eventually, startProgram, temporaryFolder } from '../../support/process.ts'
import { WebhookReceiver } from '../../support/webhook-receiver.ts'

const CHILD = join(import.meta.dirname, '../../support/webhook-child.ts')
const EVENTS = 20
const POINTS = [
  ['before-row', 1],
  ['before-row', 2],
  ['after-row', 1],
  ['before-mark', 1],
  ['before-mark', 7],
] as const

for (const [point, nth] of POINTS)
  t.test(`killed ${point}, the ${nth}. time: all arrive, each under one id`, async (t) => {
    const receiver = await WebhookReceiver.listen(t)
    const dataDir = temporaryFolder(t, 'crash')
    const key = randomBytes(32)
    const flag = '--disable-warning=ExperimentalWarning'
    const args = [dataDir, key.toString('base64'), receiver.url(), point, String(nth)]
    const child = startProgram(t, [process.execPath, flag, CHILD, ...args])
    const { signal } = await child.ended
    t.equal(signal, 'SIGKILL', child.stderr)
    const before = receiver.received.length
    const built = await buildWebhooks({ dataDir, key })
    t.teardown(() => built.close())
    // The child may have died before it told of all of them.
    const { first, last } = await built.feed.bounds()
    const told = await built.feed.since(first - 1, EVENTS)
    t.ok(told.length > 0 && last > 0)
    await eventually('all to be delivered', 10_000, async () => {
      const rows = await built.rows()
      return rows.length === told.length && rows.every(({ state }) => state === 'delivered')
    })
    const expected = told.map(({ position }) => String(position))
    t.same([...new Set(receiver.ids())].sort(), expected.sort())
    const again = receiver.received.length - told.length
    t.ok(again <= 4 && again >= 0, `${again} of ${before} again`)
    if (point === 'before-mark') t.ok(again >= 1, 'what was sent and not marked is sent again')
  })

t.test('told to stop, it lets a webhook on its way arrive, and marks it', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  receiver.answer = async () => {
    await sleep(300)
    return 200
  }
  const app = await buildApp(t)
  await app.request('/api/webhooks', json({ url: receiver.url(), types: ['call.created'] }))
  await app.control.begin()
  await receiver.until(1)
  await app.close()
  const again = await buildApp(t, { dataDir: app.dataDir })
  await again.control.begin()
  await receiver.until(2)
  t.equal(new Set(receiver.ids()).size, 2, 'the first was not sent again')
})
