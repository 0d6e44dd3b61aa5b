// Fills the port `Rehearsals`: the scenarios of the rehearsal program, and that program as a child process.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '#core/errors'
import type { Rehearsals, RunningRehearsal } from '#control-api'
import { runProgram } from './rehearsal-program.ts'

const PROGRAM = join(import.meta.dirname, '../rehearsal/main.ts')
/** Calls take seconds; one scenario lasts a minute, and is played a second time when it stuttered. */
const ONE_DEADLINE_MS = 180_000
const ALL_DEADLINE_MS = 300_000
const ALL = 'all'

export interface RehearsalSettings {
  readonly dataDir: string
  /** US dollars an agent minute: the report reckons with it. */
  readonly pricePerMinute: number
  /** Another program than ours, in tests. */
  readonly program?: string
  readonly deadlineMs?: number
  readonly killAfterMs?: number
}

/** Undefined where the program was not installed with us. */
export function createRehearsals(settings: RehearsalSettings): Rehearsals | undefined {
  const { dataDir, pricePerMinute, program = PROGRAM, killAfterMs } = settings
  if (!existsSync(program)) return undefined
  // Ours alone, as the data folder is: what a run left there that could not clean up goes with the next.
  const folder = join(resolve(dataDir), 'rehearsal-run')
  return {
    scenarios: async () => {
      const { SCENARIOS } = await import('../rehearsal/scenarios.ts')
      return SCENARIOS.map(({ name, story, direction, lastsSeconds = null }) => {
        return { name, story, direction, lastsSeconds }
      })
    },
    start: async (scenario, onEvent): Promise<RunningRehearsal> => {
      const isAll = scenario === ALL
      if (!isAll) await requireScenario(scenario)
      const run = await runProgram({
        file: program,
        args: ['--follow', ...(isAll ? [] : ['--scenario', scenario])],
        folder,
        env: { ELEVENLABS_PRICE_PER_MINUTE: String(pricePerMinute) },
        deadlineMs: settings.deadlineMs ?? (isAll ? ALL_DEADLINE_MS : ONE_DEADLINE_MS),
        onLine: onEvent,
        ...(killAfterMs === undefined ? {} : { killAfterMs }),
      })
      return { ended: run.ended, cancel: () => run.stop() }
    },
  }
}

/** Loaded when somebody asks: a node that takes calls has no use for scenarios. */
async function requireScenario(name: string): Promise<void> {
  const [{ chooseScenarios }, { SCENARIOS }] = await Promise.all([
    import('../rehearsal/choose-scenarios.ts'),
    import('../rehearsal/scenarios.ts'),
  ])
  const chosen = chooseScenarios(SCENARIOS, [name])
  if (chosen.kind === 'chosen') return
  const [reason = ''] = chosen.reason.split('\n')
  throw new AppError('REQUEST_INVALID', `scenario: ${reason}`, { details: { field: 'scenario' } })
}
