// Alerts about how a process ends and begins: products that are cut off, drained and killed, one after the other at one
// address; the shipped rules with a patience of seconds, in a real Prometheus. These alerts fire each time and no others.
import t from 'tap'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { watch } from '../support/dashboards/watched-product.ts'
import { eventually, freeTcpPort, temporaryFolder } from '../support/process.ts'
import { prometheusOptions } from '../support/prometheus.ts'

// Real processes take real time.
t.setTimeout(240_000)

const TALKS = '+493012345672'

t.test('processes that end each in its way, one after the other', prometheusOptions, async (t) => {
  const port = String(await freeTcpPort())
  const options = {
    dataDir: temporaryFolder(t, 'data'),
    env: { HTTP_PORT: port, API_KEY: 'k'.repeat(40), DRAIN_SECONDS: '0' },
  }
  const prometheus = await watch(t, { address: `127.0.0.1:${port}`, isImpatient: true })
  /** The next process in the same folder, at the same address, seen by Prometheus. */
  const start = async (previous: string): Promise<ChildProduct> => {
    const child = await startChild(t, options)
    await prometheus.until(`voicegate_previous_stop{how="${previous}"} == 1`, 40_000)
    return child
  }
  // Before it knows its target that is absent, which is an alert of its own.
  await prometheus.until('up == 0', 40_000)

  await t.test('none is there yet', async (t) => {
    await firesOnly(t, prometheus, ['VoicegateDown page'])
  })
  const first = await startChild(t, options)
  await prometheus.until('up{job="voicegate"} == 1', 40_000)
  await t.test('the first', async (t) => {
    await firesOnly(t, prometheus, [])
  })

  const callId = await first.view.place(TALKS)
  await eventually('an answer', 10_000, async () => {
    return (await first.view.call(callId)).status === 'answered'
  })
  t.equal(await first.stop(), 0)
  const second = await start('forced')
  await t.test('after a stop that cut off a call', async (t) => {
    await firesOnly(t, prometheus, ['DrainForced ticket'])
  })

  t.equal(await second.stop(), 0)
  const third = await start('drained')
  await t.test('after a stop without a call', async (t) => {
    await firesOnly(t, prometheus, [])
  })

  await third.kill()
  await t.test('killed', async (t) => {
    await firesOnly(t, prometheus, ['VoicegateDown page'])
  })
  await start('crashed')
  await t.test('after the kill: the third that starts again in half an hour', async (t) => {
    await firesOnly(t, prometheus, ['Crashed ticket', 'CrashLoop page'])
  })
})
