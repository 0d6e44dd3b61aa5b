// The ladder of a call from its timeline (docs/events.md). Pure: one item in, what it says on the ladder out.
import type { TimelineItem } from '../../live/call-timeline.ts'
import type { LadderEntry, LadderLabel, LadderTone } from './ladder-entry.ts'
import { endLabel } from './rehearsal-entries.ts'
import { sipStatus } from '../sip-status.ts'

type Draft = Omit<LadderEntry, 'offset_ms'>
/** Seen from the gateway: the carrier's side of the call. */
type Way = 'received' | 'sent'

export function timelineEntries(items: readonly TimelineItem[]): readonly LadderEntry[] {
  // The wire tells the whole of the signalling, the story its turning points: one of them is enough.
  const hasWire = items.some(({ type }) => type === 'sip.message')
  const isInbound = items.some(
    (item) => item.type === 'sip.invite' && item['direction'] === 'inbound',
  )
  return items.flatMap((item) => {
    const draft =
      (hasWire && TOLD_BY_THE_WIRE.has(item.type) ? undefined : sipDraft(item, isInbound)) ??
      agentDraft(item) ??
      mediaDraft(item)
    return draft === undefined ? [] : [{ offset_ms: item.offset_ms, ...draft }]
  })
}

const TOLD_BY_THE_WIRE: ReadonlySet<string> = new Set([
  'sip.invite',
  'sip.provisional',
  'sip.answered',
  'sip.acknowledged',
  'sip.bye',
  'sip.cancel',
  'sip.failed',
])

const text = (item: TimelineItem, field: string): string => {
  const value = item[field]
  return typeof value === 'string' ? value : ''
}
const amount = (item: TimelineItem, field: string): number => {
  const value = item[field]
  return typeof value === 'number' ? value : 0
}

function sip(label: LadderLabel, way: Way, tone: LadderTone = 'plain'): Draft {
  return { lane: 'carrier-gateway', direction: way === 'received' ? 'right' : 'left', label, tone }
}
const note = (label: LadderLabel, tone: LadderTone = 'plain'): Draft => ({
  lane: 'gateway-agent',
  direction: 'note',
  label,
  tone,
})

function sipDraft(item: TimelineItem, isInbound: boolean): Draft | undefined {
  const answer: Way = isInbound ? 'sent' : 'received'
  const way: Way = item['direction'] === 'received' ? 'received' : 'sent'
  const status = amount(item, 'sip_status')
  switch (item.type) {
    case 'sip.message':
      return wireDraft(item, way)
    case 'sip.invite':
      return sip('INVITE', isInbound ? 'received' : 'sent')
    case 'sip.provisional':
      return sip(sipStatus(status) + (item['early_media'] === true ? ' + SDP' : ''), answer)
    case 'sip.answered':
      return sip(sipStatus(200), answer, 'good')
    case 'sip.acknowledged':
      return sip('ACK', 'received')
    case 'sip.bye':
      return sip('BYE', way)
    case 'sip.cancel':
      return sip('CANCEL', way, 'warn')
    case 'sip.failed':
      return failedDraft(item, answer)
    case 'sip.server_lost':
      return note({ word: 'sip_server_lost' }, 'bad')
    default:
      return undefined
  }
}

/** One that our own SIP server made up crossed no wire. */
function failedDraft(item: TimelineItem, answer: Way): Draft {
  const status = sipStatus(amount(item, 'sip_status'))
  const next = text(item, 'next_trunk')
  const label: LadderLabel =
    next === '' ? status : { word: 'next_trunk', values: { status, trunk: next } }
  if (item['local'] === true)
    return note({ word: 'failed_here', values: { status, detail: text(item, 'detail') } }, 'bad')
  return sip(label, answer, 'bad')
}

function wireDraft(item: TimelineItem, way: Way): Draft {
  const method = text(item, 'method') || '?'
  const status = amount(item, 'sip_status')
  if (status === 0) return sip(method, way, method === 'CANCEL' ? 'warn' : 'plain')
  const label = sipStatus(status)
  if (method !== 'INVITE') return sip(`${label} (${method})`, way)
  return sip(label, way, status < 200 ? 'plain' : status < 300 ? 'good' : 'bad')
}

const agent = (
  direction: 'right' | 'left',
  label: LadderLabel,
  more: Partial<Draft> = {},
): Draft => ({
  lane: 'gateway-agent',
  direction,
  label,
  tone: 'plain',
  ...more,
})

function agentDraft(item: TimelineItem): Draft | undefined {
  switch (item.type) {
    case 'agent.prewarmed':
      return note({ word: 'prewarmed', values: { ms: Math.round(amount(item, 'elapsed_ms')) } })
    case 'agent.busy':
      return agent('left', '429', { tone: 'warn' })
    case 'agent.attempted':
      return agent('right', { word: 'upgrade' }, { agent: 'opens' })
    case 'agent.opened':
      return agent('left', { word: 'opened' }, { tone: 'good' })
    case 'agent.metadata':
      return agent('left', { word: 'metadata' })
    case 'agent.attempt_failed':
      return agent('left', { word: 'attempt_failed' }, { tone: 'bad', agent: 'closes' })
    case 'agent.first_audio':
      return agent('left', { word: 'agent_audio' })
    case 'agent.interrupted':
      return agent('left', { word: 'interruption' }, { tone: 'warn' })
    case 'agent.user_transcript':
      return note({ word: 'understood' })
    case 'agent.tool_called':
      return agent('left', { word: 'tool', values: { name: text(item, 'tool_name') } })
    case 'agent.tool_answered':
      return agent('right', { word: 'tool_answer', values: { name: text(item, 'tool_name') } })
    case 'agent.transfer_requested':
      return agent('left', { word: 'wants_transfer' })
    case 'agent.silent':
      return note({ word: 'agent_silent' }, 'warn')
    case 'agent.error':
      return note({ word: 'agent_error', values: { kind: text(item, 'error_type') } }, 'bad')
    case 'agent.closed':
      return closedDraft(item)
    default:
      return undefined
  }
}

/** Those are the agent's doing; whatever else closes it is ours. */
const CLOSED_BY_AGENT: ReadonlySet<string> = new Set(['agent-ended', 'refused', 'dropped'])

function closedDraft(item: TimelineItem): Draft | undefined {
  const reason = text(item, 'reason')
  const isTheirs = CLOSED_BY_AGENT.has(reason)
  const isBad = reason === 'refused' || reason === 'dropped' || reason === 'worker-lost'
  const seconds = Math.round(amount(item, 'seconds') * 10) / 10
  return agent(
    isTheirs ? 'left' : 'right',
    { word: 'closed', values: { seconds } },
    { agent: 'closes', tone: isBad ? 'bad' : 'plain' },
  )
}

function mediaDraft(item: TimelineItem): Draft | undefined {
  const rtp = (direction: 'right' | 'left'): Draft => ({
    lane: 'carrier-gateway',
    direction,
    label: { word: 'rtp' },
    tone: 'plain',
  })
  switch (item.type) {
    case 'media.first_packet_in':
      return rtp('right')
    case 'media.first_packet_out':
      return rtp('left')
    case 'media.stalled':
      return note({ word: 'no_rtp' }, 'warn')
    case 'media.lost':
      return note({ word: 'media_lost' }, 'bad')
    case 'media.dead_air':
      return note({ word: 'dead_air' }, 'warn')
    case 'dtmf':
      return {
        lane: 'carrier-gateway',
        direction: 'right',
        label: keyLabel(item),
      }
    case 'prompt.started':
      return note({ word: 'message' })
    case 'recording.started':
      return note({ word: 'recording' })
    case 'call.ended':
      return endDraft(item)
    case 'flow.asked':
      return note({
        word: 'menu_asks',
        values: { step: text(item, 'step'), attempt: amount(item, 'attempt') },
      })
    case 'flow.answered':
      return note({ word: 'menu_answered', values: { answer: text(item, 'answer') } })
    case 'machine.verdict':
      return note({ word: 'picked_up', values: { who: text(item, 'verdict') } })
    default:
      return transferDraft(item) ?? providerDraft(item)
  }
}

const KEY_SOURCES: Readonly<Record<string, string>> = { rtp: 'RTP', stream: 'stream' }

/** Which one is told only where the menu asked for it. */
function keyLabel(item: TimelineItem): LadderLabel {
  const how = KEY_SOURCES[text(item, 'source')] ?? 'INFO'
  const digit = text(item, 'digit')
  return digit === ''
    ? { word: 'key', values: { how } }
    : { word: 'key_told', values: { how, digit } }
}

/** A call that goes by a vendor's telephony. */
function providerDraft(item: TimelineItem): Draft | undefined {
  const way: Way = item['direction'] === 'inbound' ? 'received' : 'sent'
  switch (item.type) {
    case 'provider.invited':
      return sip({ word: 'at_provider' }, way)
    case 'provider.ringing':
      return note({ word: 'provider_rings' })
    case 'provider.answered':
      return note({ word: 'provider_answers' }, 'good')
    case 'provider.stream_started':
      return sip({ word: 'provider_stream' }, 'received', 'good')
    case 'provider.stream_stopped':
      return sip({ word: 'provider_stream_over' }, 'received')
    case 'provider.ended':
      return sip({ word: 'provider_over', values: { status: text(item, 'status') } }, 'received')
    default:
      return undefined
  }
}

function transferDraft(item: TimelineItem): Draft | undefined {
  const status = sipStatus(amount(item, 'sip_status'))
  switch (item.type) {
    case 'transfer.requested':
      return note({ word: 'transfer_requested' })
    case 'transfer.referred':
      return sip(`${status} (REFER)`, 'received')
    case 'transfer.progress':
      return sip(`NOTIFY ${status}`, 'received')
    case 'transfer.invite':
      return sip({ word: 'transfer_invite' }, 'sent')
    case 'transfer.answered':
      return sip({ word: 'transfer_answered' }, 'received', 'good')
    case 'transfer.failed':
      return note({ word: 'transfer_failed' }, 'bad')
    case 'transfer.ended':
      return note({ word: 'transfer_ended' })
    default:
      return undefined
  }
}

function endDraft(item: TimelineItem): Draft {
  const termination = item['termination']
  const { reason, by, result }: Record<string, unknown> =
    typeof termination === 'object' && termination !== null ? { ...termination } : {}
  const isGood = result === 'success' || result === 'client_error'
  return note(endLabel(String(reason), String(by)), isGood ? 'plain' : 'bad')
}
