// A bridge with its worker threads, and an agent to talk to, for one test.
import { randomInt } from 'node:crypto'
import type { Test } from 'tap'
import type { Worker } from 'node:worker_threads'
import { openBridge, type BridgeConfig, type BridgeDeps } from '../../../bridge/index.ts'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import {
  epochMs,
  ms,
  newCallId,
  type AnswerEvidence,
  type MediaBridge,
  type MediaEvent,
  type MediaSession,
} from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { createLogger, createMetrics, type Metrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { isFreeForUdp } from '../../support/process.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import type { RtpPeer } from '../../support/rtp-peer.ts'
import { openAgentServer, type AgentConnection, type AgentServer } from './agent-server.ts'

export const AGENT = { agentId: 'agent_test', dynamicVariables: {} }
/** Of neither the kernel, nor a product with its default settings, nor SIPp or FreeSWITCH in test/support. */
const PORTS = { min: 17_000, end: 20_000 }

/** So many ports nobody else has, among all processes of the test run. */
export async function takePorts(
  count: number,
): Promise<{ rtpPortMin: number; rtpPortMax: number }> {
  for (let tries = 0; tries < 50; tries += 1) {
    const first = randomInt(PORTS.min / 2, (PORTS.end - count) / 2) * 2
    const ports = Array.from({ length: count }, (_, at) => first + at)
    const free = await Promise.all(ports.map((port) => isFreeForUdp(port)))
    if (free.every(Boolean)) return { rtpPortMin: first, rtpPortMax: first + count - 1 }
  }
  throw new Error(`no ${count} ports are free between ${PORTS.min} and ${PORTS.end}`)
}

export interface Stage {
  readonly bridge: MediaBridge
  readonly metrics: Metrics
  readonly agent: AgentServer
  readonly workers: readonly Worker[]
  readonly mint: ReturnType<typeof createAnswerMint>['mint']
}

export interface StagedCall {
  readonly session: MediaSession
  readonly events: readonly MediaEvent[]
  readonly evidence: AnswerEvidence
  types(): readonly string[]
}

export async function setUp(
  t: Test,
  config: Partial<BridgeConfig> = {},
  deps: Partial<BridgeDeps> = {},
): Promise<Stage> {
  const workers: Worker[] = []
  const remember = (worker: Worker): void => void workers.push(worker)
  process.on('worker', remember)
  const agent = await openAgentServer(t)
  const { key, mint } = createAnswerMint()
  const metrics = createMetrics()
  const bridge = await openBridge(
    { logger: createLogger('silent'), metrics, clock: createClock(), evidenceKey: key, ...deps },
    {
      rtpHost: '127.0.0.1',
      ...(await takePorts(20)),
      workers: 1,
      timing: { quarantineMs: 200 },
      agent: { restUrl: agent.url },
      ...config,
    },
  )
  t.teardown(async () => {
    await bridge.close()
    process.off('worker', remember)
  })
  return { bridge, metrics, agent, workers, mint }
}

let dialogs = 0

export async function openCall(
  stage: Stage,
  peer?: RtpPeer,
  beside?: MediaSession,
): Promise<StagedCall> {
  const events: MediaEvent[] = []
  const callId = newCallId()
  const session = await stage.bridge.openSession({
    callId,
    ...(beside === undefined ? {} : { beside }),
    onEvent: (event) => events.push(event),
  })
  if (peer) session.setRemote(remoteRtp({ address: peer.address, port: peer.port }))
  dialogs += 1
  /** Of this moment: the call is answered when it is asked for. */
  const answered = () =>
    stage.mint({
      callId,
      dialog: `dialog-${dialogs}`,
      cseq: 1,
      answeredAt: epochMs(Date.now()),
    })
  return {
    session,
    events,
    get evidence() {
      return answered()
    },
    types: () => events.map((event) => event.type),
  }
}

/** Opens the agent and waits until it may be heard. */
export async function talking(stage: Stage, call: StagedCall): Promise<AgentConnection> {
  const before = stage.agent.connections.length
  call.session.openAgent(AGENT, call.evidence)
  await waitUntil(() => call.types().includes('agent.metadata'), ms(5000), 5)
  const connection = stage.agent.connections[before]
  if (!connection) throw new Error('no agent connection')
  return connection
}
