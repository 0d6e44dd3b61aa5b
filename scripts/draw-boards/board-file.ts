// A board as its file has it: what a drawing needs to know of Grafana's JSON (dashboards/boards/*.json).
import { readFileSync } from 'node:fs'

export interface Threshold {
  readonly value: number | null
  readonly color: string
}

/** A value in words: `options` by the value as text. */
export interface Mapping {
  readonly type: string
  readonly options: Readonly<Record<string, { readonly text?: string; readonly color?: string }>>
}

export interface FieldLooks {
  readonly unit?: string
  readonly decimals?: number
  readonly noValue?: string
  readonly min?: number
  readonly max?: number
  readonly mappings?: readonly Mapping[]
  readonly thresholds?: { readonly steps: readonly Threshold[] }
  readonly custom?: CustomLooks
}

export interface CustomLooks {
  readonly drawStyle?: 'line' | 'bars' | 'points'
  readonly fillOpacity?: number
  readonly lineInterpolation?: string
  readonly stacking?: { readonly mode?: 'none' | 'normal' | 'percent' }
  readonly thresholdsStyle?: { readonly mode?: string }
}

export interface Override {
  readonly matcher: { readonly id: string; readonly options?: unknown }
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[]
}

export interface Target {
  readonly refId: string
  readonly expr: string
  readonly legendFormat?: string
}

export interface Panel {
  readonly type: string
  readonly title?: string
  readonly interval?: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets?: readonly Target[]
  readonly fieldConfig?: { readonly defaults: FieldLooks; readonly overrides?: readonly Override[] }
  readonly options?: {
    readonly colorMode?: string
    readonly textMode?: string
    readonly sortBy?: readonly { readonly displayName: string; readonly desc?: boolean }[]
  }
  readonly transformations?: readonly {
    readonly id: string
    readonly options?: {
      readonly renameByName?: Readonly<Record<string, string>>
      readonly indexByName?: Readonly<Record<string, number>>
    }
  }[]
  /** Of a row that is closed. */
  readonly panels?: readonly Panel[]
}

export interface Board {
  readonly title: string
  readonly panels: readonly Panel[]
}

export const readBoard = (file: string): Board => JSON.parse(readFileSync(file, 'utf8')) as Board

/** With the looks that are said of one series or column alone. */
export function looksOf(
  panel: Panel,
  name: string,
): FieldLooks & Readonly<Record<string, unknown>> {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {}
  const said = overrides
    .filter(({ matcher }) => isMeant(matcher, name))
    .flatMap(({ properties }) => properties)
  return { ...defaults, ...Object.fromEntries(said.map(({ id, value }) => [id, value])) }
}

function isMeant({ id, options }: Override['matcher'], name: string): boolean {
  if (typeof options !== 'string') return false
  if (id === 'byName') return options === name
  if (id !== 'byRegexp') return false
  const [, pattern = options] = /^\/(.*)\/$/.exec(options) ?? []
  return new RegExp(pattern).test(name)
}
