// npm run restore -- FILE: puts a backup in the place of the embedded database, while no voicegate runs on it.
import { join, resolve } from 'node:path'
import { loadConfig } from '#core/config'
import { messageOf } from '#core/errors'

const USAGE = `usage: npm run restore -- FILE
Puts the backup FILE in the place of the database of DATA_DIR. Stop voicegate before. The former one is kept beside it.
`
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function run(args: readonly string[]): Promise<0 | 1 | 2> {
  const [file, ...more] = args
  if (file === undefined || more.length > 0 || file.startsWith('-')) {
    process.stderr.write(USAGE)
    return file === '--help' ? 0 : 2
  }
  const { dataDir, databaseUrl } = loadConfig()
  if (databaseUrl !== undefined) {
    process.stderr.write(
      'DATABASE_URL is set: the database is a PostgreSQL, which pg_restore puts back: ' +
        'pg_restore --clean --if-exists --dbname="$DATABASE_URL" FILE, while voicegate is stopped.\n',
    )
    return 2
  }
  // The whole of it is loaded for nothing where there is nothing to do.
  const { restoreDatabase } = await import('#control-api')
  const { calls, migrations, former } = await restoreDatabase({
    dataDir,
    file,
    onCheck: () => say('reading the backup through'),
    onProgress: (done) => say(`copying: ${Math.floor(done * 100)} %`),
  })
  say(
    `restored: ${calls} calls, up to ${migrations.at(-1) ?? 'nothing'}; npm start brings it up to date.`,
  )
  if (former !== undefined)
    say(`The former database is ${former}; npm run restore -- ${former} undoes this.`)
  say(`Recordings are files: rsync -a FROM/ ${join(resolve(dataDir), 'media')}/ puts them back.`)
  return 0
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`nothing was restored: ${messageOf(error)}\n`)
  process.exitCode = 1
}
