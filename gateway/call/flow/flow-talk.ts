// A caller led through our menu (CallFlows), turn by turn: it is said, keys are listened for, the answer is taken, and
// what comes next is said. One answer at a time; whatever fails is tried once more, and then the caller hears an apology.
import {
  ms,
  termination,
  type AgentTarget,
  type CallFlows,
  type CallIdentity,
  type DtmfDigit,
  type E164,
  type EpochMs,
  type FlowInput,
  type FlowTurn,
  type MediaEvent,
  type MediaSession,
  type Termination,
} from '#core/contracts'
import { TimerSet, waitFor } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import { DigitEntry } from './digit-entry.ts'
import { Saying } from './saying.ts'

/** A turn is a transaction in the database: longer means it is broken. */
const TURN_DEADLINE = ms(2000)
/** The last words have left, and lie in the far end’s jitter buffer. */
const TAIL = ms(100)

export interface FlowTalkOptions {
  readonly flows: CallFlows
  readonly logger: Logger
  readonly call: CallIdentity
  /** Who goes on afterwards. */
  readonly agent: AgentTarget | null
  readonly media: () => MediaSession | undefined
  readonly answeredAt: () => EpochMs | null
  readonly openAgent: (agent: AgentTarget) => void
  /** No agent will be needed. */
  readonly agentOver: () => void
  /** The caller consented. */
  readonly startRecording: () => void
  /** `begun`: `transferFailed` follows when nothing comes of it. @throws AppError where it may not. */
  readonly transfer: (to: E164) => string
  readonly end: (ending: Termination) => void
  /** Ends the call with what callers are told when something of ours failed. */
  readonly apologise: (ending: Termination) => void
}

export class FlowTalk {
  readonly #options: FlowTalkOptions
  readonly #timers = new TimerSet()
  #media: MediaSession | undefined
  #turn: FlowTurn | undefined
  #saying: Saying | undefined
  #sayings = 0
  #entry: DigitEntry | undefined
  /** The key that closes an entry, when it was ended by its length before: it may follow still. */
  #lateKey: DtmfDigit | null = null
  #isRecording = false
  #isTransferring = false
  #isOver = false

  constructor(options: FlowTalkOptions) {
    this.#options = options
    if (!options.agent) options.agentOver()
  }

  begin(): void {
    const { flows, call, agent, media, answeredAt } = this.#options
    const at = answeredAt()
    this.#media = media()
    if (this.#isOver || !this.#media || at === null) return
    this.#media.answered(at)
    this.#media.tellDigits(true)
    this.#take(() => flows.begin(call, { hasAgent: agent !== null }))
  }

  /** What the timeline keeps of an event: a key only while the menu listens to one that may be kept. */
  kept(event: MediaEvent): MediaEvent {
    if (event.type !== 'dtmf' || event.data.digit === undefined) return event
    const { then } = this.#turn ?? {}
    if (this.#entry && then?.kind === 'listen' && then.keepsDigits) return event
    const { source, durationMs } = event.data
    return { ...event, data: { source, durationMs } }
  }

  note(event: MediaEvent): void {
    if (this.#isOver) return
    this.#saying?.note(event)
    if (event.type === 'dtmf' && event.data.digit !== undefined) this.#pressed(event.data.digit)
  }

  /** Nobody picked up: the menu goes on. */
  transferFailed(): void {
    if (this.#isOver || !this.#isTransferring) return
    this.#isTransferring = false
    this.#answer({ kind: 'transfer-failed' })
  }

  /** The call is ending, or somebody else talks now. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timers.clear()
    this.#entry?.close()
    this.#saying?.stop()
    this.#media?.tellDigits(false)
  }

  #take(turn: () => Promise<FlowTurn>): void {
    inBackground(this.#next(turn), this.#options.logger, 'a turn of the menu')
  }

  async #next(take: () => Promise<FlowTurn>): Promise<void> {
    const once = (): Promise<FlowTurn> =>
      waitFor(take(), { name: 'the next turn of the menu', timeout: TURN_DEADLINE })
    try {
      const turn = await once().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'the menu gave no turn: it is asked again')
        if (this.#isOver) throw error
        return once()
      })
      if (!this.#isOver) this.#lead(turn)
    } catch (error) {
      if (this.#isOver) return
      this.#options.logger.error({ err: error }, 'the menu gave no turn')
      this.#fail(termination('server_error', 'internal-error', 'gateway'))
    }
  }

  #lead(turn: FlowTurn): void {
    const { agent, startRecording } = this.#options
    const { then } = turn
    this.#turn = turn
    if (turn.mayRecord && !this.#isRecording) {
      this.#isRecording = true
      startRecording()
    }
    if (then.kind === 'listen')
      this.#entry = new DigitEntry(then, (input) => {
        this.#lateKey = this.#entry?.isFull === true ? then.finishOnKey : null
        this.#answer(input)
      })
    if (then.kind === 'agent' && agent) this.#media?.prewarm(agentAfter(agent, then.variables))
    this.#say(turn, true)
  }

  #say(turn: FlowTurn, mayRetry: boolean): void {
    if (!this.#media) return
    this.#sayings += 1
    this.#saying = new Saying(turn, {
      name: `flow-${this.#sayings}`,
      stopOnDigit: turn.then.kind === 'listen',
      media: this.#media,
      over: (how) => {
        if (how === 'said') this.#said(turn)
        else if (mayRetry) this.#say(turn, false)
        else this.#fail(termination('upstream_error', 'internal-error', 'gateway'))
      },
    })
    this.#saying.begin()
  }

  #said({ then }: FlowTurn): void {
    switch (then.kind) {
      case 'listen':
        this.#entry?.wait()
        break
      case 'hang-up':
        this.#hangUp(then.reason)
        break
      case 'agent':
        this.#goOn(then.variables)
        break
      case 'transfer':
        this.#transfer(then.to)
        break
      default:
        then satisfies never
    }
  }

  #pressed(digit: DtmfDigit): void {
    const isLate = digit === this.#lateKey
    this.#lateKey = null
    // Whoever presses before he was asked did not answer.
    if (isLate || !this.#entry) return
    this.#saying?.stop()
    this.#entry.press(digit)
  }

  #answer(input: FlowInput): void {
    const { flows, call } = this.#options
    const turn = this.#turn
    this.#entry = undefined
    if (!turn) return
    const { step, attempt } = turn
    this.#take(() => flows.advance(call.callId, { step, attempt, input }))
  }

  #hangUp(reason: 'flow-ended' | 'no-input'): void {
    const result = reason === 'no-input' ? 'client_error' : 'success'
    const ending = termination(result, reason, 'gateway')
    this.#timers.after(TAIL, () => this.#options.end(ending))
  }

  #goOn(variables: Readonly<Record<string, string>>): void {
    const { agent, openAgent } = this.#options
    if (!agent) {
      this.#hangUp('flow-ended')
      return
    }
    this.close()
    openAgent(agentAfter(agent, variables))
  }

  #transfer(to: E164): void {
    this.#isTransferring = true
    try {
      const begun = this.#options.transfer(to)
      if (begun === 'begun') return
      this.#options.logger.warn({ refusal: begun }, 'the menu could not transfer its caller')
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the menu may not transfer its caller')
    }
    this.transferFailed()
  }

  #fail(ending: Termination): void {
    this.close()
    this.#options.apologise(ending)
  }
}

/** What the menu learned stands beside what the agent is told anyway. */
const agentAfter = (
  agent: AgentTarget,
  variables: Readonly<Record<string, string>>,
): AgentTarget => ({ ...agent, dynamicVariables: { ...agent.dynamicVariables, ...variables } })
