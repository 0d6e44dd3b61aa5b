// Sessions that a vendor sends beside those that were asked for: they are no calls here, and it is said.
import t, { type Test } from 'tap'
import { openDatabase } from '../../../control-api/db/database.ts'
import { runHistory } from '../../../control-api/voximplant/sync/history-run.ts'
import type {
  HistoryContext,
  HistoryWriter,
} from '../../../control-api/voximplant/sync/history-writer.ts'
import { createSyncStore, newSync } from '../../../control-api/voximplant/sync/sync-store.ts'
import type { HistorySession } from '../../../control-api/voximplant/vendor/vendor-answer.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { freshDataDir } from '../../support/build-app.ts'

const HOUR_MS = 3_600_000
const FROM = Date.UTC(2026, 0, 30)
const TO = FROM + 12 * HOUR_MS

const session = (sessionId: string, startedAt: number): HistorySession => ({
  ...{ sessionId, applicationId: '7', ruleName: null, startedAt, durationSeconds: 1 },
  ...{ finishReason: null, customData: null, legs: [], records: [], cost: 0 },
})

async function ran(t: Test, sessions: readonly HistorySession[]) {
  const database = await openDatabase(createLogger('silent'), { dataDir: await freshDataDir(t) })
  t.teardown(() => database.close())
  const store = createSyncStore(database)
  const of = {
    sync_id: 'vsy_1',
    application_id: 'vap_1',
    kind: 'history',
    origin: 'asked',
  } as const
  const row = newSync({ ...of, created_at: TO, from_at: FROM, to_at: TO })
  await database.write([store.added(row)])
  const taken = new Set<string>()
  const writer: HistoryWriter = {
    write(some) {
      for (const { sessionId } of some) taken.add(sessionId)
      return Promise.resolve({ newCalls: 0, updatedCalls: 0 })
    },
  }
  const page = { sessions, unreadable: 0, total: sessions.length }
  const rest = { history: () => Promise.resolve({ kind: 'ok' as const, value: page }) }
  const clock = createClock()
  await runHistory({ database, store, writer, clock, rest, onProgress: noted, pauseMs: 1 }, row, {
    context: {} as HistoryContext,
    applicationId: '7',
    signal: AbortSignal.timeout(10_000),
    extend: () => Promise.resolve(),
  })
  return { taken: [...taken], row: await store.find('vsy_1') }
}

const noted = (): void => undefined

t.test('what lies outside the range is left out, and told of', async (t) => {
  const { taken, row } = await ran(t, [
    session('1', FROM - 30 * 24 * HOUR_MS),
    session('2', FROM + HOUR_MS),
    session('3', TO + 30 * 24 * HOUR_MS),
  ])
  t.same(taken, ['2'])
  t.match(row, { state: 'done', count: 1, error: /2 sessions .* could not be read/ })
})

t.test('what is an hour beside, as clocks of a zone are once a year, counts', async (t) => {
  const sessions = [session('1', FROM - HOUR_MS), session('2', TO + HOUR_MS - 1)]
  const { taken, row } = await ran(t, sessions)
  t.same(taken, ['1', '2'])
  t.match(row, { state: 'done', count: 2, error: null })
})
