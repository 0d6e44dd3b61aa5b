// The SIP ladder: each message once, whether the wire, the story, or both of them tell it.
import { numberOf, textOf, type Direction, type Tone } from './entry.ts'
import type { TimelineItem } from './axis-data.ts'

/** The story is written within milliseconds of the wire; a repetition comes 500 ms later at the earliest (RFC 3261 T1). */
const SAME_WITHIN_MS = 250

interface Told {
  readonly method: string
  readonly status: number | undefined
  readonly direction: 'received' | 'sent'
}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Forwarded',
  182: 'Queued',
  183: 'Progress',
  200: 'OK',
  202: 'Accepted',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Auth',
  408: 'Timeout',
  480: 'Unavailable',
  481: 'No Such Call',
  486: 'Busy',
  487: 'Terminated',
  488: 'Not Acceptable',
  500: 'Server Error',
  503: 'Unavailable',
  600: 'Busy',
  603: 'Decline',
  607: 'Unwanted',
  608: 'Rejected',
}

/** `486 Busy`: as people in the field say it, in every language. */
export const statusWords = (status: number): string =>
  [String(status), STATUS_WORDS[status]].filter(Boolean).join(' ')

/** What a `sip.*` event says that a message of the wire would say, too. */
function toldBy(item: TimelineItem, isOutbound: boolean): Told | undefined {
  const theirs = isOutbound ? 'received' : 'sent'
  const status = numberOf(item, 'sip_status')
  const direction = textOf(item, 'direction') === 'received' ? 'received' : 'sent'
  switch (item.type) {
    case 'sip.message':
      return { method: textOf(item, 'method') ?? '?', status, direction }
    case 'sip.invite':
      return { method: 'INVITE', status: undefined, direction: isOutbound ? 'sent' : 'received' }
    case 'sip.provisional':
    case 'sip.failed':
      return { method: 'INVITE', status, direction: theirs }
    case 'sip.answered':
      return { method: 'INVITE', status: 200, direction: theirs }
    case 'sip.acknowledged':
      return { method: 'ACK', status: undefined, direction: 'received' }
    case 'sip.bye':
      return { method: 'BYE', status: undefined, direction }
    case 'sip.cancel':
      return { method: 'CANCEL', status: undefined, direction }
    default:
      return undefined
  }
}

const isSame = (one: Told, other: Told): boolean =>
  one.method === other.method && one.status === other.status && one.direction === other.direction

/** A mark of the ladder before it has words. */
export interface SipMark {
  readonly told: Told
  readonly offsetMs: number
  /** The message of the wire, the event of the story, or both. */
  readonly items: readonly TimelineItem[]
}

/** Each message once: what the story and the wire both tell becomes one mark, at the wire's time. */
export function sipMarks(items: readonly TimelineItem[], isOutbound: boolean): readonly SipMark[] {
  const wire = items.flatMap((item) => {
    const told = item.type === 'sip.message' ? toldBy(item, isOutbound) : undefined
    return told === undefined ? [] : [{ item, told }]
  })
  const taken = new Set<TimelineItem>()
  const story = items.flatMap((item): SipMark[] => {
    const told = item.type === 'sip.message' ? undefined : toldBy(item, isOutbound)
    if (told === undefined) return []
    const twin = twinOf(item, told, wire, taken)
    if (twin !== undefined) taken.add(twin)
    const offsetMs = (twin ?? item).offset_ms
    return [{ told, offsetMs, items: twin ? [item, twin] : [item] }]
  })
  const alone = wire
    .filter(({ item }) => !taken.has(item))
    .map(({ item, told }): SipMark => ({ told, offsetMs: item.offset_ms, items: [item] }))
  return [...story, ...alone].sort((one, other) => one.offsetMs - other.offsetMs)
}

function twinOf(
  { offset_ms: at }: TimelineItem,
  told: Told,
  wire: readonly { readonly item: TimelineItem; readonly told: Told }[],
  taken: ReadonlySet<TimelineItem>,
): TimelineItem | undefined {
  const near = wire.filter(
    (one) =>
      Math.abs(one.item.offset_ms - at) <= SAME_WITHIN_MS &&
      isSame(one.told, told) &&
      !taken.has(one.item),
  )
  const distance = ({ item }: { readonly item: TimelineItem }): number =>
    Math.abs(item.offset_ms - at)
  return near.sort((one, other) => distance(one) - distance(other))[0]?.item
}

/** `INVITE`, `180 Ringing`, `200 BYE`. */
export function sipLabel({ told: { method, status } }: SipMark): string {
  if (status === undefined) return method
  // The INVITE's answers are the ladder; those of others say whose they are.
  return method === 'INVITE' ? statusWords(status) : `${status} ${method}`
}

export function sipTone({ told: { method, status } }: SipMark): Tone {
  if (method === 'CANCEL') return 'warn'
  if (status === undefined) return 'plain'
  // Asked for credentials: that is no failure.
  if (status >= 300) return status === 401 || status === 407 ? 'warn' : 'bad'
  return status >= 200 && method === 'INVITE' ? 'good' : 'plain'
}

/** The carrier stands at the top. */
export const sipDirection = ({ told }: SipMark): Direction =>
  told.direction === 'received' ? 'down' : 'up'

export const isLadder = ({ type }: Pick<TimelineItem, 'type'>): boolean =>
  type === 'sip.message' || type in LADDER_EVENTS

const LADDER_EVENTS: Readonly<Record<string, true>> = {
  'sip.invite': true,
  'sip.provisional': true,
  'sip.failed': true,
  'sip.answered': true,
  'sip.acknowledged': true,
  'sip.bye': true,
  'sip.cancel': true,
}
