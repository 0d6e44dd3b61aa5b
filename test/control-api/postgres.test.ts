// What is PostgreSQL's own: a server that goes and comes, commits whose answer is lost, who may have the database.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CompiledQuery, sql } from 'kysely'
import t, { type Test } from 'tap'
import { selectPage, type CallFilter } from '../../control-api/calls/call-filter.ts'
import { decodeNumberSearch } from '../../control-api/calls/number-search.ts'
import { openDatabase, type Database } from '../../control-api/db/database.ts'
import { decodePostgresUrl } from '../../control-api/db/postgres/address.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { insertKey } from '../contract/database.ts'
import {} from '../support/build-app.ts'
import { openPostgresRelay } from '../support/postgres-relay.ts'
import {
  folderOfServer,
  needsPostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres.ts'
import { eventually } from '../support/process.ts'
import { migratedDataDir } from '../support/data-folder.ts'

async function open(t: Test, url: string, lines: string[] = []): Promise<Database> {
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) })
  const database = await openDatabase(logger, { dataDir: await migratedDataDir(t), url })
  t.teardown(() => database.close())
  return database
}

const ids = async ({ query }: Database) => {
  const rows = await query.selectFrom('api_keys').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}
const isBack = (database: Database) =>
  eventually('PostgreSQL to be back', 15_000, async () => {
    return database.ping().then(
      () => true,
      () => false,
    )
  })

t.test('with a server', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  let made = 0
  const fresh = () => server.createDatabase(`db_${made++}`)

  t.test('a server that stops: writes and reads are refused until it is back', async (t) => {
    const lines: string[] = []
    const database = await open(t, await fresh(), lines)
    await database.write([insertKey(database, 'a')])
    t.same(await ids(database), ['a'])
    await server.stop('immediate')
    const refusal = { code: 'DATABASE_UNAVAILABLE', retryable: true, retryAfterSeconds: 1 }
    await t.rejects(database.write([insertKey(database, 'b')]), refusal)
    await t.rejects(ids(database), refusal)
    await t.rejects(database.ping(), { code: 'DATABASE_UNAVAILABLE' })
    await server.start()
    await isBack(database)
    await database.write([insertKey(database, 'c')])
    t.same(await ids(database), ['a', 'c'])
    t.match(lines.join(''), /is lost: trying again[^]*PostgreSQL is back/)
  })

  t.test('a commit whose answer was lost is known to have happened, or not', async (t) => {
    const name = `db_${made}`
    await fresh()
    const relay = await openPostgresRelay(t, server.port)
    const url = server.urlOf(name).replace(String(server.port), String(relay.port))
    const database = await open(t, url)
    relay.breakNextCommit('after')
    const [first, second] = await Promise.allSettled([
      database.write([insertKey(database, 'a')]),
      database.write([insertKey(database, 'b')]),
    ])
    t.match(first, { status: 'fulfilled' }, 'it was committed')
    t.match(second, { status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE' } }, 'it waited')
    await isBack(database)
    relay.breakNextCommit('before')
    await t.rejects(database.write([insertKey(database, 'c')]), { code: 'DATABASE_UNAVAILABLE' })
    await isBack(database)
    t.same(await ids(database), ['a'])
  })

  t.test('a wire that goes silent is given up, and the session behind it is ended', async (t) => {
    const name = `db_${made}`
    await fresh()
    const relay = await openPostgresRelay(t, server.port)
    const url = server.urlOf(name).replace(String(server.port), String(relay.port))
    const database = await open(t, url)
    relay.goSilent(true)
    await t.rejects(database.ping(), { code: 'TIMED_OUT' })
    await t.rejects(database.write([insertKey(database, 'a')]), { code: 'DATABASE_UNAVAILABLE' })
    relay.goSilent(false)
    await isBack(database)
    await database.write([insertKey(database, 'b')])
    t.same(await ids(database), ['b'])
  })

  t.test('two do not share a database; it is free again after the first', async (t) => {
    const url = await fresh()
    const first = await open(t, url)
    await t.rejects(open(t, url), {
      code: 'CONFIGURATION_INVALID',
      message: /DATABASE_URL.*another voicegate/,
    })
    await first.close()
    await (await open(t, url)).close()
  })

  t.test('who lost it to another one is told, and writes no more', async (t) => {
    const name = `db_${made}`
    const url = await fresh()
    const relay = await openPostgresRelay(t, server.port)
    const database = await open(t, url.replace(String(server.port), String(relay.port)))
    const told: string[] = []
    database.onLost((reason) => told.push(reason))
    // Another process has the lock before the first one is back.
    const lock = 'select pg_advisory_lock(1987012963, 1701273972), pg_sleep(2)'
    const other = server.psql(name, lock)
    const waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    await eventually('it to wait', 10_000, async () => (await server.psql(name, waits)) === '1')
    relay.cutAll()
    await eventually('the first one to be told', 10_000, () => told.length > 0)
    t.match(told, [/another voicegate/])
    await t.rejects(database.write([insertKey(database, 'a')]), { code: 'DATABASE_UNAVAILABLE' })
    await other
  })

  t.test('reading cannot write', async (t) => {
    const database = await open(t, await fresh())
    const insert = sql`INSERT INTO signing_keys VALUES ('a', 'b', 1)`
    await t.rejects(insert.execute(database.query), { code: 'DATABASE_UNAVAILABLE' })
  })

  t.test('an error names no value', async (t) => {
    const database = await open(t, await fresh())
    const planted = CompiledQuery.raw(`SELECT '+4915112345678'::bigint / '0x'::int`)
    const error: unknown = await database
      .write([{ compile: () => planted }])
      .catch((thrown: unknown) => thrown)
    t.match(error, { code: 'INTERNAL', cause: { message: '22P02' } })
    await database.write([insertKey(database, 'planted-15112345678')])
    const again: unknown = await database
      .write([insertKey(database, 'planted-15112345678')])
      .catch((thrown: unknown) => thrown)
    t.match(again, { code: 'INTERNAL', cause: { message: /^23505: .*api_keys/ } })
    t.notMatch((again as Error).cause, { message: /15112345/ })
  })

  t.test('what cannot be had is told by what is to be done, never with the password', async (t) => {
    const url = await fresh()
    const cases: [string, string, RegExp][] = [
      [server.urlOf('nowhere'), 'CONFIGURATION_INVALID', /does not exist/],
      [
        url.replace('postgres@', 'nobody:planted@'),
        'CONFIGURATION_INVALID',
        /user or password|not let in/,
      ],
      [url.replace(/:\d+\//, ':1/'), 'DATABASE_UNAVAILABLE', /does not answer.*127.0.0.1:1 /],
      [`${url}?sslmode=require`, 'DATABASE_UNAVAILABLE', /does not answer/],
      [`${url}?sslmode=sometimes`, 'CONFIGURATION_INVALID', /sslmode/],
      [`${url}?ssl=1`, 'CONFIGURATION_INVALID', /\(ssl\)/],
    ]
    for (const [given, code, message] of cases) {
      const error: unknown = await open(t, given).catch((thrown: unknown) => thrown)
      t.match(error, { code, message }, message.source)
      t.notMatch((error as Error).message, 'planted')
    }
    await server.psql(
      'postgres',
      "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0",
    )
    await t.rejects(open(t, server.urlOf('latin')), { message: /UTF8/ })
  })

  t.test('no filter needs to read the whole table', (t) => plans(t, server, fresh))
})

t.test('with TLS as the URL asks for', needsPostgres, async (t) => {
  const folder = folderOfServer(t)
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync('openssl', [...asked, '-nodes', '-keyout', key, '-out', certificate, ...subject], {
    stdio: 'ignore',
  })
  const { uid, gid } = statSync(folder)
  for (const file of [key, certificate]) chownSync(file, uid, gid)
  chmodSync(key, 0o600)
  const settings = ['ssl = on', `ssl_key_file = '${key}'`, `ssl_cert_file = '${certificate}'`]
  const access = ['local all all trust', 'hostssl all all 127.0.0.1/32 trust']
  const server = await startPostgres(t, { settings, access })
  const url = await server.createDatabase('one')
  const used = 'select count(*) from pg_stat_ssl where ssl and pid <> pg_backend_pid()'
  for (const asked of ['', '?sslmode=require', `?sslmode=verify-full&sslrootcert=${certificate}`]) {
    const database = await open(t, url + asked)
    t.equal(await server.psql('one', used), '1', asked)
    await database.close()
  }
  await t.rejects(open(t, `${url}?sslmode=disable`), { message: /not without TLS/ })
  await t.rejects(open(t, `${url}?sslmode=verify-full`), { message: /SELF_SIGNED/ })
  t.ok(readFileSync(certificate).length > 0)
})

t.test('the parts of a URL', (t) => {
  t.match(decodePostgresUrl('postgresql://u%40x:p%2Fw@[::1]:5433/d%20b?sslmode=verify-ca'), {
    host: '::1',
    port: 5433,
    user: 'u@x',
    password: 'p/w',
    database: 'd b',
    sslMode: 'verify-ca',
    tls: { rejectUnauthorized: true },
  })
  const socket = decodePostgresUrl('postgres://u@localhost/d?host=/run/postgresql')
  t.match(socket, { host: '/run/postgresql', port: 5432, sslMode: 'disable', user: 'u' })
  const wrong = [
    'postgres://h/d',
    'postgres://u@h',
    'postgres://u@h/',
    'postgres:///d',
    'postgres://u@/d',
  ]
  for (const url of [...wrong, 'postgres://u:%zz@h/d', 'postgres://u@h/d?sslrootcert=/nowhere'])
    t.throws(() => decodePostgresUrl(url), { code: 'CONFIGURATION_INVALID' }, url)
  t.end()
})

async function plans(t: Test, server: PostgresServer, fresh: () => Promise<string>): Promise<void> {
  const url = await fresh()
  const database = await open(t, url)
  await database.write([manyCalls(), manyWords()])
  // Autovacuum would do it within a minute.
  await server.psql(url.split('/').at(-1) ?? '', 'ANALYZE calls, call_words')
  const plan = async (filter: CallFilter): Promise<string> => {
    const asked = selectPage(database.query, { filter, limit: 50, after: 1_800_000_000_000_000 })
    const { sql: text, parameters } = asked.compile()
    const explain = CompiledQuery.raw(`EXPLAIN ${text}`, [...parameters])
    const { rows } = await database.query.executeQuery<Record<string, string>>(explain)
    return rows.flatMap((row) => Object.values(row)).join('\n')
  }
  const [whole, ending] = ['+4930000123456', '3456'].map(decodeNumberSearch)
  if (!whole || !ending) throw new Error('no number')
  const cases: [CallFilter, readonly RegExp[]][] = [
    [{}, [/calls_position/]],
    [{ status: 'ringing' }, [/calls_live/]],
    [{ outcome: 'busy', provider: 'sip' }, [/calls_outcome/]],
    [{ reviewStatus: 'problem' }, [/calls_review_status/]],
    [{ applicationId: 'a' }, [/calls_application_id/]],
    [{ provider: 'twilio' }, [/calls_provider/]],
    [{ number: whole }, [/calls_from_reversed/, /calls_to_reversed/]],
    [{ number: ending }, [/calls_from_reversed/, /calls_to_reversed/]],
    [{ words: ['rare'] }, [/call_words_words/, /calls_position/]],
  ]
  for (const [filter, uses] of cases) {
    const steps = await plan(filter)
    for (const use of uses) t.match(steps, use, JSON.stringify(filter))
    t.notMatch(steps, /Seq Scan on calls/, JSON.stringify(filter))
  }
}

/** Enough that reading them all is the dearer way. */
const manyCalls = () => ({
  compile: () =>
    CompiledQuery.raw(`
      INSERT INTO calls (call_id, provider, direction, from_number, to_number, from_reversed, to_reversed, trunk,
        status, outcome, created_at, ended_at, agent_sessions, agent_seconds, agent_price_per_minute, metadata, position)
      SELECT 'call_' || i, 'sip', 'outbound', '+49' || i, '+49' || i, reverse((4930000000000 + i)::text),
        reverse((4940000000000 + i)::text), 'x', 'ended', 'answered', 1700000000000 + i, 1700000000000 + i, 1, 0, 0, '{}',
        1700000000000000 + i FROM generate_series(1, 20000) i`),
})

const manyWords = () => ({
  compile: () =>
    CompiledQuery.raw(`
      INSERT INTO call_words SELECT 1700000000000000 + i,
        (CASE WHEN i % 5000 = 0 THEN 'rare ' ELSE '' END || 'usual yes word' || i)::tsvector
      FROM generate_series(1, 20000) i`),
})
