// Signals in the first moments, and by way of `npm start`: what had begun is closed, and the exit code comes through.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { runMain } from '../support/child-product.ts'
import {
  bareEnvironment,
  eventually,
  freeTcpPort,
  startProgram,
  temporaryFolder,
} from '../support/process.ts'
import { linesOf } from '../support/trunked-child.ts'

const MAIN = join(import.meta.dirname, '../../main.ts')
const RUNNER = join(import.meta.dirname, '../../scripts/run.mjs')

t.test('SIGTERM while it starts: what had opened is closed, exit code 0', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const program = runMain(t, { dataDir, env: { LOG_LEVEL: 'info' } })
  const rehearsal = join(dataDir, 'rehearsal')
  // The database is the first thing that opens.
  await eventually('a start', 10_000, () => existsSync(join(rehearsal, 'voicegate.lock')))
  program.signal('SIGTERM')
  t.match(await program.ended, { code: 0, signal: null }, program.stderr)
  t.equal(program.stderr, '')
  t.notMatch(program.stdout, /voicegate is ready/)
  const said = linesOf(program.stdout).map(({ msg }) => msg)
  t.match(said.at(-1), 'stopped before it was ready', said.join())
  t.notOk(existsSync(join(rehearsal, 'voicegate.sqlite-wal')), 'the database was closed')
})

t.test('a defect in a start says what is behind it', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const rehearsal = join(dataDir, 'rehearsal')
  await (await openDatabase(createLogger('silent'), { dataDir: rehearsal })).close()
  const file = new DatabaseSync(join(rehearsal, 'voicegate.sqlite'))
  file.exec('PRAGMA foreign_keys = OFF; DROP TABLE calls')
  file.close()
  const program = runMain(t, { dataDir })
  t.match(await program.ended, { code: 1, signal: null })
  t.match(program.stderr, /did not start: A database statement failed[^]*no such table: calls/)
})

t.test('Ctrl-C of a whole group, as npm start hears it, is one request', async (t) => {
  const env = {
    ...bareEnvironment(),
    HTTP_PORT: '0',
    SIP_LISTEN: 'udp:127.0.0.1:0',
    DATA_DIR: temporaryFolder(t, 'data'),
    DRAIN_SECONDS: '0',
  }
  const command = [process.execPath, RUNNER, 'main.ts'] as const
  const runner = startProgram(t, command, { cwd: temporaryFolder(t, 'cwd'), env, detached: true })
  await eventually('it to be ready', 20_000, () => /^ {2}stop /m.test(runner.stdout))
  process.kill(-runner.pid, 'SIGINT')
  // As npm does, which is in the group too.
  process.kill(runner.pid, 'SIGINT')
  t.match(await runner.ended, { code: 0, signal: null }, runner.stderr)
  const said = linesOf(runner.stdout).map(({ msg }) => msg)
  t.same(
    said.filter((message) => message === 'stopping' || message === 'stopped'),
    ['stopping', 'stopped'],
  )
})

t.test('a log that cannot be written stops nothing', async (t) => {
  const port = await freeTcpPort()
  const env = {
    ...bareEnvironment(),
    HTTP_PORT: String(port),
    SIP_LISTEN: 'udp:127.0.0.1:0',
    DATA_DIR: temporaryFolder(t, 'data'),
  }
  const line = 'exec "$0" --disable-warning=ExperimentalWarning "$1" >/dev/full'
  const program = startProgram(t, ['sh', '-c', line, process.execPath, MAIN], { env })
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/ready`)).status === 200
  await eventually('it to be ready', 20_000, () => ready().catch(() => false))
  program.signal('SIGTERM')
  t.match(await program.ended, { code: 0, signal: null }, program.stderr)
})

t.test('a failure comes through the runner, and so does a kill', async (t) => {
  const base = bareEnvironment()
  const failing = startProgram(t, [process.execPath, RUNNER, 'main.ts'], {
    env: { ...base, HTTP_PORT: 'eighty' },
  })
  t.equal((await failing.ended).code, 1)
  t.match(failing.stderr, /HTTP_PORT must be/)
  const killed = startProgram(t, [process.execPath, RUNNER, 'test/support/kills-itself.ts'], {
    env: base,
  })
  t.equal((await killed.ended).code, 137, '128 and the signal, as a shell says it')
})
