import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import {
  createMetrics,
  METRICS,
  type MetricDeclarationEntry,
} from '../../../core/telemetry/index.ts'

/** What may stand in a label: small closed sets, never an id, a number or an address. */
const ALLOWED_LABELS = new Set(
  [
    'direction',
    'trunk',
    'outcome',
    'class',
    'code',
    'reason',
    'result',
    'thread',
    'vendor',
    'operation',
    'kind',
    // Of animations: two providers, their states, and what made us ask.
    'provider',
    'state',
    'cause',
  ].concat(['route', 'method', 'status']),
)

t.test(
  'every metric has help, a unit in its name where it has one, and labels of low cardinality',
  async (t) => {
    for (const [name, entry] of Object.entries<MetricDeclarationEntry>(METRICS)) {
      t.ok(entry.help.length > 10, name)
      t.ok(
        (entry.labels ?? []).every((label) => ALLOWED_LABELS.has(label)),
        `${name} labels`,
      )
      // A mean opinion score has no unit.
      if (entry.kind === 'histogram') t.match(name, /_seconds$|_mos$/, `${name} unit`)
      if (entry.kind === 'counter') t.match(name, /_total$/, `${name} suffix`)
    }
  },
)

t.test('the page shows what was counted, and gauges are read when it is rendered', async (t) => {
  const metrics = createMetrics()
  metrics.add('calls_total', 2, { direction: 'inbound', trunk: 'x', outcome: 'answered' })
  metrics.observe('bridge_uplink_seconds', 0.0002)
  metrics.onScrape(() => metrics.set('rtp_ports_in_use', 4))
  const { body, contentType } = await metrics.render()
  t.match(contentType, /text\/plain/)
  t.match(body, /voicegate_calls_total\{direction="inbound",trunk="x",outcome="answered"\} 2/)
  t.match(body, /voicegate_bridge_uplink_seconds_bucket\{le="0.0003"\} 1/)
  t.match(body, /voicegate_rtp_ports_in_use 4/)
  t.match(
    body,
    /voicegate_agent_sessions_before_answer_total 0/,
    'the guard’s figure is always there',
  )
})

t.test(
  'the main thread’s own pulse: its event loop’s lag and its garbage collections',
  async (t) => {
    const metrics = createMetrics()
    await metrics.render()
    const blockedUntil = performance.now() + 120
    await sleep(30)
    const kept: object[] = []
    while (performance.now() < blockedUntil) kept.push({ garbage: kept.length })
    await sleep(50)
    const { body } = await metrics.render()
    const lag = /^voicegate_event_loop_lag_seconds\{thread="main"\} (\S+)$/m.exec(body)?.[1]
    t.ok(Number(lag) > 0.05 && Number(lag) < 2, 'the stall shows', { lag })
    const pauses = /^voicegate_gc_pause_seconds_count\{thread="main"\} (\d+)$/m.exec(body)?.[1]
    t.ok(Number(pauses) >= 1, 'collections were seen', { pauses, kept: kept.length })
  },
)

t.test('what is removed is no longer shown, and may come back', async (t) => {
  const metrics = createMetrics()
  const shown = async (): Promise<string[]> =>
    (await metrics.render()).body.split('\n').filter((line) => /^voicegate_trunk_up\{/.test(line))
  metrics.set('trunk_up', 1, { trunk: 'a' })
  metrics.set('trunk_up', 0, { trunk: 'b' })
  metrics.remove('trunk_up', { trunk: 'a' })
  metrics.remove('trunk_up', { trunk: 'never-set' })
  t.same(await shown(), ['voicegate_trunk_up{trunk="b"} 0'])
  metrics.set('trunk_up', 1, { trunk: 'a' })
  t.equal((await shown()).length, 2)
})
