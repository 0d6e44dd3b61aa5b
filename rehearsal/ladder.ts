// The ladder of a call: who said what to whom, when, in at most 100 columns. Pure.
import type { AgentSessionRecord } from '#simulators/elevenlabs'
import { hangUpOf } from './measure.ts'
import type { Take } from './take.ts'

export interface Rung {
  /** Since the INVITE. */
  readonly offsetMs: number
  readonly lane: 'carrier-gateway' | 'gateway-agent'
  /** `right` is from carrier towards agent; a `note` is the gateway's own. */
  readonly direction: 'right' | 'left' | 'note'
  readonly label: string
}

/** What the ladder is made of; of a call that lasts, as much as is known. */
export type Climb = Pick<Take, 'carrier' | 'sessions' | 'timeline' | 'takenAt'>

/** The label that moves on until the end of the call. */
export const LAST_RTP = 'last RTP'

type Draft = Omit<Rung, 'offsetMs'> & { readonly at: number | null | undefined }

/** In order of time. */
export function rungsOf(take: Climb): readonly Rung[] {
  const { carrier } = take
  if (!carrier) return []
  return [...sipRungs(take), ...soundRungs(take), ...agentRungs(take), ...noteRungs(take)]
    .flatMap(({ at, ...rung }) => (at == null ? [] : [{ ...rung, at }]))
    .sort((one, other) => one.at - other.at)
    .map(({ at, ...rung }) => ({ offsetMs: at - carrier.inviteAt, ...rung }))
}

function sipRungs({ carrier }: Climb): Draft[] {
  return (carrier?.messages ?? []).map(({ at, direction, startLine, raw, repeated, dropped }) => ({
    at,
    lane: 'carrier-gateway',
    direction: direction === 'sent' ? 'right' : 'left',
    label:
      nameOf(startLine, raw) +
      (/^content-type:\s*application\/sdp/im.test(raw) ? ' + SDP' : '') +
      (repeated ? ' (again)' : '') +
      (dropped ? ' (lost)' : ''),
  }))
}

/** A request by its method, a response by its status; never a number or an address. */
function nameOf(startLine: string, raw: string): string {
  const status = /^SIP\/2\.0 (.*)$/.exec(startLine)?.[1]
  if (status === undefined) return startLine.split(' ')[0] ?? ''
  const method = /^CSeq:\s*\d+\s+(\w+)/im.exec(raw)?.[1] ?? 'INVITE'
  return method === 'INVITE' ? status : `${status} (${method})`
}

function soundRungs(take: Climb): Draft[] {
  const { carrier, timeline } = take
  const lane = 'carrier-gateway'
  const heardAt = timeline.find(({ type }) => type === 'media.first_packet_in')?.at
  return [
    { at: heardAt, lane, direction: 'right', label: 'RTP begins' },
    { at: carrier?.rtpIn.firstAt, lane, direction: 'left', label: 'RTP begins' },
    { at: heardLast(take), lane, direction: 'left', label: LAST_RTP },
  ]
}

/** Only what came before the end is a rung: a packet that was on its way is none. */
function heardLast(take: Climb): number | null {
  const lastAt = take.carrier?.rtpIn.lastAt ?? null
  return lastAt !== null && lastAt <= hangUpOf(take) ? lastAt : null
}

function agentRungs({ sessions }: Climb): Draft[] {
  const lane = 'gateway-agent'
  return sessions.flatMap((session, index): Draft[] => {
    const { httpStatus, closedBy } = session
    const ours = closedBy !== 'agent'
    return [
      { at: session.connectionAt, lane, direction: 'right', label: 'TCP (nothing billable)' },
      ...(index === 0 ? [] : [laterAttempt(session, index)]),
      { at: session.upgradeAt, lane, direction: 'right', label: 'upgrade request' },
      { at: session.initiationAt, lane, direction: 'right', label: 'initiation data' },
      { at: session.metadataAt, lane, direction: 'left', label: `${httpStatus}, metadata` },
      { at: session.callerFrames[0]?.at, lane, direction: 'right', label: 'caller audio begins' },
      { at: session.sentAudioAt[0], lane, direction: 'left', label: 'agent audio begins' },
      ...session.interruptions.map(({ at }): Draft => ({
        at,
        lane,
        direction: 'left',
        label: 'interruption',
      })),
      {
        at: session.closedAt,
        lane,
        direction: ours ? 'right' : 'left',
        label: endOfSession(session),
      },
    ]
  })
}

/** Of the same moment as the upgrade request, and before it. */
const laterAttempt = ({ upgradeAt }: AgentSessionRecord, index: number): Draft => ({
  at: upgradeAt,
  lane: 'gateway-agent',
  direction: 'note',
  label: index === 1 ? 'second attempt' : 'another attempt',
})

function endOfSession({ httpStatus, closeCode }: AgentSessionRecord): string {
  if (httpStatus !== 101) return `HTTP ${httpStatus}`
  return closeCode === null ? 'connection lost' : `close ${closeCode}`
}

function noteRungs({ timeline }: Climb): Draft[] {
  return timeline.flatMap(({ at, type, fields }): Draft[] => {
    const label = noteOf(type, fields)
    return label === undefined ? [] : [{ at, lane: 'gateway-agent', direction: 'note', label }]
  })
}

/** What the record has in place of keys that the agent was told, and repeated as said. */
const KEYS_TOLD = '[keys]'

function noteOf(type: string, fields: Readonly<Record<string, unknown>>): string | undefined {
  switch (type) {
    case 'agent.prewarmed':
      return `agent prewarmed in ${Number(fields['elapsed_ms']).toFixed(1)} ms, not opened`
    case 'agent.user_transcript':
      return fields['text'] === KEYS_TOLD
        ? 'the agent was told of keys'
        : 'the agent understood the caller'
    case 'dtmf':
      return `key pressed (${fields['source'] === 'rtp' ? 'RTP' : 'INFO'})`
    case 'flow.asked':
      return `the menu asks: ${String(fields['step'])} (${String(fields['attempt'])})`
    case 'flow.answered':
      return `the menu was answered: ${String(fields['answer'])}`
    case 'prompt.started':
      return 'a message to the caller plays'
    case 'media.stalled':
      return 'no RTP from the caller'
    case 'agent.error':
      return `agent error: ${String(fields['error_type'])}`
    case 'call.ended':
      return `call ended: ${endOf(fields['termination'])}`
    default:
      return undefined
  }
}

function endOf(termination: unknown): string {
  if (typeof termination !== 'object' || termination === null) return 'unknown'
  const { result, reason, by } = { result: '', reason: '', by: '', ...termination }
  return `${result}/${reason} by ${by}`
}

const OFFSET_WIDTH = 8
const LANE_WIDTH = 38
const NOTE_WIDTH = 49

/** The rungs as lines: header first. Empty when nothing reached the carrier. */
export function drawLadder(rungs: readonly Rung[]): readonly string[] {
  if (rungs.length === 0) return []
  const header =
    `${'+ms'.padStart(OFFSET_WIDTH)}  carrier`.padEnd(OFFSET_WIDTH + 2 + LANE_WIDTH - 2) +
    'gateway'.padEnd(LANE_WIDTH) +
    ' agent'
  return [header, ...rungs.map(drawRung)]
}

function drawRung({ offsetMs, lane, direction, label }: Rung): string {
  const offset = `+${offsetMs.toFixed(offsetMs < 100 ? 1 : 0)}`.padStart(OFFSET_WIDTH)
  const blank = ' '.repeat(LANE_WIDTH)
  if (direction === 'note') return `${offset}  │${blank}│ · ${label.slice(0, NOTE_WIDTH - 3)}`
  const arrow = drawArrow(direction, label)
  return lane === 'carrier-gateway'
    ? `${offset}  │${arrow}│${blank}│`
    : `${offset}  │${blank}│${arrow}│`
}

function drawArrow(direction: 'right' | 'left', label: string): string {
  const shown = ` ${label.slice(0, LANE_WIDTH - 8)} `
  const rest = LANE_WIDTH - 1 - shown.length
  const before = '─'.repeat(Math.floor(rest / 2))
  const after = '─'.repeat(rest - before.length)
  return direction === 'right' ? `${before}${shown}${after}▶` : `◀${before}${shown}${after}`
}
