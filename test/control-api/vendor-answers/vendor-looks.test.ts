// Who looks waits for a turn, and where too many wait is sent away.
import t from 'tap'
import { createVendorLooks } from '../../../control-api/vendor-answers/vendor-looks.ts'

t.test('twenty at once, then one each tenth of a second; too many are sent away', async (t) => {
  let now = 1000
  const waited: number[] = []
  const look = createVendorLooks('The vendor', {
    now: () => now,
    wait: (delayMs) => Promise.resolve(waited.push(delayMs)),
  })
  for (let n = 0; n < 20; n += 1) await look()
  t.same(waited, [], 'nobody waits')
  for (let n = 0; n < 50; n += 1) await look()
  t.same([waited.at(0), waited.at(-1)], [100, 5000])
  const refused = { code: 'TOO_MANY_REQUESTS', retryAfterSeconds: 1, message: /^The vendor is/ }
  await t.rejects(look(), refused)
  await t.rejects(look(), refused, 'and whoever was refused is not counted')
  now += 100
  await look()
  await t.rejects(look(), refused)
  now += 60_000
  waited.length = 0
  for (let n = 0; n < 20; n += 1) await look()
  t.same(waited, [], 'as at first, and no more')
  await look()
  t.same(waited, [100])
})
