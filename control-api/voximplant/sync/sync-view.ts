// A synchronisation as REST shows it: schema and rendering side by side.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import { SYNC_STATES } from './sync.ts'
import type { SyncRow } from './sync-store.ts'
import { nullable } from '../../view-parts.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })

export const syncSchema = Type.Object(
  {
    sync_id: Type.String(),
    application_id: Type.String(),
    kind: Type.Enum(['history', 'pending'], {
      description: '`history`: calls of a range; `pending`: transcripts and audio of known calls',
    }),
    origin: Type.Enum(['asked', 'sweep']),
    state: Type.Enum([...SYNC_STATES]),
    from_date: nullable(Type.String({ format: 'date-time' }), 'Inclusive; null of `pending`'),
    to_date: nullable(Type.String({ format: 'date-time' }), 'Exclusive; null of `pending`'),
    progress: nullable(
      Type.Number({ minimum: 0, maximum: 1 }),
      'Null while nobody knows how much there is',
    ),
    total: nullable(
      Type.Integer(),
      'Sessions that the vendor has in the range, or calls that something is missing of; null while it is not known',
    ),
    count: Type.Integer({ description: 'Of these, those that were read to their end' }),
    new_calls: Type.Integer(),
    updated_calls: Type.Integer({
      description: 'Known before, of which the history told something new',
    }),
    total_processed: Type.Integer({ description: 'Of `pending`: calls that were looked at' }),
    transcripts_synced: Type.Integer(),
    audios_synced: Type.Integer(),
    failed: Type.Integer(),
    error: nullable(Type.String(), 'What went wrong last; a run that goes on tries it again'),
    created_at: time('When it was asked for'),
    updated_at: time('When it came further'),
    finished_at: nullable(Type.String({ format: 'date-time' }), 'Null while it runs'),
  },
  { additionalProperties: false },
)

export type SyncView = Static<typeof syncSchema>

export const viewSync = (row: SyncRow): SyncView => ({
  sync_id: row.sync_id,
  application_id: row.application_id,
  kind: row.kind,
  origin: row.origin,
  state: row.state,
  from_date: written(row.from_at),
  to_date: written(row.to_at),
  progress: progressOf(row),
  total: row.total,
  count: row.count,
  new_calls: row.new_calls,
  updated_calls: row.updated_calls,
  total_processed: row.kind === 'pending' ? row.count : 0,
  transcripts_synced: row.transcripts_synced,
  audios_synced: row.audios_synced,
  failed: row.failed,
  error: row.error,
  created_at: rfc3339(epochMs(row.created_at)),
  updated_at: rfc3339(epochMs(row.updated_at)),
  finished_at: written(row.finished_at),
})

function progressOf(row: SyncRow): number | null {
  if (row.state === 'done') return 1
  const { from_at: from, to_at: to, done_until: until } = row
  const share =
    row.kind === 'history'
      ? from === null || to === null || until === null
        ? null
        : (until - from) / (to - from)
      : row.total === null || row.total === 0
        ? null
        : row.count / row.total
  return share === null ? null : Math.round(Math.min(1, Math.max(0, share)) * 1000) / 1000
}

const written = (at: number | null): string | null => (at === null ? null : rfc3339(epochMs(at)))
