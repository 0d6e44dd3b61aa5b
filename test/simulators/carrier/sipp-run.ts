// Runs Debian's sipp against an address and says how it ended. Only for the tests of this folder.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const hasSipp = spawnSync('sipp', ['-v']).error === undefined

export interface SippRun {
  /** 0: every call went as the scenario says. */
  readonly exitCode: Promise<number | null>
  stop(): Promise<void>
}

/** sipp keeps its files in a directory of its own, removed when it ends. */
export function runSipp(args: readonly string[]): SippRun {
  const cwd = mkdtempSync(join(tmpdir(), 'carrier-sipp-'))
  const child = spawn('sipp', ['-i', '127.0.0.1', '-nostdin', ...args], { cwd, stdio: 'ignore' })
  const exitCode = once(child, 'exit').then(([code]: unknown[]) => {
    rmSync(cwd, { recursive: true, force: true })
    return typeof code === 'number' ? code : null
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exitCode
  }
  return { exitCode, stop }
}
