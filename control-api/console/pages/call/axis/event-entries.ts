// The events of a call as marks in their lanes.
import type { TimelineItem } from './axis-data.ts'
import type { AxisWords } from './axis-language.ts'
import { numberOf, textOf, type Direction, type Entry, type Lane, type Tone } from './entry.ts'
import { isLadder, sipDirection, sipLabel, sipMarks, sipTone, statusWords } from './sip-marks.ts'

interface Telling {
  readonly isOutbound: boolean
  readonly keyOf: (item: TimelineItem) => string
  readonly words: AxisWords
}

/** The transcript has these, whole. */
const IN_TRANSCRIPT: ReadonlySet<string> = new Set([
  'agent.user_transcript',
  'agent.response',
  'agent.response_corrected',
  'agent.heard',
])

/** @param items in order */
export function eventEntries(items: readonly TimelineItem[], telling: Telling): Entry[] {
  const ladder = sipMarks(items.filter(isLadder), telling.isOutbound).map((mark): Entry => {
    const label = sipLabel(mark)
    const [first] = mark.items
    const at = mark.offsetMs
    return {
      key: first === undefined ? label : telling.keyOf(first),
      lane: 'sip',
      fromMs: at,
      toMs: at,
      label,
      title: label,
      tone: sipTone(mark),
      direction: sipDirection(mark),
      items: mark.items,
    }
  })
  const others = items
    .filter((item) => !isLadder(item) && !IN_TRANSCRIPT.has(item.type) && item.type !== PROMPT_END)
    .map((item) => entryOf(item, items, telling))
  return [...ladder, ...others]
}

const PROMPT_END = 'prompt.finished'

function entryOf(item: TimelineItem, all: readonly TimelineItem[], telling: Telling): Entry {
  const { words, keyOf } = telling
  const end = item.type === 'prompt.started' ? endOfPrompt(item, all) : undefined
  const direction = directionOf(item)
  return {
    key: keyOf(item),
    lane: laneOf(item),
    fromMs: item.offset_ms,
    toMs: end?.offset_ms ?? item.offset_ms,
    label: labelOf(item, words),
    title: words.event(item),
    tone: toneOf(item),
    ...(direction === undefined ? {} : { direction }),
    items: end === undefined ? [item] : [item, end],
  }
}

const endOfPrompt = (begin: TimelineItem, all: readonly TimelineItem[]): TimelineItem | undefined =>
  all.find(
    ({ type, offset_ms: at, prompt_id: id }) =>
      type === PROMPT_END && at >= begin.offset_ms && id === begin['prompt_id'],
  )

/** Between gateway and agent: who spoke to whom. */
const LINK: Readonly<Record<string, Direction>> = {
  'agent.attempted': 'down',
  'agent.opened': 'up',
  'agent.attempt_failed': 'up',
  'agent.busy': 'up',
}
/** We closed it; otherwise the agent's side did. */
const OUR_CLOSING: ReadonlySet<string> = new Set([
  'call-ended',
  'no-ack',
  'transferred',
  'worker-lost',
  'gateway-crashed',
  'silent',
])
/** Transfers are signalling, too. */
const TRANSFER: Readonly<Record<string, Direction>> = {
  'transfer.referred': 'down',
  'transfer.progress': 'down',
  'transfer.invite': 'up',
  'transfer.answered': 'down',
  'transfer.failed': 'down',
}

/** What a vendor's telephony tells stands where SIP would. */
const PROVIDER = 'provider.'

function laneOf({ type }: TimelineItem): Lane {
  if (type in LINK || type === 'agent.closed') return 'link'
  if (type in TRANSFER || type.startsWith('sip.') || type.startsWith(PROVIDER)) return 'sip'
  return type.startsWith('agent.') ? 'agent' : 'call'
}

function directionOf(item: TimelineItem): Direction | undefined {
  const { type } = item
  if (type === 'agent.closed') return OUR_CLOSING.has(textOf(item, 'reason') ?? '') ? 'down' : 'up'
  if (type === 'provider.invited') return item['direction'] === 'inbound' ? 'down' : 'up'
  if (type.startsWith(PROVIDER)) return 'down'
  return LINK[type] ?? TRANSFER[type]
}

function labelOf(item: TimelineItem, words: AxisWords): string {
  const status = numberOf(item, 'sip_status')
  if (item.type === 'transfer.progress' && status !== undefined)
    return `${words.short(item)} ${statusWords(status)}`
  return words.short(item)
}

const TONES: Readonly<Record<string, Tone>> = {
  'sip.server_lost': 'bad',
  'agent.busy': 'warn',
  'agent.attempted': 'money',
  'agent.opened': 'money',
  'agent.closed': 'money',
  'agent.attempt_failed': 'bad',
  'agent.first_audio': 'agent',
  'agent.interrupted': 'caller',
  'agent.tool_called': 'agent',
  'agent.tool_answered': 'agent',
  'agent.transfer_requested': 'decision',
  'agent.silent': 'warn',
  'agent.error': 'bad',
  'media.stalled': 'warn',
  'media.lost': 'bad',
  'media.dead_air': 'warn',
  'media.server_lost': 'bad',
  'transfer.requested': 'decision',
  'transfer.answered': 'good',
  'transfer.failed': 'bad',
  dtmf: 'caller',
  'prompt.started': 'decision',
  'recording.failed': 'bad',
  'call.record_limited': 'warn',
  'call.reviewed': 'decision',
  'consent.given': 'decision',
  'flow.asked': 'decision',
  'flow.answered': 'caller',
  'machine.verdict': 'decision',
  'provider.answered': 'good',
}

function toneOf(item: TimelineItem): Tone {
  if (item.type === 'agent.tool_answered' && item['is_error'] === true) return 'bad'
  if (item.type === 'call.ended') return wentWell(item) ? 'good' : 'bad'
  if (item.type === 'flow.answered' && UNHEARD.has(textOf(item, 'answer') ?? '')) return 'warn'
  if (item.type === 'provider.ended' && textOf(item, 'error_code') !== undefined) return 'bad'
  return TONES[item.type] ?? 'plain'
}

/** Nothing that the menu could go on with. */
const UNHEARD: ReadonlySet<string> = new Set(['invalid', 'silence', 'transfer-failed'])

function wentWell({ termination }: TimelineItem): boolean {
  const isOne = typeof termination === 'object' && termination !== null && 'result' in termination
  return isOne && termination.result === 'success'
}
