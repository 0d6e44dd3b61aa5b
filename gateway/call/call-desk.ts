// What every call works with: the ports, the registry, admission. Handed to outbound-call.ts and inbound-call.ts.
import type {
  AgentDirectory,
  CallEvents,
  CallJournal,
  LocalRtp,
  MediaBridge,
} from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { SipPort } from '../sip/sip-port.ts'
import type { Trunk } from '../trunks/trunk.ts'
import type { Admission, AdmissionControl } from './admission.ts'
import { CallRegistry } from './call-registry.ts'

export interface CallDeskParts {
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly events: CallEvents
  readonly journal: CallJournal
  readonly directory: AgentDirectory
  readonly bridge: MediaBridge
  readonly sip: SipPort
  readonly trunk: Trunk | undefined
  readonly admission: AdmissionControl
  /** Written into SDP instead of the RTP socket's own address. */
  readonly advertiseAddress: string | undefined
}

export class CallDesk {
  readonly registry = new CallRegistry()
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly events: CallEvents
  readonly journal: CallJournal
  readonly directory: AgentDirectory
  readonly bridge: MediaBridge
  readonly sip: SipPort
  readonly trunk: Trunk | undefined
  readonly #admission: AdmissionControl
  readonly #advertiseAddress: string | undefined
  draining = false

  constructor(parts: CallDeskParts) {
    this.logger = parts.logger
    this.clock = parts.clock
    this.metrics = parts.metrics
    this.events = parts.events
    this.journal = parts.journal
    this.directory = parts.directory
    this.bridge = parts.bridge
    this.sip = parts.sip
    this.trunk = parts.trunk
    this.#admission = parts.admission
    this.#advertiseAddress = parts.advertiseAddress
  }

  /** @throws AppError with the reason when the number may not be made to ring now. */
  admitOutbound(number: string): void {
    const admission = this.#admission.admitOutbound(number, this.#load())
    if (admission.kind === 'admitted') return
    const { code, retryAfterSeconds } = admission
    throw new AppError(
      code,
      'the call was not admitted',
      retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    )
  }

  admitInbound(): Admission {
    return this.#admission.admitInbound(this.#load())
  }

  /** The RTP port as the far end must see it. */
  advertised(local: LocalRtp): LocalRtp {
    return { ...local, address: this.#advertiseAddress ?? local.address }
  }

  #load(): { readonly liveCalls: number; readonly draining: boolean } {
    return { liveCalls: this.registry.size, draining: this.draining }
  }
}
