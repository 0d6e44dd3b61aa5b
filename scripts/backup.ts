// npm run backup -- FILE: copies the embedded database, while voicegate runs or not.
import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { loadConfig } from '#core/config'
import { messageOf } from '#core/errors'

const USAGE = `usage: npm run backup -- FILE
Copies the database of DATA_DIR to FILE, while voicegate runs or not.
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
      'DATABASE_URL is set: the database is a PostgreSQL, which pg_dump backs up: ' +
        'pg_dump --format=custom --file=FILE "$DATABASE_URL"; pg_restore puts it back.\n',
    )
    return 2
  }
  setPriority(19) // Calls come first.
  // The whole of it is loaded for nothing where there is nothing to do.
  const { backupDatabase } = await import('#control-api')
  const { calls } = await backupDatabase({
    dataDir,
    file,
    onProgress: (done) => say(`copying: ${Math.floor(done * 100)} %`),
    onCheck: () => say('copied; reading the copy through'),
  })
  say(`${resolve(file)} is a whole copy: ${calls} calls. npm run restore -- ${file} puts it back.`)
  say(`Recordings are files: rsync -a ${join(resolve(dataDir), 'media')}/ TO copies them.`)
  return 0
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`no backup was made: ${messageOf(error)}\n`)
  process.exitCode = 1
}
