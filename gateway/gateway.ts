// The gateway as its owner sees it: connected to a SIP server, taking and placing calls until it is drained.
import {
  ms,
  termination,
  type CallControl,
  type Milliseconds,
  type MintAnswerEvidence,
} from '#core/contracts'
import { waitUntil, type Lifecycle } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import { AdmissionControl, type AdmissionConfig } from './call/admission.ts'
import { createCallDesk, type CallDesk, type CallDeskParts } from './call/call-desk.ts'
import type { CallSession } from './call/call-session.ts'
import { takeCall } from './call/inbound-call.ts'
import { placeCall } from './call/outbound-call.ts'
import { openDrachtio, type SipServerAddress } from './sip/drachtio.ts'
import type { Trunk } from './trunks/trunk.ts'

export type GatewayDeps = Omit<
  CallDeskParts,
  'sip' | 'trunk' | 'admission' | 'advertiseAddress' | 'rtpFamily'
> & {
  /** The mint of answer evidence, from main.ts. */
  readonly mint: MintAnswerEvidence
}

export interface GatewayConfig {
  readonly sipServer: SipServerAddress
  readonly trunk: Trunk | undefined
  readonly admission: AdmissionConfig
  readonly rtpFamily: 4 | 6
  readonly advertiseAddress: string | undefined
}

export interface Gateway extends Lifecycle {
  readonly calls: CallControl
}

/** The SIP server is ours or near: longer means it is not there. */
const CONNECT_DEADLINE = ms(5000)
/** After the drain deadline every call is sent its BYE; its answer is waited for this long. */
const LAST_BYE_DEADLINE = ms(3000)

/** Connects to the SIP server and starts taking calls. @throws AppError `SIP_UNAVAILABLE`, `TIMED_OUT`. */
export async function openGateway(deps: GatewayDeps, config: GatewayConfig): Promise<Gateway> {
  const { mint, ...parts } = deps
  const sip = await openDrachtio(
    { logger: deps.logger, clock: deps.clock, mint },
    config.sipServer,
    CONNECT_DEADLINE,
  )
  const admission = new AdmissionControl(deps.clock, config.admission)
  const { trunk, advertiseAddress, rtpFamily } = config
  const desk = createCallDesk({ ...parts, sip, trunk, admission, advertiseAddress, rtpFamily })
  sip.onReadinessAsked(() => !desk.draining)
  sip.onLost(() => deps.logger.error('the SIP server is gone: its calls are lost'))
  sip.onInvite((invite) => inBackground(takeCall(desk, invite), deps.logger, 'taking a call'))
  return new DrachtioGateway(desk, deps.logger)
}

class DrachtioGateway implements Gateway {
  readonly calls: CallControl
  readonly #desk: CallDesk
  readonly #logger: Logger
  #drained: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(desk: CallDesk, logger: Logger) {
    this.#desk = desk
    this.#logger = logger
    this.calls = {
      originate: async (request) => (await placeCall(desk, request)).live,
      hangUp: (callId) => hangUp(desk.registry.find(callId)),
      isConnected: () => desk.sip.isConnected,
      find: (callId) => desk.registry.find(callId)?.live,
      list: () => desk.registry.list(),
    }
  }

  drain(deadline: Milliseconds): Promise<void> {
    this.#drained ??= this.#drain(deadline)
    return this.#drained
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #drain(deadline: Milliseconds): Promise<void> {
    const { registry } = this.#desk
    this.#desk.draining = true
    const report = setInterval(() => {
      this.#logger.info({ calls: registry.size }, 'draining: calls are still running')
    }, 5000)
    await waitUntil(() => registry.size === 0, deadline)
    clearInterval(report)
  }

  async #close(): Promise<void> {
    const { registry, sip } = this.#desk
    this.#desk.draining = true
    if (registry.size > 0)
      this.#logger.info({ calls: registry.size }, 'ending the calls that are left')
    for (const session of registry.sessions)
      session.end(termination('server_error', 'shutdown', 'gateway'))
    const over = await waitUntil(() => registry.size === 0, LAST_BYE_DEADLINE, 10)
    if (!over) this.#logger.warn({ calls: registry.size }, 'calls did not end in time')
    sip.close()
  }
}

function hangUp(session: CallSession | undefined): boolean {
  if (!session || session.isEnding()) return false
  session.end(
    session.live.answeredAt === null
      ? termination('client_error', 'canceled', 'api')
      : termination('success', 'hangup', 'api'),
  )
  return true
}
