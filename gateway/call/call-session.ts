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
  type AgentCloseReason,
  type AgentTarget,
  type CallEvents,
  type CallIdentity,
  type CallStatus,
  type EpochMs,
  type LiveCall,
  type MediaEvent,
  type MediaSession,
  type Milliseconds,
  type Termination,
} from '#core/contracts'
import { inBackground, type Logger } from '#core/telemetry'
import { TimerSet, waitFor } from '#core/lifecycle'
import type { Clock } from '#core/time'
import type {
  DialogEnd,
  InboundInvite,
  InviteFailure,
  OutboundInviteHandle,
  SipDialog,
} from '../sip/sip-port.ts'
import type { RemoteAudio } from '../sip/sdp.ts'
import { terminationOfFailure } from '../sip/sip-failure.ts'
import { CallTimeline } from './call-timeline.ts'
import { CallerPresence } from './caller-presence.ts'

type CallState =
  | { readonly name: 'starting' }
  | { readonly name: 'dialing'; readonly invite: OutboundInviteHandle }
  | { readonly name: 'offered'; readonly invite: InboundInvite }
  | { readonly name: 'talking'; readonly dialog: SipDialog }
  | { readonly name: 'ending' }
  | { readonly name: 'ended' }

export interface CallSessionDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly events: CallEvents
}

/** A 200 OK nobody acknowledges in this time closes the agent (docs/call-lifecycle.md). */
const ACK_DEADLINE = ms(4000)
/** The far end has 64·T1 to answer a CANCEL or BYE or to send a late ACK (RFC 3261 §9.1, §15); and a little more. */
const FAREWELL_DEADLINE = ms(36_000)

/** The agent's end is the call's end; what we closed ourselves ends nothing. */
const AGENT_ENDINGS: Readonly<Record<AgentCloseReason, Termination | undefined>> = {
  'agent-ended': termination('success', 'agent-ended', 'agent'),
  refused: termination('upstream_error', 'agent-refused', 'agent'),
  dropped: termination('upstream_error', 'agent-dropped', 'agent'),
  'worker-lost': termination('server_error', 'media-lost', 'gateway'),
  'call-ended': undefined,
  'no-ack': undefined,
}

export class CallSession {
  readonly identity: CallIdentity
  readonly timeline: CallTimeline
  readonly #logger: Logger
  readonly #timers = new TimerSet()
  readonly #presence = new CallerPresence(() =>
    this.end(termination('upstream_error', 'media-lost', 'gateway')),
  )
  /** Our INVITE has its final response, and an answer that came too late its BYE. */
  readonly #inviteSettled = Promise.withResolvers<undefined>()
  readonly #over = Promise.withResolvers<Termination>()
  /** Nobody is waited for any longer. */
  readonly #givenUp = Promise.withResolvers<undefined>()
  #state: CallState = { name: 'starting' }
  #status: CallStatus = 'queued'
  #ending: Termination | null = null
  #answeredAt: EpochMs | null = null
  #acknowledged = false
  #provisionalSeen = false
  #media: MediaSession | undefined
  /** To be opened when the ACK comes. */
  #waitingAgent: AgentTarget | undefined

  constructor(deps: CallSessionDeps, identity: CallIdentity) {
    this.identity = identity
    this.timeline = new CallTimeline(deps, identity.callId)
    this.#logger = deps.logger.child({ callId: identity.callId })
  }

  get live(): LiveCall {
    const { identity, ...rest } = { identity: this.identity, status: this.#status }
    return { ...identity, ...rest, answeredAt: this.#answeredAt, termination: this.#ending }
  }

  /** Resolves when everything of the call is over: signalling, agent, media. Never rejects. */
  get over(): Promise<Termination> {
    return this.#over.promise
  }

  isEnding(): boolean {
    return this.#ending !== null
  }

  get isAcknowledged(): boolean {
    return this.#acknowledged
  }

  get media(): MediaSession | undefined {
    return this.#media
  }

  get logger(): Logger {
    return this.#logger
  }

  /** Hands the call its media; a call that is already ending closes it at once. */
  attachMedia(media: MediaSession): void {
    this.#media = media
    if (this.isEnding()) inBackground(media.close(), this.#logger, 'closing late media')
  }

  /** Where the far end is to be reached, and whether it holds the call. */
  setRemote(remote: Extract<RemoteAudio, { kind: 'audio' }>): void {
    if (!this.isEnding()) this.#presence.describe(remote)
    this.#media?.setRemote(remote.rtp)
  }

  dialing(invite: OutboundInviteHandle, ringTimeout: Milliseconds): void {
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
    this.#answeredAt = evidence.answeredAt
    this.timeline.note(
      'sip.answered',
      { dialog: evidence.dialog, cseq: evidence.cseq, ...identity },
      evidence.answeredAt,
    )
    if (this.isEnding() || !this.#media) {
      this.timeline.noteBye('sent')
      this.#inviteSettled.resolve(this.#endLateAnswer(dialog))
      return
    }
    this.#inviteSettled.resolve(undefined)
    this.#timers.clear()
    this.#state = { name: 'talking', dialog }
    this.#status = 'answered'
    this.#presence.answered()
    this.#timers.after(maxDuration, () =>
      this.end(termination('success', 'max-duration', 'gateway')),
    )
    if (this.identity.direction === 'inbound')
      this.#timers.after(ACK_DEADLINE, () => this.#onNoAck(dialog))
    if (agent && waitsForAck) this.#waitingAgent = agent
    else if (agent) this.#openAgent(this.#media, agent, dialog)
    else this.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
  }

  /** The record waits for this BYE, and with it a shutdown: the phone that answered must not be left hanging. */
  async #endLateAnswer(dialog: SipDialog): Promise<undefined> {
    try {
      await dialog.bye(FAREWELL_DEADLINE)
    } catch (error) {
      this.#logger.warn({ err: error }, 'ending an answer that came too late failed')
    }
  }

  #openAgent(media: MediaSession, agent: AgentTarget, dialog: SipDialog): void {
    try {
      media.openAgent(agent, dialog.evidence)
    } catch (error) {
      this.#logger.error({ err: error }, 'the agent could not be asked for')
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
  failed({ status, local, lost, detail, q850Cause }: InviteFailure): void {
    this.#inviteSettled.resolve(undefined)
    // Given up: the record is closed.
    if (this.#state.name === 'ended') return
    this.timeline.note('sip.failed', {
      sipStatus: status,
      ...(local ? { local } : {}),
      ...(detail === undefined ? {} : { detail }),
      ...(q850Cause === undefined ? {} : { q850Cause }),
    })
    if (local && !lost && !this.isEnding())
      this.#logger.warn({ sipStatus: status, detail }, 'the trunk could not be reached')
    const provisionalSeen = this.#provisionalSeen
    this.#finish(terminationOfFailure(status, { provisionalSeen, local, lost }))
  }

  /** The 200 OK we meant to send was not: whoever waits for its outcome need not wait longer. */
  answerFailed(): void {
    this.#inviteSettled.resolve(undefined)
  }

  /** Our own code failed in the middle of this call. */
  onDefect(): void {
    this.end(termination('server_error', 'internal-error', 'gateway', 500))
  }

  /** The dialog ended without us asking. */
  dialogEnded(end: DialogEnd): void {
    switch (end.by) {
      case 'remote': {
        this.timeline.noteBye('received', end.reason)
        const by = this.identity.direction === 'inbound' ? 'caller' : 'callee'
        this.#finish(termination('success', 'hangup', by))
        return
      }
      case 'server':
        this.timeline.noteBye('sent', end.reason)
        this.#finish(termination('upstream_error', end.why, 'gateway'))
        return
      case 'lost':
        this.#finish(termination('server_error', 'sip-server-lost', 'gateway'))
        return
      default:
        end satisfies never
    }
  }

  /** Everything the media session reports. The agent's end is the call's end. */
  onMedia(event: MediaEvent): void {
    this.timeline.note(event.type, event.data, event.at)
    if (event.type === 'media.first_packet_in') this.#presence.heard()
    if (event.type === 'media.stalled') this.#presence.stalled(event.data.silentMs)
    const ending = event.type === 'agent.closed' ? AGENT_ENDINGS[event.data.reason] : undefined
    if (ending) this.end(ending)
  }

  /** We end the call, whatever state it is in. The first ending wins; later ones change nothing. */
  end(ending: Termination): void {
    this.#finish(ending, this.#farewell(ending))
  }

  /**
   * Closes the record of a call that is ending, whatever the far end still owes it: the process is about to end, and a
   * record left open would be called a crash by the next start.
   */
  giveUp(): void {
    if (this.isEnding()) this.#givenUp.resolve(undefined)
  }

  /** What the wire must be told when we end the call in the state it is in. */
  #farewell(ending: Termination): (() => Promise<void>) | undefined {
    const state = this.#state
    switch (state.name) {
      case 'dialing':
        return () => {
          this.timeline.note('sip.cancel', { direction: 'sent' })
          state.invite.cancel()
          return this.#awaitFinalResponse()
        }
      case 'offered':
        return () => {
          // Too late to refuse: the 200 OK is on its way, and `answered` says BYE to it.
          if (state.invite.isAnswering) return this.#awaitFinalResponse()
          const status = ending.sipStatus ?? 503
          if (state.invite.refuse(status)) this.timeline.note('sip.failed', { sipStatus: status })
          return Promise.resolve()
        }
      case 'talking':
        return () => {
          this.timeline.noteBye('sent')
          return state.dialog.bye(FAREWELL_DEADLINE)
        }
      case 'starting':
      case 'ending':
      case 'ended':
        return undefined
    }
  }

  async #awaitFinalResponse(): Promise<void> {
    const name = 'the final response to the INVITE'
    await waitFor(this.#inviteSettled.promise, { name, timeout: FAREWELL_DEADLINE })
  }

  /** RFC 3261 §13.3.1.4: the 200 OK goes on being sent; the BYE waits for a late ACK or for 64·T1. */
  #onNoAck(dialog: SipDialog): void {
    if (this.#acknowledged || this.isEnding()) return
    this.#logger.warn('no ACK for our 200 OK: the agent is closed')
    this.#media?.closeAgent('no-ack')
    // The port is kept until the dialog is really over: the caller may still be sending to it.
    const bye = (): Promise<void> =>
      dialog.bye(FAREWELL_DEADLINE).then(() => this.timeline.noteBye('sent'))
    this.#finish(termination('upstream_error', 'no-ack', 'gateway'), undefined, bye)
  }

  /** Says goodbye on the wire first, closes agent and media at once after, and only then closes the record. */
  #finish(
    ending: Termination,
    farewell?: () => Promise<void>,
    beforeMedia: () => Promise<void> = () => Promise.resolve(),
  ): void {
    if (this.isEnding()) return
    this.#ending = ending
    this.#state = { name: 'ending' }
    this.#timers.clear()
    this.#presence.close()
    const givenUp = this.#givenUp.promise
    const goodbye = Promise.race([farewell?.(), givenUp])
    const media = Promise.race([beforeMedia(), givenUp]).then(() => this.#media?.close())
    void Promise.allSettled([goodbye, media]).then((results) => {
      for (const result of results)
        if (result.status === 'rejected')
          this.#logger.warn({ err: result.reason as unknown }, 'an ending step failed')
      this.#state = { name: 'ended' }
      this.#status = 'ended'
      this.timeline.note('call.ended', { termination: ending })
      this.#logger.info({ termination: ending }, 'call ended')
      this.#over.resolve(ending)
    })
  }
}
