// The only reader of process.env and of .env.
import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { AppError } from '../errors/index.ts'
import { compileConfig, type Compiled } from './compile-config.ts'
import type { Config } from './config.ts'

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
    `the configuration is not valid:\n${lines.join('\n')}\nNothing was started. See .env.example.`,
  )
}

/** The configuration, or everything that is wrong with it. */
export function readConfig(file = '.env'): Compiled {
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return compileConfig(process.env, fromFile)
}
