// The scripted calls as the product sees them: its events in their order, through its own collectors, scraped each 15 s of
// a virtual clock into blocks of Prometheus.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { countAgentSession, MediaMetrics } from '../../../bridge/worker/media-metrics.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'
import { watchCallMetrics } from '../../../control-api/calls/call-metrics.ts'
import type { CallRow } from '../../../control-api/db/schema.ts'
import {
  epochMs,
  newCallId,
  termination,
  type CallEvent,
  type CallEventData,
  type CallEventType,
  type CallId,
  type MediaEvent,
  type Termination,
} from '../../../core/contracts/index.ts'
import { createCallEventBus } from '../../../core/events/index.ts'
import { createMetrics, withAgentCost } from '../../../core/telemetry/index.ts'
import { aDialog } from '../a-dialog.ts'
import {
  AGENT_OPENS_AFTER,
  BEFORE_END,
  closedAt,
  endOf,
  movedAt,
  PRICE_PER_MINUTE,
  RTP_A_SECOND,
  type PlannedCall,
  type Talk,
} from './scripted-calls.ts'

export const SCRAPE_SECONDS = 15
const INSTANCE = 'node-1:8000'

export interface Played {
  readonly calls: readonly PlannedCall[]
  /** Whole minutes, in Unix seconds. */
  readonly from: number
  readonly to: number
}

const at = (seconds: number) => epochMs(Math.round(seconds * 1000))

interface Step {
  /** Unix seconds. */
  readonly at: number
  run(): void
}

/** @returns everything as OpenMetrics, with times */
export async function playedPages({ calls, from, to }: Played): Promise<string> {
  const bare = createMetrics()
  const metrics = withAgentCost(bare, PRICE_PER_MINUTE)
  const events = createCallEventBus((error) => {
    throw error
  })
  const rows = new Map<CallId, CallRow>()
  const find = (callId: CallId): CallRow | undefined => rows.get(callId)
  const trunks = (): readonly string[] => ['alpha', 'beta']
  const stop = watchCallMetrics({ events, metrics, find, open: () => rows.values(), trunks })
  const steps = [
    ...calls.flatMap((call) =>
      callSteps(call, { rows, events, agent: countAgentSession(metrics) }),
    ),
    ...rtpSteps(from, to, new MediaMetrics(metrics)),
  ].toSorted((one, other) => one.at - other.at)
  const pages: string[] = []
  let next = 0
  for (let tick = from; tick <= to; tick += SCRAPE_SECONDS) {
    for (let step = steps[next]; step && step.at <= tick; step = steps[next]) {
      step.run()
      next += 1
    }
    pages.push(stamped((await bare.render()).body, tick))
  }
  stop()
  return `${pages.join('')}# EOF\n`
}

/** The times and the labels that a scrape puts on. Comments are left out: they may stand there once only. */
function stamped(page: string, tick: number): string {
  const lines = page.split('\n').filter((line) => line.startsWith('voicegate_'))
  const labelled = lines.map((line) => {
    const [, name = '', labels, value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const all = [labels, `instance="${INSTANCE}"`, 'job="voicegate"'].filter(Boolean).join(',')
    return `${name}{${all}} ${value} ${tick}\n`
  })
  return [...labelled, `up{instance="${INSTANCE}",job="voicegate"} 1 ${tick}\n`].join('')
}

/** Fills the folder with blocks that Prometheus can begin with. */
export function blocksOf(pages: string, folder: string): void {
  const file = join(folder, 'pages.om')
  writeFileSync(file, pages)
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
  })
}

interface World {
  readonly rows: Map<CallId, CallRow>
  readonly events: { publish(event: CallEvent): void }
  readonly agent: (event: MediaEvent) => void
}

function callSteps(call: PlannedCall, { agent, events, rows }: World): readonly Step[] {
  const callId = newCallId()
  const steps: Step[] = []
  const tell = <Type extends CallEventType>(
    type: Type,
    seconds: number,
    data: CallEventData[Type],
  ): void => {
    const event = { type, callId, at: at(seconds), data } as CallEvent
    steps.push({ at: seconds, run: () => events.publish(event) })
  }
  const { decidedAfter, direction, invitedAt, movedFrom, ringsAfter, talk, trunk } = call
  const decidedAt = invitedAt + decidedAfter
  steps.push({
    at: invitedAt,
    // The few columns that the metrics look at.
    run: () =>
      rows.set(callId, {
        ...{ direction, trunk: movedFrom ?? trunk, status: 'dialing', agent_id: 'agent_1' },
        ...{ answered_at: null, machine_verdict: null },
      } as CallRow),
  })
  tell('sip.invite', invitedAt, { direction, sipCallId: callId, trunk: movedFrom ?? trunk })
  if (movedFrom !== null) {
    tell('sip.failed', movedAt(call), { sipStatus: 503, nextTrunk: trunk })
    tell('sip.invite', movedAt(call), { direction, sipCallId: callId, trunk })
  }
  if (ringsAfter !== null)
    tell('sip.provisional', invitedAt + ringsAfter, { sipStatus: 180, earlyMedia: false })
  if (talk === null) tell('sip.failed', decidedAt, { sipStatus: STATUS[call.outcome] ?? 503 })
  else steps.push(...talkSteps(call, talk, { tell, agent }))
  tell('call.ended', endOf(call), { termination: ENDS[call.outcome] ?? FAILED })
  steps.push({ at: endOf(call), run: () => rows.delete(callId) })
  return steps
}

const STATUS: Readonly<Record<string, number>> = {
  busy: 486,
  'no-answer': 480,
  declined: 603,
  canceled: 487,
}
const FAILED = termination('upstream_error', 'rejected', 'carrier', 503)
const ENDS: Readonly<Record<string, Termination>> = {
  answered: termination('success', 'hangup', 'callee'),
  busy: termination('client_error', 'busy', 'callee', 486),
  'no-answer': termination('client_error', 'no-answer', 'callee', 480),
  declined: termination('client_error', 'declined', 'callee', 603),
  canceled: termination('client_error', 'canceled', 'caller', 487),
}

interface Telling {
  readonly tell: <Type extends CallEventType>(
    type: Type,
    seconds: number,
    data: CallEventData[Type],
  ) => void
  readonly agent: (event: MediaEvent) => void
}

/** Answer, agent, sound, hang-up. What an agent does is told to its counter too, as the bridge does it. */
function talkSteps(call: PlannedCall, talk: Talk, { agent, tell }: Telling): readonly Step[] {
  const answeredAt = call.invitedAt + call.decidedAfter
  const [upgradeAt, closed] = [answeredAt + AGENT_OPENS_AFTER, closedAt(call)]
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at(answeredAt) }
  const openedAt = upgradeAt + 0.05
  const opened = { evidence, upgradeSentAt: at(upgradeAt) }
  const closing = {
    reason: 'call-ended',
    closeCode: 1000,
    detail: '',
    seconds: talk.agentSeconds,
  } as const
  tell('sip.answered', answeredAt, { ...aDialog(), dialog: 'd', cseq: 1 })
  tell('agent.opened', openedAt, opened)
  tell('agent.first_audio', upgradeAt + 0.2, {})
  tell('sip.bye', endOf(call) - BEFORE_END.bye, { direction: 'received' })
  const quality = { packets: 100, lost: 2, jitterMs: 5 }
  const stats = { roundTripMs: null, packetsRejected: 0, concealedMs: 0, underruns: 0 }
  tell('media.summary', endOf(call) - BEFORE_END.summary, {
    ...stats,
    received: { ...quality, mos: talk.mosReceived },
    sent: { ...quality, mos: talk.mosSent },
  })
  tell('agent.closed', closed, closing)
  const agentEvents: readonly MediaEvent[] = [
    { type: 'agent.attempted', at: at(upgradeAt), data: { evidence, attempt: 1 } },
    { type: 'agent.opened', at: at(openedAt), data: opened },
    { type: 'agent.closed', at: at(closed), data: closing },
  ]
  return agentEvents.map((event) => ({ at: event.at / 1000, run: () => agent(event) }))
}

/** A media worker reports once a second. */
function rtpSteps(from: number, to: number, media: MediaMetrics): readonly Step[] {
  const tally = new Tally()
  const { rtp } = createMediaTally(tally)
  const report = (): void => {
    rtp.received.value += RTP_A_SECOND.received
    rtp.sent.value += RTP_A_SECOND.sent
    rtp.lost.value += RTP_A_SECOND.lost
    media.apply('media-0', tally.report({ portsInUse: 40, eventLoopLagSeconds: 0.001 }))
  }
  // Between the scrapes.
  return Array.from({ length: to - from }, (_, second) => ({
    at: from + second + 0.5,
    run: report,
  }))
}
