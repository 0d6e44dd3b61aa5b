// Whose doing the end of a call was, and what went wrong on the way to it though it ended well.
import type { TimelineItem } from '../axis/axis-data.ts'
import { qualityOf } from '../quality/quality.ts'
import type { Termination } from './ending.ts'

export type Blame =
  | Exclude<Termination['result'], 'upstream_error'>
  | 'carrier'
  | 'vendor'
  | 'unheard'

const OF_AGENT: ReadonlySet<Termination['reason']> = new Set([
  'agent-refused',
  'agent-dropped',
  'agent-silent',
])

/** As the boards count it, whoever hung up. A talk on which the far end never came through is nobody's success. */
export function blameFor({ result, reason }: Termination, items: readonly TimelineItem[]): Blame {
  if (result === 'upstream_error') return OF_AGENT.has(reason) ? 'vendor' : 'carrier'
  return result === 'success' && isUnheard(items) ? 'unheard' : result
}

/** It was waited for, and not one packet of it came. */
const isUnheard = (items: readonly TimelineItem[]): boolean =>
  items.some(({ type }) => type === 'media.stalled') && qualityOf(items)?.received.packets === 0

interface FailedTrunk {
  readonly trunk: string
  readonly status: number
  readonly next: string
}

/** Those that were tried before the one that had the call in the end. */
export function failedTrunks(items: readonly TimelineItem[]): readonly FailedTrunk[] {
  let trunk = ''
  return items.flatMap((item) => {
    if (item.type === 'sip.invite' && typeof item['trunk'] === 'string') trunk = item['trunk']
    const { sip_status: status, next_trunk: next } = item as Readonly<Record<string, unknown>>
    if (item.type !== 'sip.failed' || typeof next !== 'string') return []
    return [{ trunk, status: typeof status === 'number' ? status : 0, next }]
  })
}
