// Many ended calls, written straight into the tables of a data folder before anything is started on it.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'

export interface SeedOptions {
  readonly count: number
  /** Of the first and the last, epoch milliseconds. */
  readonly from: number
  readonly before: number
  /** Each tenth call has a transcript of one turn. */
  readonly withTranscripts?: boolean
}

/** Evenly in time; whatever they are goes by their number, so that every mixture of properties comes up. */
export async function seedCalls(dataDir: string, options: SeedOptions): Promise<void> {
  const { count, from, before } = options
  await (await openDatabase(createLogger('silent'), { dataDir })).close()
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  const apart = (before - from) / count
  database.exec(`
    PRAGMA synchronous = OFF;
    BEGIN;
    WITH RECURSIVE numbered(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbered WHERE i < ${count - 1}),
      one AS (SELECT i, ${from} + i * ${apart} AS at, i % 10 < 5 AS answered FROM numbered)
    INSERT INTO calls (
      call_id, position, provider, direction, from_number, to_number, trunk, status, outcome, termination_result,
      termination_reason, termination_by, created_at, invited_at, ringing_at, answered_at, ended_at, agent_id, agent_sessions,
      agent_seconds, agent_price_per_minute, has_transcript, consent_given, consent_at, metadata
    )
    SELECT printf('call_%032x', i), CAST(at * 1000 AS INTEGER), 'sip',
      CASE WHEN i % 3 = 0 THEN 'inbound' ELSE 'outbound' END, '+4930555100', '+4915' || printf('%08d', i),
      'trunk' || (i % 4), 'ended',
      CASE WHEN answered THEN 'answered' WHEN i % 10 < 7 THEN 'no-answer' WHEN i % 10 < 9 THEN 'busy' ELSE 'failed' END,
      'success', 'hangup', 'callee', at, CASE WHEN i % 11 > 0 THEN at + 100 END,
      CASE WHEN i % 7 > 0 THEN at + 500 END,
      CASE WHEN answered THEN at + 4000 END, at + 4000 + i % 90000,
      CASE WHEN i % 5 > 0 THEN 'agent_' || (i % 6) END, answered, CASE WHEN answered THEN i % 90 ELSE 0 END, 0.08,
      ${options.withTranscripts === true ? 'i % 10 = 0' : '0'}, CASE WHEN i % 8 < 2 THEN i % 2 END,
      CASE WHEN i % 8 < 2 THEN at + 5000 END, '{}'
    FROM one;
    ${options.withTranscripts === true ? TURNS : ''}
    COMMIT;
  `)
  database.close()
}

const TURNS = `
  INSERT INTO call_turns (call_id, seq, role, at, text, tentative, interrupted)
  SELECT call_id, 0, 'caller', created_at, 'Line one' || char(10) || 'of ' || call_id, 0, 0
  FROM calls WHERE has_transcript = 1;
`
