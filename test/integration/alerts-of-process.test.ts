// Alerts about how a process ends and begins: products that are killed, cut off and drained, one after the other at one
// address; the shipped rules with a patience of seconds, in a real Prometheus. These alerts fire each time and no others.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild, type ChildOptions, type ChildProduct } from '../support/child-product.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { SCRAPED_MS, watch } from '../support/dashboards/watched-product.ts'
import { eventually, freeTcpPort, temporaryFolder } from '../support/process.ts'
import { prometheusOptions, type Prometheus } from '../support/prometheus.ts'

// Real processes take real time.
t.setTimeout(240_000)
// They mostly wait.
t.jobs = 2
const beside = { buffered: true, ...prometheusOptions }

const TALKS = '+493012345672'

interface Line {
  readonly prometheus: Prometheus
  /** The next process in the same folder, at the same address. */
  readonly start: () => Promise<ChildProduct>
}

/** A process that ends and begins, one after the other. */
async function openLine(t: Test, env: ChildOptions['env'] = {}): Promise<Line> {
  const port = String(await freeTcpPort())
  const options = {
    dataDir: temporaryFolder(t, 'data'),
    env: { HTTP_PORT: port, API_KEY: 'k'.repeat(40), ...env },
  }
  const prometheus = await watch(t, { address: `127.0.0.1:${port}`, isImpatient: true })
  // Before it knows its target that is absent, which is an alert of its own.
  await prometheus.until('up == 0', 40_000)
  return { prometheus, start: () => startChild(t, options) }
}

void t.test('a process that is killed, and killed again', beside, async (t) => {
  const { prometheus, start } = await openLine(t)
  await firesOnly(t, prometheus, ['VoicegateDown page'])
  const first = await start()
  await prometheus.until('up{job="voicegate"} == 1', 40_000)
  await firesOnly(t, prometheus, [])
  await first.kill()
  await firesOnly(t, prometheus, ['VoicegateDown page'])
  for (let starts = 1; starts <= 3; starts += 1) {
    const again = await start()
    await sleep(SCRAPED_MS)
    if (starts < 3) await again.kill()
  }
  await firesOnly(t, prometheus, ['Crashed ticket', 'CrashLoop page'])
})

void t.test('a stop that cuts off a call', beside, async (t) => {
  const { prometheus, start } = await openLine(t, { DRAIN_SECONDS: '0' })
  const first = await start()
  const callId = await first.view.place(TALKS)
  await eventually('an answer', 10_000, async () => {
    return (await first.view.call(callId)).status === 'answered'
  })
  t.equal(await first.stop(), 0)
  const second = await start()
  await prometheus.until('up{job="voicegate"} == 1', 40_000)
  await firesOnly(t, prometheus, ['DrainForced ticket'])
  t.equal(await second.stop(), 0)
  await start()
  await prometheus.until('voicegate_previous_stop{how="drained"} == 1', 40_000)
  await firesOnly(t, prometheus, [])
})
