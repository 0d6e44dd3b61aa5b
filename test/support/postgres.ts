// A PostgreSQL server of the test's own: Debian's programs, a folder and a port of its own, ended with the test. Its
// default collation is English on purpose: what must be compared byte by byte is not by itself.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { freeTcpPort, temporaryFolder } from './process.ts'

const VERSIONS = '/usr/lib/postgresql'
const USER = 'postgres'
const START_SECONDS = '30'

/** Newest first; undefined where it is not installed. */
function programs(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined
  const [newest] = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one))
  const folder = join(VERSIONS, newest ?? '', 'bin')
  return existsSync(join(folder, 'initdb')) ? folder : undefined
}

/** Options of a test that needs it. */
export const needsPostgres: { readonly skip?: string } =
  programs() === undefined
    ? { skip: 'PostgreSQL is not installed (apt-get install postgresql)' }
    : {}

export interface PostgresServer {
  readonly port: number
  /** A new, empty database. */
  createDatabase(name: string): Promise<string>
  urlOf(database: string): string
  start(): Promise<void>
  /** `immediate`: as a crash. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** As its administrator: the rows, fields parted by `|`. */
  psql(database: string, sql: string): Promise<string>
}

export interface ServerOptions {
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[]
  /** Lines of pg_hba.conf instead of letting everybody in. */
  readonly access?: readonly string[]
}

export async function startPostgres(t: Test, options: ServerOptions = {}): Promise<PostgresServer> {
  const bin = programs()
  if (bin === undefined) throw new Error('PostgreSQL is not installed')
  const folder = temporaryFolder(t, 'postgres')
  const server = new OwnServer({ bin, folder, port: await freeTcpPort() })
  await server.make(options)
  t.teardown(() => server.stop('immediate').catch(() => undefined))
  endWithUs(t, bin, folder)
  await server.start()
  return server
}

/** A test that is killed stops nothing: the server is stopped by a shell that reads until we are gone. */
function endWithUs(t: Test, bin: string, folder: string): void {
  const stop = `cat; '${bin}/pg_ctl' -D '${folder}/data' -m immediate stop`
  const [file = '', ...args] = commandOf('sh', ['-c', stop])
  const guard = spawn(file, args, {
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  const ended = once(guard, 'exit')
  t.teardown(async () => {
    guard.ref()
    guard.stdin.end()
    await ended
  })
}

interface Place {
  readonly bin: string
  readonly folder: string
  readonly port: number
}

class OwnServer implements PostgresServer {
  readonly port: number
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
    this.port = place.port
  }

  async make({ settings = [], access }: ServerOptions): Promise<void> {
    const { folder } = this.#place
    if (isRoot()) chownSync(folder, ...idsOfUser())
    const locale = [
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--locale-provider=icu',
      '--icu-locale=en',
    ]
    await this.#run('initdb', ['-D', this.#data, '-A', 'trust', '-U', USER, '--no-sync', ...locale])
    const lines = ['fsync = off', "timezone = 'UTC'", 'max_connections = 40', ...settings]
    await this.#append('postgresql.conf', lines)
    if (access) await this.#replace('pg_hba.conf', access)
  }

  async start(): Promise<void> {
    const { folder, port } = this.#place
    const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1`
    const log = join(folder, 'log')
    await this.#run('pg_ctl', [
      ...['-D', this.#data, '-l', log, '-o', options],
      ...['-w', '-t', START_SECONDS, 'start'],
    ])
  }

  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#run('pg_ctl', ['-D', this.#data, '-m', mode, '-w', '-t', START_SECONDS, 'stop'])
  }

  async createDatabase(name: string): Promise<string> {
    await this.psql('postgres', `CREATE DATABASE ${name}`)
    return this.urlOf(name)
  }

  urlOf(database: string): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}`
  }

  async psql(database: string, sql: string): Promise<string> {
    const { folder } = this.#place
    const to = ['-h', folder, '-p', String(this.port), '-U', USER, '-d', database]
    return (await this.#run('psql', [...to, '-v', 'ON_ERROR_STOP=1', '-XAtqc', sql])).trim()
  }

  get #data(): string {
    return join(this.#place.folder, 'data')
  }

  #append(file: string, lines: readonly string[]): Promise<string> {
    return this.#shell(`cat >> ${join(this.#data, file)} <<'END'\n${lines.join('\n')}\nEND\n`)
  }

  #replace(file: string, lines: readonly string[]): Promise<string> {
    return this.#shell(`cat > ${join(this.#data, file)} <<'END'\n${lines.join('\n')}\nEND\n`)
  }

  #shell(script: string): Promise<string> {
    return asUser('sh', ['-c', script], this.#place.folder)
  }

  #run(program: string, args: readonly string[]): Promise<string> {
    return asUser(join(this.#place.bin, program), args, this.#place.folder)
  }
}

const isRoot = (): boolean => process.getuid?.() === 0

function idsOfUser(): [number, number] {
  const id = (flag: string) => Number(spawnSync('id', [flag, USER]).stdout.toString())
  return [id('-u'), id('-g')]
}

/** Its programs refuse to be run by root. */
const commandOf = (program: string, args: readonly string[]): readonly string[] =>
  isRoot() ? ['runuser', '-u', USER, '--', program, ...args] : [program, ...args]

async function asUser(program: string, args: readonly string[], cwd: string): Promise<string> {
  const [file = '', ...rest] = commandOf(program, args)
  const { stdout } = await promisify(execFile)(file, rest, { cwd })
  return stdout
}

/** For what tests write of their own, such as keys. */
export function folderOfServer(t: Test): string {
  const folder = temporaryFolder(t, 'postgres-files')
  mkdirSync(folder, { recursive: true })
  if (isRoot()) chownSync(folder, ...idsOfUser())
  return folder
}
