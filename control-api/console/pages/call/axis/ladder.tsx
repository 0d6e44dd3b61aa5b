// The ladder between carrier, gateway and agent, the agent's sessions below it, and the guard's evidence through it.
import { memo } from 'react'
import type { GetCallResponse } from '../../../api/generated/types.gen.ts'
import { duration, money } from '../../../words/amounts.ts'
import { sessionKey } from './axis-model.ts'
import { layerPx, type AxisView } from './axis-view.ts'
import { useAxisWords } from './axis-words.ts'
import type { AgentSession, GuardEvidence } from './call-states.ts'
import { GUARD_LABEL_TOP, LEVELS, LIFELINES, SESSION, STAGE_HEIGHT } from './geometry.ts'
import { StickyText } from './marks.tsx'
import { useWindow } from './use-window.ts'
import css from './axis.module.css'

/** The three lines, the whole width: they do not move. */
export const Lifelines = memo(function Lifelines() {
  return (
    <div className={css['rows']}>
      {Object.values(LIFELINES).map((y) => (
        <i key={y} style={{ top: LEVELS.ladder.top + y }} />
      ))}
    </div>
  )
})

interface SessionsProps {
  readonly view: AxisView
  readonly sessions: readonly AgentSession[]
  readonly call: GetCallResponse
  readonly selectedKey: string | null
}

export const Sessions = memo(function Sessions(props: SessionsProps) {
  const { view, sessions, call, selectedKey } = props
  const window = useWindow(view)
  const top = LEVELS.ladder.top + SESSION.top
  return (
    <div className={css['level']} style={{ top, height: SESSION.height }} data-lane="session">
      {sessions.map((session) => (
        <Session
          key={session.attemptedMs}
          view={view}
          session={session}
          x={layerPx(window, session.attemptedMs)}
          openedX={layerPx(window, session.openedMs ?? session.attemptedMs)}
          endX={layerPx(window, Math.min(session.closedMs, window.toMs + 1000))}
          price={priceOf(call)}
          isSelected={selectedKey === sessionKey(session)}
        />
      ))}
    </div>
  )
})

interface SessionProps {
  readonly view: AxisView
  readonly session: AgentSession
  readonly x: number
  readonly openedX: number
  readonly endX: number
  /** US dollars a minute. */
  readonly price: number | null
  readonly isSelected: boolean
}

/** The thin line within rises with what it costs: evenly, by the second. */
const Session = memo(function Session(props: SessionProps) {
  const { view, session, x, openedX, endX, price } = props
  const say = useAxisWords()
  const width = Math.max(3, endX - x)
  const opening = Math.max(0, openedX - x)
  const label = costOf(session, price)
  return (
    <div
      className={css['session']}
      style={{ transform: `translateX(${x}px)`, width }}
      data-key={sessionKey(session)}
      data-selected={props.isSelected}
      title={[say('session'), label].filter(Boolean).join(': ')}
    >
      {session.closedMs !== Number.POSITIVE_INFINITY && (
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          <line
            x1="0"
            y1="96"
            x2="100"
            y2="4"
            stroke="var(--money)"
            strokeWidth="1.5"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
      )}
      <span className={css['opening']} style={{ width: opening }} />
      {width > 60 && (
        <StickyText view={view} className={css['sessionLabel']} x={x} width={width}>
          {[say('session'), label].filter(Boolean).join(' · ')}
        </StickyText>
      )}
    </div>
  )
})

function costOf({ seconds }: AgentSession, price: number | null): string {
  if (seconds === null) return ''
  const told = duration(seconds)
  return price === null ? told : `${told} · ${money((seconds / 60) * price * 100)}`
}

function priceOf({ cost }: Pick<GetCallResponse, 'cost'>): number | null {
  const part = cost?.parts.find(({ kind }) => kind === 'agent')
  return part?.kind === 'agent' ? part.price_per_minute : null
}

const FROM = LEVELS.ruler.height

/** From the 200 OK to the open agent: nothing of the agent lies before the line. */
export const Guard = memo(function Guard({
  view,
  guard,
  openMs,
}: {
  readonly view: AxisView
  readonly guard: GuardEvidence
  /** As the record says it. */
  readonly openMs: number | null
}) {
  const say = useAxisWords()
  const window = useWindow(view)
  const x = layerPx(window, guard.answeredMs)
  const { openedMs } = guard
  const width = openedMs === null ? 0 : layerPx(window, openedMs) - x
  const ms = openMs ?? (openedMs === null ? null : Math.round(openedMs - guard.answeredMs))
  const answer = say(guard.isProvider ? 'answered' : 'guard_answered')
  const words = ms === null ? answer : say('guard_opened', { answer, after: duration(ms / 1000) })
  return (
    <div
      className={css['level']}
      style={{ top: FROM, height: STAGE_HEIGHT - FROM }}
      data-axis-guard
    >
      <div
        className={css['guard']}
        style={{ transform: `translateX(${x - 1}px)`, width: Math.max(2, width) }}
      />
      <span
        className={css['guardLabel']}
        style={{ transform: `translateX(${x + 4}px)`, top: GUARD_LABEL_TOP - FROM }}
      >
        {words}
      </span>
    </div>
  )
})
