// The write-ahead record while the disk stands still.
import t from 'tap'
import { newCallId } from '../../core/contracts/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { createCallJournal, type CallJournalDeps } from '../../control-api/calls/journal.ts'

t.test('an INVITE that is not recorded in time is not sent, and is told as such', async (t) => {
  const append = (): Promise<boolean> => new Promise(() => undefined)
  const parts: unknown = {
    clock: createClock(),
    logger: createLogger('silent'),
    recorder: { append },
  }
  const journal = createCallJournal(parts as CallJournalDeps)
  const invite = { requestUri: 'sip:d', from: '<sip:d>', sipCallId: 's', proxy: null, cseq: 1 }
  await t.rejects(journal.dialling(newCallId(), 'sip.invite_prepared', invite), {
    code: 'DATABASE_UNAVAILABLE',
    retryable: true,
  })
})
