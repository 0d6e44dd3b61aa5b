// Which program may run on which core: the load on the first, what is measured on the last, so that they never meet.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

const LOAD_CORE = 0
const MEASURED_CORE = availableParallelism() - 1

/** Empty where nothing is pinned. */
export interface Pinning {
  readonly load: { readonly core?: number }
  readonly measured: { readonly core?: number }
}

/** @param wanted what the command line said; without a word the benchmark decides */
export function pinningOf(wanted: boolean | undefined, byDefault: boolean): Pinning {
  if (!(wanted ?? (byDefault && canPin))) return { load: {}, measured: {} }
  return { load: { core: LOAD_CORE }, measured: { core: MEASURED_CORE } }
}

export function pinned(command: readonly string[], core: number | undefined): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command]
}
