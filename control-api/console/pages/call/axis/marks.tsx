// How one thing on the axis looks: a moment, a message of the ladder, a stretch. Drawn again only when it changes.
import { memo, useRef } from 'react'
import type { AxisView } from './axis-view.ts'
import type { Direction, Tone } from './entry.ts'
import css from './axis.module.css'
import { withTone } from './tones.ts'
import { useSticky } from './use-layer.ts'

interface Drawn {
  readonly id: string
  /** On the layer. */
  readonly x: number
  readonly label: string
  readonly title: string
  readonly tone: Tone
  /** More than one: so many lie here. */
  readonly count: number
  readonly isSelected: boolean
}

interface MomentProps extends Drawn {
  /** For its words, up to the next one. */
  readonly roomPx: number
}

const LEAST_TEXT_PX = 20

export const Moment = memo(function Moment(props: MomentProps) {
  const { id, x, label, title, tone, count, roomPx, isSelected } = props
  const room = Math.min(220, roomPx - (count > 1 ? 34 : 18))
  return (
    <div
      className={withTone(css['mark'], tone)}
      style={{ transform: `translateX(${x}px)` }}
      data-key={id}
      data-selected={isSelected}
      title={title}
    >
      {count > 1 ? (
        <span className={css['count']}>{count}</span>
      ) : (
        <span className={css['glyph']} data-tone={tone} />
      )}
      {room >= LEAST_TEXT_PX && (
        <span className={css['text']} style={{ maxWidth: room }}>
          {label}
        </span>
      )}
    </div>
  )
})

interface MessageProps extends MomentProps {
  readonly direction: Direction
  readonly top: number
  readonly height: number
}

export const Message = memo(function Message(props: MessageProps) {
  const { id, x, label, title, tone, count, roomPx, isSelected, direction, top, height } = props
  const room = Math.min(180, roomPx - (count > 1 ? 34 : 10))
  return (
    <div
      className={withTone(css['arrow'], tone)}
      style={{ transform: `translateX(${x}px)`, top, height }}
      data-key={id}
      data-selected={isSelected}
      title={title}
    >
      <span className={css['shaft']} data-direction={direction} data-tone={tone} />
      {count > 1 && <span className={css['count']}>{count}</span>}
      {room >= LEAST_TEXT_PX && (
        <span className={css['text']} style={{ maxWidth: room }}>
          {label}
        </span>
      )}
    </div>
  )
})

/** What is to be read stays in sight while it is moved along. */
export function StickyText(props: {
  readonly view: AxisView
  readonly x: number
  readonly width: number
  readonly className?: string | undefined
  readonly children: string
}) {
  const { view, x, width, className, children } = props
  const label = useRef<HTMLSpanElement>(null)
  useSticky(label, view, { x, width })
  return (
    <span ref={label} className={className}>
      {children}
    </span>
  )
}

interface StretchProps extends Drawn {
  readonly width: number
  readonly kind?: 'state'
  readonly cause?: string | undefined
  readonly isFaint?: boolean | undefined
  readonly view: AxisView
}

export const Stretch = memo(function Stretch(props: StretchProps) {
  const { id, x, width, label, title, tone, count, isSelected, kind, cause, isFaint } = props
  const name = [css['block'], kind === 'state' ? css['state'] : ''].join(' ')
  return (
    <div
      className={withTone(name, tone)}
      style={{ transform: `translateX(${x}px)`, width }}
      data-key={id}
      data-selected={isSelected}
      data-cause={cause}
      data-faint={isFaint}
      title={title}
    >
      {width >= LEAST_TEXT_PX && (
        <StickyText view={props.view} x={x} width={width}>
          {count > 1 ? `${count} · ${label}` : label}
        </StickyText>
      )}
    </div>
  )
})
