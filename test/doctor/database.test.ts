// What the doctor says of the PostgreSQL of DATABASE_URL; and that it changes nothing there.
import t from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { compileConfig } from '../../core/config/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { database } from '../../doctor/checks/database.ts'
import { freshDataDir } from '../support/build-app.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'

const logger = createLogger('silent')

async function examined(url: string | undefined, isRunning = false) {
  const compiled = compileConfig(url === undefined ? {} : { DATABASE_URL: url }, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return database.run({ config: compiled.config, logger, isRunning })
}

t.test('nothing is said of a PostgreSQL that is not used', async (t) => {
  t.same(await examined(undefined), [])
})

t.test('a PostgreSQL in every state', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  const url = await server.createDatabase('one')
  t.match(await examined(url), [{ verdict: 'info', seen: /answers: one at .*it is empty/ }])
  t.equal(
    await server.psql('one', "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
    '0',
  )
  const opened = await openDatabase(logger, { dataDir: await freshDataDir(t), url })
  t.match(await examined(url, true), [{ verdict: 'ok', seen: /up to date/ }])
  t.match(await examined(url), [{ verdict: 'warn', seen: /another voicegate has it/ }])
  await opened.close()
  t.match(await examined(url), [{ verdict: 'ok', seen: /PostgreSQL \d+.*up to date/ }])
  await server.psql('one', "INSERT INTO kysely_migration VALUES ('9999-later', '')")
  t.match(await examined(url), [{ verdict: 'fail', seen: /newer voicegate.*9999-later/ }])
  t.match(await examined(server.urlOf('none')), [
    { verdict: 'fail', seen: /does not exist/, todo: /Correct DATABASE_URL/ },
  ])
  await server.stop()
  const [away] = await examined(url.replace('postgres@', 'postgres:planted@'))
  t.match(away, { verdict: 'fail', seen: /does not answer/, todo: /Start PostgreSQL/ })
  t.notMatch(JSON.stringify(away), 'planted')
})
