// What the carrier says to requests of no call: REGISTER, OPTIONS, and the challenge of an INVITE before it is one.
import type { EpochMs } from '#core/contracts'
import { Registrar, type Answer, type RegistrarOptions } from './registrar.ts'
import type { SipRequest } from './sip-message.ts'

export interface FrontDeskOptions {
  readonly registrar?: RegistrarOptions
  /** INVITEs from the gateway are challenged with 407; the accounts are the registrar's. Default false. */
  readonly challengesInvites?: boolean
}

/** `silent`: no answer; `unavailable`: 503. */
export type OptionsFault = 'silent' | 'unavailable'

export class FrontDesk {
  readonly registrar: Registrar
  readonly #challengesInvites: boolean
  #optionsFault: OptionsFault | undefined

  constructor(
    options: FrontDeskOptions,
    now: () => EpochMs,
    complain: (complaint: string) => void,
  ) {
    this.registrar = new Registrar(options.registrar ?? {}, now, complain)
    this.#challengesInvites = options.challengesInvites ?? false
  }

  failOptions(fault: OptionsFault | undefined): void {
    this.#optionsFault = fault
  }

  /** Undefined: no answer. */
  answer(request: SipRequest): Answer | undefined {
    if (request.method === 'REGISTER') return this.registrar.receive(request)
    if (request.method !== 'OPTIONS') return { status: 405, reason: 'Method Not Allowed' }
    if (this.#optionsFault === 'silent') return undefined
    return this.#optionsFault === 'unavailable'
      ? { status: 503, reason: 'Service Unavailable' }
      : { status: 200, reason: 'OK', headers: [['Accept', 'application/sdp']] }
  }

  /** Undefined: the call may come in. */
  challengeCall(invite: SipRequest): Answer | undefined {
    return this.#challengesInvites ? this.registrar.challengeCall(invite) : undefined
  }
}
