// No board and no rule may ask for what the code does not export, and nothing is exported that nobody asks for.
import t from 'tap'
import { DECLARED, exportedSeries } from '../support/dashboards/exported.ts'
import { readExpression } from '../support/dashboards/promql.ts'
import { wrongReferences } from '../support/dashboards/references.ts'
import { askedOfBoard, readSources, rulesOf, type Sources } from '../support/dashboards/sources.ts'

t.test('boards and rules ask for what is exported, and for all of it', async (t) => {
  const sources = readSources()
  t.ok(sources.panels.length > 50, 'the boards were read', { found: sources.panels.length })
  t.ok(sources.alerts.length > 10, 'the rules were read', { found: sources.alerts.length })
  t.same(await wrongReferences(sources), [])
})

const JOBS = ['voicegate', 'drachtio']
const series = await exportedSeries(JOBS)

/** What is wrong with an expression. */
const problemsOf = (expr: string): readonly string[] => readExpression(expr, series).problems
const labelsOf = (expr: string): readonly string[] =>
  [...(readExpression(expr, series).labels?.keys() ?? [])].toSorted()

t.test('what is right passes', async (t) => {
  for (const expr of [
    'voicegate_calls_total{outcome="busy"}',
    'voicegate_calls_total{outcome=~"busy|(no-answer|machine)", trunk="any"}',
    'voicegate_calls_total{outcome=~"(answered|machine)"}',
    'voicegate_sip_responses_total{class=~"[45]xx",code!~"4..|503"}',
    'sum by (trunk) (rate(voicegate_calls_total[5m])) / on (trunk) sum by (trunk) (rate(voicegate_call_attempts_total[5m]))',
    'histogram_quantile(0.95, sum by (le, trunk) (rate(voicegate_call_answer_seconds_bucket[5m])))',
    'rate(voicegate_call_answer_seconds_bucket{le=~"5(\\\\.0)?"}[5m])',
    'voicegate_call_answer_seconds_bucket{le="7.5"}',
    'process_resident_memory_bytes{job="voicegate"} + on (instance, job) nodejs_external_memory_bytes',
    'nodejs_gc_duration_seconds_sum{kind="major"}',
    'up{job="drachtio"} == 0',
    'sum(drachtio_stable_dialogs{type="inbound"}) or vector(0)',
    'voicegate_disk_free_bytes / voicegate_disk_size_bytes',
    'voicegate_component_up * on (instance) group_left (version) voicegate_build_info',
    'label_replace(voicegate_component_up, "part", "$1", "component", "(.*)")',
    'sum(rate(voicegate_agent_cost_usd_total[1h])) * 86400 > scalar(max(voicegate_agent_budget_usd_per_day))',
  ])
    t.same(problemsOf(expr), [], expr)
})

t.test('what is wrong is told, whatever kind of wrong', async (t) => {
  const wrong: readonly [expr: string, told: RegExp][] = [
    ['sum(rate(voicegate_calls_total[5m])', /no PromQL/],
    ['voicegate_cals_total', /nothing exports voicegate_cals_total/],
    ['voicegate_call_answer_seconds', /nothing exports/],
    ['voicegate_calls_total_bucket', /nothing exports/],
    ['{__name__=~"voicegate_.*"}', /nothing exports/],
    ['sofia_dialogs_total', /nothing exports/],
    ['voicegate_calls_total{carrier="x"}', /no label carrier/],
    ['voicegate_calls_total{outcome="bussy"}', /never "bussy"/],
    ['voicegate_calls_total{outcome!="bussy"}', /never "bussy"/],
    ['voicegate_calls_total{outcome=~"busy|no_answer"}', /never "no_answer"/],
    ['voicegate_calls_total{outcome=~"(busy|no_answer)"}', /never "no_answer"/],
    ['voicegate_calls_total{outcome=~"busi.*"}', /never "busi/],
    ['voicegate_calls_total{job="drachtio"}', /job is never "drachtio"/],
    ['up{job="freeswitch"}', /job is never "freeswitch"/],
    ['voicegate_call_answer_seconds_bucket{le="6"}', /never "6"/],
    ['voicegate_call_answer_seconds_bucket{le="5"}', /le "5" is "5.0" in Prometheus 3/],
    ['sum by (carrier) (voicegate_calls_total)', /no label carrier/],
    ['sum without (carrier) (voicegate_calls_total)', /no label carrier/],
    ['sum by (trunk) (sum by (direction) (voicegate_calls_total))', /no label trunk/],
    ['max by (le) (voicegate_call_answer_seconds_sum)', /no label le/],
    [
      'histogram_quantile(0.5, sum by (trunk) (voicegate_call_answer_seconds_bucket))',
      /le is gone/,
    ],
    ['rate(voicegate_calls_active[5m])', /a gauge/],
    ['delta(voicegate_calls_total[5m])', /a counter/],
    ['voicegate_calls_active / on (trunk) voicegate_calls_total', /no label trunk/],
    ['voicegate_trunk_calls_active / voicegate_rtp_ports_limit', /never match, one lacks trunk/],
    ['voicegate_trunk_up unless voicegate_draining', /never match, one lacks trunk/],
    ['voicegate_trunk_up - ignoring (trunc) voicegate_trunk_registered', /no label trunc/],
    [
      'voicegate_draining * on (instance) group_left (trunk) voicegate_build_info',
      /no label trunk/,
    ],
    ['label_replace(voicegate_trunk_up, "a", "$1", "trunc", "(.*)")', /no label trunc/],
  ]
  for (const [expr, told] of wrong) t.match(problemsOf(expr).join('\n'), told, expr)
})

t.test('the labels of a result are known', async (t) => {
  const cases: readonly [expr: string, labels: readonly string[]][] = [
    ['voicegate_trunk_up', ['instance', 'job', 'trunk']],
    ['sum(voicegate_trunk_up)', []],
    ['sum by (trunk) (voicegate_trunk_up) > 0', ['trunk']],
    ['sum without (instance, job) (voicegate_trunk_up)', ['trunk']],
    ['topk(3, voicegate_trunk_up)', ['instance', 'job', 'trunk']],
    ['voicegate_trunk_up and on (trunk) voicegate_calls_total', ['instance', 'job', 'trunk']],
    ['voicegate_trunk_up / on (trunk) voicegate_trunk_calls_limit', ['trunk']],
    ['count_values("level", voicegate_draining)', ['level']],
    ['voicegate_draining or vector(0)', ['instance', 'job']],
    ['2 * sum by (trunk) (voicegate_trunk_up)', ['trunk']],
  ]
  for (const [expr, labels] of cases) t.same(labelsOf(expr), labels, expr)
})

const NOTHING: Sources = { panels: [], recordings: [], alerts: [], jobs: JOBS }

const panel = (expr: string, more: object = {}) => ({
  panels: [{ type: 'row', panels: [{ title: 'P', targets: [{ refId: 'A', expr, ...more }] }] }],
})

/** Of a board or rules alone, what is exported and not asked for left out. */
async function wrongWith(sources: Partial<Sources>): Promise<string> {
  const lines = await wrongReferences({ ...NOTHING, ...sources })
  return lines.filter((line) => !line.startsWith('voicegate_')).join('\n')
}

t.test('a board is read whole: rows, legends, links, variables, annotations', async (t) => {
  const board = (json: object) => wrongWith({ panels: askedOfBoard('b.json', json) })
  const fine = 'sum by (trunk) (voicegate_trunk_up{instance=~"${node:regex}",trunk=~"$trunk"})'
  t.equal(await board(panel(fine, { legendFormat: '{{trunk}} is up' })), '')
  t.match(await board(panel('voicegate_trunk_upp')), /^b.json: P \[A\]: nothing exports/)
  t.match(await board(panel(fine, { legendFormat: '{{ code }}' })), /names code/)
  const link = { links: [{ url: 'x?trunk=${__field.labels.tronk}' }], targets: [{ expr: fine }] }
  t.match(await board({ panels: [link] }), /names tronk/)
  t.match(await board({ annotations: { list: [{ expr: 'voicegate_gone' }] } }), /nothing exports/)
  const variable = (query: string) => ({
    templating: { list: [{ name: 'trunk', type: 'query', query: { query } }] },
  })
  t.equal(await board(variable('label_values(voicegate_trunk_up, trunk)')), '')
  t.match(await board(variable('label_values(voicegate_trunk_up, carrier)')), /names carrier/)
  t.match(await board(variable('label_values(voicegate_trunks{a="b"}, trunk)')), /nothing exports/)
})

const RULES = `
groups:
  - name: g
    rules:
      - { record: 'voicegate:b:twice', expr: '2 * voicegate:a:sum' }
      - { record: 'voicegate:a:sum', expr: 'sum by (trunk) (voicegate_trunk_up)' }
      - alert: Down
        expr: voicegate:b:twice == 0
        labels: { severity: page }
        annotations: { summary: 'Trunk {{ $labels.trunk }} {{ $labels.severity }}' }
`

t.test('rules: what they record is known by its labels, alerts by their names', async (t) => {
  const rules = (
    text: string,
    expr = 'ALERTS{alertname="Down",severity="page",alertstate="firing"}',
  ) => wrongWith({ ...rulesOf('r.yml', text), panels: askedOfBoard('b.json', panel(expr)) })
  t.equal(await rules(RULES), '')
  t.match(await rules(RULES, 'ALERTS{alertname="Dawn"}'), /never "Dawn"/)
  t.match(await rules(RULES, 'ALERTS{severity="warning"}'), /never "warning"/)
  t.match(await rules(RULES, 'voicegate:a:sum{direction="inbound"}'), /no label direction/)
  t.match(await rules(RULES, 'sum by (code) (voicegate:b:twice)'), /no label code/)
  t.match(await rules(RULES.replace('$labels.trunk', '$labels.code')), /r.yml: Down: names code/)
  t.match(await rules(RULES.replace('== 0', '== 0 and voicegate:a:summ')), /nothing exports/)
  t.match(
    await rules(RULES.replace('voicegate:b:twice ==', 'voicegate:a:sum ==')),
    /b:twice: on no/,
  )
})

t.test('a metric that nobody asks for is told', async (t) => {
  const all = DECLARED.map((name) => ({
    where: name,
    expr: series.has(name) ? name : `${name}_bucket`,
    labelsNamed: [],
  }))
  t.same(await wrongReferences({ ...NOTHING, panels: all }), [])
  const [unused = '', ...rest] = all.map(({ where }) => where)
  const panels = all.filter(({ where }) => rest.includes(where))
  t.same(await wrongReferences({ ...NOTHING, panels }), [`${unused}: on no board, in no rule`])
})
