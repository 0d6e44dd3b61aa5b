// Many recordings that end together, and a store that fails.
import { setTimeout as sleepFor } from 'node:timers/promises'
import { Readable } from 'node:stream'
import t from 'tap'
import { RecordingKeeper } from '../../../bridge/record/recording-keeper.ts'
import { newCallId, type MediaStore } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'

const NEVER = (): Promise<never> => Promise.reject(new Error('not asked for here'))

t.test('a hundred calls that end together do not all read their files at once', async (t) => {
  let running = 0
  let most = 0
  let fails = 0
  const store: MediaStore = {
    async putFile(key, _path, contentType) {
      running += 1
      most = Math.max(most, running)
      await sleepFor(2)
      running -= 1
      fails += 1
      if (fails % 10 === 0) throw new Error('full')
      return { key, bytes: 1, sha256: 'x', contentType }
    },
    open: NEVER,
    size: NEVER,
    delete: NEVER,
    link: NEVER,
    entries: () => Readable.from([]),
  }
  const keeper = new RecordingKeeper(createLogger('silent'), store, t.testdir({}))
  const told = await Promise.all(
    Array.from({ length: 100 }, () =>
      keeper.keep(newCallId(), { path: 'x', durationMs: 1, bytes: 1 }),
    ),
  )
  t.equal(most, 4)
  t.equal(told.filter(({ type }) => type === 'recording.stored').length, 90)
  t.equal(told.filter(({ type }) => type === 'recording.failed').length, 10)
})
