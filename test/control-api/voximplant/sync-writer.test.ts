// Sessions of the history beside calls that are known: live ones are settled, erased ones stay bare, places that are taken
// are not taken twice; on SQLite and on PostgreSQL.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { wantedPosition } from '../../../control-api/calls/call-position.ts'
import { newCallRow } from '../../../control-api/calls/call-row.ts'
import { openDatabase, type Database } from '../../../control-api/db/database.ts'
import { SqlJobQueue } from '../../../control-api/jobs/sql-job-queue.ts'
import { newVendorCall } from '../../../control-api/voximplant/calls/call-store.ts'
import { createHistoryWriter } from '../../../control-api/voximplant/sync/history-writer.ts'
import { rowsOfSession } from '../../../control-api/voximplant/sync/session-rows.ts'
import type { HistorySession } from '../../../control-api/voximplant/vendor/vendor-answer.ts'
import { epochMs, newCallId, type CallId } from '../../../core/contracts/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { freshDataDir } from '../../support/build-app.ts'
import { emptiedDatabase } from '../../support/postgres-databases.ts'
import { needsPostgres, startPostgres } from '../../support/postgres.ts'

const AT = Date.UTC(2026, 0, 31, 12)
const APPLICATION = {
  application_id: 'vap_1',
  account_id: 'vac_1',
  application_name: 'Shop',
  vendor_application_id: '7',
  vendor_application_name: 'shop',
  rule_id: '1',
  rule_name: 'voicegate',
  scenario_id: '1',
  phone_number: '+493055550100',
  elevenlabs_agent_id: 'agent_1',
  elevenlabs_api_key: null,
  signing_key: 'sealed',
  options: '{}',
  pushed_sha256: null,
  pushed_at: null,
  swept_until: null,
  created_by: 'test',
  created_at: AT,
  updated_at: AT,
}

const session = (sessionId: string, more: Partial<HistorySession> = {}): HistorySession => ({
  sessionId,
  applicationId: '7',
  ruleName: 'voicegate',
  startedAt: AT,
  durationSeconds: 20,
  finishReason: 'Normal termination',
  customData: null,
  legs: [
    {
      startedAt: AT + 1000,
      durationSeconds: 15,
      localNumber: '493055550100',
      remoteNumber: '493023120001',
      isIncoming: false,
      isSuccessful: true,
      endReason: null,
      cost: 0.2,
    },
  ],
  records: [],
  cost: 0.2,
  ...more,
})

interface Stage {
  readonly database: Database
  readonly settled: string[]
  write(...sessions: HistorySession[]): Promise<{ newCalls: number; updatedCalls: number }>
  /** Whose audio is fetched without being asked for, of new sessions. */
  heard(isConsentNeeded: boolean, ...sessions: HistorySession[]): Promise<readonly string[]>
  /** A call of ours beside its row at the vendor. */
  known(of: {
    session?: string | null
    ended?: boolean
    erased?: boolean
    at?: number
  }): Promise<CallId>
  calls(): Promise<{ call_id: string; position: number; telephony_cost: number | null }[]>
}

async function stage(t: Test, url?: string): Promise<Stage> {
  const logger = createLogger('silent')
  const dataDir = await freshDataDir(t)
  const database = await openDatabase(logger, { dataDir, url })
  t.teardown(() => database.close())
  const clock = createClock()
  const jobs = new SqlJobQueue({ database, clock, logger, metrics: createMetrics() })
  const settled: string[] = []
  const byToken = new Map<string, CallId>()
  const writer = createHistoryWriter({
    ...{ database, jobs, clock, metrics: createMetrics() },
    live: {
      async settle(callId) {
        settled.push(callId)
        const end = { ended_at: AT + 5000, status: 'ended' as const, outcome: 'answered' as const }
        await database.write([
          database.query.updateTable('calls').set(end).where('call_id', '=', callId),
        ])
        return 'settled'
      },
    },
  })
  const context = {
    application: APPLICATION,
    vendorAccountId: '1000',
    currency: 'EUR',
    agentPricePerMinute: 0.08,
    isAudioWanted: false,
    isConsentNeeded: false,
    isKept: () => true,
    callIdOf: ({ customData }: HistorySession) => byToken.get(customData ?? ''),
  }
  return {
    database,
    settled,
    write: (...sessions) => writer.write(sessions, context, () => []),
    async heard(isConsentNeeded, ...sessions) {
      const recording = { ...context, isAudioWanted: true, isConsentNeeded }
      await writer.write(sessions, recording, () => [])
      const rows = await database.query
        .selectFrom('voximplant_calls')
        .innerJoin('jobs', (on) =>
          on
            .onRef('jobs.data', 'like', sql`'%' || voximplant_calls.call_id || '%'`)
            .on('jobs.kind', '=', 'voximplant.audio'),
        )
        .select('session_id')
        .orderBy('session_id')
        .execute()
      return rows.map(({ session_id: id }) => id ?? '')
    },
    async known({ session: sessionId = null, ended = false, erased = false, at = AT }) {
      const callId = newCallId()
      const identity = { callId, direction: 'outbound' as const, from: null, to: '+493023120001' }
      const place = { trunk: 'voximplant', createdAt: epochMs(at), metadata: {} }
      const row = newCallRow({ ...identity, ...place, provider: 'voximplant' }, 0.08)
      byToken.set(`{"t":"${callId}"}`, callId)
      const over = ended ? { ended_at: at + 1000, status: 'ended' as const } : {}
      const vendorCall = newVendorCall({
        ...{ call_id: callId, vendor_account_id: '1000', application_id: 'vap_1' },
        ...{ session_id: sessionId, state: ended ? 'over' : 'unknown', created_at: at },
      })
      await database.write([
        database.query
          .insertInto('calls')
          .values({ ...row, ...over, erased_at: erased ? at + 2000 : null }),
        database.query.insertInto('voximplant_calls').values(vendorCall),
      ])
      return callId
    },
    calls: async () => {
      const rows = await database.query
        .selectFrom('calls')
        .select(['call_id', 'position', 'telephony_cost'])
        .orderBy('position')
        .execute()
      return rows
    },
  }
}

function suite(t: Test, urlOf: () => Promise<string | undefined>): void {
  t.test('a call that goes on here and is over there is settled, then costs', async (t) => {
    const all = await stage(t, await urlOf())
    const callId = await all.known({ session: '11' })
    t.same(await all.write(session('11')), { newCalls: 0, updatedCalls: 1 })
    t.same(all.settled, [callId])
    t.match(await all.calls(), [{ call_id: callId, telephony_cost: 0.2 }])
  })

  t.test('a call whose session nobody told of is found by its token, and bound', async (t) => {
    const all = await stage(t, await urlOf())
    const callId = await all.known({})
    const told = session('12', { customData: `{"t":"${callId}"}` })
    t.same(await all.write(told), { newCalls: 0, updatedCalls: 1 })
    t.same(all.settled, [callId])
    const row = await all.database.query
      .selectFrom('voximplant_calls')
      .select('session_id')
      .executeTakeFirstOrThrow()
    t.equal(row.session_id, '12')
    const forged = session('13', { customData: '{"t":"call_of_somebody"}' })
    t.same(await all.write(forged), { newCalls: 1, updatedCalls: 0 })
  })

  t.test('where a consent is needed, a conversation alone brings no audio', async (t) => {
    const all = await stage(t, await urlOf())
    const record = { recordId: '1', startedAt: AT, durationSeconds: 9, url: 'https://x/1', cost: 0 }
    const talk = (id: string) => ({ customData: `{"c":"conv_${id}"}` })
    t.same(await all.heard(true, session('41', talk('41'))), [])
    t.same(await all.heard(true, session('42', { ...talk('42'), records: [record] })), ['42'])
    t.same(await all.heard(false, session('43', talk('43'))), ['42', '43'])
  })

  t.test('what was erased stays bare', async (t) => {
    const all = await stage(t, await urlOf())
    await all.known({ session: '11', ended: true, erased: true })
    t.same(await all.write(session('11')), { newCalls: 0, updatedCalls: 0 })
    t.match(await all.calls(), [{ telephony_cost: null }])
  })

  t.test('a place that another call has is not taken twice', async (t) => {
    const all = await stage(t, await urlOf())
    const context = { ...CONTEXT, now: epochMs(AT) }
    const { call } = rowsOfSession(session('21'), context)
    await all.known({ at: call.position / 1000, ended: true })
    t.equal(wantedPosition(call.position / 1000), call.position, 'they want the same place')
    t.same(await all.write(session('21'), session('22')), { newCalls: 2, updatedCalls: 0 })
    const positions = (await all.calls()).map(({ position }) => position)
    t.equal(new Set(positions).size, 3)
  })

  t.test('a session that was begun here and never recorded becomes a call', async (t) => {
    const all = await stage(t, await urlOf())
    const half = newVendorCall({
      ...{ call_id: newCallId(), vendor_account_id: '1000', application_id: 'vap_1' },
      ...{ session_id: '31', state: 'live' as const, created_at: AT },
    })
    await all.database.write([all.database.query.insertInto('voximplant_calls').values(half)])
    t.same(await all.write(session('31')), { newCalls: 0, updatedCalls: 0 }, 'it is being opened')
    await all.database.write([
      all.database.query.updateTable('voximplant_calls').set({ ended_at: AT, state: 'over' }),
    ])
    t.same(await all.write(session('31')), { newCalls: 1, updatedCalls: 0 })
    t.same(await all.write(session('31')), { newCalls: 0, updatedCalls: 0 })
  })
}

const CONTEXT = {
  application: APPLICATION,
  vendorAccountId: '1000',
  currency: 'EUR',
  agentPricePerMinute: 0.08,
  isKept: () => true,
}

t.test('on SQLite', (t) => {
  suite(t, () => Promise.resolve(undefined))
  t.end()
})

t.test('on PostgreSQL', needsPostgres, async (t) => {
  const url = await emptiedDatabase(t, await startPostgres(t))
  suite(t, url)
})
