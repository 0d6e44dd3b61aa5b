// Calls a day as small bars; the numbers themselves are on the page of statistics.
import type { Day } from './days.ts'
import { useOverview } from './words.ts'
import { number } from '../../words/amounts.ts'

const BAR = 6
const GAP = 4
const HEIGHT = 36

export function Sparkline({ days }: { readonly days: readonly Day[] }) {
  const say = useOverview()
  const most = Math.max(1, ...days.map(({ calls }) => calls))
  const width = days.length * (BAR + GAP) - GAP
  return (
    <svg
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width="100%"
      height={HEIGHT}
      preserveAspectRatio="none"
      role="img"
      aria-label={say('thirty_days', { most: number(most) })}
    >
      {days.map(({ key, calls }, at) => {
        const height = calls === 0 ? 1 : Math.max(2, (calls / most) * HEIGHT)
        return (
          <rect
            key={key}
            x={at * (BAR + GAP)}
            y={HEIGHT - height}
            width={BAR}
            height={height}
            fill="var(--mantine-color-anchor)"
            opacity={calls === 0 ? 0.35 : 1}
          />
        )
      })}
    </svg>
  )
}
