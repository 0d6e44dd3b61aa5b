// npm run import-liza -- FILE: brings calls, conversations and orders of the old assistant in, while no voicegate runs.
import type { LizaImported } from '#control-api'
import { loadConfig } from '#core/config'
import { messageOf } from '#core/errors'
import { createLogger } from '#core/telemetry'
import { retentionWarning } from './retention-warning.ts'

const USAGE = `usage: npm run import-liza -- [--dry-run] FILE
Brings the calls, conversations and orders of the old assistant (its SQLite database FILE, which is not changed) into the
database of DATA_DIR or DATABASE_URL. Stop voicegate before. What was brought already is left as it is: run it as often as
you like. --dry-run: says what is in FILE, and writes nothing.
`
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function run(args: readonly string[]): Promise<0 | 2> {
  const isDryRun = args.includes('--dry-run')
  const [file, ...more] = args.filter((arg) => arg !== '--dry-run')
  if (file === undefined || more.length > 0 || file.startsWith('-')) {
    process.stderr.write(USAGE)
    return file === '--help' ? 0 : 2
  }
  const { dataDir, databaseUrl, retentionDays } = loadConfig()
  // The whole of it is loaded for nothing where there is nothing to do.
  const { importLiza } = await import('#control-api')
  const imported = await importLiza({
    file,
    target: { dataDir, url: databaseUrl },
    isDryRun,
    logger: createLogger('warn', process.stderr),
    onFound(found) {
      for (const [kind, { table, columns, unused, rows }] of Object.entries(found)) {
        const read = Object.entries(columns).map(([ours, own]) => `${own} → ${ours}`)
        say(`${kind}: table "${table}", ${rows} rows; ${read.join(', ')}`)
        if (unused.length > 0) say(`  left where they are: ${unused.join(', ')}`)
      }
    },
    onProgress: (what, done, of) => say(`${what}: ${done} of ${of}`),
  })
  summarize(imported, isDryRun)
  const warning = retentionWarning(imported.oldestAt, retentionDays)
  if (warning !== undefined) say(warning)
  return 0
}

function summarize(imported: LizaImported, isDryRun: boolean): void {
  const { calls, orders, steps, skippedSteps, consents } = imported
  say(
    isDryRun
      ? `nothing was written: ${calls.fresh} calls and ${orders.fresh} orders would be looked at.`
      : `imported: ${calls.fresh} new calls of ${calls.found}, ${orders.fresh} new orders (${orders.found} rows).`,
  )
  say(`With the calls: ${steps} steps, ${consents.given} consents, ${consents.refused} refusals.`)
  if (skippedSteps > 0) say(`${skippedSteps} steps were no question of ours, such as greetings.`)
  if (imported.ordersWithoutNumber > 0)
    say(`${imported.ordersWithoutNumber} orders have no number and are left out.`)
  if (imported.unknownStatuses.length > 0)
    say(
      `Statuses that are not known here: ${imported.unknownStatuses.join(', ')}. They are kept in the notes of ` +
        'orders, which count as confirmed, and in the metadata of calls.',
    )
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`nothing was imported: ${messageOf(error)}\n`)
  process.exitCode = 1
}
