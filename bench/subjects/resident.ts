// The resident set after a garbage collection of this thread (worker threads keep theirs).
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export function residentBytes(): number {
  collect()
  return process.memoryUsage.rss()
}
