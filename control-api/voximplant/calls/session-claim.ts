// Whose a session is: the vendor has one of a number, so that two calls of one account never have the same.
import { AppError } from '#core/errors'
import type { LiveDesk } from './live-desk.ts'
import type { VoximplantCall } from './voximplant-call.ts'

/**
 * Durable when it resolves. False: the call has another session.
 * @throws AppError `STATE_CONFLICT` of a session that is another call’s: this one is given up, for nobody speaks for it
 */
export async function claimSession(
  { book }: Pick<LiveDesk, 'book'>,
  call: VoximplantCall,
  sessionId: string,
): Promise<boolean> {
  if (call.sessionId !== null || call.isFinished) return call.bind(sessionId)
  if (book.findBySession(call.vendorAccountId, sessionId)) {
    call.giveUpSession()
    throw new AppError('STATE_CONFLICT', 'This session is another call’s.')
  }
  if (!call.bind(sessionId)) return false
  await call.save()
  return true
}
