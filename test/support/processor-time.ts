/** What a piece of work takes of a processor, in milliseconds; others who want the same processor are not counted. */
export function processorMs(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
