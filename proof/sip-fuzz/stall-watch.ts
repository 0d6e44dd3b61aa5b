// Says when this thread worked for long without a pause: a message that no parser takes in linear time.

const EVERY_MS = 50
/** Everything else that happens between two ticks takes a tenth of it. */
const LONGEST_MS = 1_000

/** CPU time of this thread is what counts: a busy machine is not its fault. */
export function watchForStalls(report: (busyMs: number) => void): { stop(): void } {
  let before = process.threadCpuUsage()
  const timer = setInterval(() => {
    const { system, user } = process.threadCpuUsage(before)
    before = process.threadCpuUsage()
    const busyMs = (system + user) / 1000
    if (busyMs > LONGEST_MS) report(busyMs)
  }, EVERY_MS)
  return { stop: () => clearInterval(timer) }
}
