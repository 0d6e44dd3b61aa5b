// Tells whoever started a simulator by hand what is asked of it and what becomes of each job.
import type { JobRecord } from './studio-job.ts'
import type { StudioVendor } from './studio-options.ts'

const EVERY_MS = 200

/** @param name of the vendor */
export function printJobs(
  vendor: StudioVendor,
  name: string,
  print: (line: string) => void,
): { stop(): void } {
  let last = vendor.requests.at(-1)
  let told = vendor.webhooks.at(-1)
  const states = new Map<string, JobRecord['state']>()
  const look = (): void => {
    const { requests, webhooks, jobs } = vendor
    for (const { method, path, status } of requests.slice(
      last ? requests.lastIndexOf(last) + 1 : 0,
    ))
      print(`${name}: ${method} ${path}: ${status}`)
    last = requests.at(-1)
    for (const { id, state, failure } of jobs) {
      if (states.get(id) === state) continue
      states.set(id, state)
      print(`${name}: ${id} is ${state}${failure ? ` (${failure.message})` : ''}`)
    }
    for (const { jobId, status } of webhooks.slice(told ? webhooks.lastIndexOf(told) + 1 : 0))
      print(`${name}: webhook of ${jobId ?? 'nothing'}: ${status}`)
    told = webhooks.at(-1)
  }
  const timer = setInterval(look, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      look()
    },
  }
}
