// Brings calls, conversations and orders of the old assistant into the database of voicegate, while none runs on it. Ids
// follow from the old ones: a second run finds what the first one brought, and changes nothing of it.
import type { Compilable } from 'kysely'
import type { CallId } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { openAuditLog } from '../../access/audit-log.ts'
import { insertCall } from '../../calls/call-position.ts'
import { openDatabase, type Database, type DatabaseOptions } from '../../db/database.ts'
import { createOrderStore, historyByNumber, orderIdOf, type OrderStore } from '../order-store.ts'
import { callIdOf, importedCall, type ImportedCall } from './old-call.ts'
import {
  openOldDatabase,
  type FoundTable,
  type OldDatabase,
  type OldTable,
} from './old-database.ts'
import { readOldOrders, type OldOrder } from './old-orders.ts'

export interface LizaImport {
  readonly file: string
  readonly target: DatabaseOptions
  /** Nothing is written, and what is there already is not known. */
  readonly isDryRun: boolean
  readonly logger: Logger
  /** What was found, before anything is written. */
  readonly onFound: (found: Readonly<Partial<Record<OldTable, FoundTable>>>) => void
  readonly onProgress: (what: 'calls' | 'orders', done: number, of: number) => void
}

export interface LizaImported {
  readonly calls: Imported
  readonly orders: Imported
  readonly steps: number
  readonly skippedSteps: number
  readonly consents: { readonly given: number; readonly refused: number }
  readonly ordersWithoutNumber: number
  readonly unknownStatuses: readonly string[]
  /** When the oldest of the calls ended; null of none. Retention may be waiting for it. */
  readonly oldestAt: number | null
}

interface Imported {
  readonly found: number
  readonly fresh: number
}

/** Calls of one write. */
const BATCH = 100

/** @throws AppError `CONFIGURATION_INVALID` when the file is none, or a voicegate runs on DATA_DIR. */
export async function importLiza(options: LizaImport): Promise<LizaImported> {
  const old = openOldDatabase(options.file)
  try {
    options.onFound(old.found)
    if (options.isDryRun) return await new Run(old, options, undefined).run()
    const database = await openDatabase(options.logger, options.target)
    try {
      return await new Run(old, options, database).run()
    } finally {
      await database.close()
    }
  } finally {
    old.close()
  }
}

class Run {
  readonly #old: OldDatabase
  readonly #options: LizaImport
  readonly #database: Database | undefined
  readonly #now = Date.now()
  readonly #callIds = new Map<string, CallId>()
  readonly #unknown = new Set<string>()
  readonly #consents = { given: 0, refused: 0 }
  #calls = { found: 0, fresh: 0 }
  #orders = { found: 0, fresh: 0 }
  #steps = 0
  #skippedSteps = 0
  #oldestAt: number | null = null

  constructor(old: OldDatabase, options: LizaImport, database: Database | undefined) {
    this.#old = old
    this.#options = options
    this.#database = database
  }

  async run(): Promise<LizaImported> {
    await this.#bringCalls()
    const { skipped } = await this.#bringOrders()
    const imported = {
      calls: this.#calls,
      orders: this.#orders,
      steps: this.#steps,
      skippedSteps: this.#skippedSteps,
      consents: this.#consents,
      ordersWithoutNumber: skipped,
      unknownStatuses: [...this.#unknown],
      oldestAt: this.#oldestAt,
    }
    await this.#note()
    return imported
  }

  async #bringCalls(): Promise<void> {
    const all = this.#old.found.calls?.rows ?? 0
    for (let after = -1; ;) {
      const page = this.#old.page('calls', after, BATCH)
      const last = page.at(-1)
      if (!last) return
      const calls = page.map((row) => {
        this.#callIds.set(String(row.id), callIdOf(row))
        return importedCall(row, this.#old.conversationsOf(row.id), this.#now)
      })
      const fresh = await this.#unknownHere(calls)
      for (const one of fresh) this.#count(one)
      const database = this.#database
      if (database && fresh.length > 0)
        await database.write(fresh.flatMap((one) => writesOf(database, one)))
      this.#calls = {
        found: this.#calls.found + page.length,
        fresh: this.#calls.fresh + fresh.length,
      }
      this.#options.onProgress('calls', this.#calls.found, all)
      after = last.rowid
    }
  }

  /** That no run brought yet; twice the same is one. */
  async #unknownHere(calls: readonly ImportedCall[]): Promise<readonly ImportedCall[]> {
    const once = new Map(calls.map((one) => [one.call.call_id, one]))
    if (!this.#database) return [...once.values()]
    const known = await this.#database.query
      .selectFrom('calls')
      .select('call_id')
      .where('call_id', 'in', [...once.keys()])
      .execute()
    for (const { call_id: id } of known) once.delete(id)
    return [...once.values()]
  }

  #count({ call, steps, consent, skippedSteps, unknownStatus }: ImportedCall): void {
    this.#steps += steps.length
    this.#skippedSteps += skippedSteps
    if (consent) this.#consents[consent.given === 1 ? 'given' : 'refused'] += 1
    if (unknownStatus !== undefined) this.#unknown.add(unknownStatus)
    const endedAt = call.ended_at ?? call.created_at
    this.#oldestAt = Math.min(this.#oldestAt ?? endedAt, endedAt)
  }

  async #bringOrders(): Promise<{ readonly skipped: number }> {
    const { orders, rows, skipped, unknownStatuses } = readOldOrders(
      this.#old,
      this.#callIds,
      this.#now,
    )
    for (const status of unknownStatuses) this.#unknown.add(status)
    const store = this.#database && createOrderStore(this.#database)
    let fresh = 0
    for (let at = 0; at < orders.length; at += BATCH) {
      const some = orders.slice(at, at + BATCH)
      fresh += await this.#bringSome(some, store)
      this.#options.onProgress('orders', Math.min(orders.length, at + BATCH), orders.length)
    }
    this.#orders = { found: rows, fresh }
    return { skipped }
  }

  async #bringSome(some: readonly OldOrder[], store: OrderStore | undefined): Promise<number> {
    const database = this.#database
    if (!database || !store) return some.length
    const known = await database.query
      .selectFrom('orders')
      .select('order_number')
      .where(
        'order_number',
        'in',
        some.map(({ orderNumber }) => orderNumber),
      )
      .execute()
    const numbers = new Set(known.map(({ order_number: number }) => number))
    const writes = some.flatMap((order) =>
      orderWrites(database, store, order, numbers.has(order.orderNumber)),
    )
    if (writes.length > 0) await database.write(writes)
    return some.filter(({ orderNumber }) => !numbers.has(orderNumber)).length
  }

  async #note(): Promise<void> {
    const database = this.#database
    if (!database) return
    const audit = await openAuditLog(database, { now: () => Date.now() })
    const counts = { calls: this.#calls.fresh, orders: this.#orders.fresh }
    await database.write([audit.noted({ keyId: 'import' }, 'liza.imported', null, counts)])
  }
}

const writesOf = (
  { query }: Database,
  { call, flow, steps, consent }: ImportedCall,
): readonly Compilable[] => [
  insertCall(query, call),
  ...(flow ? [query.insertInto('flow_calls').values(flow)] : []),
  ...(steps.length > 0 ? [query.insertInto('flow_steps').values([...steps])] : []),
  ...(consent ? [query.insertInto('consents').values(consent)] : []),
]

/** Of an order that is here already nothing changes but that it was named by calls which were not known. */
function orderWrites(
  { query }: Database,
  store: OrderStore,
  order: OldOrder,
  isKnown: boolean,
): readonly Compilable[] {
  const { orderNumber, status, notes, createdAt, updatedAt, named } = order
  const callId = named.find(({ callId: id }) => id !== null)?.callId ?? null
  const added = store.added({
    order_id: orderIdOf(orderNumber),
    order_number: orderNumber,
    status,
    notes,
    call_id: callId,
    created_at: createdAt,
    updated_at: updatedAt,
  })
  const imported = historyByNumber(query, orderNumber, {
    at: createdAt,
    who: 'import',
    kind: 'imported',
    call_id: null,
  })
  return [
    ...(isKnown ? [] : [added, imported]),
    ...named.flatMap(({ callId: id, at }) =>
      id === null
        ? []
        : [
            historyByNumber(query, orderNumber, {
              at,
              who: 'caller',
              kind: 'confirmed',
              call_id: id,
            }),
          ],
    ),
  ]
}
