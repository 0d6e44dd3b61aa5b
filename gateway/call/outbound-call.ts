// A call we place: admission, record, INVITE, and what each answer of the carrier means for the call. A trunk that fails
// is followed by the next one; a callee who declines is not (trunks/failover.ts).
import {
  ms,
  newCallId,
  termination,
  type AgentTarget,
  type CallIdentity,
  type InviteIdentity,
  type MediaEvent,
  type OriginateRequest,
  type Termination,
  type Trunk,
} from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { RESTART_SECONDS } from '#core/lifecycle'
import { inBackground } from '#core/telemetry'
import type { Description } from '../media/description.ts'
import type { DialogEnd, InviteFailure, OutboundInviteListener } from '../sip/sip-port.ts'
import { triesNextTrunk } from '../trunks/failover.ts'
import { shownAs } from '../trunks/trunk.ts'
import { answererOf, recordingOf, type Answering } from './answerer.ts'
import type { CallDesk } from './call-desk.ts'
import { CallSession } from './call-session.ts'
import { EarlyAnswers } from './early-answers.ts'
import { FAREWELL_DEADLINE } from './invite-outcome.ts'
import { outboundInvite } from './outbound-invite.ts'
import { RingPatience } from './ring-patience.ts'
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
  // Before anything is written: nothing would come of it.
  if (!desk.sip.isConnected)
    throw new AppError('SIP_UNAVAILABLE', 'the SIP server is away: nothing can be dialled')
  if (request.callId !== undefined && desk.registry.find(request.callId))
    throw new AppError('STATE_CONFLICT', 'a call of this id is live')
  const attempts = new TrunkAttempts(desk.trunks, desk.trunks.candidates(request), request.from)
  if (isLed(request) && !desk.flows)
    throw new AppError('INTERNAL', 'there is no menu to answer with')
  const hasAgent = request.answerWith !== 'order-ivr'
  if (hasAgent) desk.busyAgents.admit(request.agent.agentId)
  desk.admitOutbound(request.to, hasAgent)
  const first = attempts.next(request.to)
  if (!first)
    throw new AppError('CAPACITY_EXHAUSTED', 'no trunk for this number has a place left', {
      retryAfterSeconds: 1,
    })
  const session = new CallSession(desk, identityOf(desk, first.trunk, request))
  if (!hasAgent) session.agentSlot.release()
  desk.registry.add(session)
  session.alsoClose(() => {
    attempts.release()
    return Promise.resolve()
  })
  const outbound = { desk, session, request, attempts }
  try {
    await begin(outbound, first)
  } catch (error) {
    endBy(session, error)
    throw error
  }
  return session
}

function identityOf(desk: CallDesk, trunk: Trunk, request: OriginateRequest): CallIdentity {
  const { callId = newCallId(), placedBy, retry } = request
  return {
    callId,
    direction: 'outbound',
    from: request.from ?? shownAs(trunk),
    to: request.to,
    trunk: trunk.name,
    createdAt: desk.clock.now(),
    metadata: request.metadata,
    ...(placedBy === undefined ? {} : { placedBy }),
    ...(retry === undefined ? {} : { retry }),
  }
}

/** The port, then the record: no phone rings without one, and a refusal for want of ports leaves none. */
async function begin(outbound: Outbound, attempt: TrunkAttempt): Promise<void> {
  const { desk, session } = outbound
  const { callId } = session.identity
  const { agentId } = outbound.request.agent
  const kind = isLed(outbound.request) ? 'flow' : 'agent'
  const onEvent = (event: MediaEvent): void => {
    desk.busyAgents.note(agentId, event)
    session.onMedia(event)
  }
  session.attachMedia(
    await desk.bridge.openSession({ callId, onEvent, ...recordingOf(desk, { kind }) }),
  )
  const described = await describe(outbound, attempt)
  const { trunk, invite } = described.attempt
  const identity = { ...session.identity, trunk: trunk.name, from: invite.caller ?? null }
  await desk.journal.open(identity, invite)
  if (session.isEnding()) throw notDialled(session.live.termination)
  send(outbound, described)
}

/** Whoever asked may ask again, unless somebody wanted it ended. */
function notDialled(ending: Termination | null): AppError {
  if (ending?.reason === 'shutdown')
    return new AppError('DRAINING', 'the process is about to stop', {
      retryAfterSeconds: RESTART_SECONDS,
    })
  return ending?.reason === 'media-lost' || ending?.reason === 'media-server-lost'
    ? new AppError('MEDIA_SERVER_FAILED', 'its audio was lost before the call was dialled')
    : new AppError('CALL_ENDED', 'the call was ended before it was dialled')
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

/** What the call could not be dialled for is how it ends: not every failure of ours is a defect. */
function endBy(session: CallSession, error: unknown): void {
  const code = codeOf(error)
  // The record of this id is another's: nothing may be told to it.
  if (code === 'STATE_CONFLICT') session.timeline.mute()
  if (code === 'MEDIA_SERVER_FAILED')
    session.end(termination('server_error', 'media-server-lost', 'gateway'))
  else if (code === 'SIP_UNAVAILABLE')
    session.end(termination('server_error', 'sip-server-lost', 'gateway'))
  else session.onDefect()
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
    endBy(session, error)
  }
}

function send(outbound: Outbound, { attempt, description, sdp }: DescribedAttempt): void {
  const { desk, session, request, attempts } = outbound
  const { callId } = session.identity
  const patience = new RingPatience(session, () => desk.clock.now())
  const invite = desk.sip.invite(
    outboundInvite({ callId, leg: 'first', attempt, sdp, from: request.from }),
    listenerFor(outbound, attempt, { description, patience }),
  )
  const { ringTimeout } = request
  if (attempts.isLast) session.dialing(invite, ringTimeout)
  else {
    patience.begin(invite, ringTimeout)
    session.dialing(invite, ms(ringTimeout + FAREWELL_DEADLINE))
  }
}

/** What one INVITE goes by. */
interface Dialled {
  readonly description: Description
  readonly patience: RingPatience
}

function listenerFor(
  outbound: Outbound,
  { trunk, invite: named }: TrunkAttempt,
  { description, patience }: Dialled,
): OutboundInviteListener {
  const { session, request } = outbound
  const who = answeringOf(outbound.request, agentOf(outbound, named))
  const early = new EarlyAnswers()
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
      patience.heard(provisional.status)
      early.note(provisional.remoteTag, provisional.sdp)
      session.provisional(provisional.status, description.takeRemote(provisional, 'answer'))
      if (provisional.status > 100 && who.kind === 'agent') session.media?.prewarm(who.agent)
    },
    onAnswered: (dialog) => {
      patience.answered()
      const { remoteSdp, identity, sourceAddress } = dialog
      const sdp = remoteSdp || early.of(identity.remoteTag)
      const usable = description.takeRemote({ sdp, sourceAddress }, 'answer')
      const answerer = usable ? answererOf(outbound.desk, session, who) : undefined
      session.answered(dialog, answerer, request.maxDuration)
      description.answered(dialog)
    },
    onFailed: (failure) => {
      if (failure.lost) session.timeline.note('sip.server_lost', {})
      report(outbound, trunk, failure)
      failed(outbound, failure, patience)
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

function agentOf(
  { desk, session, request }: Outbound,
  { caller = session.identity.from }: InviteIdentity,
): AgentTarget {
  // Each trunk may show another number: the agent speaks of the one that is seen.
  const identity = { ...session.identity, from: caller }
  const dynamicVariables = desk.directory.variablesFor(identity, request.agent.dynamicVariables)
  return { ...request.agent, dynamicVariables }
}

const isLed = ({ answerWith = 'agent' }: OriginateRequest): boolean => answerWith !== 'agent'

function answeringOf({ answerWith = 'agent' }: OriginateRequest, agent: AgentTarget): Answering {
  switch (answerWith) {
    case 'agent':
      return { kind: 'agent', agent }
    case 'order-ivr':
      return { kind: 'flow', agent: null }
    case 'order-ivr-then-agent':
      return { kind: 'flow', agent }
    default:
      return answerWith satisfies never
  }
}

function failed(outbound: Outbound, failure: InviteFailure, patience: RingPatience): void {
  const { session, attempts } = outbound
  const isGivenUp = patience.failed(failure)
  const mayGoOn = !session.isEnding() && (isGivenUp || triesNextTrunk(failure, patience.hasRung))
  const next = mayGoOn ? attempts.next(session.identity.to) : undefined
  if (!next) {
    patience.endIfGivenUp()
    session.failed(failure)
    return
  }
  patience.noteCancel(failure)
  session.rerouted(failure, next.trunk.name)
  inBackground(goOn(outbound, next), session.logger, 'dialling the next trunk')
}

function dialogEnded(session: CallSession, end: DialogEnd): void {
  if (end.by === 'lost') session.timeline.note('sip.server_lost', {})
  session.dialogEnded(end)
}

/** What a failure says of the trunk, whatever becomes of the call. */
function report({ desk, session }: Outbound, trunk: Trunk, failure: InviteFailure): void {
  const { status: sipStatus, local, retryAfterSeconds = 0 } = failure
  if (retryAfterSeconds > 0) desk.trunks.pause(trunk.name, retryAfterSeconds)
  if (!local && (sipStatus === 401 || sipStatus === 407))
    session.logger.warn({ trunk: trunk.name, sipStatus }, refusedAccount(trunk))
}

/** Only whoever runs us can mend it, so the log says where. */
const refusedAccount = ({ account }: Trunk): string =>
  account
    ? `the trunk refuses our credentials: check ${account.settings}`
    : 'the trunk asks for credentials, and it is configured without any'
