// Erasures as they are asked for and looked at; the work itself is a job.
import { createHmac, randomBytes } from 'node:crypto'
import { sql, type Compilable, type Expression } from 'kysely'
import { maskedText } from '#core/telemetry'
import type { E164 } from '#core/contracts'
import type { AuditLog } from '../access/audit-log.ts'
import type { Database } from '../db/database.ts'
import type { ErasuresTable } from '../db/schema.ts'
import type { Principal } from '../http-server.ts'
import type { JobQueue, NewJob } from '../jobs/job-queue.ts'
import { newReceipt } from './erasure-receipt.ts'

export interface ErasuresDeps {
  readonly database: Database
  readonly clock: { now(): number }
  readonly jobs: JobQueue
  readonly audit: AuditLog
}

export interface NewErasure {
  readonly number: E164
  readonly reason: string | null
  readonly by: Principal
}

export interface Erasures {
  /** The one that runs for this number already, when there is one. Durable when it resolves. */
  ask(erasure: NewErasure): Promise<ErasuresTable>
  find(erasureId: string): Promise<ErasuresTable | undefined>
  /** Newest first, behind an id. */
  page(after: string | undefined, limit: number): Promise<readonly ErasuresTable[]>
}

const KEY_NAME = 'erasures'
const UNFINISHED = ['waiting', 'running'] as const

export const erasureJob = (erasureId: string): NewJob => ({
  kind: 'erasure.run',
  data: { erasure_id: erasureId },
  dedupeKey: `erasure.run:${erasureId}`,
})

export async function openErasures(deps: ErasuresDeps): Promise<Erasures> {
  const { database, clock, jobs, audit } = deps
  const { query } = database
  const key = await openKey(database, clock)
  const hashOf = (number: E164): string => createHmac('sha256', key).update(number).digest('hex')
  const unfinished = (hash: string) =>
    query
      .selectFrom('erasures')
      .selectAll()
      .where('number_hash', '=', hash)
      .where('state', 'in', UNFINISHED)
  const find = (erasureId: string) =>
    query.selectFrom('erasures').selectAll().where('erasure_id', '=', erasureId)
  return {
    async ask({ number, reason, by }) {
      const hash = hashOf(number)
      const running = await unfinished(hash).executeTakeFirst()
      if (running) {
        // Its job may have been given up.
        await jobs.enqueue(erasureJob(running.erasure_id))
        return running
      }
      const id = newErasureId(clock.now())
      const receipt = newReceipt(reason === null ? null : maskedText(reason))
      await database.write([
        // Two may ask at once: one row of the two is written.
        insertUnless(query, unfinished(hash), {
          erasure_id: id,
          number_hash: hash,
          number,
          key_id: by.keyId,
          state: 'waiting',
          receipt: JSON.stringify(receipt),
          created_at: clock.now(),
        }),
        jobs.enqueued(erasureJob(id)),
        audit.noted(by, 'erasure.requested', id),
      ])
      jobs.nudge()
      // It may be done already.
      return (await unfinished(hash).executeTakeFirst()) ?? find(id).executeTakeFirstOrThrow()
    },
    find: (erasureId) => find(erasureId).executeTakeFirst(),
    page(after, limit) {
      const newest = query.selectFrom('erasures').selectAll().orderBy('erasure_id', 'desc')
      const behind = after === undefined ? newest : newest.where('erasure_id', '<', after)
      return behind.limit(limit).execute()
    },
  }
}

function insertUnless(
  query: Database['query'],
  other: Expression<unknown>,
  row: Omit<ErasuresTable, 'finished_at'>,
): Compilable {
  const columns = Object.keys(row) as (keyof typeof row)[]
  return query
    .insertInto('erasures')
    .columns(columns)
    .expression(
      query
        .selectNoFrom(columns.map((column) => sql.val(row[column]).as(column)))
        .where((where) => where.not(where.exists(other))),
    )
}

/** Sorts by time. */
const newErasureId = (now: number): string =>
  `erasure_${Math.floor(now).toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`

/** Kept in the database, made when there is none: receipts are matched with it, and tell nothing without it. */
async function openKey(
  database: Pick<Database, 'query' | 'write'>,
  clock: { now(): number },
): Promise<Buffer> {
  const { query } = database
  const secret = randomBytes(32).toString('hex')
  await database.write([
    query
      .insertInto('signing_keys')
      .values({ name: KEY_NAME, secret, created_at: clock.now() })
      .onConflict((conflict) => conflict.doNothing()),
  ])
  const kept = await query
    .selectFrom('signing_keys')
    .select('secret')
    .where('name', '=', KEY_NAME)
    .executeTakeFirstOrThrow()
  return Buffer.from(kept.secret, 'hex')
}
