// The only reader of process.env and of .env.
import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { AppError } from '../errors/index.ts'
import type { TrunkSet } from '../contracts/index.ts'
import { readTrunksAgain } from './all-trunks.ts'
import { compileConfig, type Compiled } from './compile-config.ts'
import type { ConfigProblem } from './config-problem.ts'
import type { Config } from './config.ts'
import { DEFAULT_TRUNKS_FILE } from './schema.ts'
import { readTrunksFile } from './trunks-file/read-trunks-file.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The configuration of this run.
 * @throws AppError `CONFIGURATION_INVALID` whose message lists every problem, a line each.
 */
export function loadConfig(): Config {
  const compiled = readConfig()
  if ('config' in compiled) return compiled.config
  const lines = compiled.problems.map(({ name, problem }) => `  ${name} ${problem}`)
  throw new AppError(
    'CONFIGURATION_INVALID',
    `the configuration is not valid:\n${lines.join('\n')}\nNothing was started. See .env.example and sip-config/README.md.`,
  )
}

/** The configuration, or everything that is wrong with it. */
export function readConfig(): Compiled {
  return compileConfig(process.env, withTrunksFile(readEnv('.env')))
}

export type TrunksReading =
  | { readonly set: TrunkSet }
  | { readonly problems: readonly ConfigProblem[] }

/**
 * The trunks file once more, while the settings of this run stay as they are. `.env` is read again, for what the file
 * asks of it.
 */
export function readTrunks(config: Config, file = '.env'): TrunksReading {
  const { trunksFile } = config
  if (trunksFile === undefined) return { set: { trunks: config.trunks, numbers: config.numbers } }
  const fromFile = readEnv(file)
  const lookup = (name: string): string | undefined =>
    [process.env[name], fromFile[name]].find((value) => value !== undefined && value.trim() !== '')
  const text = readTrunksFile(trunksFile, (path) => readFileSync(path, 'utf8'), lookup)
  const { problems, ...set } = readTrunksAgain(config, text)
  return problems.length > 0 ? { problems } : { set }
}

const readEnv = (file: string): Env =>
  existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}

/** Its usual place counts as named, unless another is; a configuration that is made up elsewhere has none. */
function withTrunksFile(fromFile: Env): Env {
  const isNamed = fromFile['TRUNKS_FILE'] !== undefined && fromFile['TRUNKS_FILE'].trim() !== ''
  if (isNamed || !existsSync(DEFAULT_TRUNKS_FILE)) return fromFile
  return { ...fromFile, TRUNKS_FILE: DEFAULT_TRUNKS_FILE }
}
