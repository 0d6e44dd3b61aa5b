// The second call of a transfer: to the human, by the trunks' own rules, beside the caller's and joined with it when the
// human answers. It has no evidence, so that no agent can be opened with it; it ends with its call, and ends its call.
import {
  ms,
  termination,
  type CallIdentity,
  type E164,
  type MediaEvent,
  type MediaSession,
  type RemoteRtp,
  type Termination,
  type TransferRequest,
} from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { TimerSet } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { DescribedLeg, Description } from '../../media/description.ts'
import { terminationOfDialogEnd, terminationOfFailure } from '../../sip/sip-failure.ts'
import type {
  DialogEnd,
  InviteFailure,
  OutboundInviteHandle,
  OutboundInviteListener,
  SipDialog,
} from '../../sip/sip-port.ts'
import { triesNextTrunk } from '../../trunks/failover.ts'
import type { CallDesk } from '../call-desk.ts'
import type { CallSession } from '../call-session.ts'
import { CallerPresence } from '../caller-presence.ts'
import { EarlyAnswers } from '../early-answers.ts'
import { FAREWELL_DEADLINE, InviteOutcome } from '../invite-outcome.ts'
import { LastSteps } from '../last-steps.ts'
import { outboundInvite } from '../outbound-invite.ts'
import { TrunkAttempts, type TrunkAttempt } from '../trunk-attempts.ts'

/** Longer than most phones ring before a mailbox answers; the caller has the agent meanwhile. */
const RING_TIMEOUT = ms(30_000)
/** The record of the call waits for no more of the second one's end. */
const CLOSE_DEADLINE = ms(2000)

type Asked = Pick<TransferRequest, 'to' | 'allowedTrunks'>

type LegOutcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly detail: string; readonly sipStatus: number | null }

type LegState =
  | { readonly name: 'starting' }
  | { readonly name: 'dialing'; readonly invite: OutboundInviteHandle }
  | { readonly name: 'talking'; readonly dialog: SipDialog }
  | { readonly name: 'over' }

export class SecondLeg implements DescribedLeg {
  readonly identity: CallIdentity
  readonly logger: Logger
  /** Whose audio goes where is told of the caller only. */
  readonly timeline = { note: (): void => undefined }
  readonly #desk: CallDesk
  readonly #session: CallSession
  readonly #outcome = Promise.withResolvers<LegOutcome>()
  readonly #timers = new TimerSet()
  readonly #presence: CallerPresence
  readonly #lastSteps: LastSteps
  #invite: InviteOutcome
  #state: LegState = { name: 'starting' }
  #media: MediaSession | undefined
  #attempts: TrunkAttempts | undefined
  #closed: Promise<void> | undefined

  constructor(desk: CallDesk, session: CallSession) {
    this.#desk = desk
    this.#session = session
    this.identity = session.identity
    this.logger = session.logger.child({ leg: 'second' })
    this.#invite = new InviteOutcome(this.logger)
    this.#lastSteps = new LastSteps(this.logger)
    this.#presence = new CallerPresence(() =>
      this.end(termination('upstream_error', 'media-lost', 'gateway')),
    )
  }

  /** Resolves when the human has answered and hears the caller, or when nobody will. */
  async dial(request: Asked): Promise<LegOutcome> {
    try {
      await this.#begin(request)
    } catch (error) {
      this.logger.warn({ err: error }, 'the second call of a transfer could not be placed')
      this.#fail(codeOf(error) ?? 'INTERNAL', null)
    }
    return this.#outcome.promise
  }

  isEnding(): boolean {
    return this.#state.name === 'over'
  }

  setRemote(remote: RemoteRtp): void {
    if (this.isEnding()) return
    this.#presence.describe(remote)
    this.#media?.setRemote(remote)
  }

  /** Its audio came to an end: so does the call, once the two talk; before, only the transfer. */
  end(ending: Termination): void {
    if (this.#state.name === 'talking') this.#session.end(ending)
    else this.#fail(ending.reason, ending.sipStatus)
  }

  /** Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #begin({ to, allowedTrunks }: Asked): Promise<void> {
    const { bridge, registry, trunks } = this.#desk
    const { callId } = this.identity
    const giveBack = registry.holdSecondLeg()
    this.#lastSteps.add(() => {
      giveBack()
      return Promise.resolve()
    })
    const caller = this.#session.media
    if (!caller) throw new AppError('INTERNAL', 'a call without audio is not transferred')
    const onEvent = (event: MediaEvent): void => this.#onMedia(event)
    const media = await bridge.openSession({ callId, beside: caller, onEvent })
    this.#media = media
    if (this.isEnding()) {
      await media.close()
      return
    }
    const wanted = { to, ...(allowedTrunks === undefined ? {} : { allowedTrunks }) }
    this.#attempts = new TrunkAttempts(trunks, trunks.candidates(wanted), undefined)
    const first = this.#attempts.next(to)
    if (first) await this.#send(first, media, to)
    else this.#fail('CAPACITY_EXHAUSTED', null)
  }

  async #send(attempt: TrunkAttempt, media: MediaSession, to: E164): Promise<void> {
    const { sip, journal, describe } = this.#desk
    const { callId } = this.identity
    const { trunk, invite } = attempt
    const description = describe({ session: this, trunk, local: media.local })
    this.#lastSteps.add(() => description.close())
    const sdp = await description.offer()
    await journal.dialling(callId, 'transfer.invite_prepared', invite)
    if (this.isEnding()) return
    this.#invite = new InviteOutcome(this.logger)
    const parts = { callId, leg: 'second', attempt, sdp, from: undefined } as const
    const listener = this.#listenerFor({ attempt, description, media, to })
    const handle = sip.invite(outboundInvite(parts), listener)
    this.#state = { name: 'dialing', invite: handle }
    this.#timers.after(RING_TIMEOUT, () => this.#fail('no-answer', null))
  }

  #listenerFor({ attempt, description, media, to }: Dialled): OutboundInviteListener {
    const { timeline } = this.#session
    const { trunk, invite } = attempt
    const early = new EarlyAnswers()
    let hasRung = false
    let sent = invite
    return {
      onRepeated: (cseq) => {
        sent = { ...invite, cseq }
        timeline.note('transfer.invite_prepared', sent)
      },
      onTransaction: (serverTransaction) =>
        timeline.note('transfer.invite_prepared', { ...sent, serverTransaction }),
      onSent: (sipCallId) => timeline.note('transfer.invite', { sipCallId, trunk: trunk.name }),
      onProvisional: (provisional) => {
        hasRung ||= provisional.status === 180
        early.note(provisional.remoteTag, provisional.sdp)
        description.takeRemote(provisional, 'answer')
      },
      onAnswered: (dialog) => {
        const { remoteSdp, identity, sourceAddress } = dialog
        const sdp = remoteSdp || early.of(identity.remoteTag)
        if (this.isEnding() || this.#session.isEnding()) this.#invite.endLateAnswer(dialog)
        else if (description.takeRemote({ sdp, sourceAddress }, 'answer')) {
          this.#answered(dialog, media)
          description.answered(dialog)
        } else {
          this.#invite.endLateAnswer(dialog)
          this.#state = { name: 'starting' }
          this.#fail('media-not-acceptable', null)
        }
      },
      onFailed: (failure) => {
        const { retryAfterSeconds = 0 } = failure
        if (retryAfterSeconds > 0) this.#desk.trunks.pause(trunk.name, retryAfterSeconds)
        this.#failed(failure, hasRung, media, to)
      },
      onEnded: (end) => this.#dialogEnded(end),
      onAcknowledged: (answer, sourceAddress) => description.takeAnswer(answer, sourceAddress),
      onReoffer: (offer, sourceAddress) => description.reanswer(offer, sourceAddress),
      onDtmf: (digit) => media.pressed(digit),
      onTargetRefreshed: () => undefined,
      onDefect: () => this.end(termination('server_error', 'internal-error', 'gateway')),
    }
  }

  /** Joined first: the caller hears the agent or the human, and never nobody. */
  #answered(dialog: SipDialog, media: MediaSession): void {
    const { timeline, media: caller } = this.#session
    this.#invite.settle()
    this.#timers.clear()
    this.#state = { name: 'talking', dialog }
    timeline.note('transfer.answered', { dialog: dialog.identity })
    this.#presence.answered()
    caller?.join(media)
    caller?.closeAgent('transferred')
    this.#session.agentSlot.release()
    this.#outcome.resolve({ kind: 'answered' })
  }

  #failed(failure: InviteFailure, hasRung: boolean, media: MediaSession, to: E164): void {
    this.#invite.settle()
    if (this.isEnding()) return
    this.#timers.clear()
    const next = triesNextTrunk(failure, hasRung) ? this.#attempts?.next(to) : undefined
    if (next) {
      this.#state = { name: 'starting' }
      this.#send(next, media, to).catch((error: unknown) => {
        this.logger.error({ err: error }, 'the next trunk could not be dialled')
        this.#fail(codeOf(error) ?? 'INTERNAL', null)
      })
      return
    }
    const { status, local, lost } = failure
    const { reason } = terminationOfFailure(status, { provisionalSeen: hasRung, local, lost })
    // It is over: nothing is left to be called off.
    this.#state = { name: 'starting' }
    this.#fail(reason, status)
  }

  #dialogEnded(end: DialogEnd): void {
    if (this.#state.name !== 'talking') return
    this.#state = { name: 'over' }
    const by = end.by === 'remote' ? 'human' : 'gateway'
    this.#session.timeline.note('transfer.ended', { by })
    // Whom we called last: the human.
    this.#session.end(terminationOfDialogEnd(end, 'outbound'))
  }

  #onMedia(event: MediaEvent): void {
    if (this.isEnding()) return
    this.#presence.note(event)
    if (event.type === 'media.lost') this.end(termination('server_error', 'media-lost', 'gateway'))
  }

  #fail(detail: string, sipStatus: number | null): void {
    this.#outcome.resolve({ kind: 'failed', detail, sipStatus })
    void this.close()
  }

  /** Goodbye on the wire first, its audio at once after. */
  async #close(): Promise<void> {
    const { timeline } = this.#session
    // It was the call that ended it, not the other way round.
    if (this.#session.isEnding() && this.#state.name !== 'talking' && !this.isEnding())
      timeline.note('transfer.failed', { detail: 'call-ended', sipStatus: null })
    const goodbye = (): Promise<void> => this.#sayGoodbye()
    const ended = this.#lastSteps.run(goodbye, undefined, () => this.#media?.close())
    this.#state = { name: 'over' }
    this.#timers.clear()
    this.#timers.after(CLOSE_DEADLINE, () => this.#lastSteps.giveUp())
    this.#presence.close()
    this.#outcome.resolve({ kind: 'failed', detail: 'call-ended', sipStatus: null })
    await ended
    this.#timers.clear()
    this.#attempts?.release()
  }

  #sayGoodbye(): Promise<void> {
    const { timeline } = this.#session
    switch (this.#state.name) {
      case 'dialing':
        this.#state.invite.cancel()
        return this.#invite.settled()
      case 'talking':
        timeline.note('transfer.ended', { by: 'gateway' })
        return this.#state.dialog.bye(FAREWELL_DEADLINE)
      case 'starting':
      case 'over':
        return Promise.resolve()
    }
  }
}

interface Dialled {
  readonly attempt: TrunkAttempt
  readonly description: Description
  readonly media: MediaSession
  readonly to: E164
}
