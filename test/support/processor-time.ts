/** What a piece of work takes of a processor, in milliseconds; others who want the same processor are not counted. */
export function processorMs(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

/** What the longest turn of the event loop took of a processor, while it was awaited. */
export async function longestTurnMs(work: Promise<unknown>): Promise<number> {
  const late = { isOver: false }
  const settled = (): void => void (late.isOver = true)
  void work.then(settled, settled)
  let longestMs = 0
  while (!late.isOver) {
    const before = process.threadCpuUsage()
    await new Promise((resolve) => setImmediate(resolve))
    const { user, system } = process.threadCpuUsage(before)
    longestMs = Math.max(longestMs, (user + system) / 1000)
  }
  await work
  return longestMs
}
