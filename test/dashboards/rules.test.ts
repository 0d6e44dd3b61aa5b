// Rules and alerts: valid, each alert told in a story in which it fires and in one in which it does not, and in a runbook.
// The stories themselves are played by rule-stories.test.ts.
import t from 'tap'
import { globSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { promtool, promtoolOptions } from '../support/prometheus.ts'
import { alertsToldIn, storiesIn, type Story } from '../support/dashboards/stories.ts'

const RULE_FILES = globSync('dashboards/rules/*.yml').toSorted()
const STORY_FILES = globSync('dashboards/rules/tests/*.yml').toSorted()

interface Rule {
  readonly alert?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}
interface Alert {
  readonly name: string
  readonly severity: string
  readonly product: string | undefined
  readonly annotations: Readonly<Record<string, string>>
}

const ALERTS: readonly Alert[] = RULE_FILES.flatMap((path) => {
  const { groups } = parse(readFileSync(path, 'utf8')) as { groups: { rules: Rule[] }[] }
  return groups.flatMap(({ rules }) => rules)
}).flatMap(({ alert, labels = {}, annotations = {} }) =>
  alert === undefined
    ? []
    : [
        {
          name: alert,
          severity: labels['severity'] ?? '',
          product: labels['product'],
          annotations,
        },
      ],
)
const STORIES: readonly Story[] = STORY_FILES.flatMap((path) =>
  storiesIn(readFileSync(path, 'utf8')),
)

t.test('Prometheus takes its configuration and the rules', promtoolOptions, async (t) => {
  t.equal(await promtool('check', 'config', 'dashboards/prometheus.yml'), '')
  t.equal(await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...RULE_FILES), '')
})

t.test('every alert has a story in which it fires, by its severity too', async (t) => {
  t.ok(ALERTS.length > 30, `${ALERTS.length} alerts`)
  const fired = STORIES.flatMap(({ about, firing }) =>
    firing.filter((alert) => alert.startsWith(`${about}/`)),
  )
  t.same(
    ALERTS.filter(({ name, severity }) => !fired.includes(`${name}/${severity}`)),
    [],
  )
})

t.test('every alert has a story in which it stays silent, though something happens', async (t) => {
  const silent = STORIES.filter(({ silent }) => silent)
  t.same(
    ALERTS.filter(({ name }) => !silent.some(({ about }) => about === name)),
    [],
  )
  t.same(
    silent.filter(({ about, firing }) => alertsToldIn(firing).includes(about)),
    [],
    'a silent story in which it fires',
  )
})

t.test('no story is about an alert that is not there', async (t) => {
  const names = new Set(ALERTS.map(({ name }) => name))
  const told = STORIES.filter(({ firing }) => firing.length > 0)
  t.same(
    told.filter(({ about }) => !names.has(about)),
    [],
  )
})

t.test('whoever is woken is told why, and where to read on', async (t) => {
  const text = readFileSync('docs/alerts.md', 'utf8')
  const anchors = [...text.matchAll(/^## (.*)$/gm)].map(
    ([, heading = '']) => `docs/alerts.md#${heading.toLowerCase().replaceAll(' ', '-')}`,
  )
  const words = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
  for (const { name, severity, product, annotations } of ALERTS) {
    t.match(severity, /^(?:page|ticket)$/, name)
    t.equal(product, 'voicegate', `${name}: told from the alerts of others`)
    t.ok((annotations['summary'] ?? '').length > 10, `${name}: summary`)
    t.ok((annotations['description'] ?? '').length > 40, `${name}: description`)
    t.equal(annotations['runbook'], `docs/alerts.md#${words(name)}`)
    t.ok(anchors.includes(annotations['runbook'] ?? ''), `${name} has its place in docs/alerts.md`)
  }
  const known = new Set(ALERTS.map(({ annotations }) => annotations['runbook']))
  t.same(
    anchors.filter((anchor) => !known.has(anchor)),
    ['docs/alerts.md#how-to-read-an-alert'],
    'and there is no place for an alert that is gone',
  )
})

t.test('pages are few, and only for what cannot wait', async (t) => {
  t.same(
    [
      ...new Set(ALERTS.filter(({ severity }) => severity === 'page').map(({ name }) => name)),
    ].toSorted(),
    [
      'AgentBeforeAnswer',
      'AgentRefusals',
      'CertificateExpires',
      'ComponentDown',
      'CrashLoop',
      'DiskFilling',
      'NerLow',
      'SpendOverBudget',
      'TrunkDown',
      'TrunkUnregistered',
      'VoicegateDown',
    ],
  )
})
