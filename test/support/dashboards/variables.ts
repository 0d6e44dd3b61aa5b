// Grafana's variables in an expression, which Prometheus does not know.

export interface Windows {
  /** For `$__rate_interval`, `$__interval`, and `$window` of the boards. */
  readonly interval: string
  /** For `$__range`. */
  readonly range: string
  /** For a variable of the board's own: of a matcher. */
  readonly value: string
}

/** As Grafana would with every variable at All and these windows. */
export function withVariables(expr: string, { interval, range, value }: Windows): string {
  return (
    expr
      .replace(
        /\$(?:__rate_interval|__interval|window)\b|\$\{__(?:rate_interval|interval)\}/g,
        interval,
      )
      .replace(/\$__range\b|\$\{__range\}/g, range)
      .replace(/\$__range_s\b|\$\{__range_s\}/g, String(secondsOf(range)))
      // Not $1 of label_replace.
      .replace(/\$[a-zA-Z]\w*|\$\{[a-zA-Z][^}]*\}/g, value)
  )
}

const UNITS = { s: 1, m: 60, h: 3600 } as const

function secondsOf(duration: string): number {
  const [, amount, unit] = /^(\d+)([smh])$/.exec(duration) ?? []
  if (unit !== 's' && unit !== 'm' && unit !== 'h') throw new Error(`not a duration: ${duration}`)
  return Number(amount) * UNITS[unit]
}
