// Synchronisations as they are kept: what was asked for, how far it is, what it came to.
import { randomBytes } from 'node:crypto'
import { sql, type Compilable, type Selectable, type Updateable } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { VoximplantSyncsTable } from '../../db/schema.ts'
import type { SyncKind } from './sync.ts'

export type SyncRow = Selectable<VoximplantSyncsTable>
export type SyncChange = Omit<
  Updateable<VoximplantSyncsTable>,
  'sync_id' | 'application_id' | 'created_at' | 'updated_at'
>

/** What is added to the counters of a synchronisation. */
export type SyncCounts = Partial<
  Pick<
    SyncRow,
    'count' | 'new_calls' | 'updated_calls' | 'transcripts_synced' | 'audios_synced' | 'failed'
  >
>

export interface SyncStore {
  find(syncId: string): Promise<SyncRow | undefined>
  /** Newest first, those made before; of sweeps those that are over, for one runs most of the time and finds nothing. */
  page(applicationId: string, before: number | null, limit: number): Promise<readonly SyncRow[]>
  /** What somebody asked for, and is not over. */
  running(applicationId: string, kind: SyncKind): Promise<SyncRow | undefined>
  allRunning(): Promise<readonly SyncRow[]>
  /** To be written with its job. */
  added(row: SyncRow): Compilable
  /** Of one that runs: it changes nothing when it is over. */
  changed(syncId: string, change: SyncChange, now: number): Compilable
  /** The same. */
  counted(syncId: string, counts: SyncCounts, now: number): Compilable
  removed(syncId: string): Compilable
  /** Sweeps that ended before. */
  oldSweeps(before: number): Compilable
}

export const newSyncId = (): string => `vsy_${randomBytes(12).toString('hex')}`

const RUNNING = 'running'

export function createSyncStore({ query }: Pick<Database, 'query'>): SyncStore {
  const rows = query.selectFrom('voximplant_syncs').selectAll()
  const updated = (syncId: string) =>
    query.updateTable('voximplant_syncs').where('sync_id', '=', syncId).where('state', '=', RUNNING)
  return {
    find: (syncId) => rows.where('sync_id', '=', syncId).executeTakeFirst(),
    page: (applicationId, before, limit) =>
      (before === null ? rows : rows.where('created_at', '<', before))
        .where('application_id', '=', applicationId)
        .where((one) => one.or([one('origin', '=', 'asked'), one('state', '!=', RUNNING)]))
        .orderBy('created_at', 'desc')
        .limit(limit)
        .execute(),
    running: (applicationId, kind) =>
      rows
        .where('application_id', '=', applicationId)
        .where('state', '=', RUNNING)
        .where('kind', '=', kind)
        .where('origin', '=', 'asked')
        .executeTakeFirst(),
    allRunning: () => rows.where('state', '=', RUNNING).execute(),
    added: (row) => query.insertInto('voximplant_syncs').values(row),
    changed: (syncId, change, now) => updated(syncId).set({ ...change, updated_at: now }),
    counted: (syncId, counts, now) =>
      updated(syncId).set((now_) => ({
        ...Object.fromEntries(
          Object.entries(counts).map(([column, more]) => [
            column,
            now_(sql.ref<number>(column), '+', more),
          ]),
        ),
        updated_at: now,
      })),
    removed: (syncId) => query.deleteFrom('voximplant_syncs').where('sync_id', '=', syncId),
    oldSweeps: (before) =>
      query
        .deleteFrom('voximplant_syncs')
        .where('origin', '=', 'sweep')
        .where('finished_at', '<', before),
  }
}

/** Nothing is known of it yet. */
export const newSync = (
  of: Pick<SyncRow, 'sync_id' | 'application_id' | 'kind' | 'origin' | 'created_at'> &
    Partial<SyncRow>,
): SyncRow => ({
  state: RUNNING,
  from_at: null,
  to_at: null,
  done_until: of.from_at ?? null,
  total: null,
  count: 0,
  new_calls: 0,
  updated_calls: 0,
  transcripts_synced: 0,
  audios_synced: 0,
  failed: 0,
  error: null,
  created_by: null,
  updated_at: of.created_at,
  finished_at: null,
  ...of,
  // It is the place in the list, too.
  created_at: Math.floor(of.created_at),
})
