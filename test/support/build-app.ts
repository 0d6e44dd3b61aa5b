// Builds a whole control API on a fresh data folder, with a scripted gateway, and takes it down when the test ends.
import { Writable } from 'node:stream'
import type { Test } from 'tap'
import { openControlApi, type ControlApi, type ControlApiConfig } from '../../control-api/index.ts'
import {
  newCallId,
  type AdmitRequest,
  type CallControl,
  type CallEvent,
  type CallEventData,
  type CallEvents,
  type CallEventType,
  type CallId,
  type CallIdentity,
  type CallJournal,
  type CallSlot,
  type InviteIdentity,
  type MediaBridge,
  type MintAnswerEvidence,
  type CallStatus,
  type EpochMs,
  type LiveCall,
  type RecordingAction,
  type RecordingRefusal,
  type TransferRefusal,
  type TransferRequest,
  type SipTrace,
  type OriginateRequest,
} from '../../core/contracts/index.ts'
import { AppError } from '../../core/errors/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import {
  createCallLogs,
  createLogger,
  createMetrics,
  type Metrics,
} from '../../core/telemetry/index.ts'
import { createClock, type Clock } from '../../core/time/index.ts'
import { migratedDataDir, type FolderOwner } from './data-folder.ts'
import { eventually as eventuallyWithin } from './process.ts'

export { freshDataDir } from './data-folder.ts'

export interface BuiltApp {
  readonly api: ControlApi
  readonly control: FakeCallControl
  readonly events: CallEvents
  readonly metrics: Metrics
  readonly clock: Clock
  readonly dataDir: string
  readonly url: string
  /** Everything logged so far. */
  readonly logged: () => string
  /** A request to the listening server. */
  request(path: string, init?: RequestInit): Promise<Response>
  /** Publishes an event of a call, now or at the given time. */
  emit<T extends CallEventType>(type: T, callId: CallId, data: CallEventData[T], at?: EpochMs): void
  /** Waits until the call's timeline has so many events. */
  recorded(callId: CallId, count: number): Promise<void>
  close(): Promise<void>
}

export interface BuildOptions {
  readonly config?: Partial<ControlApiConfig>
  /** Of an earlier build, to start again on its data. */
  readonly dataDir?: string
  /** Sent with the requests that the builder makes itself. */
  readonly headers?: Record<string, string>
  /** What is kept of the wire; nothing by default. */
  readonly sipTrace?: SipTrace
  /** For calls by a stream; none by default. */
  readonly media?: { readonly bridge?: MediaBridge; readonly mint: MintAnswerEvidence }
  /** False: the gateway is not up. */
  readonly gateway?: boolean
}

/** A gateway that journals calls and otherwise does what the test tells it. */
export class FakeCallControl implements CallControl {
  readonly requests: OriginateRequest[] = []
  readonly hungUp: CallId[] = []
  readonly recorded: { readonly callId: CallId; readonly action: RecordingAction }[] = []
  /** Why there is nothing to record. */
  refusal: RecordingRefusal | undefined
  /** Whether the SIP server is there. */
  connected = true
  readonly live = new Map<CallId, LiveCall>()
  /** Thrown by the next `originate`. */
  failure: Error | undefined
  /** Awaited by `originate` before it journals. */
  hold: Promise<unknown> = Promise.resolve()
  readonly #open: CallJournal['open']
  readonly #clock: Clock

  constructor(open: CallJournal['open'], clock: Clock) {
    this.#open = open
    this.#clock = clock
  }

  /** Those that hold a place. */
  readonly admitted: AdmitRequest[] = []
  /** Thrown by the next `admit`. */
  notAdmitted: Error | undefined
  admit(request: AdmitRequest): CallSlot {
    const { notAdmitted } = this
    this.notAdmitted = undefined
    if (notAdmitted) throw notAdmitted
    this.admitted.push(request)
    return {
      agentOver: () => undefined,
      release: () => {
        const at = this.admitted.indexOf(request)
        if (at >= 0) this.admitted.splice(at, 1)
      },
    }
  }

  async originate(request: OriginateRequest): Promise<LiveCall> {
    this.requests.push(request)
    await this.hold
    if (this.failure) throw this.failure
    const { callId = newCallId(), placedBy, retry } = request
    if (this.live.has(callId)) throw new AppError('STATE_CONFLICT', 'a call of this id is live')
    return this.begin({
      callId,
      ...(placedBy === undefined ? {} : { placedBy }),
      ...(retry === undefined ? {} : { retry }),
      direction: 'outbound',
      from: request.from ?? '+4930555100',
      to: request.to,
      metadata: request.metadata,
    })
  }

  /** Why there is nothing to transfer; thrown when it is an error. */
  transferRefusal: TransferRefusal | Error | undefined
  readonly transfers: { readonly callId: CallId; readonly request: TransferRequest }[] = []

  transfer(callId: CallId, request: TransferRequest): 'begun' | TransferRefusal {
    this.transfers.push({ callId, request })
    if (this.transferRefusal instanceof Error) throw this.transferRefusal
    return this.transferRefusal ?? 'begun'
  }

  async begin(identity: Partial<CallIdentity> = {}, invite?: InviteIdentity): Promise<LiveCall> {
    const call: LiveCall = {
      callId: newCallId(),
      direction: 'inbound',
      from: '+4930555200',
      to: '+4930555100',
      trunk: 'rehearsal',
      createdAt: this.#clock.now(),
      metadata: {},
      status: 'queued',
      answeredAt: null,
      termination: null,
      ...identity,
    }
    await this.#open(call, invite)
    this.live.set(call.callId, call)
    return call
  }

  setStatus(callId: CallId, status: CallStatus): void {
    const call = this.live.get(callId)
    if (call) this.live.set(callId, { ...call, status })
  }

  hangUp(callId: CallId): boolean {
    if (!this.live.has(callId)) return false
    this.hungUp.push(callId)
    return true
  }

  record(callId: CallId, action: RecordingAction): 'done' | RecordingRefusal | 'not-live' {
    if (!this.live.has(callId)) return 'not-live'
    if (this.refusal !== undefined) return this.refusal
    this.recorded.push({ callId, action })
    return 'done'
  }

  isConnected(): boolean {
    return this.connected
  }

  find(callId: CallId): LiveCall | undefined {
    return this.live.get(callId)
  }

  list(): readonly LiveCall[] {
    return [...this.live.values()]
  }
}

/** A test, or whoever else takes down what was built. */
export type AppOwner = FolderOwner & Pick<Test, 'error'>

export async function buildApp(t: AppOwner, options: BuildOptions = {}): Promise<BuiltApp> {
  const dataDir = options.dataDir ?? (await migratedDataDir(t))
  const lines: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const callLogs = createCallLogs()
  const logger = createLogger('debug', callLogs.before(sink))
  const metrics = createMetrics()
  const clock = createClock()
  const events = createCallEventBus((error) => t.error(error, 'an event subscriber threw'))
  const late: { control?: CallControl } = {}
  const api = await openControlApi(
    {
      logger,
      metrics,
      clock,
      events,
      callControl: () => late.control,
      ...(options.media === undefined
        ? {}
        : { bridge: () => options.media?.bridge, mint: options.media.mint }),
      sipTrace: options.sipTrace ?? NO_TRACE,
      callLogs,
    },
    { ...DEFAULTS, dataDir, ...options.config },
  )
  const control = new FakeCallControl((call, invite) => api.journal.open(call, invite), clock)
  if (options.gateway !== false) late.control = control
  t.teardown(() => api.close())
  await api.listen()
  api.setReady('ready')
  const url = `http://${api.address.host}:${api.address.port}`
  return {
    api,
    control,
    events,
    metrics,
    clock,
    dataDir,
    url,
    logged: () => lines.join(''),
    request: (path, init) => fetch(url + path, init),
    emit(type, callId, data, at = clock.now()) {
      events.publish({ type, callId, at, data } as CallEvent)
    },
    recorded: (callId, count) =>
      eventually(`${count} events of ${callId}`, async () => {
        const headers = options.headers ?? {}
        const response = await fetch(`${url}/api/calls/${callId}/timeline`, { headers })
        const { items } = (await response.json()) as { items?: unknown[] }
        return items !== undefined && items.length >= count
      }),
    close: () => api.close(),
  }
}

const NO_TRACE: SipTrace = {
  ofCall: () => Promise.resolve({ kind: 'unavailable', why: 'There is no SIP server.' }),
}

const DEFAULTS: Omit<ControlApiConfig, 'dataDir'> = {
  httpHost: '127.0.0.1',
  httpPort: 0,
  requireKey: false,
  rehearsal: true,
  defaultAgentId: 'agent_default',
  agentVariables: ['caller_number', 'called_number', 'call_id', 'direction'],
  pricePerMinute: 0.08,
  version: '0.0.0-test',
  howTo: () => ({
    apiUrl: 'http://127.0.0.1:8000',
    sipUri: 'sip:agent@127.0.0.1:5060',
    exampleCurl: 'curl -X POST http://127.0.0.1:8000/api/calls/start',
    demoNumbers: [{ number: '+4930555000', what: 'answers and talks' }],
  }),
}

/** Waits until `check` holds: for writes and audits that follow an event. Fails the wait after five seconds. */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  await eventuallyWithin(what, 5000, check)
}

export const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** The value of one sample on the metrics page; 0 when it is not there. */
export async function sample(metrics: Metrics, name: string): Promise<number> {
  const { body } = await metrics.render()
  const line = body.split('\n').find((one) => one.startsWith(`voicegate_${name} `))
  return line === undefined ? 0 : Number(line.split(' ').at(-1))
}
