// Runs Debian's sipp with its own scenarios and reads what it counted.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SippCounts {
  readonly exitCode: number | null
  readonly successful: number
  readonly failed: number
  readonly retransmissions: number
}

/** `sipp -trace_stat` writes one line of cumulative counters at the end. */
export async function runSipp(args: readonly string[], timeoutMs: number): Promise<SippCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'sipp-'))
  const child = spawn('sipp', [...args, '-nostdin', '-trace_stat', '-fd', '1'], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, TERM: 'dumb' },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  clearTimeout(timer)
  const file = (await readdir(folder)).find((name) => name.endsWith('.csv'))
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
  await rm(folder, { recursive: true, force: true })
  const lines = text.trim().split('\n')
  const names = (lines[0] ?? '').split(';')
  const values = (lines.at(-1) ?? '').split(';')
  const read = (name: string): number => Number(values[names.indexOf(name)] ?? Number.NaN)
  return {
    exitCode,
    successful: read('SuccessfulCall(C)'),
    failed: read('FailedCall(C)'),
    retransmissions: read('Retransmissions(C)'),
  }
}
