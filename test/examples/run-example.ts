// An example as its reader runs it: a process of its own, with nothing of this process's environment.
import { join } from 'node:path'
import type { Test } from 'tap'
import { startProgram, type RunningProgram } from '../support/process.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')

export function runExample(
  t: Test,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningProgram {
  return startProgram(t, [process.execPath, join(EXAMPLES, file), ...args], { env: { ...env } })
}
