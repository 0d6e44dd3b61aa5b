// One real call without an agent, by the gateway that also places all others: the same admission, the same SIP. Only the
// audio is the doctor's own (test-line.ts). Nothing of the bridge is imported here, nor by what this imports: there is
// no code in this process that could open an agent, and the evidence of the answer is worthless.
import { isIP } from 'node:net'
import {
  ms,
  type AgentDirectory,
  type CallEvent,
  type CallJournal,
  type E164,
  type MediaBridge,
  type MintAnswerEvidence,
  type Trunk,
} from '#core/contracts'
import type { Config } from '#core/config'
import { createCallEventBus } from '#core/events'
import { runAll, waitFor } from '#core/lifecycle'
import { createLogger, createMetrics } from '#core/telemetry'
import { createClock } from '#core/time'
import { openGateway, traceEmbeddedSip, type EmbeddedSip, type Gateway } from '#gateway'
import type { LadderStep } from './ladder.ts'
import { openTestLine, type LineFact, type LineReport, type TestLine } from './test-line.ts'
import { watchWire, type WireWatch } from './wire-watch.ts'

export interface TestCallOptions {
  readonly to: E164
  readonly trunk: Trunk
  readonly talkMs: number
  readonly ringMs: number
  /** Aborted: the call is ended at once. */
  readonly stop: AbortSignal
  readonly onStep: (step: LadderStep) => void
}

export interface TestCallResult {
  readonly events: readonly CallEvent[]
  readonly line: LineReport | undefined
  /** Whether the other side confirmed the end, or had ended it itself. */
  readonly isOver: boolean
  readonly steps: readonly LadderStep[]
}

/** BYE and CANCEL are answered in well below a second; after this we say so and leave. */
const GOODBYE = ms(2500)
const RING_GRACE_MS = 250
/** The gateway’s own limit of a talk is the second one: ours comes first. */
const MARGIN_MS = 10_000

/** @throws AppError as `CallControl.originate` says. */
export async function placeTestCall(
  config: Config,
  sip: EmbeddedSip,
  options: TestCallOptions,
): Promise<TestCallResult> {
  const clock = createClock()
  const logger = createLogger('silent')
  const events: CallEvent[] = []
  const steps: LadderStep[] = []
  const bus = createCallEventBus((error) => logger.error({ err: error }, 'an event was lost'))
  const wire = watchWire(
    traceEmbeddedSip(() => sip, clock.anchor, logger),
    clock,
    (step) => {
      steps.push(step)
      options.onStep(step)
    },
  )
  const media = new TestBridge(config, () => clock.now(), wire)
  const call = new CallWatch(events, wire)
  const hasSpoken = (): boolean => steps.some(({ by }) => by === 'carrier')
  bus.subscribe((event) => call.hear(event))
  const gateway = await openGateway(
    { ...NO_RECORD, logger, clock, metrics: createMetrics(), events: bus, bridge: media },
    gatewayConfig(config, sip, options.trunk),
  )
  try {
    const isOver = await talk(gateway, call, { ...options, hasSpoken })
    await wire.stop()
    return { events, line: media.line?.report(), isOver, steps }
  } finally {
    await runAll([() => gateway.close(), () => wire.stop()])
  }
}

/** Dials, waits for an answer, talks, hangs up. False when the end was not confirmed. */
async function talk(
  gateway: Gateway,
  call: CallWatch,
  { to, talkMs, ringMs, stop, hasSpoken }: TestCallOptions & { readonly hasSpoken: () => boolean },
): Promise<boolean> {
  const agent = { agentId: 'none', dynamicVariables: {} }
  const maxDuration = ms(talkMs + MARGIN_MS)
  const ringTimeout = ms(ringMs)
  const request = { to, agent, ringTimeout, maxDuration, metadata: {} }
  const { callId } = await gateway.calls.originate(request)
  const ended = call.ended.then(() => true)
  const stopped = onceAborted(stop).then(() => false)
  const signs: Promise<boolean | 'answered'>[] = [ended, stopped, call.answered]
  // The gateway stops ringing by itself; its CANCEL may be confirmed late, or never.
  const first = await within(ms(ringMs + RING_GRACE_MS), 'an answer', signs).catch(() => false)
  if (first === 'answered')
    await within(ms(talkMs), 'the end', [ended, stopped]).catch(() => undefined) // Time to hang up.
  gateway.calls.hangUp(callId)
  // Who said nothing cannot be sent a CANCEL (RFC 3261 §9.1), and confirms none.
  if (!hasSpoken()) return false
  return within(GOODBYE, 'the goodbye', [ended]).catch(() => false)
}

const within = <T>(timeout: ReturnType<typeof ms>, name: string, any: Promise<T>[]): Promise<T> =>
  waitFor(Promise.race(any), { name, timeout })

const onceAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** What the gateway says of the one call. */
class CallWatch {
  readonly answered: Promise<'answered'>
  readonly ended: Promise<unknown>
  readonly #events: CallEvent[]
  readonly #wire: WireWatch
  readonly #answered = Promise.withResolvers<'answered'>()
  readonly #ended = Promise.withResolvers<unknown>()

  constructor(events: CallEvent[], wire: WireWatch) {
    this.#events = events
    this.#wire = wire
    this.answered = this.#answered.promise
    this.ended = this.#ended.promise
  }

  hear(event: CallEvent): void {
    this.#events.push(event)
    if (event.type === 'sip.invite') this.#wire.follow(event.data.sipCallId)
    if (event.type === 'sip.answered') this.#answered.resolve('answered')
    if (event.type === 'call.ended') this.#ended.resolve(undefined)
  }
}

const FACTS: Readonly<Record<LineFact, readonly [by: LadderStep['by'], what: string]>> = {
  'early-audio': ['carrier', 'first audio, before the answer'],
  'audio-received': ['carrier', 'first audio since the answer'],
  'audio-sent': ['voicegate', 'first audio of ours'],
}

class TestBridge implements MediaBridge {
  line: TestLine | undefined
  readonly #config: Config
  readonly #now: () => number
  readonly #wire: WireWatch

  constructor(config: Config, now: () => number, wire: WireWatch) {
    this.#config = config
    this.#now = now
    this.#wire = wire
  }

  async openSession(): Promise<TestLine> {
    const { rtpHost: host, rtpPortMin: portMin, rtpPortMax: portMax } = this.#config
    const onFact = (fact: LineFact): void => this.#wire.note(...FACTS[fact])
    this.line = await openTestLine({ host, portMin, portMax, now: this.#now, onFact })
    return this.line
  }

  openStream(): never {
    throw new Error('a test call goes over SIP')
  }

  preparePrompt(): never {
    throw new Error('a test call plays no prompt')
  }

  sessionCount(): number {
    return this.line ? 1 : 0
  }

  drain(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    await this.line?.close()
  }
}

function gatewayConfig(config: Config, sip: EmbeddedSip, trunk: Trunk) {
  return {
    sipServer: sip.admin,
    trunks: [trunk],
    admission: {
      allowPrefixes: config.dialAllowPrefixes,
      maxConcurrentCalls: 1,
      maxOutboundCallsPerSecond: 1,
      maxInboundCallsPerSecond: 1,
    },
    rtpFamily: isIP(config.rtpHost) === 6 ? (6 as const) : (4 as const),
    advertiseAddress: config.rtpAdvertise,
    fallbackPrompt: undefined,
    recording: 'off' as const,
  }
}

/** Not a call of voicegate: it stands in no history. */
const journal: CallJournal = {
  open: () => Promise.resolve(),
  abandoned: () => Promise.resolve({ dialogs: [], invites: [] }),
  released: () => Promise.resolve(),
  dialling: () => Promise.resolve(),
  answering: () => Promise.resolve(),
  calledOff: () => Promise.resolve(),
}

/** Whoever calls in meanwhile is asked to try later. */
const directory: AgentDirectory = {
  resolveInbound: () => Promise.resolve({ kind: 'refused', sipStatus: 480 }),
  variablesFor: () => ({}),
}

/** Opens nothing: the real mint, and the key of its seal, are out of reach here. */
const mint: MintAnswerEvidence = (answered) => ({ ...answered, seal: '' })

const NO_RECORD = { journal, directory, mint }
