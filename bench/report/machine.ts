// The machine under the figures, and who else was using it: a figure taken beside strangers is noise, and says so.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'

export function machineLine(): string {
  const load = loadavg()
    .map((each) => each.toFixed(2))
    .join(' ')
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${availableParallelism()} cores (${model}), Node ${process.version}, load average ${load}`
}

/** USER_HZ of /proc/stat and /proc/PID/stat: 100 on every Linux that Node runs on. */
export const TICK_MS = 10

/** CPU milliseconds all programs together have used; NaN where there is no /proc. */
export function machineBusyMs(): number {
  try {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1) ?? []
    // user nice system idle iowait irq softirq steal
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields.map(Number)
    return (user + nice + system + irq + softirq + steal) * TICK_MS
  } catch {
    return Number.NaN // Not Linux: the figure is left out.
  }
}

/** User and system time of another process; NaN when it is gone. */
export function processCpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold blanks; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return Number.NaN
  }
}

/** How many cores strangers kept busy in a window: what the machine did, less what our programs did. */
export function strangersCores(busyMs: number, oursMs: number, wallMs: number): number {
  return Math.max(0, busyMs - oursMs) / wallMs
}
