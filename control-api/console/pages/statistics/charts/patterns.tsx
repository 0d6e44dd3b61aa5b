// The patterns that surfaces are filled with, once for all charts of the page, and the little squares of legends.
import classes from './charts.module.css'
import { paintOf, patternId, type Fill, type Series } from './series.ts'

const SIZE = 6
/** Of the strokes in the ground's colour. */
const STROKES: Readonly<Record<Exclude<Fill, 'solid'>, string>> = {
  rising: 'M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2',
  falling: 'M-1,5 l2,2 M0,0 l6,6 M5,-1 l2,2',
  crossed: 'M0,0 l6,6 M0,6 l6,-6',
  upright: 'M3,0 v6',
  level: 'M0,3 h6',
  dots: 'M2,3 h2',
}

export function Patterns({ series }: { readonly series: readonly Series[] }) {
  const wanted = new Map(
    series.map(({ color, fill }) => [patternId(color, fill), { color, fill }] as const),
  )
  return (
    <svg className={classes['patterns']} aria-hidden="true" focusable="false">
      <defs>
        {[...wanted].map(
          ([id, { color, fill }]) =>
            fill !== 'solid' && (
              <pattern key={id} id={id} width={SIZE} height={SIZE} patternUnits="userSpaceOnUse">
                <rect width={SIZE} height={SIZE} fill={`var(--chart-${color})`} />
                <path
                  d={STROKES[fill]}
                  stroke="var(--chart-ground)"
                  strokeWidth={fill === 'dots' ? 2 : 1.4}
                />
              </pattern>
            ),
        )}
      </defs>
    </svg>
  )
}

export function Swatch({ series }: { readonly series: Series }) {
  const { kind, color, isDashed } = series
  return (
    <svg width={18} height={12} aria-hidden="true" focusable="false">
      {kind === 'bar' ? (
        <rect width={18} height={12} rx={2} fill={paintOf(series)} />
      ) : (
        <>
          <path
            d="M0,6 h18"
            stroke={`var(--chart-${color})`}
            strokeWidth={2}
            strokeDasharray={isDashed ? '5 3' : undefined}
          />
          <circle cx={9} cy={6} r={3} fill={`var(--chart-${color})`} />
        </>
      )}
    </svg>
  )
}

export function Legend({ series }: { readonly series: readonly Series[] }) {
  return (
    <ul className={classes['legend']}>
      {series.map((one) => (
        <li key={one.key}>
          <Swatch series={one} />
          {one.name}
        </li>
      ))}
    </ul>
  )
}
