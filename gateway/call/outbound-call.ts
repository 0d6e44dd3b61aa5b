// A call we place: admission, record, INVITE, and what each answer of the carrier means for the call. A trunk that fails
// is followed by the next one; a callee who declines is not (trunks/failover.ts).
import {
  newCallId,
  termination,
  type AgentTarget,
  type CallIdentity,
  type MediaEvent,
  type OriginateRequest,
  type Trunk,
} from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { inBackground } from '#core/telemetry'
import type { Description } from '../media/description.ts'
import type { DialogEnd, InviteFailure, OutboundInviteListener } from '../sip/sip-port.ts'
import { triesNextTrunk } from '../trunks/failover.ts'
import { shownAs } from '../trunks/trunk.ts'
import type { CallDesk } from './call-desk.ts'
import { CallSession } from './call-session.ts'
import { EarlyAnswers } from './early-answers.ts'
import { outboundInvite } from './outbound-invite.ts'
import { TrunkAttempts, type TrunkAttempt } from './trunk-attempts.ts'

/** One call on its way out. */
interface Outbound {
  readonly desk: CallDesk
  readonly session: CallSession
  readonly request: OriginateRequest
  readonly attempts: TrunkAttempts
}

/**
 * Resolves once the call is recorded and its INVITE is on its way.
 * @throws AppError as CallControl.originate says; nothing is left behind then.
 */
export async function placeCall(desk: CallDesk, request: OriginateRequest): Promise<CallSession> {
  const attempts = new TrunkAttempts(desk.trunks, desk.trunks.candidates(request), request.from)
  desk.admitOutbound(request.to)
  const first = attempts.next(request.to)
  if (!first)
    throw new AppError('CAPACITY_EXHAUSTED', 'no trunk for this number has a place left', {
      retryAfterSeconds: 1,
    })
  const session = new CallSession(desk, identityOf(desk, first.trunk, request))
  desk.registry.add(session)
  session.alsoClose(() => {
    attempts.release()
    return Promise.resolve()
  })
  const outbound = { desk, session, request, attempts }
  try {
    await begin(outbound, first)
  } catch (error) {
    session.onDefect()
    throw error
  }
  return session
}

function identityOf(desk: CallDesk, trunk: Trunk, request: OriginateRequest): CallIdentity {
  return {
    callId: newCallId(),
    direction: 'outbound',
    from: request.from ?? shownAs(trunk),
    to: request.to,
    trunk: trunk.name,
    createdAt: desk.clock.now(),
    metadata: request.metadata,
  }
}

/** The port, then the record: no phone rings without one, and a refusal for want of ports leaves none. */
async function begin(outbound: Outbound, attempt: TrunkAttempt): Promise<void> {
  const { desk, session } = outbound
  const { callId } = session.identity
  const onEvent = (event: MediaEvent): void => session.onMedia(event)
  session.attachMedia(await desk.bridge.openSession({ callId, onEvent }))
  const described = await describe(outbound, attempt)
  await desk.journal.open(session.identity, described.attempt.invite)
  if (session.isEnding())
    throw new AppError('CALL_ENDED', 'the call was ended before it was dialled')
  send(outbound, described)
}

interface DescribedAttempt {
  readonly attempt: TrunkAttempt
  readonly description: Description
  readonly sdp: string
}

/** The attempt, or the next one whose audio can be had: a media server that is away is no reason to ring nobody. */
async function describe(outbound: Outbound, attempt: TrunkAttempt): Promise<DescribedAttempt> {
  const { desk, session, attempts } = outbound
  const { media } = session
  if (!media) throw new AppError('INTERNAL', 'a call is dialled without a port')
  const description = desk.describe({ session, trunk: attempt.trunk, local: media.local })
  session.alsoClose(() => description.close())
  try {
    return { attempt, description, sdp: await description.offer() }
  } catch (error) {
    const mayGoOn = codeOf(error) === 'MEDIA_SERVER_FAILED' && !session.isEnding()
    const next = mayGoOn ? attempts.next(session.identity.to) : undefined
    if (!next) throw error
    session.logger.warn({ err: error, nextTrunk: next.trunk.name }, 'the trunk has no media server')
    session.trunk = next.trunk.name
    return describe(outbound, next)
  }
}

/** The trunk failed, and another one is left: the call goes on there, unless it was ended meanwhile. */
async function goOn(outbound: Outbound, attempt: TrunkAttempt): Promise<void> {
  const { desk, session } = outbound
  try {
    const described = await describe(outbound, attempt)
    const { invite } = described.attempt
    await desk.journal.dialling(session.identity.callId, 'sip.invite_prepared', invite)
    if (!session.isEnding()) send(outbound, described)
  } catch (error) {
    session.logger.error({ err: error }, 'the next trunk could not be dialled')
    if (codeOf(error) === 'MEDIA_SERVER_FAILED')
      session.end(termination('server_error', 'media-server-lost', 'gateway'))
    else session.onDefect()
  }
}

function send(outbound: Outbound, { attempt, description, sdp }: DescribedAttempt): void {
  const { desk, session, request } = outbound
  const { callId } = session.identity
  const invite = desk.sip.invite(
    outboundInvite({ callId, leg: 'first', attempt, sdp, from: request.from }),
    listenerFor(outbound, attempt, description),
  )
  session.dialing(invite, request.ringTimeout)
}

function listenerFor(
  outbound: Outbound,
  { trunk, invite: named }: TrunkAttempt,
  description: Description,
): OutboundInviteListener {
  const { session, request } = outbound
  const agent = agentOf(outbound)
  const early = new EarlyAnswers()
  let hasRung = false
  let sent = named
  return {
    onRepeated: (cseq) => {
      sent = { ...named, cseq }
      session.timeline.note('sip.invite_prepared', sent)
    },
    onTransaction: (serverTransaction) =>
      session.timeline.note('sip.invite_prepared', { ...sent, serverTransaction }),
    onSent: (sipCallId) =>
      session.timeline.note('sip.invite', {
        direction: 'outbound',
        sipCallId,
        trunk: trunk.name,
      }),
    onProvisional: (provisional) => {
      hasRung ||= provisional.status === 180
      early.note(provisional.remoteTag, provisional.sdp)
      session.provisional(provisional.status, description.takeRemote(provisional, 'answer'))
      if (provisional.status > 100) session.media?.prewarm(agent)
    },
    onAnswered: (dialog) => {
      const { remoteSdp, identity, sourceAddress } = dialog
      const sdp = remoteSdp || early.of(identity.remoteTag)
      const usable = description.takeRemote({ sdp, sourceAddress }, 'answer')
      session.answered(dialog, usable ? agent : undefined, request.maxDuration)
      description.answered(dialog)
    },
    onFailed: (failure) => {
      if (failure.lost) session.timeline.note('sip.server_lost', {})
      reportRefusedAccount(session, trunk, failure)
      failed(outbound, failure, hasRung)
    },
    onEnded: (end) => dialogEnded(session, end),
    onAcknowledged: (answer, sourceAddress) => description.takeAnswer(answer, sourceAddress),
    onReoffer: (offer, sourceAddress) => description.reanswer(offer, sourceAddress),
    onDtmf: (digit) => session.media?.pressed(digit),
    onReferProgress: (status) => session.talk.handover?.referProgress(status),
    onTargetRefreshed: (target) => session.timeline.note('sip.target_refreshed', target),
    onDefect: () => session.onDefect(),
  }
}

function agentOf({ desk, session, request }: Outbound): AgentTarget {
  const { dynamicVariables } = request.agent
  return {
    ...request.agent,
    dynamicVariables: desk.directory.variablesFor(session.identity, dynamicVariables),
  }
}

function failed(outbound: Outbound, failure: InviteFailure, hasRung: boolean): void {
  const { session, attempts } = outbound
  const mayGoOn = !session.isEnding() && triesNextTrunk(failure, hasRung)
  const next = mayGoOn ? attempts.next(session.identity.to) : undefined
  if (!next) {
    session.failed(failure)
    return
  }
  session.rerouted(failure, next.trunk.name)
  inBackground(goOn(outbound, next), session.logger, 'dialling the next trunk')
}

function dialogEnded(session: CallSession, end: DialogEnd): void {
  if (end.by === 'lost') session.timeline.note('sip.server_lost', {})
  session.dialogEnded(end)
}

/** Only whoever runs us can mend it, so the log says where. */
function reportRefusedAccount(
  { logger }: CallSession,
  { name: trunk, account }: Trunk,
  { status: sipStatus, local }: InviteFailure,
): void {
  if (local || (sipStatus !== 401 && sipStatus !== 407)) return
  const why = account
    ? `the trunk refuses our credentials: check ${account.settings}`
    : 'the trunk asks for credentials, and it is configured without any'
  logger.warn({ trunk, sipStatus }, why)
}
