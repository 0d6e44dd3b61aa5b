// The axis itself: the ruler, all lanes on one layer, the lines through them, and the hands that move it.
import {
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  type KeyboardEvent,
  type ReactNode,
} from 'react'
import { layerPx, type AxisView } from './axis-view.ts'
import { useAxisWords } from './axis-words.ts'
import { LEVELS, LIFELINES, STAGE_HEIGHT } from './geometry.ts'
import { PointerLine, type Pointer } from './overlays.tsx'
import { ticks } from './ruler-ticks.ts'
import { useLayer } from './use-layer.ts'
import { useStageGestures } from './use-stage-gestures.ts'
import { useWindow } from './use-window.ts'
import css from './axis.module.css'

interface StageProps {
  readonly view: AxisView
  readonly onPick: (key: string | null, ms: number) => void
  readonly onMoved: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  /** On the layer: what moves with the view. */
  readonly children: ReactNode
  /** Beside it: what places itself. */
  readonly beside: ReactNode
}

export function Stage({ view, onPick, onMoved, onKeyDown, children, beside }: StageProps) {
  const say = useAxisWords()
  const stage = useRef<HTMLDivElement>(null)
  const layer = useRef<HTMLDivElement>(null)
  const pointer = useRef<Pointer>(null)
  const onPoint = useCallback((x: number | null) => pointer.current?.point(x), [])
  const gestures = useMemo(() => ({ onPick, onMoved, onPoint }), [onPick, onMoved, onPoint])
  useStageGestures(stage, view, gestures)
  useLayer(layer, view)
  useEffect(() => {
    const element = stage.current
    if (element === null) return undefined
    const watch = new ResizeObserver(() => view.resize(element.clientWidth))
    watch.observe(element)
    view.resize(element.clientWidth)
    return () => watch.disconnect()
  }, [view])
  return (
    <div className={css['frame']}>
      <Gutter />
      <div
        ref={stage}
        className={css['stage']}
        style={{ height: STAGE_HEIGHT }}
        role="application"
        aria-label={say('title')}
        aria-description={say('describe')}
        tabIndex={0}
        onKeyDown={onKeyDown}
        data-axis-stage
      >
        <div className={css['rows']}>
          {ROWS.map((top) => (
            <i key={top} style={{ top }} />
          ))}
        </div>
        <div
          ref={layer}
          className={css['layer']}
          style={{ height: STAGE_HEIGHT }}
          aria-hidden="true"
        >
          <Ruler view={view} />
          {children}
        </div>
        {beside}
        <PointerLine view={view} handle={pointer} />
      </div>
    </div>
  )
}

const { ruler, state, ladder, sound, agent, call, silence } = LEVELS
const ROWS = [
  ruler.height,
  ladder.top - 3,
  sound.top - 2,
  LEVELS['caller-words'].top - 3,
  agent.top - 4,
  silence.top - 4,
]

const Ruler = memo(function Ruler({ view }: { readonly view: AxisView }) {
  const window = useWindow(view)
  return (
    <div className={css['level']} style={{ top: ruler.top }} data-lane="ruler">
      {ticks(window.fromMs, window.toMs, window.pxPerMs).map(({ ms, label }) => (
        <span
          key={ms}
          className={css['tick']}
          style={{ transform: `translateX(${layerPx(window, ms)}px)` }}
        >
          {label}
        </span>
      ))}
    </div>
  )
})

const middle = ({ top, height }: { readonly top: number; readonly height: number }): number =>
  top + height / 2

const Gutter = memo(function Gutter() {
  const say = useAxisWords()
  const names = [
    [middle(state), say('state')],
    [ladder.top + LIFELINES.carrier, say('carrier')],
    [ladder.top + LIFELINES.gateway, say('gateway')],
    [ladder.top + LIFELINES.agent, say('agent')],
    [sound.top + sound.height / 4, `${say('sound')}: ${say('caller')}`],
    [sound.top + (sound.height * 3) / 4, `${say('sound')}: ${say('agent')}`],
    [middle(LEVELS['caller-words']), `${say('words')}: ${say('caller')}`],
    [middle(LEVELS['agent-words']), `${say('words')}: ${say('agent')}`],
    [middle(agent), say('agent_events')],
    [middle(call), say('call_events')],
    [middle(silence), say('silences')],
  ] as const
  return (
    <div className={css['gutter']} aria-hidden="true">
      {names.map(([top, name]) => (
        <span key={top} style={{ top }}>
          {name}
        </span>
      ))}
    </div>
  )
})
