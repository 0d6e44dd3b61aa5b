// What a carrier’s engineer reads, by the definitions of ITU-T E.411 and E.425, once for all boards; and whose fault an
// end is.
import { AGENT_FAILURES } from '#core/contracts'
import {
  averageOf,
  increaseOf,
  labelled,
  shareOf,
  sumOfBoth,
  WINDOW,
  type CounterSelection,
  type Selection,
  type Where,
} from './expressions.ts'

type Figure = Pick<Selection<'calls_total'>, 'by' | 'over'>
/** What a ratio is of. */
type Whole = (figure: Figure) => string

const ended = ({ by = [], over = WINDOW }: Figure, where?: Where<'calls_total'>): string =>
  increaseOf('calls_total', { by, over, ...(where && { where }) })

/** Each call once, by the trunk that had it in the end. */
export const calls: Whole = (figure) => ended(figure)

/** Of trunks: a call that one failed and the next was tried for is a failure of the first. */
export const seizures: Whole = ({ by = [], over = WINDOW }) => {
  const failedOver = increaseOf('trunk_failovers_total', { by: ['trunk'], over })
  const each = increaseOf('calls_total', { by: ['trunk', 'direction', 'outcome'], over })
  return sumOfBoth(by, each, labelled(failedOver, 'direction', 'outbound'))
}

/** ASR: somebody or something picked up. */
export const answerRatio = (whole: Whole, figure: Figure = {}): string =>
  shareOf(ended(figure, { outcome: ['answered', 'machine'] }), whole(figure))

/** NER: whatever the callee did, the network brought the call there; only `failed` is its fault. */
export const networkRatio = (whole: Whole, figure: Figure = {}): string =>
  shareOf(
    ended(figure, {
      outcome: ['answered', 'machine', 'busy', 'no-answer', 'declined', 'canceled'],
    }),
    whole(figure),
  )

/** Of the INVITEs of a trunk, those that it failed and the next one was tried for. */
export const failoverRatio = (figure: Pick<Figure, 'over'> = {}): string => {
  const over = figure.over ?? WINDOW
  return shareOf(
    increaseOf('trunk_failovers_total', { by: ['trunk'], over }),
    increaseOf('call_attempts_total', { by: ['trunk'], over, where: { direction: 'outbound' } }),
  )
}

/** ACD: how long an answered call lasts. */
export const callDuration = (figure: Selection<'call_duration_seconds'> = {}): string =>
  averageOf('call_duration_seconds', { over: WINDOW, ...figure })

type Ends = CounterSelection<'call_terminations_total'>

export const endedBy = (selection: Ends): string => increaseOf('call_terminations_total', selection)

/** Ends that are somebody’s fault, and not the caller’s or callee’s: by the one to call. */
const FAULTS = {
  'agent’s vendor': { where: { reason: AGENT_FAILURES } },
  'carrier or network': {
    where: { result: 'upstream_error' },
    except: { reason: AGENT_FAILURES },
  },
  gateway: { where: { result: 'server_error' } },
  'nobody knows': { where: { result: 'indeterminate' } },
} as const satisfies Readonly<Record<string, Pick<Ends, 'where' | 'except'>>>

export const failedBy = (
  who: keyof typeof FAULTS,
  selection: Pick<Ends, 'by' | 'over'> = {},
): string => endedBy({ over: WINDOW, ...selection, ...FAULTS[who] })

/** One series for each of them, named by the label `who`. */
export const faults = (selection: Pick<Ends, 'by' | 'over'>): string =>
  Object.entries(FAULTS)
    .map(([who, ends]) => labelled(endedBy({ ...selection, ...ends }), 'who', who))
    .join(' or ')
