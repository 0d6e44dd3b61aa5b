// What every call works with: the ports, the registry, admission. Handed to outbound-call.ts and inbound-call.ts.
import type {
  AdmitRequest,
  AgentDirectory,
  CallEvents,
  CallFlows,
  CallJournal,
  CallSlot,
  E164,
  MediaBridge,
  PromptSource,
  RecordingPolicy,
} from '#core/contracts'
import { AppError, ERROR_REGISTRY } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { IpFamily } from '../sip/sdp/remote-sdp.ts'
import type { SipPort } from '../sip/sip-port.ts'
import { describeBy } from '../media/describe-by.ts'
import type { Describe } from '../media/description.ts'
import type { MediaServer } from '../media/media-server-port.ts'
import type { TrunkBook } from '../trunks/trunk-book.ts'
import { AckWatch } from './ack-watch.ts'
import type { Admission, AdmissionControl, AdmissionState } from './admission.ts'
import { BusyAgents } from './busy-agents.ts'
import { CallRegistry } from './call-registry.ts'
import { StrangerLog } from './stranger-log.ts'

export interface CallDeskParts {
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly events: CallEvents
  readonly journal: CallJournal
  readonly directory: AgentDirectory
  readonly bridge: MediaBridge
  readonly sip: SipPort
  readonly trunks: TrunkBook
  readonly admission: AdmissionControl
  /** Of the RTP sockets: SDP of the other family is of no use. */
  readonly rtpFamily: IpFamily
  /** Written into SDP instead of the RTP socket's own address. */
  readonly advertiseAddress: string | undefined
  /** Absent: all audio comes straight to us. */
  readonly mediaServer?: MediaServer | undefined
  /** What callers are told when their agent failed; nothing when absent. */
  readonly fallbackPrompt: PromptSource | undefined
  /** Which calls are recorded: what may be started and stopped by hand. */
  readonly recording: RecordingPolicy
  /** The menu that answers some calls. Absent: it answers none. */
  readonly flows?: CallFlows | undefined
  /** Whom a menu or an agent may hand its caller to, the default first. Absent: nobody. */
  readonly transferNumbers?: readonly E164[] | undefined
}

export interface CallDesk extends CallDeskParts {
  readonly registry: CallRegistry
  /** Whether agents of inbound calls have to wait for the ACK. */
  readonly acks: AckWatch
  readonly strangers: StrangerLog
  /** Whom the vendor has just refused: not dialled for meanwhile. */
  readonly busyAgents: BusyAgents
  /** Set once, when no new call may begin. */
  draining: boolean
  /** @throws AppError with the reason when the number may not be made to ring now. */
  admitOutbound(number: string, needsAgent?: boolean): void
  admitInbound(needsAgent?: boolean): Admission
  /** A place for a call that goes another way than our SIP. @throws AppError as CallControl.admit says */
  admit(request: AdmitRequest): CallSlot
  /** How a call's audio is agreed on. */
  readonly describe: Describe
}

export function createCallDesk(parts: CallDeskParts): CallDesk {
  const registry = new CallRegistry()
  const load = (): AdmissionState => ({
    liveCalls: registry.liveCount,
    agentSlots: registry.agentSlots,
    draining: desk.draining,
  })
  const desk: CallDesk = {
    ...parts,
    registry,
    acks: new AckWatch(parts),
    strangers: new StrangerLog(parts),
    busyAgents: new BusyAgents(parts.clock),
    draining: false,
    admitOutbound(number, needsAgent) {
      const admission = parts.admission.admitOutbound(number, load(), needsAgent)
      if (admission.kind === 'refused') throw refusal(admission)
    },
    admitInbound: (needsAgent) => parts.admission.admitInbound(load(), needsAgent),
    admit({ direction, to, needsAgent }) {
      if (direction === 'outbound') desk.admitOutbound(to ?? '', needsAgent)
      else {
        const admission = desk.admitInbound(needsAgent)
        if (admission.kind === 'refused') throw refusal(admission)
      }
      return registry.holdElsewhere(needsAgent)
    },
    describe: describeBy(parts, parts.mediaServer),
  }
  return desk
}

function refusal({ code, retryAfterSeconds }: Extract<Admission, { kind: 'refused' }>): AppError {
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  return new AppError(code, `${ERROR_REGISTRY[code].title}.`, retry)
}
