// The database of the old assistant: which of its tables and columns are what, as its models may have named them, and
// its rows. It is never written to.
import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { AppError, messageOf } from '#core/errors'
import { openUnchanged } from '../../db/copies/sqlite-file.ts'
import type { OldValue } from './old-words.ts'

/** First what the models are likely to say. */
const TABLES = {
  calls: {
    names: ['call', 'calls', 'call_log', 'call_logs', 'phone_call', 'phone_calls'],
    columns: {
      id: ['id', 'call_id'],
      sid: ['call_sid', 'sid', 'twilio_sid', 'callsid'],
      number: ['phone_number', 'from_number', 'caller_number', 'number', 'phone', 'caller', 'from'],
      to: ['to_number', 'called_number', 'to'],
      language: ['language', 'lang', 'language_code', 'locale'],
      status: ['status', 'state', 'call_status'],
      consent: ['gdpr_consent', 'consent', 'consent_given', 'has_consent', 'gdpr'],
      createdAt: ['created_at', 'start_time', 'started_at', 'timestamp', 'date', 'created'],
      endedAt: ['ended_at', 'end_time', 'completed_at', 'finished_at'],
      updatedAt: ['updated_at', 'modified_at'],
      notes: ['notes', 'note', 'comment'],
    },
    needed: ['id'],
  },
  conversations: {
    names: ['conversation', 'conversations', 'dialog', 'dialogs', 'conversation_step'],
    columns: {
      id: ['id', 'conversation_id'],
      call: ['call_id', 'call', 'calls_id'],
      step: ['step', 'step_name', 'stage', 'type', 'name'],
      answer: [
        ...['user_input', 'answer', 'user_response', 'response', 'digits', 'input', 'dtmf'],
        ...['value', 'message'],
      ],
      createdAt: ['created_at', 'timestamp', 'date', 'created'],
    },
    needed: ['call', 'step'],
  },
  orders: {
    names: ['order', 'orders', 'customer_order', 'customer_orders'],
    columns: {
      id: ['id', 'order_id'],
      call: ['call_id', 'call', 'calls_id'],
      number: ['order_number', 'number', 'order_no', 'order_num', 'orderid'],
      status: ['status', 'state', 'order_status'],
      notes: ['notes', 'note', 'comment', 'comments', 'description'],
      createdAt: ['created_at', 'timestamp', 'date', 'created'],
      updatedAt: ['updated_at', 'modified_at'],
    },
    needed: ['number'],
  },
} as const

type Tables = typeof TABLES
export type OldTable = keyof Tables
export type OldColumn<T extends OldTable> = keyof Tables[T]['columns'] & string
export type OldRow<T extends OldTable> = Readonly<Record<OldColumn<T>, OldValue>> & {
  readonly rowid: number
}

export interface FoundTable {
  readonly table: string
  /** Ours by its own name. */
  readonly columns: Readonly<Record<string, string>>
  /** That are left where they are. */
  readonly unused: readonly string[]
  readonly rows: number
}

export interface OldDatabase {
  readonly found: Readonly<Partial<Record<OldTable, FoundTable>>>
  /** Behind a row, oldest first; none of a table that is not there. */
  page<T extends OldTable>(table: T, after: number, limit: number): readonly OldRow<T>[]
  /** Oldest first. */
  conversationsOf(callId: OldValue): readonly OldRow<'conversations'>[]
  close(): void
}

/** @throws AppError `CONFIGURATION_INVALID` saying what was found when it is not such a database. */
export function openOldDatabase(path: string): OldDatabase {
  if (!existsSync(path)) throw wrong('there is no such file')
  let file: DatabaseSync | undefined
  try {
    file = openUnchanged(path)
    return readOld(file)
  } catch (error) {
    file?.close()
    throw error instanceof AppError ? error : wrong(`it cannot be read: ${messageOf(error)}`)
  }
}

function readOld(file: DatabaseSync): OldDatabase {
  const names = file
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map((row) => String(row['name']))
  const found: Partial<Record<OldTable, FoundTable>> = {}
  for (const kind of ['calls', 'conversations', 'orders'] as const) {
    const one = findTable(file, names, kind)
    if (one) found[kind] = one
  }
  if (!found.calls && !found.orders)
    throw wrong(
      `it has no table of calls and none of orders; its tables are: ${names.join(', ') || 'none'}`,
    )
  return {
    found,
    page: (table, after, limit) =>
      select(file, found[table], { where: 'rowid > ?', value: after, limit }),
    conversationsOf(callId) {
      const call = found.conversations?.columns['call']
      if (call === undefined) return []
      return select(file, found.conversations, {
        where: `${quoted(call)} = ?`,
        value: callId as number,
        limit: 100,
      })
    },
    close: () => file.close(),
  }
}

function findTable(
  file: DatabaseSync,
  names: readonly string[],
  kind: OldTable,
): FoundTable | undefined {
  const { names: candidates, columns, needed } = TABLES[kind]
  for (const candidate of candidates) {
    const table = names.find((name) => name.toLowerCase() === candidate)
    if (table === undefined) continue
    const has = file
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map((row) => String(row['name']))
    const known = Object.fromEntries(
      Object.entries(columns).flatMap(([ours, theirs]: [string, readonly string[]]) => {
        const name = theirs
          .map((one) => has.find((own) => own.toLowerCase() === one))
          .find((own) => own !== undefined)
        return name === undefined ? [] : [[ours, name]]
      }),
    )
    if (!needed.every((column) => column in known)) continue
    const used = new Set(Object.values(known))
    const counted = file.prepare(`SELECT count(*) AS n FROM ${quoted(table)}`).get()
    return {
      table,
      columns: known,
      unused: has.filter((name) => !used.has(name)),
      rows: Number(counted?.['n']),
    }
  }
  return undefined
}

interface Selection {
  readonly where: string
  readonly value: number
  readonly limit: number
}

function select<T extends OldTable>(
  file: DatabaseSync,
  found: FoundTable | undefined,
  { where, value, limit }: Selection,
): readonly OldRow<T>[] {
  if (!found) return []
  const columns = Object.entries(found.columns).map(
    ([ours, own]) => `, ${quoted(own)} AS "${ours}"`,
  )
  const sql = `SELECT rowid AS rowid ${columns.join('')} FROM ${quoted(found.table)} WHERE ${where} ORDER BY rowid LIMIT ?`
  return file.prepare(sql).all(value, limit) as unknown as readonly OldRow<T>[]
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const wrong = (why: string): AppError =>
  new AppError('CONFIGURATION_INVALID', `This is no database of the old assistant: ${why}.`)
