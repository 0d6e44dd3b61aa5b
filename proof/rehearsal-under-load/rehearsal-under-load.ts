// The whole rehearsal, several times in a row, with a busy program beside it for each processor: every scenario green
// each time, and what it cost against what it would have cost with the agent opened at the INVITE.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { withFolder } from '../temporary-folder.ts'
import { startBurners } from './burners.ts'
import { figuresOf, problemsOf, type Run, type RunReport } from './runs.ts'

export const rehearsalUnderLoad: Proof = {
  about: 'every scenario of the rehearsal, beside a busy program for each processor; --count runs',
  defaultCount: 2,
  run: prove,
}

/** A run takes a minute and a half; what takes longer than this hangs. */
const RUN_DEADLINE_MS = 600_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024
const REHEARSAL = join(import.meta.dirname, '../../rehearsal/main.ts')

async function prove({ count, progress }: ProofOptions): Promise<ProofReport> {
  const runs: Run[] = []
  for (let number = 1; number <= count; number += 1) {
    progress.say(`run ${number} of ${count}`)
    const run = await rehearseOnce()
    runs.push(run)
    const problems = problemsOf([run])
    const verdict = problems.length === 0 ? 'green' : `not green: ${problems.join('; ')}`
    progress.say(`run ${number} of ${count} was ${verdict}`)
  }
  const problems = problemsOf(runs)
  return {
    figures: figuresOf(runs),
    problems,
    evidence: problems.length === 0 ? [] : runs.map(({ output }) => output),
  }
}

function rehearseOnce(): Promise<Run> {
  return withFolder('under-load', async (folder) => {
    const burners = startBurners(RUN_DEADLINE_MS / 1000)
    const startedAt = performance.now()
    try {
      const json = join(folder, 'report.json')
      const output = await runRehearsal(json)
      const seconds = (performance.now() - startedAt) / 1000
      const burnedSeconds = await burners.stop()
      const report = await readReport(json)
      return { seconds, burners: burners.count, burnedSeconds, output, report }
    } finally {
      await burners.stop()
    }
  })
}

/** Its words, whatever came of it: the report says what that was. */
function runRehearsal(json: string): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', REHEARSAL, '--json', json]
  // It would hear a softer signal, and try to close what hangs.
  const limits = {
    ...{ timeout: RUN_DEADLINE_MS, killSignal: 'SIGKILL' as const },
    maxBuffer: MAX_OUTPUT_BYTES,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, args, limits, (error, stdout, stderr) => {
      const ended = error === null ? '' : `\nit ended with ${String(error.code ?? error.signal)}`
      resolve(`${stdout}${stderr}${ended}`)
    })
  })
}

/** Null: it came to no report. */
async function readReport(json: string): Promise<RunReport | null> {
  try {
    return JSON.parse(await readFile(json, 'utf8')) as RunReport
  } catch {
    return null // The problem is told with the program's own words.
  }
}
