// npm run secrets -- check | rotate: which keys encrypt the secrets of others that are kept; all of them by the first
// one of SECRETS_KEY. Of a product that is stopped; a running one does it when asked (POST /api/secrets/rotate).
import { loadConfig, type Config } from '../core/config/index.ts'
import { AppError, codeOf, messageOf } from '../core/errors/index.ts'
import { createLogger } from '../core/telemetry/index.ts'
import { openDatabase } from '../control-api/db/database.ts'
import type { RotationReport } from '../control-api/secrets/rotation.ts'
import { openVault } from '../control-api/secrets/vault.ts'

const USAGE = 'npm run secrets -- check | rotate'

export interface SecretsProgram {
  readonly args: readonly string[]
  readonly config?: () => Config
  readonly print?: (line: string) => void
  readonly complain?: (line: string) => void
}

/** The whole program but the process. Returns the exit code: 0, 1 when it failed, 2 when it cannot be asked for so. */
export async function run({
  args,
  config = () => loadConfig(),
  print = (line) => void process.stdout.write(`${line}\n`),
  complain = (line) => void process.stderr.write(`${line}\n`),
}: SecretsProgram): Promise<0 | 1 | 2> {
  const [what, ...rest] = args
  if ((what !== 'check' && what !== 'rotate') || rest.length > 0) {
    complain(`usage: ${USAGE}`)
    return 2
  }
  try {
    await withVault(config(), what, print)
    return 0
  } catch (error) {
    complain(messageOf(error))
    if (codeOf(error) === undefined) throw error
    return 1
  }
}

async function withVault(
  config: Config,
  what: 'check' | 'rotate',
  print: (line: string) => void,
): Promise<void> {
  const { databaseUrl: url, dataDir, rehearsal, secretsKeys: keys } = config
  const database = await openDatabase(createLogger('error'), { dataDir, url }).catch(hintAtRunning)
  try {
    const vault = await openVault(database, { keys, makeKeyIn: rehearsal ? dataDir : undefined })
    if (what === 'check') {
      for (const line of describe(await vault.examine())) print(line)
      return
    }
    const report = await vault.rotate((secrets) => print(`${secrets} gone through …`))
    print(`${report.rewrapped} encrypted anew`)
    for (const line of describe(report)) print(line)
    const old = report.byKey.filter(({ keyId }) => keyId !== report.activeKeyId)
    if (old.length > 0)
      throw new AppError('STATE_CONFLICT', 'Some secrets still need another key: run it again.')
  } finally {
    await database.close()
  }
}

function hintAtRunning(error: unknown): never {
  if (codeOf(error) !== 'CONFIGURATION_INVALID') throw error
  throw new AppError(
    'CONFIGURATION_INVALID',
    `${messageOf(error)} Stop it first; or start it with the new SECRETS_KEY and let it do it itself: ` +
      'curl -X POST -H "Authorization: Bearer $API_KEY" $PUBLIC_URL/api/secrets/rotate',
    { cause: error },
  )
}

function describe({ activeKeyId, secrets, byKey, unusedKeyIds }: RotationReport): string[] {
  const kept = byKey.map(({ keyId, count }) => `${count} by ${keyId}`).join(', ')
  return [
    `the active key: ${activeKeyId ?? 'none (SECRETS_KEY is not set)'}`,
    secrets === 0 ? 'no secrets are kept' : `${secrets} secrets are kept: ${kept}`,
    ...unusedKeyIds.map((id) => `nothing needs ${id} any more: take it out of SECRETS_KEY`),
  ]
}

if (import.meta.main) process.exitCode = await run({ args: process.argv.slice(2) })
