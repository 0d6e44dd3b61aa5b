// The end of a call, waited for until it is in the records.
import { ms } from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { VoximplantCall } from './voximplant-call.ts'

const WITHIN = ms(8000)

/** @throws AppError `DATABASE_UNAVAILABLE`: it is written later, and may be asked for again */
export async function recorded({ over }: VoximplantCall): Promise<void> {
  try {
    await waitFor(over, { name: 'the record of a call', timeout: WITHIN })
  } catch (error) {
    if (codeOf(error) !== 'TIMED_OUT') throw error
    throw new AppError('DATABASE_UNAVAILABLE', 'The end of a call is not written yet.', {
      cause: error,
    })
  }
}
