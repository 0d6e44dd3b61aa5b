// Alerts about the process itself: a certificate that ends, threads that are held up, RTP ports that run out, in a live
// product: the shipped rules with a patience of seconds, in a real Prometheus. These alerts fire and no others; what was
// told before is told still.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startStory } from '../support/dashboards/call-stories.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { prometheusOptions } from '../support/prometheus.ts'
import { BLOCK, runInWorker } from '../support/worker-inspector.ts'

// Real processes take real time.
t.setTimeout(240_000)

const RINGS = '+493012345608'
const TALKS = '+493012345672'

const CERTIFICATE = ['CertificateExpires ticket'] as const
const LOST = ['MediaWorkerLost ticket'] as const

const OPTIONS = {
  // Of fifteen nothing is told: those of the other stories. Of one, more: alerts-of-control.
  certificateDays: 3,
  settings: {
    RTP_PORT_MIN: '28800',
    RTP_PORT_MAX: '28809',
    // Those of a worker that hangs may be lost as well, or not.
    RECORD_CALLS: 'off',
  },
}

t.test('a node', prometheusOptions, async (t) => {
  const { product, prometheus } = await startStory(t, OPTIONS)
  const { view } = product

  await t.test('with a certificate for three days', async (t) => {
    await firesOnly(t, prometheus, CERTIFICATE)
  })

  await t.test('with a media worker that hangs', async (t) => {
    const callId = await view.place(TALKS)
    await prometheus.until('voicegate_agent_sessions_active == 1', 40_000)
    await runInWorker(t, 'media-0', BLOCK)
    await view.ended(callId)
    await firesOnly(t, prometheus, [...CERTIFICATE, ...LOST])
  })

  await t.test('with a main thread that is held up', async (t) => {
    // So often that one delay in ten is long, however far apart the scrapes are: the figure is a 99th percentile.
    for (let times = 0; times < 10; times += 1) {
      const until = performance.now() + 700
      // The product's main thread is ours.
      while (performance.now() < until);
      await sleep(100)
    }
    await firesOnly(t, prometheus, [...CERTIFICATE, ...LOST, 'EventLoopLag ticket'])
  })

  // The last, for a port rests for seconds after its call.
  await t.test('with RTP ports that are nearly used up', async (t) => {
    const ring = { ring_timeout_seconds: 120 }
    await view.place(RINGS, ring)
    await prometheus.until('voicegate_rtp_ports_in_use > 0', 40_000)
    await firesOnly(t, prometheus, [...CERTIFICATE, ...LOST, 'EventLoopLag ticket'])
    for (let others = 0; others < 4; others += 1) await view.place(RINGS, ring)
    const all = [...CERTIFICATE, ...LOST, 'EventLoopLag ticket', 'RtpPortsShort ticket'] as const
    await firesOnly(t, prometheus, all)
  })
})
