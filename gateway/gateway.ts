// The gateway as its owner sees it: connected to a SIP server, taking and placing calls until it is drained.
import {
  ms,
  termination,
  type CallControl,
  type Milliseconds,
  type MintAnswerEvidence,
  type RecordingAction,
  type Trunk,
  type TrunkView,
} from '#core/contracts'
import { runAll, waitUntil, type Lifecycle } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import { AdmissionControl, type AdmissionConfig } from './call/admission.ts'
import { createCallDesk, type CallDesk, type CallDeskParts } from './call/call-desk.ts'
import type { CallSession } from './call/call-session.ts'
import { drainCalls } from './call/drain-calls.ts'
import { takeCall } from './call/inbound-call.ts'
import { placeCall } from './call/outbound-call.ts'
import { serveAgentRequests } from './call/transfer/agent-requests.ts'
import { beginTransfer } from './call/transfer/begin-transfer.ts'
import { abandonedReleaser, type CallOff } from './call/release-abandoned.ts'
import { exposeMediaServer } from './media/media-server-metrics.ts'
import type { EventSocketAddress } from './media/probe-event-socket.ts'
import { openDrachtio, type SipServerAddress } from './sip/drachtio.ts'
import { openTrunkBook } from './trunks/trunk-book.ts'

export type GatewayDeps = Omit<
  CallDeskParts,
  'sip' | 'admission' | 'trunks' | 'mediaServer' | keyof DeskConfig
> & {
  /** The mint of answer evidence, from main.ts. */
  readonly mint: MintAnswerEvidence
  /** What an earlier run left ringing; absent with a SIP server that cannot do it. */
  readonly callOff?: CallOff
  /** Tells a SIP server that can sort out strangers by itself who is none; again when that changes. */
  readonly guard?: (callers: KnownCallers) => void
}

type DeskConfig = Pick<
  CallDeskParts,
  'rtpFamily' | 'advertiseAddress' | 'fallbackPrompt' | 'recording' | 'transferNumbers'
>

/** Where calls of our trunks come from; `ask`: a caller from elsewhere may be of one too, and shows it. */
export interface KnownCallers {
  readonly known: readonly string[]
  readonly strangers: 'drop' | 'refuse' | 'ask'
}

export interface GatewayConfig extends DeskConfig {
  readonly sipServer: SipServerAddress
  readonly trunks: readonly Trunk[]
  readonly admission: AdmissionConfig
  /** What becomes of callers of no trunk; `refuse` when absent. */
  readonly strangers?: 'drop' | 'refuse'
  /** A FreeSWITCH for the audio of carriers; absent: it comes straight to us. */
  readonly freeswitch?: EventSocketAddress | undefined
}

export interface Gateway extends Lifecycle {
  readonly calls: CallControl
  /** Asked again it never waits longer, and with an earlier deadline it waits less. */
  drain(deadline: Milliseconds): Promise<void>
  trunks(): readonly TrunkView[]
  /** Other trunks from now on; calls are not touched. */
  replaceTrunks(trunks: readonly Trunk[]): void
  /** The SIP server is known to be gone: its calls are lost, whatever its connection still says. */
  lose(): void
}

/** The SIP server is ours or near: longer means it is not there. */
const CONNECT_DEADLINE = ms(5000)
/** 64·T1 for an answer (RFC 3261 §17.1.2.2), and a little more. */
const CALL_OFF_DEADLINE = ms(36_000)
/** After the drain deadline every call is sent its BYE or CANCEL; the answer is waited for this long. */
const LAST_BYE_DEADLINE = ms(3000)
/** Then nobody is waited for: this is for our own media to close. */
const GIVE_UP_DEADLINE = ms(1500)

/** Connects to the SIP server and starts taking calls. @throws AppError `SIP_UNAVAILABLE`, `TIMED_OUT`. */
export async function openGateway(deps: GatewayDeps, config: GatewayConfig): Promise<Gateway> {
  const { mint, callOff, guard, ...parts } = deps
  const {
    sipServer,
    admission: limits,
    trunks: defined,
    freeswitch,
    strangers,
    ...settings
  } = config
  // With a library of its own, for those who have one.
  const library = freeswitch && (await import('./media/freeswitch.ts'))
  const sip = await openDrachtio(
    { logger: deps.logger, clock: deps.clock, mint },
    sipServer,
    CONNECT_DEADLINE,
  )
  const admission = new AdmissionControl(deps.clock, limits)
  const mediaServer = freeswitch && library?.openFreeSwitch(deps, { ...freeswitch, sipServer })
  if (mediaServer) exposeMediaServer(deps.metrics, mediaServer)
  const trunks = openTrunkBook({ ...deps, sip }, defined)
  const desk = createCallDesk({ ...parts, ...settings, sip, admission, trunks, mediaServer })
  const tellKnown = (): void =>
    guard?.({
      known: trunks.knownAddresses(),
      strangers: trunks.asksEverybody ? 'ask' : (strangers ?? 'refuse'),
    })
  tellKnown()
  trunks.onKnownAddresses(tellKnown)
  sip.onReadinessAsked(() => !desk.draining)
  sip.onLost(() => {
    deps.logger.error('the SIP server is gone: its calls are lost')
    trunks.lost()
  })
  sip.onInvite((invite) => inBackground(takeCall(desk, invite), deps.logger, 'taking a call'))
  const closing = new AbortController()
  const stopServing = serveAgentRequests(desk, desk.transferNumbers ?? [])
  closing.signal.addEventListener('abort', stopServing, { once: true })
  const callOffThere: CallOff = (invite) => sip.callOff(invite, CALL_OFF_DEADLINE)
  const ways = { callOff: sipServer.outlivesUs === true ? callOffThere : callOff }
  const release = abandonedReleaser({ ...desk, ...ways }, closing.signal)
  release()
  sip.onRestored(() => {
    trunks.restored()
    release()
  })
  return new DrachtioGateway(desk, closing)
}

class DrachtioGateway implements Gateway {
  readonly calls: CallControl
  readonly #desk: CallDesk
  readonly #logger: Logger
  readonly #closing: AbortController
  #drainUntilMs = Infinity
  #drained: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(desk: CallDesk, closing: AbortController) {
    this.#desk = desk
    this.#closing = closing
    this.#logger = desk.logger
    this.calls = {
      admit: (request) => desk.admit(request),
      originate: async (request) => (await placeCall(desk, request)).live,
      hangUp: (callId) => hangUp(desk.registry.find(callId)),
      isConnected: () => desk.sip.isConnected,
      transfer: (callId, request) => beginTransfer(desk, desk.registry.find(callId), request),
      record: (callId, action) => record(desk.registry.find(callId), action),
      find: (callId) => desk.registry.find(callId)?.live,
      list: () => desk.registry.list(),
    }
  }

  trunks(): readonly TrunkView[] {
    return this.#desk.trunks.views()
  }

  replaceTrunks(trunks: readonly Trunk[]): void {
    this.#desk.trunks.replace(trunks)
  }

  lose(): void {
    this.#desk.sip.lose()
  }

  drain(deadline: Milliseconds): Promise<void> {
    this.#desk.draining = true
    this.#drainUntilMs = Math.min(this.#drainUntilMs, performance.now() + deadline)
    this.#drained ??= drainCalls(
      { registry: this.#desk.registry, logger: this.#logger, now: () => performance.now() },
      { until: () => this.#drainUntilMs },
    )
    return this.#drained
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#desk.draining = true
    this.#drainUntilMs = 0
    this.#closing.abort()
    // The registration stays to the last: a carrier may find us by it for what its side of a call still says.
    await runAll([
      () => this.#endCalls(),
      () => this.#desk.mediaServer?.close(),
      () => this.#desk.trunks.close(),
      () => this.#desk.sip.close(),
    ])
  }

  async #endCalls(): Promise<void> {
    const { registry } = this.#desk
    if (registry.size === 0) return
    this.#logger.info({ calls: registry.size }, 'ending the calls that are left')
    const shutdown = termination('server_error', 'shutdown', 'gateway')
    // One that fails keeps none of the others from its BYE.
    await runAll([
      ...registry.sessions.map((session) => () => session.end(shutdown)),
      () => this.#awaitEnds(),
    ])
  }

  async #awaitEnds(): Promise<void> {
    const { registry } = this.#desk
    const isOver = (): boolean => registry.size === 0
    if (await waitUntil(isOver, LAST_BYE_DEADLINE, 10)) return
    this.#logger.warn({ calls: registry.size }, 'the far end did not answer in time: given up')
    for (const session of registry.sessions) session.giveUp()
    await waitUntil(isOver, GIVE_UP_DEADLINE, 10)
  }
}

function record(
  session: CallSession | undefined,
  action: RecordingAction,
): ReturnType<CallControl['record']> {
  if (!session || session.isEnding()) return 'not-live'
  return session.talk.record(action)
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
