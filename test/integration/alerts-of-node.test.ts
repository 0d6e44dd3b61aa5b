// Alerts about the process itself: threads that are held up, a certificate that ends, in live products:
// the shipped rules with a patience of seconds, in a real Prometheus. In each story these alerts fire and no others.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { story } from '../support/dashboards/call-stories.ts'
import { firesOnly, type Expected } from '../support/dashboards/firing.ts'
import { BLOCK, runInWorker } from '../support/worker-inspector.ts'

// Real processes take real time.
t.setTimeout(240_000)
// They mostly wait.
t.jobs = 3

const TALKS = '+493012345672'

/** Not beside others: what it does is done to this process. */
const alone = { buffered: false }

story('a main thread that is held up', alone, async (t, { prometheus }) => {
  // So often that one delay in ten is long, however far apart the scrapes are: the figure is a 99th percentile.
  for (let times = 0; times < 10; times += 1) {
    const until = performance.now() + 700
    // The product's main thread is ours.
    while (performance.now() < until);
    await sleep(100)
  }
  await firesOnly(t, prometheus, ['EventLoopLag ticket'])
})

// Else its recording may be lost as well, or not.
const UNRECORDED = { ...alone, settings: { RECORD_CALLS: 'off' } }

story('a media worker that hangs', UNRECORDED, async (t, { product, prometheus }) => {
  const callId = await product.view.place(TALKS)
  await prometheus.until('voicegate_agent_sessions_active == 1', 40_000)
  await runInWorker(t, 'media-0', BLOCK)
  await product.view.ended(callId)
  await firesOnly(t, prometheus, ['MediaWorkerLost ticket'])
})

for (const { days, alerts } of [
  { days: 15, alerts: [] },
  { days: 3, alerts: ['CertificateExpires ticket'] },
  { days: 1, alerts: ['CertificateExpires ticket', 'CertificateExpires page'] },
] as const satisfies { days: number; alerts: Expected[] }[])
  story(`a certificate for ${days} days`, { certificateDays: days }, async (t, { prometheus }) => {
    await firesOnly(t, prometheus, alerts)
  })
