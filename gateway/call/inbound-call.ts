// A call we take: admission, record, who answers, and the 200 OK.
import {
  ms,
  newCallId,
  termination,
  type CallIdentity,
  type InboundDecision,
  type MediaSession,
  type Trunk,
} from '#core/contracts'
import { codeOf, ERROR_REGISTRY, type ErrorCode } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { SipRejection } from '#core/telemetry'
import type { DialogListener, InboundInvite } from '../sip/sip-port.ts'
import type { Description } from '../media/description.ts'
import { isUsableOffer } from '../media/spoken-by.ts'
import { numberFromWire } from '../trunks/trunk.ts'
import type { Admission } from './admission.ts'
import { answererOf, recordingOf, type Answering } from './answerer.ts'
import type { CallDesk } from './call-desk.ts'
import { CallSession } from './call-session.ts'
import { headerVariables } from './header-variables.ts'

/** The directory is a database look-up: longer means it is broken. */
const DECISION_DEADLINE = ms(2000)
/** The caller may try again: nobody is to be reached now. */
const UNDECIDED_STATUS = 480
/** The caller hears ringing while the agent's line is prepared, so that the answer is followed by speech. */
const PREWARM_PATIENCE = ms(1500)
/** When its trunk is full: calls end all the time. */
const RETRY_AFTER_SECONDS = 10
/** Inbound calls have no limit of their own yet; an hour stops a forgotten line. */
const MAX_DURATION = ms(3_600_000)

/** Decides about one INVITE. Never throws: every way out answers the caller. */
export async function takeCall(desk: CallDesk, invite: InboundInvite): Promise<void> {
  const trunk = trunkOf(desk, invite)
  if (!trunk) return
  // The trunk's own limit first: one that is full must not use up what the others may still send.
  const slot = desk.trunks.take(trunk, 'inbound')
  if (!slot) {
    desk.metrics.add('sip_rejected_total', 1, { reason: 'trunk_exhausted' })
    invite.refuse(503, { retryAfterSeconds: RETRY_AFTER_SECONDS })
    return
  }
  const identity = identityOf(desk, invite, trunk)
  const needsAgent = desk.directory.needsAgent?.(identity.to)
  const admission = desk.admitInbound(needsAgent)
  if (admission.kind === 'refused') {
    slot.release()
    // No record: refusing must stay cheap when too much comes in.
    refuseBecause(desk, invite, admission)
    return
  }
  const session = new CallSession(desk, identity)
  session.alsoClose(() => {
    slot.release()
    return Promise.resolve()
  })
  if (needsAgent === false) session.agentSlot.release()
  desk.registry.add(session)
  session.offered(invite)
  try {
    await answer(desk, session, { invite, trunk })
  } catch (error) {
    session.answerFailed()
    // Ended while it was being taken: CANCEL crossed our 200 OK, or we are shutting down.
    if (session.isEnding()) return
    session.logger.error({ err: error }, 'an inbound call could not be taken')
    const reason = codeOf(error) === 'MEDIA_SERVER_FAILED' ? 'media-server-lost' : 'internal-error'
    session.end(termination('server_error', reason, 'gateway', statusFor(error)))
  }
}

/**
 * 503, so that the carrier tries its next route for this call. With `Retry-After` it sends us none until then (RFC 3261
 * §21.5.4): right while we are full, wrong while only agents are taken, of which one may be free any moment.
 */
function refuseBecause(
  { metrics }: CallDesk,
  invite: InboundInvite,
  { code, retryAfterSeconds }: Extract<Admission, { kind: 'refused' }>,
): void {
  const wantsAgent = code === 'AGENT_SLOTS_TAKEN'
  metrics.add('sip_rejected_total', 1, { reason: REJECTIONS[code] ?? 'other' })
  invite.refuse(503, retryAfterSeconds === undefined || wantsAgent ? {} : { retryAfterSeconds })
}

const REJECTIONS: Readonly<Partial<Record<ErrorCode, SipRejection>>> = {
  DRAINING: 'draining',
  CAPACITY_EXHAUSTED: 'capacity_exhausted',
  RATE_EXCEEDED: 'rate_exceeded',
  AGENT_SLOTS_TAKEN: 'agent-slots',
}

/** Before admission: what strangers send must neither cost more than a hash nor use up the callers' share. */
function trunkOf(
  { trunks, metrics, strangers }: CallDesk,
  invite: InboundInvite,
): Trunk | undefined {
  const caller = trunks.recognize(invite)
  switch (caller.kind) {
    case 'trunk':
      return caller.trunk
    case 'challenge':
      if (caller.refused) metrics.add('sip_rejected_total', 1, { reason: 'unauthorized' })
      invite.challenge(caller.challenges)
      return undefined
    case 'stranger':
      metrics.add('sip_rejected_total', 1, { reason: 'stranger' })
      strangers.refused(invite.sourceAddress)
      invite.refuse(403)
      return undefined
    default:
      return caller satisfies never
  }
}

/** Codes that a caller may try again on. */
function statusFor(error: unknown): number {
  const code = codeOf(error)
  const isPassing = code !== undefined && ERROR_REGISTRY[code].retryable
  return isPassing ? 503 : 500
}

function identityOf(desk: CallDesk, invite: InboundInvite, trunk: Trunk): CallIdentity {
  return {
    callId: newCallId(),
    direction: 'inbound',
    from: invite.fromUser === null ? null : (numberFromWire(trunk, invite.fromUser) ?? null),
    to: numberFromWire(trunk, invite.toUser) ?? 'unknown',
    trunk: trunk.name,
    createdAt: desk.clock.now(),
    metadata: {},
  }
}

interface Offered {
  readonly invite: InboundInvite
  readonly trunk: Trunk
}

async function answer(
  desk: CallDesk,
  session: CallSession,
  { invite, trunk }: Offered,
): Promise<void> {
  const { identity } = session
  const { sipCallId, sdp: offer, sourceAddress } = invite
  const recorded = desk.journal.open(identity)
  session.timeline.note(
    'sip.invite',
    { direction: 'inbound', sipCallId, trunk: trunk.name },
    identity.createdAt,
  )
  await recorded
  if (session.isEnding()) return
  const { rtpFamily: family } = desk
  if (offer !== '' && !isUsableOffer(trunk, offer, family)) {
    session.end(termination('client_error', 'media-not-acceptable', 'gateway', 488))
    return
  }
  const decision = await decide(desk, session, { invite, trunk })
  if (decision === undefined) {
    // Ours, not the caller's: nobody decided against the call.
    session.end(termination('server_error', 'not-admitted', 'gateway', UNDECIDED_STATUS))
    return
  }
  if (decision.kind === 'refused') {
    session.end(termination('client_error', 'not-admitted', 'gateway', decision.sipStatus))
    return
  }
  const media = await openMedia(desk, session, decision)
  if (session.isEnding()) return
  const description = desk.describe({ session, trunk, local: media.local })
  session.alsoClose(() => description.close())
  if (offer !== '') description.takeRemote({ sdp: offer, sourceAddress }, 'offer')
  const sdp = await (offer === '' ? description.offer() : description.answer(offer))
  // Durable before the caller hears us: whatever ends this run then, the next one says BYE.
  const dialogToBe = await invite.dialogToBe()
  if (dialogToBe) await desk.journal.answering(identity.callId, dialogToBe)
  if (session.isEnding()) return
  const listener = listenerFor(desk, session, description)
  const answerer = answererOf(desk, session, decision)
  const dialog = await invite.answer({ callId: identity.callId, sdp }, listener)
  // The ACK may be read together with the word that our 200 OK left.
  const waitsForAck = !session.isAcknowledged && desk.acks.answered(identity.callId)
  session.answered(dialog, answerer, MAX_DURATION, waitsForAck)
  description.answered(dialog)
}

/** Undefined: the directory failed, or took too long. */
function decide(
  desk: CallDesk,
  session: CallSession,
  { invite, trunk }: Offered,
): Promise<InboundDecision | undefined> {
  const variables = trunk.passHeaders === true ? headerVariables(invite.extraHeaders) : {}
  const asked = desk.directory.resolveInbound(session.identity, { variables })
  return waitFor(asked, { name: 'the agent directory', timeout: DECISION_DEADLINE }).catch(
    (error: unknown) => {
      session.logger.error({ err: error }, 'the agent directory did not answer')
      return undefined
    },
  )
}

/** Opens the port and rings while the agent's line is made ready; a line that is slow only makes the call ring longer. */
async function openMedia(
  desk: CallDesk,
  session: CallSession,
  decision: Answering,
): Promise<MediaSession> {
  const ready = Promise.withResolvers<undefined>()
  const { agent } = decision
  const media = await desk.bridge.openSession({
    callId: session.identity.callId,
    ...recordingOf(desk, decision),
    onEvent: (event) => {
      if (agent) desk.busyAgents.note(agent.agentId, event)
      session.onMedia(event)
      if (event.type === 'agent.prewarmed') ready.resolve(undefined)
    },
  })
  session.attachMedia(media)
  if (session.isEnding()) return media
  if (decision.kind === 'agent') media.prewarm(decision.agent)
  session.ring()
  // The menu is heard at once.
  if (decision.kind === 'flow') return media
  const patience = setTimeout(() => ready.resolve(undefined), PREWARM_PATIENCE)
  await Promise.race([ready.promise, session.over])
  clearTimeout(patience)
  return media
}

function listenerFor(
  { acks }: CallDesk,
  session: CallSession,
  description: Description,
): DialogListener {
  return {
    onEnded: (end) => {
      // Its BYE names our tag, which only the 200 OK told.
      if (end.by === 'remote') acks.acknowledged(session.identity.callId)
      if (end.by === 'lost') session.timeline.note('sip.server_lost', {})
      session.dialogEnded(end)
    },
    onAcknowledged: (answer, sourceAddress) => {
      acks.acknowledged(session.identity.callId)
      session.acknowledged()
      description.takeAnswer(answer, sourceAddress)
      session.beginWaiting()
    },
    onReoffer: (offer, sourceAddress) => description.reanswer(offer, sourceAddress),
    onDtmf: (digit) => session.media?.pressed(digit),
    onReferProgress: (status) => session.talk.handover?.referProgress(status),
    onTargetRefreshed: (target) => session.timeline.note('sip.target_refreshed', target),
    onDefect: () => session.onDefect(),
  }
}
