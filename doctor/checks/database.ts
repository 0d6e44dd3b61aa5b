// The PostgreSQL of DATABASE_URL: is it there, may it be used, and what of ours is in it? Nothing is made or changed. The
// embedded database is looked at with its folder (data.ts).
import { codeOf, messageOf } from '#core/errors'
import { isLoopback } from '#core/config'
import { examinePostgres, migrationNames } from '../../control-api/examine.ts'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'

type Examined = Awaited<ReturnType<typeof examinePostgres>>

export const database: Check = {
  name: 'database',
  async run({ config, isRunning }) {
    const { databaseUrl } = config
    if (databaseUrl === undefined) return []
    try {
      const examined = await examinePostgres(databaseUrl)
      return [
        ...judge(examined, isRunning, await migrationNames()),
        ...judgeWire(examined, databaseUrl),
      ]
    } catch (error) {
      const todo =
        codeOf(error) === 'CONFIGURATION_INVALID'
          ? 'Correct DATABASE_URL: postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full.'
          : 'Start PostgreSQL, or let this machine reach it (listen_addresses, firewall). Calls are refused without it.'
      return [fail('database', messageOf(error), todo)]
    }
  },
}

function judge(
  examined: Examined,
  isRunning: boolean,
  known: readonly string[],
): readonly Finding[] {
  const { where, version, bytes, migrations, isHeld, problem } = examined
  const seen = `PostgreSQL ${version} answers: ${where}, ${Math.round(bytes / 1024 ** 2)} MiB`
  if (problem !== undefined)
    return [
      fail(
        'database',
        `${seen}; ${problem}`,
        'createdb --encoding=UTF8 --template=template0 --owner=USER DATABASE makes one that serves.',
      ),
    ]
  const unknown = migrations.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    return [
      fail(
        'database',
        `a newer voicegate has changed this database (${unknown.join(', ')}): this one may not use it`,
        'Start the newer one again, or put back the pg_dump you made before it.',
      ),
    ]
  if (isHeld && !isRunning)
    return [
      warn(
        'database',
        `${seen}; another voicegate has it, though none answers at HTTP_HOST and HTTP_PORT`,
        'Stop that one, or name another database: each needs one of its own.',
      ),
    ]
  const missing = known.filter((name) => !migrations.includes(name))
  if (missing.length === 0) return [ok('database', `${seen}; its tables are up to date`)]
  const next =
    migrations.length === 0
      ? 'it is empty: the first start makes its tables'
      : `the next start brings its tables up to date (${missing.join(', ')}): pg_dump first`
  return [info('database', `${seen}; ${next}`)]
}

function judgeWire({ encrypted }: Examined, url: string): readonly Finding[] {
  const { hostname } = new URL(url)
  if (encrypted || hostname === '' || isLoopback(hostname)) return []
  return [
    warn(
      'database',
      'what is written goes over the network in clear: numbers and transcripts are in it',
      'Switch TLS on in PostgreSQL (ssl = on) and add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL.',
    ),
  ]
}
