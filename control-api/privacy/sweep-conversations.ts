// What retention deletes of what the agent's vendor told us: our copy of it.
import { sql } from 'kysely'
import { NO_AUDIO_OF_VENDOR, NO_WORDS_OF_VENDOR } from './call-parts.ts'
import type { Sweep } from './sweep.ts'

const BATCH = 25

interface SweptConversation {
  readonly conversation_id: string
  readonly audio_key: string | null
  readonly started_at: number | null
}

export async function sweepVendorAudio(sweep: Sweep, before: number): Promise<void> {
  await eachConversation(sweep, 'audio_key', before, async (rows) => {
    const gone = []
    for (const { conversation_id: id, audio_key: key } of rows)
      if (key !== null && (await sweep.deleteFile(key))) gone.push(id)
    if (gone.length > 0) await update(sweep, gone, NO_AUDIO_OF_VENDOR)
    sweep.count('vendor_recordings', gone.length)
  })
}

export async function sweepVendorWords(sweep: Sweep, before: number): Promise<void> {
  await eachConversation(sweep, 'transcript', before, async (rows) => {
    const ids = rows.map(({ conversation_id: id }) => id)
    await update(sweep, ids, NO_WORDS_OF_VENDOR)
    sweep.count('vendor_transcripts', ids.length)
  })
}

const update = (
  { database }: Sweep,
  ids: readonly string[],
  columns: typeof NO_AUDIO_OF_VENDOR | typeof NO_WORDS_OF_VENDOR,
): Promise<unknown> =>
  database.write([
    database.query.updateTable('conversations').set(columns).where('conversation_id', 'in', ids),
  ])

async function eachConversation(
  sweep: Sweep,
  kept: 'audio_key' | 'transcript',
  before: number,
  act: (rows: readonly SweptConversation[]) => Promise<void>,
): Promise<void> {
  const rows = sweep.database.query
    .selectFrom('conversations')
    .select(['conversation_id', 'audio_key', 'started_at'])
    .where(sql<boolean>`${sql.ref(kept)} IS NOT NULL`)
    .limit(BATCH)
  const undated = rows.where('started_at', 'is', null).where('updated_at', '<', before)
  const dated = rows.where('started_at', '<', before)
  // Of some the vendor did not say when they began.
  await eachBatch(sweep, act, (last) =>
    undated
      .where('conversation_id', '>', last?.conversation_id ?? '')
      .orderBy('conversation_id')
      .execute(),
  )
  await eachBatch(sweep, act, (last) =>
    dated
      .where('started_at', '>=', last?.started_at ?? 0)
      // The vendor tells whole seconds: several begin in one.
      .where((where) =>
        where.or([
          where('started_at', '>', last?.started_at ?? 0),
          where('conversation_id', '>', last?.conversation_id ?? ''),
        ]),
      )
      .orderBy('started_at')
      .orderBy('conversation_id')
      .execute(),
  )
}

/** What is deleted is found no more; what could not be deleted must not be found for ever. */
async function eachBatch(
  sweep: Sweep,
  act: (rows: readonly SweptConversation[]) => Promise<void>,
  next: (last: SweptConversation | undefined) => Promise<readonly SweptConversation[]>,
): Promise<void> {
  for (let batch = await next(undefined); batch.length > 0; batch = await next(batch.at(-1))) {
    const found = batch
    await sweep.step(() => act(found))
  }
}
