// The whole call in one strip, and which part of it is seen: to get anywhere at once.
import { memo, useEffect, useLayoutEffect, useRef } from 'react'
import type { AxisModel } from './axis-model.ts'
import type { Speech } from './axis-types.ts'
import type { AxisView } from './axis-view.ts'
import css from './axis.module.css'

interface MapProps {
  readonly view: AxisView
  readonly model: AxisModel
  readonly speech: readonly Speech[]
  readonly onMoved: () => void
}

const UNITS = 10_000

export const OverviewMap = memo(function OverviewMap({ view, model, speech, onMoved }: MapProps) {
  const strip = useRef<HTMLDivElement>(null)
  const seen = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const place = (): void => {
      if (seen.current === null || strip.current === null) return
      const { bounds, startMs, endMs } = view
      const length = bounds.toMs - bounds.fromMs
      const share = (ms: number): number =>
        Math.max(0, Math.min(1, (ms - bounds.fromMs) / length)) * 100
      seen.current.style.left = `${share(startMs)}%`
      seen.current.style.width = `${share(endMs) - share(startMs)}%`
    }
    place()
    return view.subscribe(place)
  }, [view])
  useEffect(() => {
    const element = strip.current
    if (element === null) return undefined
    const listening = new AbortController()
    const go = (event: PointerEvent): void => {
      if (event.buttons % 2 === 0) return
      if (event.type === 'pointerdown') element.setPointerCapture(event.pointerId)
      const { left, width } = element.getBoundingClientRect()
      const { bounds } = view
      const ms = bounds.fromMs + ((event.clientX - left) / width) * (bounds.toMs - bounds.fromMs)
      view.panTo(ms - view.widthPx / 2 / view.pxPerMs)
      onMoved()
    }
    for (const type of ['pointerdown', 'pointermove'] as const)
      element.addEventListener(type, go, { signal: listening.signal })
    return () => listening.abort()
  }, [view, onMoved])
  return (
    <div ref={strip} className={css['map']} aria-hidden="true" data-axis-map>
      <Picture model={model} speech={speech} />
      <div ref={seen} className={css['seen']} />
    </div>
  )
})

const Picture = memo(function Picture({
  model,
  speech,
}: {
  readonly model: AxisModel
  readonly speech: readonly Speech[]
}) {
  const length = Math.max(1, model.toMs - model.fromMs)
  const x = (ms: number): number => Math.round(((ms - model.fromMs) / length) * UNITS)
  const path = (who: Speech['who'], y: number): string =>
    speech
      .filter((one) => one.who === who)
      .map(({ from_ms: from, to_ms: to }) => `M${x(from)} ${y}H${Math.max(x(to), x(from) + 8)}`)
      .join('')
  const marks = model.all
    .filter(({ lane, tone }) => lane === 'sip' || lane === 'link' || tone === 'bad')
    .map(({ fromMs, tone }) => ({ at: x(fromMs), tone }))
  const ticks = (isBad: boolean): string =>
    marks
      .filter(({ tone }) => (tone === 'bad') === isBad)
      .map(({ at }) => `M${at} 2V8`)
      .join('')
  return (
    <svg viewBox={`0 0 ${UNITS} 28`} preserveAspectRatio="none" fill="none">
      <path d={ticks(false)} stroke="var(--plain)" {...LINE} />
      <path d={ticks(true)} stroke="var(--bad)" {...LINE} />
      <path d={path('caller', 14)} stroke="var(--caller)" {...BAR} />
      <path d={path('agent', 21)} stroke="var(--agent)" {...BAR} />
    </svg>
  )
})

const LINE = { strokeWidth: 1.5, vectorEffect: 'non-scaling-stroke' } as const
const BAR = { strokeWidth: 5, vectorEffect: 'non-scaling-stroke' } as const
