// The Management API of Voximplant (voximplant.com/docs/references/httpapi, read autumn 2026), by fetch: its own Node client
// is not used, for it resolves when the API refuses, is fixed to https and to an axios of 2021, reads its key from a file
// alone, and neither repeats, nor limits, nor times out what it asks.
import { downloadRecording } from './recording-download.ts'
import type { VoximplantRest } from './vendor-answer.ts'
import { vendorChanges } from './vendor-changes.ts'
import { vendorReads } from './vendor-reads.ts'
import { isOfVendor } from './vendor-hosts.ts'
import { VendorRequests, type RestConfig, type RestDeps } from './vendor-requests.ts'

export function createVoximplantRest(deps: RestDeps, config: RestConfig): VoximplantRest {
  const requests = new VendorRequests(deps, config)
  const { baseUrl, mayAsk = () => Promise.resolve(undefined) } = config
  return {
    ...vendorReads(requests, deps.clock),
    ...vendorChanges(requests),
    isOfVendor(address) {
      const url = URL.parse(address)
      return url !== null && isOfVendor(url, new URL(baseUrl))
    },
    recording: (url, path, signal) =>
      requests.repeat({
        operation: 'recording',
        signal,
        timeoutMs: requests.timing.downloadMs,
        attempt: (within) => downloadRecording(requests, { url, path, baseUrl, mayAsk }, within),
      }),
  }
}
