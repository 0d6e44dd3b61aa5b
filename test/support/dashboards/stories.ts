// The stories of dashboards/rules/tests/: unit tests of promtool, each about one alert by the beginning of its name,
// `TrunkDown: …` or `TrunkDown, silent: …`, which lists all alerts that fire at the times it names.
import { parse } from 'yaml'

export interface Story {
  /** The alert, or `plain`, or whatever else it is about. */
  readonly about: string
  readonly silent: boolean
  /** `TrunkDown/page`: all that fire at some time of it. */
  readonly firing: readonly string[]
}

interface Check {
  readonly expr: string
  readonly exp_samples?: readonly { readonly labels: string }[]
}

export function storiesIn(text: string): readonly Story[] {
  const { tests } = parse(text) as { tests: { name: string; promql_expr_test: Check[] }[] }
  return tests.map(({ name, promql_expr_test: checks }) => ({
    about: /^\w+/.exec(name)?.[0] ?? '',
    silent: /^\w+, silent: /.test(name),
    firing: checks.filter(asksWhatFires).flatMap(({ exp_samples: samples = [] }) =>
      samples.flatMap(({ labels }) => {
        const [, alert, severity] = /alertname="(\w+)", severity="(\w+)"/.exec(labels) ?? []
        return alert === undefined ? [] : [`${alert}/${severity}`]
      }),
    ),
  }))
}

const asksWhatFires = ({ expr }: Check): boolean =>
  expr.replaceAll(' ', '') === 'groupby(alertname,severity)(ALERTS{alertstate="firing"})'

/** Without their severities. */
export const alertsToldIn = (firing: readonly string[]): readonly string[] =>
  firing.map((alert) => alert.split('/')[0] ?? '')
