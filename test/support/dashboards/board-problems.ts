// What is wrong with a board as a file: what Grafana would show badly, or not at all, and without a word.
import { CALL_DIRECTIONS, CALL_OUTCOMES } from '#core/contracts'
import { CALL_FAULTS } from '../../../control-api/calls/call-fault.ts'
import { METRICS, type MetricDeclarationEntry } from '#core/telemetry'

export interface Link {
  readonly title: string
  readonly url?: string
}
interface Target {
  readonly refId: string
  readonly expr: string
  readonly datasource?: Source
}
interface Source {
  readonly uid?: string
}
interface Field {
  readonly unit?: string
  readonly links?: readonly Link[]
}
export interface Panel {
  readonly id?: number
  readonly type: string
  readonly title?: string
  readonly description?: string
  readonly datasource?: Source
  readonly gridPos?: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets?: readonly Target[]
  readonly links?: readonly Link[]
  readonly fieldConfig?: {
    readonly defaults: Field
    readonly overrides: readonly { readonly properties: readonly Property[] }[]
  }
  readonly panels?: readonly Panel[]
}
interface Property {
  readonly id: string
  readonly value?: unknown
}
export interface Board {
  readonly uid: string
  readonly title: string
  readonly panels: readonly Panel[]
  readonly links: readonly Link[]
  readonly templating: { readonly list: readonly { readonly name: string }[] }
}

const COLUMNS = 24

/** `uids`: of all boards there are. None wrong: an empty list. */
export function problemsOfBoard(board: Board, uids: readonly string[]): readonly string[] {
  const everything = board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
  const panels = everything.filter(({ type }) => type !== 'row')
  const variables = board.templating.list.map(({ name }) => name)
  return [
    ...twice(
      'id',
      everything.map(({ id }) => String(id)),
    ),
    ...twice(
      'title',
      panels.map(({ title }) => String(title)),
    ),
    ...overlaps(board.panels.filter((panel) => (panel.panels ?? []).length === 0)),
    ...board.panels.flatMap(({ panels: inside = [] }) => overlaps(inside)),
    ...everything.flatMap((panel) => outside(panel)),
    ...panels.flatMap((panel) => problemsOfPanel(panel, variables)),
    ...[...board.links, ...panels.flatMap(linksOf)].flatMap((link) => problemsOfLink(link, uids)),
  ]
}

const twice = (what: string, all: readonly string[]): readonly string[] =>
  all
    .filter((one, index) => all.indexOf(one) !== index)
    .map((one) => `${what} ${one} is there twice`)

const nameOf = ({ title }: Panel): string => title ?? 'a panel without a title'

function overlaps(panels: readonly Panel[]): readonly string[] {
  return panels.flatMap((one, index) =>
    panels
      .slice(index + 1)
      .filter((other) => overlap(one, other))
      .map((other) => `${nameOf(one)} lies on ${nameOf(other)}`),
  )
}

function overlap({ gridPos: one }: Panel, { gridPos: other }: Panel): boolean {
  if (!one || !other) return false
  const beside = one.x + one.w <= other.x || other.x + other.w <= one.x
  const apart = one.y + one.h <= other.y || other.y + other.h <= one.y
  return !beside && !apart
}

function outside(panel: Panel): readonly string[] {
  const { gridPos } = panel
  if (!gridPos) return [`${nameOf(panel)} has no place`]
  const { x, w, h } = gridPos
  return x >= 0 && w > 0 && h > 0 && x + w <= COLUMNS ? [] : [`${nameOf(panel)} is off the board`]
}

function problemsOfPanel(panel: Panel, variables: readonly string[]): readonly string[] {
  const { title, description = '', datasource, targets = [], fieldConfig } = panel
  const problems = [
    ...(title === undefined ? ['has no title'] : []),
    // Fewer words than these say nothing of what is good.
    ...(description.split(' ').length < 5 ? ['has no description'] : []),
    ...(datasource?.uid === 'prometheus' ? [] : ['has no data source']),
    ...((fieldConfig?.defaults.unit ?? '') === '' ? ['has no unit'] : []),
    ...(targets.length === 0 ? ['asks nothing'] : []),
    ...twice(
      'query',
      targets.map(({ refId }) => refId),
    ),
    ...targets.flatMap((target) => problemsOfQuery(target, variables)),
  ]
  return problems.map((problem) => `${nameOf(panel)}: ${problem}`)
}

/** Of Grafana itself: `$__range`. */
const VARIABLE = /\$\{?([a-z]\w*)/g
const SELECTOR = /voicegate_([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{([^}]*)\}|(?![a-z_{]))/g

function problemsOfQuery({ expr, datasource }: Target, variables: readonly string[]): string[] {
  const unknown = [...expr.matchAll(VARIABLE)]
    .map(([, name = '']) => name)
    .filter((name) => !variables.includes(name))
  const unchosen = [...expr.matchAll(SELECTOR)].flatMap(([, name = '', matchers = '']) =>
    choicesOf(name)
      .filter((choice) => !matchers.includes(choice))
      .map((choice) => `${name} is not asked with ${choice}`),
  )
  return [
    ...(datasource?.uid === 'prometheus' ? [] : ['a query has no data source']),
    ...unknown.map((name) => `there is no variable ${name}`),
    ...unchosen,
  ]
}

const NODE = 'instance=~"$node"'
function choicesOf(name: string): readonly string[] {
  const declared: MetricDeclarationEntry | undefined = Object.entries<MetricDeclarationEntry>(
    METRICS,
  ).find(([each]) => each === name)?.[1]
  return 'trunk' in (declared?.labels ?? {}) ? [NODE, 'trunk=~"$trunk"'] : [NODE]
}

const linksOf = ({ links = [], fieldConfig }: Panel): readonly Link[] => [
  ...links,
  ...(fieldConfig?.defaults.links ?? []),
  ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'links').flatMap(({ value }) => value as Link[]),
  ),
]

/** The filters of the list of calls that its address takes, each with its values where they are known. */
const FILTERS: Readonly<Record<string, readonly string[] | undefined>> = {
  trunk: undefined,
  from_date: undefined,
  to_date: undefined,
  outcome: CALL_OUTCOMES,
  direction: CALL_DIRECTIONS,
  fault: CALL_FAULTS,
}

function problemsOfLink({ title, url }: Link, uids: readonly string[]): readonly string[] {
  // A list of boards by their tag has no address.
  if (url === undefined || url === '${console}') return []
  const [, board] = /^\/d\/([\w-]+)\?/.exec(url) ?? []
  if (board !== undefined)
    return uids.includes(board) ? [] : [`${title}: there is no board ${board}`]
  const [, filters] = /^\$\{console\}\/calls\?(.*)$/.exec(url) ?? []
  if (filters === undefined) return [`${title} leads nowhere we know: ${url}`]
  return filters.split('&').flatMap((filter) => {
    if (filter === '${trunk:customqueryparam:trunk}') return []
    const [name = '', value = ''] = filter.split('=')
    if (!(name in FILTERS)) return [`${title}: the list of calls has no filter ${name}`]
    const isKnown = value.startsWith('${__') || (FILTERS[name]?.includes(value) ?? true)
    return isKnown ? [] : [`${title}: ${name} is never ${value}`]
  })
}
