// npm run import-panel -- FILE: brings accounts, applications, calls and transcripts of the old panel in, while no
// voicegate runs.
import { parseArgs } from 'node:util'
import { importPanel, type PanelImported } from '#control-api'
import { loadConfig } from '#core/config'
import { messageOf } from '#core/errors'
import { createLogger } from '#core/telemetry'
import { retentionWarning } from './retention-warning.ts'

const USAGE = `usage: npm run import-panel -- [--dry-run] [--recordings DIR] FILE
Brings the Voximplant accounts, applications, calls and transcripts of the old panel (FILE: what mysqldump or mariadb-dump
wrote of its database, or gzip of that by the name of .gz) into the database of DATA_DIR or DATABASE_URL. Its keys are
encrypted with SECRETS_KEY. Stop voicegate before. What is here already is left as it is: run it as often as you like.
--dry-run: says what is in FILE, and writes nothing.
--recordings DIR: copies the panel's recordings out of DIR, its folder "recordings", too.
`
const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Asked {
  readonly file: string
  readonly isDryRun: boolean
  readonly recordings: string | undefined
}

/** Undefined: it cannot be asked for so. */
function decodeArguments(args: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { 'dry-run': { type: 'boolean' }, recordings: { type: 'string' } },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) return undefined
    return { file, isDryRun: values['dry-run'] === true, recordings: values.recordings }
  } catch {
    return undefined
  }
}

async function run(args: readonly string[]): Promise<0 | 2> {
  const asked = decodeArguments(args)
  if (!asked) {
    process.stderr.write(USAGE)
    return args.includes('--help') ? 0 : 2
  }
  const { dataDir, databaseUrl, rehearsal, secretsKeys, retentionDays } = loadConfig()
  const imported = await importPanel({
    ...asked,
    target: { dataDir, url: databaseUrl },
    secrets: { keys: secretsKeys, makeKeyIn: rehearsal ? dataDir : undefined },
    logger: createLogger('warn', process.stderr),
    onFound({ found, otherTables }) {
      for (const [kind, { table, columns, unused, rows }] of Object.entries(found)) {
        const read = Object.entries(columns).map(([ours, own]) => `${own} → ${ours}`)
        say(`${kind}: table "${table}", ${rows} rows; ${read.join(', ')}`)
        if (unused.length > 0) say(`  left where they are: ${unused.join(', ')}`)
      }
      if (otherTables.length > 0) say(`other tables, passed over: ${otherTables.join(', ')}`)
    },
    onProgress: (what, done, of) => say(`${what}: ${done} of ${of}`),
  })
  summarize(imported, asked)
  const warning = retentionWarning(imported.oldestAt, retentionDays)
  if (warning !== undefined) say(warning)
  return 0
}

function summarize(imported: PanelImported, { isDryRun, recordings }: Asked): void {
  const { house, calls, transcripts } = imported
  say(
    isDryRun
      ? `nothing was written: ${house.accounts.fresh} accounts, ${house.freshApplications} applications, ` +
          `${calls.fresh} calls and ${transcripts.fresh} transcripts would be looked at.`
      : `imported: ${house.accounts.fresh} new accounts of ${house.accounts.found}, ${house.freshApplications} new ` +
          `applications of ${house.applications}, ${calls.fresh} new calls of ${calls.found}, ` +
          `${transcripts.fresh} new transcripts of ${transcripts.found}.`,
  )
  if (calls.filled > 0) say(`${calls.filled} calls were here, and something of them was not.`)
  if (recordings !== undefined)
    say(`Recordings: ${calls.recordings} copied, ${calls.missingRecordings} not found in DIR.`)
  for (const line of [...leftOut(imported), ...remarks(imported)]) say(line)
}

/** What did not come. */
const leftOut = ({ house, calls, transcripts }: PanelImported): readonly string[] =>
  [
    counted(house.unusableAccounts, 'accounts have no id or no key, and are left out.'),
    counted(house.orphanApplications, 'applications belong to no account, and are left out.'),
    counted(calls.orphans, 'calls belong to no application, and are left out.'),
    counted(calls.withoutTime, 'calls have no time, and are left out.'),
    counted(transcripts.orphans, 'transcripts belong to no call that is here, and are left out.'),
    counted(transcripts.held, 'transcripts are here already, or were deleted, and are left out.'),
    counted(transcripts.unreadable, 'transcripts have no words that can be read.'),
  ].flat()

/** What to know of what came. */
const remarks = (imported: PanelImported): readonly string[] =>
  [
    counted(
      imported.house.freshApplications,
      'applications have keys of their own for signing now. Their old scenarios know nothing of us and are not kept: ' +
        'push the new scenario of each (console, Voximplant, Applications).',
    ),
    counted(imported.house.withoutAgent, 'applications name no agent: name one before you push.'),
    imported.unknownStatuses.length === 0
      ? []
      : [
          `Statuses that are not known here: ${imported.unknownStatuses.join(', ')}. These calls count as failed; what ` +
            'it said is kept in their metadata.',
        ],
    imported.hasAssumedCurrency
      ? ['The dump does not say in which currency costs are: they count as USD. Sync them to know.']
      : [],
    imported.calls.fresh === 0
      ? []
      : [
          'Who called whom the panel did not keep: inbound is what went to the number of the application.',
        ],
  ].flat()

const counted = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}`]

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`the import ended: ${messageOf(error)}\n`)
  process.exitCode = 1
}
