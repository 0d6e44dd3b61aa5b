// The tables of the old panel in a dump of them, by the names that its schema may give their columns: `voximplantRuleId`
// and `voximplant_rule_id` are one.
import type { DumpRow, DumpReading } from './dump-file.ts'
import type { DumpValue } from './dump-statements.ts'

/** Without underscores, in small letters. */
const TABLES = {
  accounts: {
    table: 'voximplantaccounts',
    columns: {
      id: 'id',
      vendorId: 'accountid',
      key: 'apikey',
      name: 'accountname',
      isActive: 'isactive',
      createdAt: 'createdat',
      updatedAt: 'updatedat',
    },
  },
  applications: {
    table: 'voximplantapplications',
    columns: {
      id: 'id',
      account: 'voximplantaccountid',
      vendorId: 'voximplantapplicationid',
      rule: 'voximplantruleid',
      name: 'applicationname',
      agentKey: 'elevenlabsapikey',
      agent: 'elevenlabsagentid',
      number: 'phonenumber',
      createdAt: 'createdat',
      updatedAt: 'updatedat',
    },
  },
  calls: {
    table: 'voximplantcalls',
    columns: {
      id: 'id',
      application: 'applicationid',
      session: 'callid',
      conversation: 'conversationid',
      from: 'fromnumber',
      to: 'tonumber',
      startedAt: 'starttime',
      endedAt: 'endtime',
      duration: 'duration',
      cost: 'cost',
      status: 'status',
      recording: 'recordingurl',
      createdAt: 'createdat',
    },
  },
  transcripts: {
    table: 'voximplanttranscripts',
    columns: { id: 'id', call: 'callid', conversation: 'conversationid', data: 'transcriptdata' },
  },
} as const

type Tables = typeof TABLES
export type OldTable = keyof Tables
/** Null, too, of a column that the dump has not. */
export type OldRow<T extends OldTable> = Readonly<
  Record<keyof Tables[T]['columns'] & string, DumpValue>
>

export const OLD_TABLES = ['accounts', 'applications', 'calls', 'transcripts'] as const

/** Undefined of a table that is none of the old panel’s telephony. */
export function oldTableOf(name: string): OldTable | undefined {
  const plain = plainOf(name)
  return OLD_TABLES.find((kind) => TABLES[kind].table === plain)
}

export interface FoundTable {
  readonly table: string
  /** Ours by its own name. */
  readonly columns: Readonly<Record<string, string>>
  /** That are left where they are. */
  readonly unused: readonly string[]
}

export function foundTable(kind: OldTable, table: string, columns: readonly string[]): FoundTable {
  const known = Object.fromEntries(
    Object.entries(TABLES[kind].columns).flatMap(([ours, theirs]) => {
      const own = columns.find((name) => plainOf(name) === theirs)
      return own === undefined ? [] : [[ours, own]]
    }),
  )
  const used = new Set(Object.values(known))
  return { table, columns: known, unused: columns.filter((name) => !used.has(name)) }
}

export const wanting = (...kinds: OldTable[]): DumpReading => ({
  isWanted(table) {
    const kind = oldTableOf(table)
    return kind !== undefined && kinds.includes(kind)
  },
})

/** Of a row of that table. */
export function oldRow<T extends OldTable>(kind: T, { columns, values }: DumpRow): OldRow<T> {
  const places = placesOf(kind, columns)
  const row = Object.fromEntries(
    Object.entries(places).map(([ours, place]) => [ours, values[place] ?? null]),
  )
  // Every column of the table has a place, be it none.
  return row as OldRow<T>
}

/** Rows of one statement share their columns. */
const known = new WeakMap<readonly string[], Readonly<Record<string, number>>>()

function placesOf(kind: OldTable, columns: readonly string[]): Readonly<Record<string, number>> {
  const before = known.get(columns)
  if (before) return before
  const plain = columns.map(plainOf)
  const places = Object.fromEntries(
    Object.entries(TABLES[kind].columns).map(([ours, theirs]) => [ours, plain.indexOf(theirs)]),
  )
  known.set(columns, places)
  return places
}

const plainOf = (name: string): string => name.replaceAll('_', '').toLowerCase()
