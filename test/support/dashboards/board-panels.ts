// The queries of a board by the words that people read: board, panel, and the line or column in it.
import { readFileSync } from 'node:fs'

/** `line`: the legend as it is written in the board; `column`: of a table, its title. Neither: its only query. */
export interface Place {
  readonly board: string
  readonly panel: string
  readonly line?: string
  readonly column?: string
}

interface Panel {
  readonly title?: string
  readonly targets?: readonly Target[]
  readonly panels?: readonly Panel[]
  readonly transformations?: readonly {
    readonly options?: { readonly renameByName?: Readonly<Record<string, string>> }
  }[]
}
interface Target {
  readonly refId: string
  readonly expr: string
  readonly legendFormat?: string
}

export const placeName = ({ board, panel, line, column }: Place): string =>
  [`${board}: ${panel}`, line, column].filter((part) => part !== undefined).join(' / ')

/** @throws Error when there is no such place, or more than one */
export function expressionAt(place: Place): string {
  const { board, panel: title, line, column } = place
  const { panels } = JSON.parse(readFileSync(`dashboards/boards/${board}.json`, 'utf8')) as {
    panels: Panel[]
  }
  const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
  const found = all
    .filter((panel) => panel.title === title)
    .flatMap((panel) => {
      const field = column === undefined ? undefined : fieldOf(panel, column)
      return (panel.targets ?? []).filter(
        ({ legendFormat, refId }) =>
          (line === undefined || legendFormat === line) &&
          (column === undefined || field === `Value #${refId}`),
      )
    })
  const [target] = found
  if (target && found.length === 1) return target.expr
  throw new Error(`${placeName(place)}: there are ${found.length} of it`)
}

const fieldOf = ({ transformations = [] }: Panel, column: string): string | undefined =>
  transformations
    .flatMap(({ options }) => Object.entries(options?.renameByName ?? {}))
    .find(([, title]) => title === column)?.[0]
