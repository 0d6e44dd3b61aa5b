// The console is built by npm start when its sources are newer than what lies there; everything else takes what there is.
// Calls and the API do without it, so nothing here fails a start.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import { consolePlaces, type ConsolePlaces } from '../scripts/console/places.ts'
import { isConsoleStale } from '../scripts/console/stamp.ts'

export interface ConsoleBuildOptions {
  readonly logger: Logger
  /** For one line while it is built. */
  readonly terminal: { write(text: string): unknown }
  /** Breaks it off. */
  readonly signal: AbortSignal
  /** Only where somebody started it by npm: a supervisor's start waits for nothing, and may not write here. */
  readonly mayBuild: boolean
  readonly places?: ConsolePlaces
  /** Other than scripts/build-console.ts, in tests. */
  readonly program?: readonly string[]
}

const ROOT = join(import.meta.dirname, '..')
const PROGRAM = [
  '--disable-warning=ExperimentalWarning',
  join(ROOT, 'scripts/build-console.ts'),
  '--when-stale',
]
/** Ten times what it takes on a small machine. */
const BUILD_TIMEOUT_MS = 180_000
/** Of what a failed build says: its end has the reason. */
const MAX_WORDS = 4000

export const CONSOLE_DIRECTORY = consolePlaces().dist

/** @returns what whoever starts it should know of the console; nothing when it is as it should be */
export async function ensureConsole(options: ConsoleBuildOptions): Promise<readonly string[]> {
  const { logger, terminal, signal, mayBuild, places = consolePlaces() } = options
  const isThere = existsSync(join(places.dist, 'pages.json'))
  const todo = isThere
    ? 'the console is older than its sources: npm run console'
    : 'the console is not built: npm run console'
  try {
    // Installed without what builds it, as the container is: what there is was built elsewhere.
    if (!canBuild(places)) return isThere ? [] : [todo]
    if (!isConsoleStale(places)) return []
    if (!mayBuild) return [todo]
    terminal.write('building the console …\n')
    await runProgram(options.program ?? PROGRAM, signal)
    return []
  } catch (error) {
    if (signal.aborted) return []
    const words = messageOf(error)
    logger.warn({ todo: 'npm run console says why', output: words }, 'the console was not built')
    return [todo]
  }
}

const canBuild = ({ sources }: ConsolePlaces): boolean =>
  existsSync(join(ROOT, 'node_modules/vite')) && existsSync(join(sources, 'index.html'))

/** @throws Error with the end of what it said, when it fails, hangs or is broken off */
function runProgram(program: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = ''
    // In our group: Ctrl-C at the terminal reaches it, too.
    const child = spawn(process.execPath, program, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(BUILD_TIMEOUT_MS)]),
      killSignal: 'SIGKILL',
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        words = (words + text).slice(-MAX_WORDS)
      })
    child.on('error', reject)
    child.on('close', (code, killed) => {
      if (code === 0) resolve()
      else reject(new Error(words.trim() || `it ended with ${killed ?? String(code)}`))
    })
  })
}
