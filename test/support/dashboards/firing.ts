// What alerts fire in a story: those that it deserves, and no others.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { eventually } from '../process.ts'
import type { Alert, Prometheus } from '../prometheus.ts'

/** `NerLow ticket`. */
export type Expected = `${string} ${'page' | 'ticket'}`
/** Of each trunk by its name; under '' those of none. A trunk that is not there has none. */
export type ByTrunk = Readonly<Record<string, readonly Expected[]>>

/** What a machine shared by many does to any story: threads wait, and a disk seems to fill from what seconds show. */
const OF_MACHINE: ReadonlySet<string> = new Set(['EventLoopLag ticket', 'DiskFilling ticket'])
const FIRES_MS = 40_000
/** What would fire besides has done so by then. */
const SETTLED_MS = 5000

type NameOf = (alert: Alert) => string

const nameOf: NameOf = ({ name, labels }) => `${name} ${labels['severity'] ?? '?'}`
const ofTrunk = (trunk: string, name: string): string => `${name} of '${trunk}'`

export const firesOnly = (
  t: Test,
  prometheus: Prometheus,
  expected: readonly Expected[],
): Promise<void> => firesAs(t, prometheus, { expected, by: nameOf })

export const firesOfTrunks = (t: Test, prometheus: Prometheus, trunks: ByTrunk): Promise<void> =>
  firesAs(t, prometheus, {
    expected: Object.entries(trunks).flatMap(([trunk, names]) =>
      names.map((name) => ofTrunk(trunk, name)),
    ),
    by: (alert) => ofTrunk(alert.labels['trunk'] ?? '', nameOf(alert)),
  })

interface Firing {
  readonly expected: readonly string[]
  readonly by: NameOf
}

async function firesAs(t: Test, prometheus: Prometheus, { expected, by }: Firing): Promise<void> {
  const wanted: ReadonlySet<string> = new Set(expected)
  const firing = async (): Promise<readonly string[]> => {
    const alerts = (await prometheus.alerts()).filter(({ state }) => state === 'firing')
    const told = alerts.filter((alert) => !OF_MACHINE.has(nameOf(alert)) || wanted.has(by(alert)))
    return [...new Set(told.map(by))].toSorted()
  }
  try {
    await eventually(`${expected.join(', ')} to fire`, FIRES_MS, async () => {
      const found = await firing()
      return expected.every((name) => found.includes(name))
    })
  } catch {
    // What is missing is told below.
  }
  await sleep(SETTLED_MS)
  t.same(await firing(), [...expected].toSorted(), 'these fire and no others')
}
