// What a process holds: taken before a run, compared after it.
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Holding {
  /** Open files of all threads, by kind; empty where there is no /proc. */
  readonly files: Readonly<Record<string, number>>
  /** Sockets, timers and the like of this thread, by kind. */
  readonly resources: Readonly<Record<string, number>>
}

/** Timers of the runtime and of telemetry come and go. */
const SLACK = 2
const WATCHED = ['Timeout', 'UDPWrap', 'TCPSocketWrap', 'PipeWrap', 'Worker', 'ProcessWrap']

export function takeHolding(): Holding {
  return { files: openFiles(), resources: countedByName(process.getActiveResourcesInfo()) }
}

/** What is held now and was not before; memory is looked at by live-memory.ts. */
export function leftOver(before: Holding, after: Holding): readonly string[] {
  const files = Object.keys(after.files).map((name) => ({
    ...{ name: `open ${name}`, then: before.files[name] ?? 0, now: after.files[name] ?? 0 },
    slack: 0,
  }))
  const resources = WATCHED.map((name) => ({
    ...{ name, then: before.resources[name] ?? 0, now: after.resources[name] ?? 0 },
    slack: SLACK,
  }))
  return [...files, ...resources]
    .filter(({ now, slack, then }) => now > then + slack)
    .map(({ name, now, then }) => `${name}: ${then} before, ${now} now`)
}

/** Polls until nothing is said any more; what is still said at the deadline are the problems. */
export async function untilNothing(
  deadlineMs: number,
  look: () => readonly string[] | Promise<readonly string[]>,
): Promise<readonly string[]> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const said = await look()
    if (said.length === 0 || performance.now() > deadline) return said
    await sleep(50)
  }
}

function countedByName(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

const FILES = '/proc/self/fd'

function openFiles(): Readonly<Record<string, number>> {
  try {
    return countedByName(readdirSync(FILES).flatMap(kindOfFile))
  } catch {
    return {} // Not Linux: sockets are still watched by kind.
  }
}

/** `socket:[12345]` is a socket. The runtime opens devices when it likes. */
function kindOfFile(descriptor: string): string[] {
  try {
    const kind = readlinkSync(`${FILES}/${descriptor}`).replace(/:\[\d+\]$/, '')
    return kind.startsWith('/dev/') ? [] : [kind]
  } catch {
    return [] // The one that was opened to list the others.
  }
}
