// A call we place: admission, record, INVITE, and what each answer of the carrier means for the call.
import {
  newCallId,
  type CallIdentity,
  type OriginateRequest,
  type MediaEvent,
} from '#core/contracts'
import { AppError } from '#core/errors'
import type { OutboundInviteListener } from '../sip/sip-port.ts'
import { contactUser, credentialsOf, fromHeader, requestUri, type Trunk } from '../trunks/trunk.ts'
import { CallDescription } from './call-description.ts'
import type { CallDesk } from './call-desk.ts'
import { CallSession } from './call-session.ts'

/**
 * Half an hour, refreshed by the SIP server (RFC 4028 §7.1): a call whose other side is gone without a BYE ends by
 * itself. Whoever does not know session timers ignores it.
 */
const SESSION_TIMER = { Supported: 'timer', 'Session-Expires': '1800', 'Min-SE': '90' }

/**
 * Resolves once the call is recorded and its INVITE is on its way.
 * @throws AppError as CallControl.originate says; nothing is left behind then.
 */
export async function placeCall(desk: CallDesk, request: OriginateRequest): Promise<CallSession> {
  const trunk = requireTrunk(desk)
  const from = request.from ?? trunk.numbers[0] ?? null
  if (request.from !== undefined && !trunk.numbers.includes(request.from))
    throw new AppError('FROM_NOT_ALLOWED', 'the caller number is not one of the trunk’s numbers')
  desk.admitOutbound(request.to)
  const session = new CallSession(desk, identityOf(desk, trunk, from, request))
  desk.registry.add(session)
  try {
    await prepare(desk, session)
    if (session.isEnding())
      throw new AppError('CALL_ENDED', 'the call was ended before it was dialled')
    dial(desk, session, trunk, request)
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
async function prepare(desk: CallDesk, session: CallSession): Promise<void> {
  const { callId } = session.identity
  const onEvent = (event: MediaEvent): void => session.onMedia(event)
  session.attachMedia(await desk.bridge.openSession({ callId, onEvent }))
  await desk.journal.open(session.identity)
}

function dial(desk: CallDesk, session: CallSession, trunk: Trunk, request: OriginateRequest): void {
  const { identity, media } = session
  if (!media) return
  const agent = {
    ...request.agent,
    dynamicVariables: desk.directory.variablesFor(identity, request.agent.dynamicVariables),
  }
  const description = new CallDescription(session, desk.advertised(media.local), desk.rtpFamily)
  const listener: OutboundInviteListener = {
    onSent: (sipCallId) =>
      session.timeline.note('sip.invite', { direction: 'outbound', sipCallId }),
    onProvisional: (status, sdp) => {
      session.provisional(status, description.takeRemote(sdp))
      if (status > 100) media.prewarm(agent)
    },
    onAnswered: (dialog) => {
      const usable = description.takeRemote(dialog.remoteSdp)
      session.answered(dialog, usable ? agent : undefined, request.maxDuration)
    },
    onFailed: (failure) => session.failed(failure),
    onEnded: (end) => session.dialogEnded(end),
    onAcknowledged: () => undefined, // A UAC sends the ACK itself.
    onReoffer: (sdp) => description.reanswer(sdp),
    onTargetRefreshed: (target) => session.timeline.note('sip.target_refreshed', target),
    onDefect: () => session.onDefect(),
  }
  const invite = desk.sip.invite(
    {
      callId: identity.callId,
      requestUri: requestUri(trunk, request.to),
      from: fromHeader(trunk, identity.from),
      contactUser: contactUser(trunk),
      sdp: description.offer(),
      headers: SESSION_TIMER,
      ...(trunk.proxy === undefined ? {} : { proxy: trunk.proxy }),
      credentials: credentialsOf(trunk),
    },
    listener,
  )
  session.dialing(invite, request.ringTimeout)
}
