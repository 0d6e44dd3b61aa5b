// What alerts fire in a story: those that it deserves, and no others.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { eventually } from '../process.ts'
import type { Alert, Prometheus } from '../prometheus.ts'

/** `NerLow ticket`. */
export type Expected = `${string} ${'page' | 'ticket'}`

/** What a machine shared by many does to any story: threads wait, and a disk seems to fill from what seconds show. */
const OF_MACHINE: ReadonlySet<string> = new Set(['EventLoopLag ticket', 'DiskFilling ticket'])
const FIRES_MS = 40_000
/** What would fire besides has done so by then. */
const SETTLED_MS = 5000

const nameOf = ({ name, labels }: Alert): string => `${name} ${labels['severity'] ?? '?'}`

async function firing(prometheus: Prometheus): Promise<readonly string[]> {
  const alerts = (await prometheus.alerts()).filter(({ state }) => state === 'firing')
  return [...new Set(alerts.map(nameOf))].toSorted()
}

/** Waits for them; gives them all. */
export async function firesOnly(
  t: Test,
  prometheus: Prometheus,
  expected: readonly Expected[],
): Promise<readonly Alert[]> {
  try {
    await eventually(`${expected.join(', ')} to fire`, FIRES_MS, async () => {
      const found = await firing(prometheus)
      return expected.every((name) => found.includes(name))
    })
  } catch {
    // What is missing is told below.
  }
  await sleep(SETTLED_MS)
  const found = await firing(prometheus)
  const wanted: ReadonlySet<string> = new Set(expected)
  const told = found.filter((name) => !OF_MACHINE.has(name) || wanted.has(name))
  t.same(told, [...expected].toSorted(), 'these fire and no others')
  return prometheus.alerts()
}
