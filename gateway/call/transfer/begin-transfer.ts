// Whether a caller may be handed to somebody else now, and by which way.
import type { TransferMode, TransferRefusal, TransferRequest } from '#core/contracts'
import { AppError } from '#core/errors'
import { inBackground } from '#core/telemetry'
import { canDial } from '../../trunks/trunk.ts'
import type { CallDesk } from '../call-desk.ts'
import type { CallSession } from '../call-session.ts'
import { Transfer } from './transfer.ts'

/**
 * The timeline tells what comes of it.
 * @throws AppError as CallControl.transfer says; nothing is left behind then.
 */
export function beginTransfer(
  desk: CallDesk,
  session: CallSession | undefined,
  request: TransferRequest,
): 'begun' | TransferRefusal {
  if (!session || session.isEnding()) return 'not-live'
  const { dialog, identity } = session
  // Whoever has not acknowledged our answer may not be there at all.
  if (!dialog || (identity.direction === 'inbound' && !session.isAcknowledged))
    return 'not-answered'
  if (session.talk.handover) return 'transferring'
  const mode = modeOf(desk, session, request)
  // Whoever rings, we made it ring: the same prefixes and limits, whichever way it goes.
  desk.admitOutbound(request.to, false)
  const { to, by } = request
  session.timeline.note('transfer.requested', { to, by, mode: request.mode })
  const transfer = new Transfer(desk, session, request)
  session.talk.handOver(transfer)
  inBackground(transfer.run(mode), session.logger, 'a transfer')
  return 'begun'
}

/** The carrier of this very trunk would place it. */
function requireAllowed(trunk: string, { allowedTrunks }: TransferRequest): void {
  if (allowedTrunks?.includes(trunk) === false)
    throw new AppError('DIAL_NOT_ALLOWED', 'this key may not dial by the trunk of the call')
}

/** What was asked for, else what the trunk is configured for. @throws AppError `NO_TRUNK`, `NUMBER_NOT_ALLOWED` */
function modeOf(
  { trunks }: CallDesk,
  session: CallSession,
  request: TransferRequest,
): TransferMode {
  const trunk = trunks.find(session.trunk)
  const wanted = request.mode === 'auto' ? (trunk?.transfer ?? 'auto') : request.mode
  if (wanted === 'refer' && !trunk)
    throw new AppError('NO_TRUNK', 'the trunk of this call is configured no more')
  // Of a trunk that is configured no more nobody knows how it writes numbers.
  const mode = trunk ? wanted : 'bridge'
  if (trunk && mode !== 'bridge' && !canDial(trunk, request.to))
    throw new AppError('NUMBER_NOT_ALLOWED', 'the trunk would dial another number than this')
  if (mode === 'bridge') trunks.candidates(request)
  else requireAllowed(session.trunk, request)
  return mode
}
