// Brings the telephony of the old panel into the database of voicegate, while none runs on it, from a dump of its MySQL.
// Ids follow from the old ones: a second run finds what the first one brought, and fills in only what is missing.
import type { Logger } from '#core/telemetry'
import { openAuditLog } from '../../access/audit-log.ts'
import { openDatabase, type Database, type DatabaseOptions } from '../../db/database.ts'
import type { KeyEncryptionKey } from '../../secrets/envelope.ts'
import { openVault } from '../../secrets/vault.ts'
import { BringCalls, type CallCounts } from './bring-calls.ts'
import { BringTranscripts, type TranscriptCounts } from './bring-transcripts.ts'
import { readDump } from './dump-file.ts'
import { bringHouse, IMPORTER, type BroughtHouse } from './old-accounts.ts'
import { openOldRecordings, openRecordingTarget } from './old-recordings.ts'
import { oldRow, wanting, type OldRow } from './old-tables.ts'
import { surveyDump, type Survey } from './survey.ts'

export interface PanelImport {
  /** Text of mysqldump, or gzip of it when its name ends with `.gz`. */
  readonly file: string
  /** Where the panel kept its recordings; undefined: none are brought. */
  readonly recordings?: string | undefined
  readonly target: DatabaseOptions
  /** What secrets are sealed with. */
  readonly secrets: {
    readonly keys: readonly KeyEncryptionKey[]
    readonly makeKeyIn?: string | undefined
  }
  /** Nothing is written, and what is there already is not known. */
  readonly isDryRun: boolean
  readonly logger: Logger
  /** What was found, before anything is written. */
  readonly onFound: (survey: Pick<Survey, 'found' | 'otherTables'>) => void
  readonly onProgress: (what: 'calls' | 'transcripts', done: number, of: number) => void
}

export interface PanelImported {
  readonly house: Omit<BroughtHouse, 'applications' | 'writes'> & { readonly applications: number }
  readonly calls: Readonly<CallCounts>
  readonly transcripts: Readonly<TranscriptCounts>
  readonly unknownStatuses: readonly string[]
  /** Costs of accounts whose currency nobody has told: taken for dollars. */
  readonly hasAssumedCurrency: boolean
  /** When the oldest of the new calls ended; null of none. Retention may be waiting for it. */
  readonly oldestAt: number | null
}

/** Calls of one write. */
const CALLS = 100
/** Transcripts of one write: each may be an hour of talk. */
const TRANSCRIPTS = 20
const PROGRESS_EVERY = 1000

/** @throws AppError `CONFIGURATION_INVALID` when the file is none, or a voicegate runs on DATA_DIR; `SECRETS_KEY_MISSING` */
export async function importPanel(options: PanelImport): Promise<PanelImported> {
  const survey = await surveyDump(options.file)
  options.onFound(survey)
  if (options.isDryRun) return bring(survey, options, undefined)
  const database = await openDatabase(options.logger, options.target)
  try {
    return await bring(survey, options, database)
  } finally {
    await database.close()
  }
}

async function bring(
  survey: Survey,
  options: PanelImport,
  database: Database | undefined,
): Promise<PanelImported> {
  const now = Date.now()
  const target = database && { database, vault: await openVault(database, options.secrets) }
  const house = await bringHouse(survey.house, target, now)
  // All that calls belong to is there before them.
  if (house.writes.length > 0) await database?.write(house.writes)
  const { recordings: folder } = options
  const { dataDir } = options.target
  const calls = new BringCalls({
    database,
    applications: house.applications,
    recordings:
      folder === undefined
        ? undefined
        : openOldRecordings(folder, () => openRecordingTarget(dataDir)),
    now,
  })
  await eachBatch({ kind: 'calls', size: CALLS, survey, options }, (rows) => calls.bring(rows))
  const transcripts = new BringTranscripts({ database, callIds: calls.callIds, now })
  await eachBatch({ kind: 'transcripts', size: TRANSCRIPTS, survey, options }, (rows) =>
    transcripts.bring(rows),
  )
  const imported = {
    house: countsOf(house, survey),
    calls: calls.counts,
    transcripts: transcripts.counts,
    unknownStatuses: [...calls.unknownStatuses],
    hasAssumedCurrency: calls.hasAssumedCurrency,
    oldestAt: calls.oldestAt,
  }
  if (database) await note(database, imported)
  return imported
}

const countsOf = (house: BroughtHouse, survey: Survey): PanelImported['house'] => ({
  accounts: house.accounts,
  applications: survey.house.applications.length,
  freshApplications: house.freshApplications,
  unusableAccounts: house.unusableAccounts,
  orphanApplications: house.orphanApplications,
  withoutAgent: house.withoutAgent,
})

interface Batches<T extends 'calls' | 'transcripts'> {
  readonly kind: T
  readonly size: number
  readonly survey: Survey
  readonly options: PanelImport
}

async function eachBatch<T extends 'calls' | 'transcripts'>(
  { kind, size, survey, options }: Batches<T>,
  act: (rows: readonly OldRow<T>[]) => Promise<void>,
): Promise<void> {
  const all = survey.found[kind]?.rows ?? 0
  let rows: OldRow<T>[] = []
  let done = 0
  const flush = async (): Promise<void> => {
    await act(rows)
    done += rows.length
    rows = []
    if (done % PROGRESS_EVERY === 0 || done === all) options.onProgress(kind, done, all)
  }
  if (all === 0) return
  for await (const row of readDump(options.file, wanting(kind))) {
    rows.push(oldRow(kind, row))
    if (rows.length === size) await flush()
  }
  if (rows.length > 0) await flush()
}

async function note(
  database: Database,
  { house, calls, transcripts }: Pick<PanelImported, 'house' | 'calls' | 'transcripts'>,
): Promise<void> {
  const audit = await openAuditLog(database, { now: () => Date.now() })
  const counts = {
    accounts: house.accounts.fresh,
    applications: house.freshApplications,
    calls: calls.fresh,
    transcripts: transcripts.fresh,
  }
  await database.write([audit.noted({ keyId: IMPORTER }, 'voximplant.imported', null, counts)])
}
