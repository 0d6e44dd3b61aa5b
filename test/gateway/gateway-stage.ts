// The whole gateway on its embedded SIP server, between real SIP programs and a media bridge played by the test.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Test } from 'tap'
import { createAnswerMint } from '../../core/contracts/answer-mint.ts'
import { ms, type CallEvent, type E164, type MediaSession } from '../../core/contracts/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import {
  openGateway,
  startEmbeddedSip,
  type EmbeddedSip,
  type Gateway,
  type GatewayConfig,
} from '../../gateway/index.ts'
import { AGENT } from '../support/build-desk.ts'
import { FakeBridge, type FakeMediaSession } from '../support/fake-bridge.ts'
import { eventually } from '../support/process.ts'

export interface GatewayStage {
  readonly gateway: Gateway
  readonly sip: EmbeddedSip
  /** `host:port` of the SIP server. */
  readonly address: string
  readonly recorded: readonly CallEvent[]
  /** Every line of the log. */
  readonly log: readonly string[]
  /** Packets that came to the port our SDP names. */
  readonly rtp: readonly Buffer[]
  /** The media of the only call, once there is one. */
  media(): Promise<FakeMediaSession>
  place(to: string): Promise<void>
}

export async function openGatewayStage(
  t: Test,
  trunkDomain: string,
  settings: Partial<GatewayConfig> = {},
): Promise<GatewayStage> {
  const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }] })
  t.teardown(() => sip.close())
  sip.onFault((fault) => t.fail(`a defect of the SIP server: ${fault}`))
  const { mint, key } = createAnswerMint()
  const { bridge, rtp } = await bridgeOf(t, key)
  const recorded: CallEvent[] = []
  const log: string[] = []
  const events = createCallEventBus((error) => t.fail(String(error)))
  events.subscribe((event) => recorded.push(event))
  const gateway = await openGateway(
    {
      mint,
      events,
      bridge,
      logger: createLogger('debug', { write: (line) => void log.push(line) }),
      clock: createClock(),
      metrics: createMetrics(),
      journal: {
        open: () => Promise.resolve(),
        abandoned: () => Promise.resolve({ dialogs: [], invites: [] }),
        released: () => Promise.resolve(),
        dialling: () => Promise.resolve(),
        answering: () => Promise.resolve(),
        calledOff: () => Promise.resolve(),
      },
      directory: {
        resolveInbound: () => Promise.resolve({ kind: 'agent', agent: AGENT }),
        variablesFor: (_call, given) => given,
      },
    },
    {
      sipServer: sip.admin,
      trunks: [
        { name: 'test', domain: trunkDomain, numbers: ['+4930555100' as E164], health: 'off' },
      ],
      admission: {
        allowPrefixes: ['+'],
        maxConcurrentCalls: 10,
        maxOutboundCallsPerSecond: 10,
        maxInboundCallsPerSecond: 10,
      },
      rtpFamily: 4,
      advertiseAddress: undefined,
      fallbackPrompt: undefined,
      recording: 'off',
      ...settings,
    },
  )
  t.teardown(() => gateway.close())
  const [address] = sip.addresses
  return {
    ...{ gateway, sip, recorded, log, rtp },
    address: `${address?.host}:${address?.port}`,
    media: () => eventually('a media session', 3000, () => bridge.sessions[0]),
    place: async (to) => {
      await gateway.calls.originate({
        to: to as E164,
        agent: AGENT,
        ringTimeout: ms(10_000),
        maxDuration: ms(60_000),
        metadata: {},
      })
    },
  }
}

/** A real port, so that what foreign programs send goes to nobody else. */
async function bridgeOf(t: Test, key: Uint8Array) {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const rtp: Buffer[] = []
  socket.on('message', (packet) => rtp.push(packet))
  const bridge = new FakeBridge(key)
  const open = bridge.openSession.bind(bridge)
  const local = { address: '127.0.0.1', port: socket.address().port }
  bridge.openSession = async (options): Promise<MediaSession> =>
    Object.assign(await open(options), { local })
  return { bridge, rtp }
}
