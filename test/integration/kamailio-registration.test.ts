// Registration at Debian's Kamailio: SHA-256, refreshed, challenged anew, asked for longer, refused, and after a restart.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { kamailioOptions, startKamailio, type Kamailio } from '../support/kamailio.ts'
import type { SeenRequest } from '../support/kamailio-requests.ts'
import { eventually } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { startAtKamailio } from '../support/start-at-kamailio.ts'
import type { Product } from '../support/start-product.ts'

const needed = { ...sippOptions, ...kamailioOptions }

const registers = (kamailio: Kamailio): SeenRequest[] =>
  kamailio.seen().filter(({ method }) => method === 'REGISTER')

const isRegistered = (kamailio: Kamailio): Promise<boolean> =>
  eventually('the registration', 5000, async () => (await kamailio.contacts()).length === 1)

const metricIs = (product: Product, value: 0 | 1): Promise<boolean> =>
  eventually('the metric', 3000, async () => {
    return (await product.view.metric('trunk_registered', 'trunk="exolve"')) === value
  })

t.test('SHA-256: registered, and a call placed', needed, async (t) => {
  const kamailio = await startKamailio(t, { algorithm: 'SHA-256' })
  const product = await startAtKamailio(t, kamailio, { protocol: 'udp' })
  await isRegistered(kamailio)
  const sipp = await runSipp(t, { scenario: 'proxied-hangs-up', args: ['-d', '200'] })
  await kamailio.sendNumbersTo(sipp.port)
  const callId = await product.view.place('+4930123456')
  await succeeds(t, sipp)
  t.match(await product.view.ended(callId), { outcome: 'answered' })
  await product.idle()
})

// Over TCP, where nothing is sent twice, requests can be counted.
t.test('it registers again before the time is over, also with an old nonce', needed, async (t) => {
  const kamailio = await startKamailio(t, { maxExpiresSeconds: 4, nonceSeconds: 1 })
  const product = await startAtKamailio(t, kamailio, { protocol: 'tcp' })
  await isRegistered(kamailio)
  const [contact] = await kamailio.contacts()
  await eventually('the refresh', 8000, () => registers(kamailio).length >= 4)
  await sleep(500)
  const [, bound, refresh, repeated, ...more] = registers(kamailio)
  t.same(more, [], 'no storm')
  const pauseMs = refresh!.atMs - bound!.atMs
  t.ok(pauseMs > 3000 && pauseMs < 4000, `refreshed after ${pauseMs} ms`)
  t.same(await kamailio.contacts(), [contact], 'one binding, the same')
  t.equal(new Set(registers(kamailio).map(({ callId }) => callId)).size, 1, 'one Call-ID')
  // By now the nonce is too old: challenged with `stale=true`, answered with the same password.
  t.equal(refresh!.nonce, bound!.nonce, 'the refresh brought the nonce it knew')
  t.not(repeated!.nonce, refresh!.nonce, 'and then the new one')
  await metricIs(product, 1)
})

t.test('a time that is too brief for it: 423, and then its own', needed, async (t) => {
  const kamailio = await startKamailio(t, { minExpiresSeconds: 7200, maxExpiresSeconds: 9000 })
  await startAtKamailio(t, kamailio, { protocol: 'tcp' })
  await isRegistered(kamailio)
  t.ok(registers(kamailio).length <= 4)
})

t.test('a wrong password: refused, said, and not tried in a storm', needed, async (t) => {
  const kamailio = await startKamailio(t)
  const password = 'another-password'
  const product = await startAtKamailio(t, kamailio, { protocol: 'tcp', password })
  await eventually('two REGISTERs', 5000, () => registers(kamailio).length >= 2)
  await sleep(1500)
  t.ok(registers(kamailio).length <= 4, `${registers(kamailio).length} REGISTERs`)
  t.same(await kamailio.contacts(), [])
  await metricIs(product, 0)
  t.match(product.voicegate.gateway.trunks(), [
    { name: 'exolve', registration: 'failing', lastFailure: { sipStatus: 401 } },
  ])
  const call = await product.view.ended(await product.view.place('+4930123456'))
  t.match(call, {
    outcome: 'failed',
    termination: { result: 'upstream_error', by: 'carrier', sip_status: 407 },
    agent: { sessions: 0 },
  })
  await product.idle()
})

t.test('the carrier starts anew: registered again, and the call goes on', needed, async (t) => {
  const before = await startKamailio(t, { maxExpiresSeconds: 2 })
  const product = await startAtKamailio(t, before, { protocol: 'tcp' })
  await isRegistered(before)
  const sipp = await runSipp(t, { scenario: 'proxied-hangs-up', args: ['-d', '3000'] })
  await before.sendNumbersTo(sipp.port)
  const callId = await product.view.place('+4930123456')
  await product.agent.waitForSession(0, 5000)
  await before.kill()
  await metricIs(product, 0)
  const after = await startKamailio(t, { ports: before.ports, maxExpiresSeconds: 60 })
  await eventually('the registration', 15_000, async () => (await after.contacts()).length === 1)
  await metricIs(product, 1)
  // The route is in the requests: the new one sends the callee's BYE to us, over a connection of its own.
  await succeeds(t, sipp)
  t.match(await product.view.ended(callId), {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'callee' },
    agent: { sessions: 1 },
  })
  t.ok(after.seen().some(({ method, route }) => method === 'BYE' && route !== ''))
  await product.idle()
})

t.test('the carrier is gone for good in a call: what we end is over at once', needed, async (t) => {
  const kamailio = await startKamailio(t)
  const product = await startAtKamailio(t, kamailio, { protocol: 'tcp' })
  await isRegistered(kamailio)
  const sipp = await runSipp(t, { scenario: 'proxied-until-bye' })
  await kamailio.sendNumbersTo(sipp.port)
  const callId = await product.view.place('+4930123456')
  const session = await product.agent.waitForSession(0, 5000)
  await kamailio.kill()
  await sleep(300)
  t.equal((await product.view.call(callId)).status, 'answered', 'a lost connection is no lost call')
  t.equal(await product.view.hangUp(callId), 202)
  await product.view.ended(callId, 3000)
  await eventually('the agent to leave', 1000, () => session.closedAt !== null)
  await product.idle()
  await eventually(
    'no dialog',
    3000,
    async () => (await product.voicegate.sip.embedded?.stats())?.dialogs === 0,
  )
  const stoppingAt = performance.now()
  await product.stop()
  t.ok(performance.now() - stoppingAt < 5000, 'nobody to unregister from: not waited for')
})
