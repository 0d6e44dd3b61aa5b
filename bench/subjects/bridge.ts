// The product's bridge with its worker threads, played as the composition root plays it.
import { openBridge } from '../../bridge/index.ts'
import { createAnswerMint } from '../../core/contracts/answer-mint.ts'
import { ms, newCallId, type MediaBridge, type MediaSession } from '../../core/contracts/index.ts'
import { waitFor } from '../../core/lifecycle/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { agentIdOf } from '../load/agent-server.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter } from '../process/usage-meter.ts'
import type { MediaSubject } from './media-subject.ts'
import { residentBytes } from './resident.ts'

const HOST = '127.0.0.1'
/** Below the ephemeral range; a port that is taken is passed over. */
const RTP_PORT_MIN = 12_000
const RTP_PORT_MAX = 31_999
/** Calls opened at a time: more would measure a storm. */
const AT_A_TIME = 20

const meter = createUsageMeter()
const clock = createClock()
const metrics = createMetrics()
const { key, mint } = createAnswerMint()
let sessions: MediaSession[] = []
let bridge: MediaBridge | undefined

async function openCall(bridge: MediaBridge, line: number, remotePort: number): Promise<number> {
  const callId = newCallId()
  const talking = Promise.withResolvers<undefined>()
  const session = await bridge.openSession({
    callId,
    onEvent: (event) => {
      if (event.type === 'agent.metadata') talking.resolve(undefined)
      if (event.type === 'agent.closed')
        talking.reject(new Error(`agent closed: ${event.data.detail}`))
    },
  })
  sessions.push(session)
  session.setRemote({
    address: HOST,
    port: remotePort,
    formats: [{ codec: 'PCMU', payloadType: 0 }],
    telephoneEventType: null,
    rtcpPort: remotePort,
    receives: true,
    sends: true,
  })
  const evidence = mint({ callId, dialog: callId, cseq: 1, answeredAt: clock.now() })
  session.openAgent({ agentId: agentIdOf(line), dynamicVariables: {} }, evidence)
  await waitFor(talking.promise, { name: 'the agent to talk', timeout: ms(10_000) })
  return session.local.port
}

/** The worst of the media threads since the last look. */
async function mediaLagMs(): Promise<number> {
  const { body } = await metrics.render()
  const lags = body.matchAll(/^voicegate_event_loop_lag_seconds\{thread="media-\d+"\} (\S+)$/gm)
  return Math.max(0, ...[...lags].map(([, seconds]) => Number(seconds) * 1000))
}

serve({
  async start({ agentUrl, callerFrameMs }) {
    bridge = await openBridge(
      { logger: createLogger('silent'), metrics, clock, evidenceKey: key },
      {
        rtpHost: HOST,
        rtpPortMin: RTP_PORT_MIN,
        rtpPortMax: RTP_PORT_MAX,
        agent: { restUrl: agentUrl },
        conversation: { frameMs: callerFrameMs, dtmf: 'off' },
      },
    )
  },
  async openCalls({ first, remotes }) {
    const opened = bridge
    if (opened === undefined) throw new Error('not started')
    const ports: number[] = []
    for (let at = 0; at < remotes.length; at += AT_A_TIME) {
      const group = remotes.slice(at, at + AT_A_TIME)
      ports.push(
        ...(await Promise.all(
          group.map((remote, index) => openCall(opened, first + at + index, remote)),
        )),
      )
    }
    return ports
  },
  async closeCalls() {
    const closing = sessions
    sessions = []
    await Promise.all(closing.map((session) => session.close()))
  },
  setManner: () => undefined,
  async begin() {
    await mediaLagMs()
    meter.begin()
  },
  async end() {
    const usage = meter.end()
    return { ...usage, loopLagMs: await mediaLagMs() }
  },
  residentBytes,
} satisfies MediaSubject)
