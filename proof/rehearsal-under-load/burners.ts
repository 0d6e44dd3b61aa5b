// One busy program for each processor, beside whatever is to be tried under load.
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { BURNER } from './burner.ts'

export interface Burners {
  readonly count: number
  /** Ends them, once. The seconds of processor time they had, all together; null: one of them had ended before. */
  stop(): Promise<number | null>
}

const STOP_DEADLINE_MS = 10_000

/** They end by themselves after `maxSeconds`, and when this process is gone. */
export function startBurners(maxSeconds: number, count = availableParallelism()): Burners {
  const execArgv = ['--disable-warning=ExperimentalWarning']
  const children = Array.from({ length: count }, () =>
    fork(BURNER, [String(maxSeconds)], { execArgv, stdio: 'ignore' }),
  )
  let stopped: Promise<number | null> | undefined
  return { count, stop: () => (stopped ??= stopAll(children)) }
}

async function stopAll(children: readonly ChildProcess[]): Promise<number | null> {
  const all = await Promise.all(children.map(stopOne))
  return all.reduce<number | null>(
    (sum, each) => (sum === null || each === null ? null : sum + each),
    0,
  )
}

async function stopOne(child: ChildProcess): Promise<number | null> {
  if (!child.connected) return null
  const told = Promise.withResolvers<number | null>()
  child.once('message', ({ cpuSeconds }: { readonly cpuSeconds: number }) =>
    told.resolve(cpuSeconds),
  )
  // Ended without a word, or never ending: what it had is not known.
  child.once('exit', () => told.resolve(null))
  const deadline = setTimeout(() => told.resolve(null), STOP_DEADLINE_MS)
  child.send('stop', (error) => error && told.resolve(null))
  const cpuSeconds = await told.promise
  clearTimeout(deadline)
  child.kill('SIGKILL')
  return cpuSeconds
}
