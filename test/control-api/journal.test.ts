// The write-ahead record while the disk stands still.
import t from 'tap'
import { newCallId } from '../../core/contracts/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { createCallJournal, type CallJournalDeps } from '../../control-api/calls/journal.ts'

t.test(
  'what is not recorded in time is neither dialled nor answered, and is told as such',
  async (t) => {
    const append = (): Promise<boolean> => new Promise(() => undefined)
    const parts: unknown = {
      clock: createClock(),
      logger: createLogger('silent'),
      recorder: { append },
    }
    const journal = createCallJournal(parts as CallJournalDeps)
    const invite = { requestUri: 'sip:d', from: '<sip:d>', sipCallId: 's', proxy: null, cseq: 1 }
    const tooLate = { code: 'DATABASE_UNAVAILABLE', retryable: true }
    await Promise.all([
      t.rejects(journal.dialling(newCallId(), 'sip.invite_prepared', invite), tooLate),
      t.rejects(journal.answering(newCallId(), aDialog()), tooLate),
    ])
  },
)
