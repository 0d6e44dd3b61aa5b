// What happened on a call of the past, event by event, as the product would have recorded it.
import { epochMs, termination } from '../../../core/contracts/index.ts'
import type {
  CallDirection,
  CallEvent,
  CallEventData,
  CallEventType,
  CallId,
  Termination,
} from '../../../core/contracts/index.ts'

export interface PastCall {
  readonly callId: CallId
  readonly direction: CallDirection
  readonly trunk: string
  readonly at: number
  readonly ringMs: number
  /** Null: nobody answered. */
  readonly talkMs: number | null
  readonly termination: Termination
  /** Who says what, in turn; the agent begins. */
  readonly lines: readonly string[]
  readonly isInterrupted: boolean
  readonly mos: number
  readonly consent: { readonly given: boolean; readonly language: string } | undefined
}

type Story = <T extends CallEventType>(after: number, type: T, data: CallEventData[T]) => void

const ATTEMPT_MS = 40
const GREETING_MS = 400
const WORDS_MS = 330

export function pastEvents(call: PastCall): readonly CallEvent[] {
  const { callId, at, direction, trunk, ringMs, talkMs } = call
  const events: CallEvent[] = []
  const story: Story = (after, type, data) => {
    events.push({ type, callId, at: epochMs(Math.round(at + after)), data } as CallEvent)
  }
  const isOutbound = direction === 'outbound'
  const sipCallId = `${callId.slice(-12)}@127.0.0.1`
  story(5, 'sip.invite', { direction, sipCallId, trunk })
  story(20, 'sip.provisional', { sipStatus: 100, earlyMedia: false })
  const { sipStatus, reason, by } = call.termination
  if (reason !== 'no-response' && reason !== 'unreachable' && sipStatus !== 404)
    story(300, 'sip.provisional', { sipStatus: isOutbound ? 180 : 183, earlyMedia: !isOutbound })
  if (talkMs !== null) tellTalk(story, call, { sipCallId, from: ringMs, until: ringMs + talkMs })
  else if (sipStatus !== null) story(ringMs, 'sip.failed', { sipStatus })
  else if (by === 'api' || reason === 'no-answer')
    story(ringMs, 'sip.cancel', { direction: isOutbound ? 'sent' : 'received' })
  story(ringMs + (talkMs ?? 0) + 5, 'call.ended', { termination: call.termination })
  return events
}

interface Talk {
  readonly sipCallId: string
  readonly from: number
  readonly until: number
}

function tellTalk(story: Story, call: PastCall, { sipCallId, from, until }: Talk): void {
  const dialog = `${sipCallId};${call.callId.slice(-6)}`
  const evidence = { dialog, cseq: 1, answeredAt: epochMs(Math.round(call.at + from)) }
  story(from - 50, 'agent.prewarmed', { elapsedMs: 80 })
  story(from, 'sip.answered', {
    dialog,
    cseq: 1,
    sipCallId,
    localTag: 'a',
    remoteTag: 'b',
    localAddress: '<sip:gateway@127.0.0.1>;tag=a',
    remoteAddress: '<sip:phone@127.0.0.1>;tag=b',
    remoteTarget: 'sip:phone@127.0.0.1',
    natAddress: null,
    routeSet: [],
    localSeq: 1,
  })
  const opened = from + ATTEMPT_MS
  const upgradeSentAt = epochMs(Math.round(call.at + opened))
  story(from + 10, 'media.first_packet_out', {})
  story(from + 25, 'media.first_packet_in', {})
  story(opened, 'agent.attempted', { evidence, attempt: 1 })
  story(opened + 60, 'agent.opened', { evidence, upgradeSentAt })
  story(opened + 70, 'agent.metadata', {
    conversationId: `conv_${call.callId.slice(-12)}`,
    inputFormat: 'ulaw_8000',
    outputFormat: 'ulaw_8000',
  })
  if (call.consent) {
    const { given, language } = call.consent
    story(opened + 90, 'consent.given', { given, language, promptVersion: '2026-05' })
  }
  story(opened + GREETING_MS, 'agent.first_audio', {})
  tellLines(story, call, { from: opened + GREETING_MS, until })
  story(until - 8, 'media.summary', quality(call, until - from))
  const { by } = call.termination
  const isReceived = by === 'caller' || by === 'callee' || by === 'carrier'
  story(until, 'sip.bye', { direction: isReceived ? 'received' : 'sent' })
  const hasEnded = call.termination.reason === 'agent-ended'
  story(until + 4, 'agent.closed', {
    reason: hasEnded ? 'agent-ended' : 'call-ended',
    closeCode: 1000,
    detail: '',
    seconds: (until + 4 - opened) / 1000,
  })
}

function tellLines(
  story: Story,
  { lines, isInterrupted, at }: PastCall,
  { from, until }: Omit<Talk, 'sipCallId'>,
): void {
  let now = from
  for (const [index, text] of lines.entries()) {
    const spokenMs = text.split(' ').length * WORDS_MS
    if (now + spokenMs + 500 > until) return
    const eventId = index + 1
    const isCut = isInterrupted && index === 2
    const heardMs = isCut ? Math.round(spokenMs / 2) : spokenMs
    if (index % 2 === 1) story(now + spokenMs, 'agent.user_transcript', { text, eventId })
    else {
      story(now, 'agent.response', { text, eventId })
      if (isCut)
        story(now + heardMs, 'agent.interrupted', { eventId, discardedMs: spokenMs - heardMs })
      story(now + heardMs, 'agent.heard', {
        eventId,
        heardMs,
        spokenMs,
        interrupted: isCut,
        startedAt: epochMs(Math.round(at + now)),
        endedAt: epochMs(Math.round(at + now + heardMs)),
      })
    }
    now += heardMs + 700
  }
}

function quality({ mos }: PastCall, talkMs: number): CallEventData['media.summary'] {
  const packets = Math.round(talkMs / 20)
  const lost = mos > 4 ? 0 : Math.round(packets / 40)
  const received = { packets: packets - lost, lost, jitterMs: mos > 4 ? 1.2 : 17.5, mos }
  const sent = { packets, lost: 0, jitterMs: 0.8, mos: 4.4 }
  const concealedMs = lost * 20
  return { received, sent, roundTripMs: 21, packetsRejected: 0, concealedMs, underruns: 0 }
}

export const ENDINGS = {
  hangup: termination('success', 'hangup', 'callee'),
  callerHangup: termination('success', 'hangup', 'caller'),
  byApi: termination('success', 'hangup', 'api'),
  agentEnded: termination('success', 'agent-ended', 'agent'),
  maxDuration: termination('success', 'max-duration', 'gateway'),
  busy: termination('client_error', 'busy', 'callee', 486),
  declined: termination('client_error', 'declined', 'callee', 603),
  noAnswer: termination('client_error', 'no-answer', 'gateway'),
  canceled: termination('client_error', 'canceled', 'api'),
  notFound: termination('upstream_error', 'rejected', 'carrier', 404),
  unavailable: termination('upstream_error', 'rejected', 'carrier', 503),
  noResponse: termination('upstream_error', 'no-response', 'carrier'),
  agentDropped: termination('upstream_error', 'agent-dropped', 'agent'),
  crashed: termination('server_error', 'gateway-crashed', 'gateway'),
} as const
