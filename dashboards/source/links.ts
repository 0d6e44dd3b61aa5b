// Where a click leads: to another board, or to the calls in the console.
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'

export interface Link {
  readonly title: string
  readonly url: string
  readonly targetBlank: boolean
}

export const uidOf = (board: string): string => `voicegate-${board}`

/** A board, with the nodes, trunks and times that are looked at. */
export const toBoard = (board: string, title: string): Link => ({
  title,
  url: `/d/${uidOf(board)}?\${__url_time_range}&\${__all_variables}`,
  targetBlank: false,
})

const TIMES = 'from_date=${__from:date:iso}&to_date=${__to:date:iso}'
/** Of all trunks Grafana puts in its own pattern without a name, which the console passes over. */
const CHOSEN_TRUNKS = '${trunk:customqueryparam:trunk}'

const calls = (filters: readonly string[]): string =>
  `\${console}/calls?${[...filters, TIMES].join('&')}`

/** The calls of the chosen trunks in the console, in the time that is looked at; `filter` is one of its list. */
export const toCalls = (title: string, filter?: string): Link => ({
  title,
  url: calls([...(filter === undefined ? [] : [filter]), CHOSEN_TRUNKS]),
  targetBlank: true,
})

/** The calls that a series is about, by those of its labels that the list of calls knows too. */
export const toCallsOfSeries = (
  ...labels: readonly ('trunk' | 'direction' | 'outcome')[]
): Link => ({
  title: 'These calls in the console',
  url: calls([
    ...labels.map((label) => `${label}=\${__field.labels.${label}:percentencode}`),
    ...(labels.includes('trunk') ? [] : [CHOSEN_TRUNKS]),
  ]),
  targetBlank: true,
})

/** The calls of the trunk that a row of a table is about. */
export const TO_CALLS_OF_ROW: Link = {
  title: 'Its calls in the console',
  url: calls(['trunk=${__value.text:percentencode}']),
  targetBlank: true,
}

export const builtLink = ({ title, url, targetBlank }: Link): DashboardLinkBuilder =>
  new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(targetBlank)
