// DATABASE_URL, read once: postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=… with libpq's meaning of each part
// (postgresql.org/docs/current/libpq-connect.html §34.1.1). What is not known is refused, never ignored.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { AppError, messageOf } from '#core/errors'

/** `prefer`: TLS where the server has it, unverified; `require` insists on it; the other two check who it is. */
export type SslMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export interface PostgresAddress {
  /** A name, an address, or the folder of a socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
  readonly sslMode: SslMode
  /** For every mode but `disable`. */
  readonly tls: ConnectionOptions
}

const DEFAULT_PORT = 5432
const SSL_MODES: ReadonlySet<string> = new Set([
  'disable',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
])
const PARAMETERS = ['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const

/** @throws AppError `CONFIGURATION_INVALID` naming DATABASE_URL and no part that may be secret. */
export function decodePostgresUrl(text: string): PostgresAddress {
  if (!URL.canParse(text))
    throw urlInvalid('is not an address; @, : and / in the password are written %40, %3A and %2F')
  const url = new URL(text)
  const parameters = readParameters(url.searchParams)
  const host = parameters.get('host') ?? decode(url.hostname.replace(/^\[|\]$/g, ''))
  const database = decode(url.pathname.slice(1))
  const user = decode(url.username)
  if (host === '') throw urlInvalid('names no host')
  if (user === '') throw urlInvalid('names no user')
  if (database === '') throw urlInvalid('names no database behind the host')
  const sslMode = parameters.get('sslmode') ?? 'prefer'
  if (!isSslMode(sslMode))
    throw urlInvalid(`has an unknown sslmode; there are ${[...SSL_MODES].join(', ')}`)
  return {
    host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user,
    password: url.password === '' ? undefined : decode(url.password),
    // A socket needs none, and PostgreSQL has none there.
    sslMode: host.startsWith('/') ? 'disable' : sslMode,
    tls: tlsOf(sslMode, parameters),
  }
}

const isSslMode = (mode: string): mode is SslMode => SSL_MODES.has(mode)

/** Where it is, for people: neither user nor password. */
export const shownAddress = ({ host, port, database }: PostgresAddress): string =>
  `${database} at ${host}${host.startsWith('/') ? '' : `:${port}`}`

function readParameters(given: URLSearchParams): ReadonlyMap<string, string> {
  const known: readonly string[] = PARAMETERS
  const unknown = [...given.keys()].filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw urlInvalid(
      `has parameters that are not known (${unknown.join(', ')}); there are ${known.join(', ')}`,
    )
  return new Map(given)
}

function tlsOf(mode: SslMode, parameters: ReadonlyMap<string, string>): ConnectionOptions {
  const file = (name: string): Buffer | undefined => {
    const path = parameters.get(name)
    return path === undefined ? undefined : readPem(name, path)
  }
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')]
  return {
    // As libpq: with a root of its own, `require` checks the chain too.
    rejectUnauthorized: mode.startsWith('verify') || (mode === 'require' && ca !== undefined),
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
  }
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw urlInvalid(`names a file in ${name} that cannot be read (${messageOf(error)})`, error)
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    throw urlInvalid('has a % that encodes nothing: write it as %25', error)
  }
}

export const urlInvalid = (problem: string, cause?: unknown): AppError =>
  new AppError('CONFIGURATION_INVALID', `DATABASE_URL ${problem}.`, { cause })
