// The call that a path names.
import { decodeCallId, type CallId } from '#core/contracts'
import { AppError } from '#core/errors'
import type { CallRepository } from '../../calls/repository.ts'
import type { CallRow } from '../../db/schema.ts'

/** @throws AppError `NOT_FOUND` */
export async function findCall(
  calls: CallRepository,
  text: string,
): Promise<CallRow & { readonly call_id: CallId }> {
  const callId = decodeCallId(text)
  const row = callId === undefined ? undefined : await calls.find(callId)
  if (!row || callId === undefined)
    throw new AppError('NOT_FOUND', 'There is no call with this id.')
  return { ...row, call_id: callId }
}
