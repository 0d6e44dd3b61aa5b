// What the embedded SIP server turned away, as the metrics show it.
import t from 'tap'
import { mock } from 'node:test'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { exposeEmbeddedSip, tellOfStrangers } from '../../gateway/embedded-sip-metrics.ts'
import { connectApp, openRig, routesSettle, type Any } from './embedded/harness.ts'
import { requestText, SipPeer } from './embedded/sip-peer.ts'

t.test('scanners, strangers and floods each have a reason of their own', async (t) => {
  const rig = await openRig(t, { gate: { known: ['127.0.0.1'], strangers: 'refuse' } })
  const srf = await connectApp(t, rig)
  srf.options((_req: Any, res: Any) => void res.send(200))
  await routesSettle()
  const metrics = createMetrics()
  exposeEmbeddedSip(rig.sip, metrics)
  const known = await SipPeer.open(t)
  const stranger = await SipPeer.open(t, '127.0.0.2')
  const { address, target } = rig
  const ask = (peer: SipPeer, headers: string[] = []): void =>
    peer.send(requestText({ method: 'OPTIONS', target, peer, headers }), address)
  ask(stranger, ['User-Agent: sipvicious'])
  for (let n = 0; n < 150; n += 1) ask(stranger)
  ask(known)
  await known.wait('200 OPTIONS')
  const counted = async (reason: string): Promise<number> => {
    const { body } = await metrics.render()
    const line = new RegExp(`sip_rejected_total\\{reason="${reason}"\\} (\\d+)`).exec(body)
    return Number(line?.[1] ?? 0)
  }
  const [scanner, strange, rate] = [
    await counted('scanner'),
    await counted('stranger'),
    await counted('rate'),
  ]
  t.equal(scanner, 1)
  t.ok(strange >= 99 && rate > 0, `${strange} strangers, ${rate} over the rate`)
  t.equal(strange + rate, 150, 'each counted once, told or not')
  t.equal(await counted('stranger'), strange, 'and once only')
  t.notMatch((await metrics.render()).body, '403 stranger')
})

t.test('every reason begins at 0, and a cause that nobody listed is another', async (t) => {
  const counts = { retransmissionsSent: 0, rejected: { '499 new': 2 }, dropped: { newer: 1 } }
  const sip: Any = { stats: () => Promise.resolve(counts) }
  const metrics = createMetrics()
  exposeEmbeddedSip(sip, metrics)
  const line = (reason: string, total: number) =>
    `voicegate_sip_rejected_total{reason="${reason}"} ${total}\n`
  const { body } = await metrics.render()
  t.match(body, line('other', 3))
  for (const reason of ['503 application-busy', '503 no-route', 'rate_exceeded', 'draining'])
    t.match(body, line(reason, 0))
  counts.dropped.newer = 2
  t.match((await metrics.render()).body, line('other', 4), 'each counted once')
})

t.test('strangers are told of once a minute, as many as they were, and no one else', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const told: string[] = []
  const counts = { rejected: { '403 stranger': 2 }, dropped: { stranger: 1, scanner: 9 } }
  const sip: Any = { stats: () => Promise.resolve(counts) }
  const logger = createLogger('warn', { write: (line: string) => void told.push(line) })
  const stop = tellOfStrangers(sip, logger)
  const minute = async () => {
    mock.timers.tick(60_000)
    await routesSettle()
    return told.splice(0).map((line) => (JSON.parse(line) as { messages: number }).messages)
  }
  t.same(await minute(), [3])
  t.same(await minute(), [], 'nobody new')
  counts.dropped.stranger = 5
  t.same(await minute(), [4])
  stop()
  counts.dropped.stranger = 50
  t.same(await minute(), [])
})
