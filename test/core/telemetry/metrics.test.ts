import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import {
  createLogger,
  createLogLineCount,
  createMetrics,
  labelSets,
  logThresholdOf,
  METRICS,
  OPEN,
  withAgentCost,
  type MetricDeclarationEntry,
} from '../../../core/telemetry/index.ts'
import { sample } from '../../support/build-app.ts'

/** Labels whose values are known only while it runs, and why there are few of them: never an id, a number, an address. */
const OPEN_LABELS: Readonly<Record<string, string>> = {
  trunk: 'the trunks of the configuration, and one name for each telephony vendor',
  code: 'status codes of SIP, 100 to 699, of which carriers use some dozen',
  thread: 'main and the media workers',
  operation: 'words of ours for what a vendor is asked',
  kind: 'words of ours for jobs, webhooks, and what retention deletes',
  state: 'states of an animation',
  route: 'patterns of our routes, and one word for all others',
  method: 'methods of our routes, and one word for all others',
  status: 'HTTP status codes, of which we answer some dozen',
  version: 'of voicegate: one a process',
  node: 'the version of Node: one a process',
}
/** Each combination is a series that is always there. */
const MOST_SERIES_BEFORE_ANY = 100

t.test('every metric has help, and a unit in its name where it has one', async (t) => {
  for (const [name, entry] of Object.entries<MetricDeclarationEntry>(METRICS)) {
    t.ok(entry.help.length > 10, name)
    // A mean opinion score has no unit.
    if (entry.kind === 'histogram') t.match(name, /_seconds$|_mos$/, `${name} unit`)
    t.equal(name.endsWith('_total'), entry.kind === 'counter', `${name} suffix`)
  }
})

t.test(
  'labels are of low cardinality: a closed list, or one that is known to stay small',
  async (t) => {
    const used = new Set<string>()
    for (const [name, { labels = {} }] of Object.entries<MetricDeclarationEntry>(METRICS)) {
      for (const [label, values] of Object.entries(labels)) {
        if (values === OPEN) {
          used.add(label)
          t.ok(label in OPEN_LABELS, `${name}: why ${label} is small`)
          continue
        }
        t.equal(new Set(values).size, values.length, `${name}: each value of ${label} once`)
        t.ok(
          // A refusal of the SIP server has its status before its word.
          values.every((value) => /^(?:[1-6]\d\d )?[a-z0-9][a-z0-9_-]*$/.test(value)),
          `${name}: values of ${label} are words`,
        )
      }
      const { length } = labelSets(labels)
      t.ok(length <= MOST_SERIES_BEFORE_ANY, `${name}: ${length} series before anything happens`)
    }
    t.same([...used].sort(), Object.keys(OPEN_LABELS).sort(), 'no reason is left over')
  },
)

t.test('counters whose labels are known begin at 0', async (t) => {
  const { body } = await createMetrics().render()
  for (const [name, entry] of Object.entries<MetricDeclarationEntry>(METRICS)) {
    if (entry.kind !== 'counter') continue
    const series = body.split('\n').filter((line) => line.startsWith(`voicegate_${name}`))
    const labels = entry.labels ?? {}
    if (Object.values(labels).includes(OPEN)) t.same(series, [], `${name} has none`)
    else t.equal(series.length, Math.max(1, labelSets(labels).length), `${name} has all`)
    t.ok(
      series.every((line) => line.endsWith(' 0')),
      `${name} at 0`,
    )
  }
})

t.test('the seconds of agents and their cost cannot differ', async (t) => {
  const metrics = withAgentCost(createMetrics(), 0.08)
  metrics.add('agent_seconds_total', 90)
  metrics.add('agent_seconds_total', 30.5)
  metrics.add('agent_seconds_avoided_total', 12)
  metrics.add('rtp_lost_total', 7)
  t.equal(await sample(metrics, 'agent_seconds_total'), 120.5)
  t.ok(Math.abs((await sample(metrics, 'agent_cost_usd_total')) - (120.5 / 60) * 0.08) < 1e-12)
  t.ok(Math.abs((await sample(metrics, 'agent_cost_avoided_usd_total')) - 0.016) < 1e-12)
  t.equal(await sample(metrics, 'rtp_lost_total'), 7)
})

t.test('what hangs or fails before a scrape keeps nobody from the page', async (t) => {
  const told: string[] = []
  const metrics = createMetrics(
    createLogger('info', { write: (line) => void told.push(JSON.parse(line).figures) }),
  )
  let asked = 0
  let isHanging = true
  metrics.set('event_clients', 3)
  metrics.onScrape('clients', async () => {
    asked += 1
    while (isHanging) await sleep(20)
    metrics.set('event_clients', 5)
  })
  metrics.onScrape('the weather', () => {
    throw new Error('not today')
  })
  metrics.onScrape('ports', () => metrics.set('rtp_ports_in_use', 4))
  const began = performance.now()
  const { body } = await metrics.render()
  t.ok(performance.now() - began < 3000, 'it is waited for, and not for ever')
  t.match(body, 'voicegate_event_clients 3\n', 'as it was')
  t.match(body, 'voicegate_rtp_ports_in_use 4\n', 'the others are asked')
  await metrics.render()
  t.equal(asked, 1, 'not asked again while it hangs')
  t.equal(await sample(metrics, 'scrape_failures_total'), 6, 'both, at each of three scrapes')
  t.same(told.toSorted(), ['clients', 'the weather'], 'named once, not at each scrape')
  isHanging = false
  t.equal(await sample(metrics, 'event_clients'), 5)
  await metrics.render()
  t.equal(asked, 2, 'and asked again afterwards')
})

t.test(
  'lines of the log that somebody should read are counted, also those from before',
  async (t) => {
    const count = createLogLineCount()
    const written: string[] = []
    const logger = createLogger('info', count.before({ write: (line) => void written.push(line) }))
    logger.warn('one')
    const metrics = createMetrics()
    count.expose(metrics, logger.threshold)
    logger.child({ callId: 'call_1' }).error({ level: 'fatal', text: '{"level":"fatal"' }, 'two')
    logger.info('{"level":"error"')
    logger.debug('not written')
    const levels = () =>
      Promise.all(
        ['warn', 'error', 'fatal'].map((level) =>
          sample(metrics, `log_lines_total{level="${level}"}`),
        ),
      )
    t.same(await levels(), [1, 1, 0])
    logger.fatal('three')
    t.same(await levels(), [1, 1, 1], 'each once')
    t.equal(written.length, 4, 'and passed on')
    logger.threshold.level = 'silent'
    logger.warn('kept back')
    const thread = createLogger(logThresholdOf(logger.threshold.cell), { write: () => undefined })
    thread.child({ callId: 'call_2' }).error('kept back')
    t.same(await levels(), [2, 2, 1], 'also what the level keeps back, in every thread')
    t.equal(written.length, 4)
  },
)

t.test('the page shows what was counted, and gauges are read when it is rendered', async (t) => {
  const metrics = createMetrics()
  metrics.add('calls_total', 2, { direction: 'inbound', trunk: 'x', outcome: 'answered' })
  metrics.observe('bridge_uplink_seconds', 0.0002)
  metrics.onScrape('ports', () => metrics.set('rtp_ports_in_use', 4))
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
    // A hundred bytes each: many times what young objects have room for, on a busy machine too.
    while (performance.now() < blockedUntil || kept.length < 500_000)
      kept.push(new Array(12).fill(kept.length))
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
