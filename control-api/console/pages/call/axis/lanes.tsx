// The lanes: what of each is to be seen, on the layer that all of them share.
import { memo } from 'react'
import type { AxisView, Window } from './axis-view.ts'
import { layerPx } from './axis-view.ts'
import type { Cluster } from './clusters.ts'
import { isMoment, type Entry } from './entry.ts'
import { GAPS, LEVELS, LIFELINES } from './geometry.ts'
import { Message, Moment, Stretch } from './marks.tsx'
import { toneOfAll } from './tones.ts'
import { useClusters, useWindow } from './use-window.ts'
import css from './axis.module.css'

export interface LaneProps {
  readonly view: AxisView
  readonly entries: readonly Entry[]
  readonly selectedKey: string | null
}

/** What all that lie in one place have in common to be drawn. */
function drawn({ key, members, fromMs, roomMs }: Cluster, window: Window, selected: string | null) {
  const labels = members.map(({ title }) => title)
  return {
    id: key,
    x: layerPx(window, fromMs),
    label: labelOf(members),
    title: labels.slice(0, MOST_TITLES).join(' · ') + (labels.length > MOST_TITLES ? ' …' : ''),
    tone: toneOfAll(members.map(({ tone }) => tone)),
    count: members.length,
    // In steps: words are not laid out anew for each pixel.
    roomPx: Math.min(
      MOST_ROOM_PX,
      Math.floor((roomMs * window.pxPerMs) / ROOM_STEP_PX) * ROOM_STEP_PX,
    ),
    isSelected: selected !== null && members.some((one) => one.key === selected),
  }
}

const MOST_TITLES = 8
const MOST_ROOM_PX = 240
const ROOM_STEP_PX = 12

/** Of marks: from the first to the last. A stretch has its own words. */
function labelOf([first, ...others]: Cluster['members']): string {
  const last = others.at(-1)
  if (last === undefined || !isMoment(first)) return first.label
  return first.label === last.label ? first.label : `${first.label} … ${last.label}`
}

export const MomentLane = memo(function MomentLane(props: LaneProps & { level: 'agent' | 'call' }) {
  const { view, entries, selectedKey, level } = props
  const window = useWindow(view)
  const { top, height } = LEVELS[level]
  return (
    <div className={css['level']} style={{ top, height }} data-lane={level}>
      {useClusters(entries, window, GAPS.marks).map((cluster) => (
        <Moment key={cluster.key} {...drawn(cluster, window, selectedKey)} />
      ))}
    </div>
  )
})

/** One hop of the ladder: between carrier and gateway, or between gateway and agent. */
export const LadderLane = memo(function LadderLane(props: LaneProps & { hop: 'sip' | 'link' }) {
  const { view, entries, selectedKey, hop } = props
  const window = useWindow(view)
  const top = LIFELINES[hop === 'sip' ? 'carrier' : 'gateway']
  const height = LIFELINES[hop === 'sip' ? 'gateway' : 'agent'] - top
  const { ladder } = LEVELS
  return (
    <div
      className={css['level']}
      style={{ top: ladder.top, height: ladder.height }}
      data-lane={hop}
    >
      {useClusters(entries, window, GAPS.ladder).map((cluster) => (
        <Message
          key={cluster.key}
          {...drawn(cluster, window, selectedKey)}
          direction={cluster.members[0].direction ?? 'down'}
          top={top}
          height={height}
        />
      ))}
    </div>
  )
})

type StretchLevel = 'state' | 'caller-words' | 'agent-words' | 'silence'
const LEAST_WIDTH = 3

export const StretchLane = memo(function StretchLane(props: LaneProps & { level: StretchLevel }) {
  const { view, entries, selectedKey, level } = props
  const window = useWindow(view)
  const { top, height } = LEVELS[level]
  const gap = level === 'state' ? 0 : level === 'silence' ? GAPS.silences : GAPS.blocks
  return (
    <div className={css['level']} style={{ top, height }} data-lane={level}>
      {useClusters(entries, window, gap).map((cluster) => {
        const look = drawn(cluster, window, selectedKey)
        const [first] = cluster.members
        const { x, width } = stretched(cluster, window)
        return (
          <Stretch
            key={cluster.key}
            {...look}
            x={x}
            width={width}
            {...(level === 'state' ? { kind: 'state' as const } : {})}
            cause={first.silence?.cause}
            isFaint={first.isFaint}
            view={view}
          />
        )
      })}
    </div>
  )
})

/** What begins or ends far away begins or ends out of sight: nothing is drawn millions of pixels wide. */
function stretched(
  { fromMs, toMs, roomMs }: Cluster,
  window: Window,
): { readonly x: number; readonly width: number } {
  const beyond = BEYOND_PX / window.pxPerMs
  const x = layerPx(window, Math.max(fromMs, window.fromMs - beyond))
  const end = layerPx(window, Math.min(toMs, window.toMs + beyond))
  const room = layerPx(window, fromMs + roomMs) - 1 - x
  return { x, width: Math.max(LEAST_WIDTH, Math.min(end - x, room)) }
}

const BEYOND_PX = 400
