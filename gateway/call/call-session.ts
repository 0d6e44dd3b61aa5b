// One call, as one state machine that ends in exactly one Termination. Inbound and outbound calls differ only in how
// they reach `talking` (inbound-call.ts, outbound-call.ts); everything after that is here.
//
//   starting ─▶ dialing ─┬─▶ talking ─▶ ending ─▶ ended
//           └─▶ offered ─┘        (any state ─▶ ending)
//
// Every fact is written by its timeline (call-timeline.ts).
import {
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
import { terminationOfDialogEnd } from '../sip/sip-failure.ts'
import { AgentSlot } from './agent-slot.ts'
import type { Answerer } from './answerer.ts'
import { farewellIn, type CallState } from './call-state.ts'
import { CallTimeline } from './call-timeline.ts'
import type { FlowTalk } from './flow/flow-talk.ts'
import { FAREWELL_DEADLINE, InviteOutcome } from './invite-outcome.ts'
import { LastSteps } from './last-steps.ts'
import { ACK_DEADLINE, OwedAck } from './owed-ack.ts'
import { Talk, type TalkOptions } from './talk.ts'

export interface CallSessionDeps extends Pick<TalkOptions, 'fallbackPrompt' | 'recording'> {
  readonly logger: Logger
  readonly clock: Clock
  readonly events: CallEvents
}

export class CallSession {
  readonly identity: CallIdentity
  /** The one that is at it. */
  trunk: string
  readonly timeline: CallTimeline
  readonly logger: Logger
  readonly talk: Talk
  /** Among the conversations that the agents' vendor allows. */
  readonly agentSlot = new AgentSlot(() => this.isEnding())
  readonly #timers = new TimerSet()
  #invite: InviteOutcome
  readonly #lastSteps: LastSteps
  readonly #over = Promise.withResolvers<Termination>()
  #state: CallState = { name: 'starting' }
  #status: CallStatus = 'queued'
  #ending: Termination | null = null
  #answeredAt: EpochMs | null = null
  readonly #ack = new OwedAck()
  #media: MediaSession | undefined
  /** The menu that leads the caller, or did. */
  #flow: FlowTalk | undefined

  constructor(deps: CallSessionDeps, identity: CallIdentity) {
    this.identity = identity
    this.trunk = identity.trunk
    this.timeline = new CallTimeline(deps, identity.callId)
    this.logger = deps.logger.child({ callId: identity.callId })
    this.#invite = new InviteOutcome(this.logger)
    this.#lastSteps = new LastSteps(this.logger)
    const end = (ending: Termination): void => this.end(ending)
    const handedBack = (): void => this.#flow?.transferFailed()
    this.talk = new Talk({ ...deps, media: () => this.#media, handedBack, end })
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

  /** The menu that will talk to the caller. */
  leadBy(flow: FlowTalk): void {
    this.#flow = flow
    if (this.isEnding()) flow.close()
  }

  get isAcknowledged(): boolean {
    return this.#ack.isHere
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
    this.#state = { name: 'dialing', invite }
    this.#status = 'dialing'
    this.#timers.after(ringTimeout, () => this.end(this.#invite.unanswered))
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
    this.#invite.heard(status)
    this.timeline.note('sip.provisional', { sipStatus: status, earlyMedia })
    if (this.#state.name === 'dialing' && status > 100)
      this.#status = earlyMedia ? 'early_media' : 'ringing'
  }

  /**
   * The 200 OK: the only way to an agent, and only with the evidence this dialog brought. A 200 OK that crossed our
   * CANCEL is acknowledged by the SIP server and ended here, with no agent.
   * @param answerer undefined when the answer's SDP has no audio we can use: the call ends at once
   * @param waitsForAck whoever answers begins by `beginWaiting`
   */
  answered(
    dialog: SipDialog,
    answerer: Answerer | undefined,
    maxDuration: Milliseconds,
    waitsForAck = false,
  ): void {
    const { evidence, identity } = dialog
    if (!evidence) throw new Error('a second leg is no answer to this call')
    this.#answeredAt = evidence.answeredAt
    this.timeline.noteAnswered(evidence, identity)
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
    if (answerer && waitsForAck) this.#ack.holdBack(answerer)
    else if (answerer) answerer.begin()
    else this.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
  }

  /** With the evidence of the answer, whenever it is: a menu may have talked before. */
  openAgent(agent: AgentTarget): void {
    const evidence = this.dialog?.evidence
    if (!evidence) return
    try {
      this.#media?.openAgent(agent, evidence)
    } catch (error) {
      this.logger.error({ err: error }, 'the agent could not be asked for')
      this.end(termination('server_error', 'internal-error', 'gateway'))
    }
  }

  /** The ACK of the 200 OK we sent. */
  acknowledged(): void {
    this.#ack.came()
    this.timeline.note('sip.acknowledged', {})
  }

  /** The caller is real: whoever waited for its ACK begins. */
  beginWaiting(): void {
    const answerer = this.#ack.release()
    if (this.dialog) answerer?.begin()
  }

  /** The INVITE we sent failed. After our CANCEL this is its expected end and changes nothing. */
  failed(failure: InviteFailure): void {
    const { status, local, lost, detail } = failure
    this.#invite.settle()
    // Given up: the record is closed.
    if (this.#state.name === 'ended') return
    this.timeline.noteFailure(failure)
    if (local && !lost && !this.isEnding())
      this.logger.warn(
        { trunk: this.trunk, sipStatus: status, detail },
        'the trunk could not be reached',
      )
    this.#finish(this.#invite.failedBy(failure))
  }

  /** The INVITE we sent failed, and the call goes on by another trunk. */
  rerouted(failure: InviteFailure, nextTrunk: string): void {
    this.#invite.settle()
    this.#timers.clear()
    this.timeline.noteFailure(failure, nextTrunk)
    const { status: sipStatus, detail = null } = failure
    this.logger.warn(
      { trunk: this.trunk, sipStatus, detail, nextTrunk },
      'the trunk failed the call: the next one is tried',
    )
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
    const kept = this.#flow?.kept(event) ?? event
    this.timeline.note(kept.type, kept.data, kept.at)
    this.agentSlot.note(event)
    this.talk.note(event)
    this.#flow?.note(event)
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
    if (this.#ack.isHere || this.isEnding()) return
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
    this.#flow?.close()
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
