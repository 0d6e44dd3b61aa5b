// A call we place: admission, record, INVITE, and what each answer of the carrier means for the call.
import { randomBytes, randomUUID } from 'node:crypto'
import {
  newCallId,
  type CallIdentity,
  type InviteIdentity,
  type OriginateRequest,
  type MediaEvent,
} from '#core/contracts'
import { AppError } from '#core/errors'
import type { DialogEnd, InviteFailure, OutboundInviteListener } from '../sip/sip-port.ts'
import {
  contactUser,
  credentialsOf,
  fromHeader,
  requestUri,
  shownAs,
  type Trunk,
} from '../trunks/trunk.ts'
import { CallDescription } from './call-description.ts'
import type { CallDesk } from './call-desk.ts'
import { CallSession } from './call-session.ts'
import { EarlyAnswers } from './early-answers.ts'

/**
 * Half an hour (RFC 4028 §7.1): a call whose other side is gone without a BYE ends by itself. Whoever does not know
 * session timers ignores it.
 */
const SESSION_TIMER = { Supported: 'timer', 'Session-Expires': '1800', 'Min-SE': '90' }

/**
 * Refreshes of ours are sent by the SIP server, which has no password to answer a challenge with: a trunk that may ask
 * for one refreshes by itself.
 */
const TRUNK_REFRESHES = { ...SESSION_TIMER, 'Session-Expires': '1800;refresher=uas' }

/**
 * Resolves once the call is recorded and its INVITE is on its way.
 * @throws AppError as CallControl.originate says; nothing is left behind then.
 */
export async function placeCall(desk: CallDesk, request: OriginateRequest): Promise<CallSession> {
  const trunk = requireTrunk(desk)
  const from = request.from ?? shownAs(trunk)
  if (request.from !== undefined && !trunk.numbers.includes(request.from))
    throw new AppError('FROM_NOT_ALLOWED', 'the caller number is not one of the trunk’s numbers')
  desk.admitOutbound(request.to)
  const session = new CallSession(desk, identityOf(desk, trunk, from, request))
  desk.registry.add(session)
  try {
    const invite = inviteOf(trunk, session.identity)
    await prepare(desk, session, invite)
    if (session.isEnding())
      throw new AppError('CALL_ENDED', 'the call was ended before it was dialled')
    dial(desk, session, { trunk, invite }, request)
  } catch (error) {
    session.onDefect()
    throw error
  }
  return session
}

function requireTrunk(desk: CallDesk): Trunk {
  if (!desk.trunk) throw new AppError('NO_TRUNK', 'no trunk is configured')
  return desk.trunk
}

function identityOf(
  desk: CallDesk,
  trunk: Trunk,
  from: string | null,
  request: OriginateRequest,
): CallIdentity {
  return {
    callId: newCallId(),
    direction: 'outbound',
    from,
    to: request.to,
    trunk: trunk.name,
    createdAt: desk.clock.now(),
    metadata: request.metadata,
  }
}

/** The port, then the record: no phone rings without one, and a refusal for want of ports leaves none. */
async function prepare(
  desk: CallDesk,
  session: CallSession,
  invite: InviteIdentity,
): Promise<void> {
  const { callId } = session.identity
  const onEvent = (event: MediaEvent): void => session.onMedia(event)
  session.attachMedia(await desk.bridge.openSession({ callId, onEvent }))
  await desk.journal.open(session.identity, invite)
}

/** Named here and not by the SIP server: it has to be on the disk before it leaves. */
function inviteOf(trunk: Trunk, { from, to }: CallIdentity): InviteIdentity {
  return {
    requestUri: requestUri(trunk, to),
    from: `${fromHeader(trunk, from)};tag=${randomBytes(12).toString('hex')}`,
    sipCallId: randomUUID(),
    proxy: trunk.proxy ?? null,
    cseq: 1,
  }
}

interface Dialled {
  readonly trunk: Trunk
  readonly invite: InviteIdentity
}

function dial(
  desk: CallDesk,
  session: CallSession,
  { trunk, invite: named }: Dialled,
  request: OriginateRequest,
): void {
  const { identity, media } = session
  if (!media) return
  const agent = {
    ...request.agent,
    dynamicVariables: desk.directory.variablesFor(identity, request.agent.dynamicVariables),
  }
  const description = new CallDescription(session, desk.advertised(media.local), desk.rtpFamily)
  const early = new EarlyAnswers()
  const listener: OutboundInviteListener = {
    onRepeated: (cseq) => session.timeline.note('sip.invite_prepared', { ...named, cseq }),
    onSent: (sipCallId) =>
      session.timeline.note('sip.invite', { direction: 'outbound', sipCallId }),
    onProvisional: (provisional) => {
      early.note(provisional.remoteTag, provisional.sdp)
      session.provisional(provisional.status, description.takeRemote(provisional, 'answer'))
      if (provisional.status > 100) media.prewarm(agent)
    },
    onAnswered: (dialog) => {
      const { remoteSdp, identity, sourceAddress } = dialog
      const sdp = remoteSdp || early.of(identity.remoteTag)
      const usable = description.takeRemote({ sdp, sourceAddress }, 'answer')
      session.answered(dialog, usable ? agent : undefined, request.maxDuration)
    },
    onFailed: (failure) => {
      if (failure.lost) session.timeline.note('sip.server_lost', {})
      session.failed(failure)
      reportRefusedAccount(session, trunk, failure)
    },
    onEnded: (end) => dialogEnded(session, end),
    onAcknowledged: (answer, sourceAddress) => description.takeAnswer(answer, sourceAddress),
    onReoffer: (offer, sourceAddress) => description.reanswer(offer, sourceAddress),
    onDtmf: (digit) => media.pressed(digit),
    onTargetRefreshed: (target) => session.timeline.note('sip.target_refreshed', target),
    onDefect: () => session.onDefect(),
  }
  const credentials = credentialsOf(trunk)
  const invite = desk.sip.invite(
    {
      callId: identity.callId,
      requestUri: named.requestUri,
      from: named.from,
      sipCallId: named.sipCallId,
      contactUser: contactUser(trunk),
      sdp: description.offer(),
      headers: credentials ? TRUNK_REFRESHES : SESSION_TIMER,
      ...(trunk.proxy === undefined ? {} : { proxy: trunk.proxy }),
      credentials,
    },
    listener,
  )
  session.dialing(invite, request.ringTimeout)
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
