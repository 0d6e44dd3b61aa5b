// One call, as one state machine that ends in exactly one Termination. Inbound and outbound calls differ only in how
// they reach `talking` (inbound-call.ts, outbound-call.ts); everything after that is here.
//
//   starting ─▶ dialing ─┬─▶ talking ─▶ ending ─▶ ended
//           └─▶ offered ─┘        (any state ─▶ ending)
//
// Every fact is written by its timeline (call-timeline.ts).
import {
  ms,
  termination,
  type AgentTarget,
  type CallEvents,
  type CallIdentity,
  type CallStatus,
  type EpochMs,
  type LiveCall,
  type MediaEvent,
  type MediaSession,
  type Milliseconds,
  type RemoteRtp,
  type Termination,
} from '#core/contracts'
import { inBackground, type Logger } from '#core/telemetry'
import { TimerSet } from '#core/lifecycle'
import type { Clock } from '#core/time'
import type {
  DialogEnd,
  InboundInvite,
  InviteFailure,
  OutboundInviteHandle,
  SipDialog,
} from '../sip/sip-port.ts'
import { terminationOfDialogEnd, terminationOfFailure } from '../sip/sip-failure.ts'
import { farewellIn, type CallState } from './call-state.ts'
import { CallTimeline } from './call-timeline.ts'
import { FAREWELL_DEADLINE, InviteOutcome } from './invite-outcome.ts'
import { LastSteps } from './last-steps.ts'
import { Talk, type TalkOptions } from './talk.ts'

export interface CallSessionDeps extends Pick<TalkOptions, 'fallbackPrompt' | 'recording'> {
  readonly logger: Logger
  readonly clock: Clock
  readonly events: CallEvents
}

/** A 200 OK nobody acknowledges in this time closes the agent (docs/call-lifecycle.md). */
const ACK_DEADLINE = ms(4000)

export class CallSession {
  readonly identity: CallIdentity
  /** The one that is at it. */
  trunk: string
  readonly timeline: CallTimeline
  readonly logger: Logger
  readonly talk: Talk
  readonly #timers = new TimerSet()
  #invite: InviteOutcome
  readonly #lastSteps: LastSteps
  readonly #over = Promise.withResolvers<Termination>()
  #state: CallState = { name: 'starting' }
  #status: CallStatus = 'queued'
  #ending: Termination | null = null
  #answeredAt: EpochMs | null = null
  #acknowledged = false
  #provisionalSeen = false
  #media: MediaSession | undefined
  /** Reserved from the beginning on; open from the upgrade request on; there is no second one. */
  #agent: 'reserved' | 'open' | 'over' = 'reserved'
  /** To be opened when the ACK comes. */
  #waitingAgent: AgentTarget | undefined

  constructor(deps: CallSessionDeps, identity: CallIdentity) {
    this.identity = identity
    this.trunk = identity.trunk
    this.timeline = new CallTimeline(deps, identity.callId)
    this.logger = deps.logger.child({ callId: identity.callId })
    this.#invite = new InviteOutcome(this.logger)
    this.#lastSteps = new LastSteps(this.logger)
    const end = (ending: Termination): void => this.end(ending)
    this.talk = new Talk({ ...deps, media: () => this.#media, end })
  }

  get live(): LiveCall {
    return {
      ...this.identity,
      trunk: this.trunk,
      status: this.#status,
      answeredAt: this.#answeredAt,
      termination: this.#ending,
    }
  }

  /** Resolves when everything of the call is over: signalling, agent, media. Never rejects. */
  get over(): Promise<Termination> {
    return this.#over.promise
  }

  isEnding(): boolean {
    return this.#ending !== null
  }

  /** One of the conversations that the agents' vendor allows is this call's. */
  get holdsAgentSlot(): boolean {
    return this.#agent === 'open' || (this.#agent === 'reserved' && !this.isEnding())
  }

  get isAcknowledged(): boolean {
    return this.#acknowledged
  }

  get media(): MediaSession | undefined {
    return this.#media
  }

  /** The dialog while the two talk. */
  get dialog(): SipDialog | undefined {
    return this.#state.name === 'talking' ? this.#state.dialog : undefined
  }

  /** Something more that ends with this call, beside its media; the record waits for it. At once when it is over. */
  alsoClose(close: () => Promise<void>): void {
    this.#lastSteps.add(close)
  }

  /** Hands the call its media; a call that is already ending closes it at once. */
  attachMedia(media: MediaSession): void {
    this.#media = media
    if (this.isEnding()) inBackground(media.close(), this.logger, 'closing late media')
  }

  /** Where the far end is to be reached, and whether it holds the call. */
  setRemote(remote: RemoteRtp): void {
    this.talk.describe(remote)
    this.#media?.setRemote(remote)
  }

  dialing(invite: OutboundInviteHandle, ringTimeout: Milliseconds): void {
    this.#invite = new InviteOutcome(this.logger)
    this.#provisionalSeen = false
    this.#state = { name: 'dialing', invite }
    this.#status = 'dialing'
    this.#timers.after(ringTimeout, () =>
      // A 100 Trying is of the next hop: nothing rang, so it is not the callee who did not answer.
      this.end(
        this.#provisionalSeen
          ? termination('client_error', 'no-answer', 'callee')
          : termination('upstream_error', 'no-response', 'carrier'),
      ),
    )
  }

  offered(invite: InboundInvite): void {
    this.#state = { name: 'offered', invite }
    this.#status = 'ringing'
    invite.onCanceled(() => {
      this.timeline.note('sip.cancel', { direction: 'received' })
      this.#finish(termination('client_error', 'canceled', 'caller', 487))
    })
  }

  /** Tells the caller that it rings. */
  ring(): void {
    if (this.#state.name !== 'offered') return
    this.#state.invite.ring()
    this.timeline.note('sip.provisional', { sipStatus: 180, earlyMedia: false })
  }

  /** A 18x of the call we placed. Early media is announced to the record, never to an agent. */
  provisional(status: number, earlyMedia: boolean): void {
    this.#provisionalSeen ||= status > 100
    this.timeline.note('sip.provisional', { sipStatus: status, earlyMedia })
    if (this.#state.name === 'dialing' && status > 100)
      this.#status = earlyMedia ? 'early_media' : 'ringing'
  }

  /**
   * The 200 OK: the only way to an agent, and only with the evidence this dialog brought. A 200 OK that crossed our
   * CANCEL is acknowledged by the SIP server and ended here, with no agent.
   * @param agent undefined when the answer's SDP has no audio we can use: the call ends at once
   * @param waitsForAck the agent is opened by `openWaitingAgent`
   */
  answered(
    dialog: SipDialog,
    agent: AgentTarget | undefined,
    maxDuration: Milliseconds,
    waitsForAck = false,
  ): void {
    const { evidence, identity } = dialog
    if (!evidence) throw new Error('a second leg is no answer to this call')
    this.#answeredAt = evidence.answeredAt
    this.timeline.note(
      'sip.answered',
      { dialog: evidence.dialog, cseq: evidence.cseq, ...identity },
      evidence.answeredAt,
    )
    if (this.isEnding() || !this.#media) {
      this.timeline.noteBye('sent')
      this.#invite.endLateAnswer(dialog)
      return
    }
    this.#invite.settle()
    this.#timers.clear()
    this.#state = { name: 'talking', dialog }
    this.#status = 'answered'
    this.talk.answered()
    this.#timers.after(maxDuration, () =>
      this.end(termination('success', 'max-duration', 'gateway')),
    )
    if (this.identity.direction === 'inbound')
      this.#timers.after(ACK_DEADLINE, () => this.#onNoAck(dialog))
    if (agent && waitsForAck) this.#waitingAgent = agent
    else if (agent) this.#openAgent(this.#media, agent, dialog)
    else this.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
  }

  #openAgent(media: MediaSession, agent: AgentTarget, dialog: SipDialog): void {
    if (!dialog.evidence) return
    try {
      media.openAgent(agent, dialog.evidence)
    } catch (error) {
      this.logger.error({ err: error }, 'the agent could not be asked for')
      this.end(termination('server_error', 'internal-error', 'gateway'))
    }
  }

  /** The ACK of the 200 OK we sent. */
  acknowledged(): void {
    this.#acknowledged = true
    this.timeline.note('sip.acknowledged', {})
  }

  /** The caller is real: the agent that waited for its ACK is opened, with the evidence of the answer. */
  openWaitingAgent(): void {
    const agent = this.#waitingAgent
    this.#waitingAgent = undefined
    if (agent && this.#media && this.#state.name === 'talking')
      this.#openAgent(this.#media, agent, this.#state.dialog)
  }

  /** The INVITE we sent failed. After our CANCEL this is its expected end and changes nothing. */
  failed(failure: InviteFailure): void {
    const { status, local, lost, detail } = failure
    this.#invite.settle()
    // Given up: the record is closed.
    if (this.#state.name === 'ended') return
    this.timeline.noteFailure(failure)
    if (local && !lost && !this.isEnding())
      this.logger.warn({ sipStatus: status, detail }, 'the trunk could not be reached')
    const provisionalSeen = this.#provisionalSeen
    this.#finish(terminationOfFailure(status, { provisionalSeen, local, lost }))
  }

  /** The INVITE we sent failed, and the call goes on by another trunk. */
  rerouted(failure: InviteFailure, nextTrunk: string): void {
    this.#invite.settle()
    this.#timers.clear()
    this.timeline.noteFailure(failure, nextTrunk)
    this.trunk = nextTrunk
    this.#state = { name: 'starting' }
  }

  /** The 200 OK we meant to send was not: whoever waits for its outcome need not wait longer. */
  answerFailed(): void {
    this.#invite.settle()
  }

  /** Our own code failed in the middle of this call. */
  onDefect(): void {
    this.end(termination('server_error', 'internal-error', 'gateway', 500))
  }

  /** The dialog ended without us asking. */
  dialogEnded(end: DialogEnd): void {
    if (end.by !== 'lost')
      this.timeline.noteBye(end.by === 'remote' ? 'received' : 'sent', end.reason)
    const meant = end.by === 'remote' ? this.talk.handover?.byeMeans : undefined
    this.#finish(meant ?? terminationOfDialogEnd(end, this.identity.direction))
  }

  /** Everything the media session reports. */
  onMedia(event: MediaEvent): void {
    this.timeline.note(event.type, event.data, event.at)
    if (event.type === 'agent.attempted') this.#agent = 'open'
    if (event.type === 'agent.closed') this.#agent = 'over'
    this.talk.note(event)
  }

  /** We end the call, whatever state it is in. The first ending wins; later ones change nothing. */
  end(ending: Termination): void {
    this.#finish(ending, farewellIn(this.#state, ending, this.timeline, this.#invite))
  }

  /**
   * Closes the record of a call that is ending, whatever the far end still owes it: the process is about to end, and a
   * record left open would be called a crash by the next start.
   */
  giveUp(): void {
    if (this.isEnding()) this.#lastSteps.giveUp()
  }

  /** RFC 3261 §13.3.1.4: the 200 OK goes on being sent; the BYE waits for a late ACK or for 64·T1. */
  #onNoAck(dialog: SipDialog): void {
    if (this.#acknowledged || this.isEnding()) return
    this.logger.warn('no ACK for our 200 OK: the agent is closed')
    this.#media?.closeAgent('no-ack')
    // The port is kept until the dialog is really over: the caller may still be sending to it.
    const bye = (): Promise<void> =>
      dialog.bye(FAREWELL_DEADLINE).then(() => this.timeline.noteBye('sent'))
    this.#finish(termination('upstream_error', 'no-ack', 'gateway'), undefined, bye)
  }

  /** Says goodbye on the wire first, closes agent and media at once after, and only then closes the record. */
  #finish(
    cause: Termination,
    farewell?: () => Promise<void>,
    beforeMedia?: () => Promise<void>,
  ): void {
    if (this.isEnding()) return
    const ending = this.talk.due ?? cause
    this.#ending = ending
    this.talk.close()
    this.#state = { name: 'ending' }
    this.#timers.clear()
    const closeMedia = (): Promise<unknown> | undefined => this.#media?.close()
    void this.#lastSteps.run(farewell, beforeMedia, closeMedia).then(() => {
      this.#state = { name: 'ended' }
      this.#status = 'ended'
      this.timeline.note('call.ended', { termination: ending })
      this.logger.info({ termination: ending }, 'call ended')
      this.#over.resolve(ending)
    })
  }
}
