// What a worker counts reaches the metrics page; what an agent costs is counted to the last failed attempt.
import t from 'tap'
import { epochMs, type MediaEvent } from '../../../core/contracts/index.ts'
import { createMetrics } from '../../../core/telemetry/index.ts'
import { countAgentSession, MediaMetrics } from '../../../bridge/worker/media-metrics.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'

const GAUGES = { portsInUse: 3, eventLoopLagSeconds: 0.004 }

t.test('each report adds what happened since the last', async (t) => {
  const metrics = createMetrics()
  const media = new MediaMetrics(metrics)
  const tally = new Tally()
  const cells = createMediaTally(tally)
  cells.rtp.received.value += 50
  cells.rtp.jitter.observe(0.003)
  cells.rtp.rejected.event.value += 2
  tally.gcPaused(0.002)
  tally.gcPaused(0.0001)
  media.apply('media-0', tally.report(GAUGES))
  cells.rtp.received.value += 25
  media.apply('media-0', tally.report({ ...GAUGES, eventLoopLagSeconds: 0.001 }))
  media.threadLost('media-1', 'stalled')
  const { body } = await metrics.render()
  for (const line of [
    'rtp_packets_total{direction="received"} 75',
    'rtp_jitter_seconds_sum 0.003',
    'rtp_jitter_seconds_count 1',
    'rtp_rejected_total{reason="event"} 2',
    'gc_pause_seconds_count{thread="media-0"} 2',
    'gc_pause_seconds_bucket{le="0.0001",thread="media-0"} 1',
    'event_loop_lag_seconds{thread="media-0"} 0.004',
    'rtp_ports_in_use 3',
    'media_workers_lost_total{reason="stalled"} 1',
  ])
    t.match(body, `voicegate_${line}\n`)
})

t.test(
  'what the vendor refused to open costs nothing; what broke off after it opened does',
  async (t) => {
    const metrics = createMetrics()
    const count = countAgentSession(metrics)
    const at = epochMs(Date.now())
    const evidence = { dialog: 'd', cseq: 1, answeredAt: at }
    const events: readonly MediaEvent[] = [
      { type: 'agent.attempted', at, data: { evidence, attempt: 1 } },
      {
        type: 'agent.attempt_failed',
        at,
        data: { attempt: 1, closeCode: 1011, detail: 'refused', seconds: 0.5 },
      },
      { type: 'agent.attempted', at, data: { evidence, attempt: 2 } },
      { type: 'agent.opened', at, data: { evidence, upgradeSentAt: at } },
      {
        type: 'agent.attempt_failed',
        at,
        data: { attempt: 2, closeCode: 1006, detail: 'broke', seconds: 3 },
      },
      { type: 'agent.attempted', at, data: { evidence, attempt: 3 } },
      { type: 'agent.opened', at, data: { evidence, upgradeSentAt: at } },
      {
        type: 'agent.closed',
        at,
        data: { reason: 'call-ended', closeCode: 1000, detail: '', seconds: 60 },
      },
    ]
    for (const event of events) count(event)
    const { body } = await metrics.render()
    t.match(body, 'voicegate_agent_seconds_total 63\n')
    t.match(body, 'voicegate_agent_sessions_total{result="call-ended"} 1\n')
    t.match(body, 'voicegate_agent_sessions_active 0\n')
    const refused = countAgentSession(metrics)
    refused({ type: 'agent.attempted', at, data: { evidence, attempt: 1 } })
    refused({
      type: 'agent.closed',
      at,
      data: { reason: 'refused', closeCode: null, detail: '429', seconds: 4 },
    })
    const after = (await metrics.render()).body
    t.match(after, 'voicegate_agent_seconds_total 63\n')
    t.match(after, 'voicegate_agent_sessions_total{result="refused"} 1\n')
    t.match(after, 'voicegate_agent_sessions_active 0\n')
  },
)
