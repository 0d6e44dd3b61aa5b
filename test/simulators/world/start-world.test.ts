// The simulated world of a rehearsal: D-ID and HeyGen are in it, with the keys that it tells.
import t from 'tap'
import { startWorld } from '#simulators/world'

t.setTimeout(60_000)

t.test('D-ID and HeyGen are there, and gone when the world is closed', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { dId, heyGen } = world.addresses
  const credits = await fetch(`${dId.baseUrl}/credits`, {
    headers: { authorization: `Basic ${dId.apiKey}` },
  })
  t.equal(credits.status, 200)
  const account = await fetch(`${heyGen.baseUrl}/v3/users/me`, {
    headers: { 'x-api-key': heyGen.apiKey },
  })
  t.equal(account.status, 200)
  await world.close()
  await t.rejects(fetch(`${dId.baseUrl}/credits`))
  await t.rejects(fetch(`${heyGen.baseUrl}/v3/users/me`))
})
