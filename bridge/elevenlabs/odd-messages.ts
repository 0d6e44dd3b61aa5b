// Messages of the agent that say nothing to us: the first is logged, the rest is counted and told in one line at the
// end, so that no flood of them becomes a flood of log lines.
import type { Logger } from '#core/telemetry'
import type { Undecoded } from './decode-message.ts'

export interface OddMessages {
  note(odd: Undecoded): void
  /** The conversation is over. */
  close(): void
}

export function createOddMessages(logger: Logger): OddMessages {
  const counts = { unknown: 0, malformed: 0 }
  return {
    note(odd) {
      counts[odd.kind] += 1
      if (counts[odd.kind] > 1) return
      if (odd.kind === 'malformed') {
        logger.warn({ why: odd.why }, 'agent message malformed')
      } else {
        const type = PLAIN_NAME.test(odd.type) ? odd.type : 'other'
        logger.debug({ messageType: type }, 'agent message of an unknown type')
      }
    },
    close() {
      if (counts.unknown <= 1 && counts.malformed <= 1) return
      logger.warn(
        counts,
        'agent messages we could not read, the first of each kind is logged above',
      )
    },
  }
}

/** A message type fit for a log; the vendor could send anything. */
const PLAIN_NAME = /^(?!.*\d{4})[a-z][a-z0-9_]{0,63}$/
