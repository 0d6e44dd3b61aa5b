// A gateway's call desk on fakes: the carrier, the media and the database are played by the test.
import {
  ms,
  type AgentDirectory,
  type CallEvent,
  type CallIdentity,
  type E164,
  type InboundDecision,
  type OriginateRequest,
  type Trunk,
} from '../../core/contracts/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { AdmissionControl, type AdmissionConfig } from '../../gateway/call/admission.ts'
import { createCallDesk, type CallDeskParts } from '../../gateway/call/call-desk.ts'
import { takeCall } from '../../gateway/call/inbound-call.ts'
import { openTrunkBook } from '../../gateway/trunks/trunk-book.ts'
import { FakeBridge } from './fake-bridge.ts'
import { FakeSip } from './fake-sip.ts'

export const NUMBER = '+4930123456' as E164
export const TRUNK: Trunk = {
  name: 'test',
  domain: '127.0.0.1:5080',
  numbers: ['+4930555100' as E164],
  health: 'off',
}
export const AGENT = { agentId: 'agent_1', dynamicVariables: {} }

export const REQUEST: OriginateRequest = {
  to: NUMBER,
  agent: AGENT,
  ringTimeout: ms(30_000),
  maxDuration: ms(600_000),
  metadata: {},
}

export function buildDesk(
  overrides: Partial<AdmissionConfig> = {},
  settings: Partial<
    Pick<CallDeskParts, 'fallbackPrompt' | 'recording' | 'flows' | 'transferNumbers'>
  > = {},
) {
  const clock = createClock()
  const sip = new FakeSip(clock)
  const bridge = new FakeBridge(sip.evidence.key)
  const recorded: CallEvent[] = []
  const journaled: CallIdentity[] = []
  const events = createCallEventBus((error) => {
    throw error as Error
  })
  events.subscribe((event) => recorded.push(event))
  const decision: { next: InboundDecision } = { next: { kind: 'agent', agent: AGENT } }
  const directory: AgentDirectory = {
    resolveInbound: () => Promise.resolve(decision.next),
    variablesFor: (call, given) => ({ call_id: call.callId, ...given }),
  }
  const logged: string[] = []
  const logger = createLogger('warn', { write: (line: string) => void logged.push(line) })
  const metrics = createMetrics()
  const desk = createCallDesk({
    logger,
    clock,
    metrics,
    events,
    directory,
    journal: {
      open: (call) => {
        journaled.push(call)
        return Promise.resolve()
      },
      abandoned: () => Promise.resolve({ dialogs: [], invites: [] }),
      released: () => Promise.resolve(),
      dialling: () => Promise.resolve(),
      answering: () => Promise.resolve(),
      calledOff: () => Promise.resolve(),
    },
    bridge,
    sip,
    trunks: openTrunkBook({ logger, clock, metrics, sip }, [TRUNK]),
    admission: new AdmissionControl(clock, {
      allowPrefixes: ['+49'],
      maxConcurrentCalls: 10,
      maxOutboundCallsPerSecond: 100,
      maxInboundCallsPerSecond: 100,
      ...overrides,
    }),
    rtpFamily: 4,
    advertiseAddress: undefined,
    fallbackPrompt: undefined,
    recording: 'off',
    ...settings,
  })
  sip.onInvite((invite) => void takeCall(desk, invite))
  const types = () => recorded.map((event) => event.type)
  return { desk, sip, bridge, recorded, types, journaled, decision, logged }
}

/** Lets everything that is already due happen. */
export const settle = () => new Promise((resolve) => setImmediate(resolve))
