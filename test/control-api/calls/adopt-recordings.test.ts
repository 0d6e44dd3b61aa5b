// A store that is away as the process starts: it is asked a few times, not for every call.
import { Readable } from 'node:stream'
import t from 'tap'
import { adoptRecordings } from '../../../control-api/calls/after-crash/adopt-recordings.ts'
import { createConsequences } from '../../../control-api/calls/consequences.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { openFeed } from '../../../control-api/feed/feed.ts'
import { SqlJobQueue } from '../../../control-api/jobs/sql-job-queue.ts'
import type { MediaStore } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { buildApp, freshDataDir } from '../../support/build-app.ts'

const ENDED = { result: 'success', reason: 'hangup', by: 'caller', sipStatus: 200 } as const

t.test('the start is not held up by a store that does not answer', async (t) => {
  const dataDir = await freshDataDir(t)
  const app = await buildApp(t, { dataDir })
  for (let n = 0; n < 6; n += 1) {
    const { callId } = await app.control.begin()
    app.emit('recording.started', callId, {})
    app.emit('call.ended', callId, { termination: ENDED })
    await app.recorded(callId, 2)
  }
  await app.close()

  const [logger, clock] = [createLogger('silent'), createClock()]
  const database = await openDatabase(logger, { dataDir, url: undefined })
  t.teardown(() => database.close())
  let asked = 0
  const away = (): Promise<never> => {
    asked += 1
    return Promise.reject(new AppError('STORAGE_UNAVAILABLE', 'It is away.'))
  }
  const mediaStore: MediaStore = {
    ...{ open: away, putFile: away, size: away, delete: away, link: away },
    entries: () => Readable.from([]),
  }
  const feed = await openFeed(database, clock)
  const jobs = new SqlJobQueue({ database, clock, logger, metrics: createMetrics() })
  const consequences = createConsequences({ feed, jobs }, [])
  await adoptRecordings({ database, consequences, mediaStore, clock, logger })
  t.equal(asked, 3)
})
