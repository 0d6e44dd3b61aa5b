// The data folder: may it be written, is there room, and is the database whole? Nothing is made, changed or locked: one
// that runs is not disturbed.
import { execFile } from 'node:child_process'
import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Config } from '#core/config'
import { migrationNames } from '../../control-api/examine.ts'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'
import { decodeProbe, type DatabaseProbe } from './database-probe.ts'

const DATABASE_FILE = 'voicegate.sqlite'
const GIB = 1024 ** 3
const LITTLE_ROOM_BYTES = GIB
const NO_ROOM_BYTES = GIB / 10
/** Stereo, 16 bits, 8000 a second. */
const RECORDING_BYTES_A_SECOND = 32_000
const FEW_RECORDED_HOURS = 100
/** The whole file is read; a program of its own does it, which can be ended at any time. */
const LOOK_WITHIN_MS = 5000

export const data: Check = {
  name: 'data',
  async run({ config, isRunning }) {
    const folder = resolve(config.dataDir)
    const existing = await nearestFolder(folder)
    const writable = await mayWrite(existing)
    if (!writable) {
      const todo =
        'Set DATA_DIR to a folder that this user may write, or give this user the folder.'
      return [fail('data', `DATA_DIR cannot be written: ${folder}`, todo)]
    }
    const room = await judgeRoom(config, existing)
    if (existing !== folder)
      return [info('data', `DATA_DIR is not there yet: the first start makes ${folder}`), room]
    const seen = [ok('data', `DATA_DIR can be written: ${folder}`), room]
    // With a PostgreSQL a file that is there is of earlier times (database.ts).
    return config.databaseUrl === undefined
      ? [...seen, await judgeDatabase(folder, isRunning)]
      : seen
  },
}

/** What the folder would be made in. */
async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch {
    return dirname(path) === path ? path : nearestFolder(dirname(path)) // Missing: its parent then.
  }
}

async function mayWrite(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK)
    return (await stat(path)).isDirectory()
  } catch {
    return false // That is the answer.
  }
}

async function judgeRoom({ recordCalls }: Config, folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const hours = Math.floor(free / (RECORDING_BYTES_A_SECOND * 3600))
  const recorded =
    recordCalls === 'off' ? '' : `, enough for ${hours} hours of recorded calls (RECORD_CALLS)`
  const seen = `${size(free)} are free on its disk${recorded}`
  const todo = 'Make room on that disk, or set DATA_DIR to a folder on another one.'
  if (free < NO_ROOM_BYTES) return fail('data', seen, todo)
  const isLittle = free < LITTLE_ROOM_BYTES || (recordCalls !== 'off' && hours < FEW_RECORDED_HOURS)
  return isLittle ? warn('data', seen, todo) : ok('data', seen)
}

const size = (bytes: number): string =>
  bytes < GIB ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`

async function judgeDatabase(folder: string, isRunning: boolean): Promise<Finding> {
  const path = join(folder, DATABASE_FILE)
  try {
    await stat(path)
  } catch {
    return info('data', 'there is no database yet: the first start makes it')
  }
  const probe = await look(folder)
  switch (probe.kind) {
    case 'locked':
      return isRunning ? ok('data', 'the database is in use') : IN_USE
    case 'slow':
      return info(
        'data',
        `the database is too large to be checked in ${LOOK_WITHIN_MS / 1000} s; with voicegate stopped, sqlite3 FILE "PRAGMA quick_check" does it`,
      )
    case 'unreadable':
      return fail('data', `the database cannot be opened: ${probe.why}`, RESTORE)
    case 'read':
      return judgeContents(probe, isRunning, await migrationNames())
  }
}

const RESTORE =
  'Stop voicegate, copy the whole folder away, then put back your last backup of it. sqlite3 FILE ".recover" saves what can still be read.'

const IN_USE = warn(
  'data',
  'another voicegate holds this DATA_DIR, though none answers at HTTP_HOST and HTTP_PORT',
  'Stop that one, or set DATA_DIR to another folder: each needs one of its own.',
)

function judgeContents(
  { faults, migrations, bytes, isHeld }: Extract<DatabaseProbe, { kind: 'read' }>,
  isRunning: boolean,
  known: readonly string[],
): Finding {
  if (faults.length > 0)
    return fail('data', `the database is damaged: ${faults.length} or more faults`, RESTORE)
  const unknown = migrations.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    return fail(
      'data',
      `a newer voicegate has changed this database (${unknown.join(', ')}): this one may not use it`,
      'Start the newer one again, or put back the backup you made before it.',
    )
  if (isHeld && !isRunning) return IN_USE
  const missing = known.filter((name) => !migrations.includes(name))
  const state =
    missing.length === 0
      ? 'its tables are up to date'
      : `the next start brings its tables up to date (${missing.join(', ')}): make a backup first`
  const seen = `the database is whole (${size(bytes)}); ${state}`
  return missing.length === 0 ? ok('data', seen) : info('data', seen)
}

async function look(folder: string): Promise<DatabaseProbe> {
  const program = join(import.meta.dirname, 'database-probe.ts')
  const flag = '--disable-warning=ExperimentalWarning'
  const args = [flag, program, folder]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: LOOK_WITHIN_MS,
      killSignal: 'SIGKILL',
    })
    return decodeProbe(stdout)
  } catch (error) {
    const wasKilled = error instanceof Error && 'killed' in error && error.killed === true
    if (wasKilled) return { kind: 'slow' }
    throw error
  }
}
