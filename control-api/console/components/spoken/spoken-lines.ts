// What is said on a call, as it is spoken, from the items of its timeline (docs/events.md). Pure. The exact transcript,
// folded by the server, is on the call's own page; this one is there the moment the words are.
import type { TimelineItem } from '../../live/call-timeline.ts'

export interface SpokenLine {
  readonly key: string
  readonly offset_ms: number
  readonly who: 'caller' | 'agent' | 'gateway'
  readonly kind: 'words' | 'key' | 'message'
  /** Empty of keys and messages: which key is told to nobody. */
  readonly text: string
  /** The caller talked into it: not all of it was heard. */
  readonly isInterrupted: boolean
}

export function spokenLines(items: readonly TimelineItem[]): readonly SpokenLine[] {
  const lines = new Map<string, SpokenLine>()
  // Event ids count within a session of the agent.
  let session = 0
  items.forEach((item, index) => {
    if (item.type === 'agent.attempted') session += 1
    const said = lineOf(item, session, index)
    if (said !== undefined) {
      const before = lines.get(said.key)
      lines.set(said.key, before ? { ...before, text: said.text } : said)
      return
    }
    const heard = agentKey(item, session)
    const line = lines.get(heard)
    if (line && isCut(item)) lines.set(heard, { ...line, isInterrupted: true })
  })
  return [...lines.values()]
}

const agentKey = (item: TimelineItem, session: number): string =>
  `agent ${session} ${String(item['event_id'])}`

const isCut = ({ type, interrupted }: TimelineItem): boolean =>
  type === 'agent.interrupted' || (type === 'agent.heard' && interrupted === true)

function lineOf(item: TimelineItem, session: number, index: number): SpokenLine | undefined {
  const { offset_ms, type } = item
  const text = typeof item['text'] === 'string' ? item['text'].trim() : ''
  const line = (key: string, more: Pick<SpokenLine, 'who' | 'kind'>): SpokenLine => ({
    key,
    offset_ms,
    text,
    isInterrupted: false,
    ...more,
  })
  switch (type) {
    case 'agent.user_transcript':
      if (text === '') return undefined
      return line(`caller ${session} ${String(item['event_id'])}`, { who: 'caller', kind: 'words' })
    case 'agent.response':
    case 'agent.response_corrected':
      if (text === '') return undefined
      return line(agentKey(item, session), { who: 'agent', kind: 'words' })
    case 'dtmf':
      return line(`key ${index}`, { who: 'caller', kind: 'key' })
    case 'prompt.started':
      return line(`message ${index}`, { who: 'gateway', kind: 'message' })
    default:
      return undefined
  }
}

/** `0:07`, `1:02:09`: since the call was created. */
export function clock(offsetMs: number): string {
  const seconds = Math.max(0, Math.floor(offsetMs / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  if (hours === 0) return `${minutes}:${two(seconds % 60)}`
  return `${hours}:${two(minutes)}:${two(seconds % 60)}`
}
