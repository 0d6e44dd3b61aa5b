// A write that a call waits for before anything rings: durable soon, or refused.
import { ms } from '#core/contracts'
import { codeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import { databaseUnavailable } from '../db/database-failure.ts'

/** A caller hears nothing meanwhile: an honest 503 is better than a long silence. */
const WITHIN = ms(2000)

/**
 * What comes late is written all the same.
 * @param what in words, such as `the record of a call`
 * @throws AppError `DATABASE_UNAVAILABLE` after two seconds; what the write throws
 */
export async function durableSoon<T>(
  written: Promise<T>,
  what: string,
  logger: Logger,
): Promise<T> {
  try {
    return await waitFor(written, { name: `writing ${what}`, timeout: WITHIN })
  } catch (error) {
    if (codeOf(error) !== 'TIMED_OUT') throw error
    inBackground(written, logger, `writing ${what} late`)
    throw databaseUnavailable(`it did not take ${what} in time`, error)
  }
}
