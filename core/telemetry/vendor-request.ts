// A request to a vendor as the metrics see it: how often, how it ended, how long it took. Where the work at hand is about
// a call, it is a span of the call's trace as well.
import type { LabelsOf } from './metric-registry.ts'
import type { Metrics } from './metrics.ts'
import { spanOfWork } from './tracing/traced-work.ts'

type Vendor = LabelsOf<'vendor_requests_total'>['vendor']
export type VendorResult = LabelsOf<'vendor_requests_total'>['result']

/** Called as a request begins; what it returns is called once, as it ends. */
export function vendorRequestBegun(
  metrics: Pick<Metrics, 'add' | 'observe'> | undefined,
  vendor: Vendor,
  operation: string,
): (result: VendorResult) => void {
  const begunAt = performance.now()
  const span = spanOfWork()?.begin('vendor.request', {
    kind: 'client',
    attributes: { 'voicegate.vendor': vendor, 'voicegate.operation': operation },
  })
  return (result) => {
    metrics?.add('vendor_requests_total', 1, { vendor, operation, result })
    const seconds = (performance.now() - begunAt) / 1000
    metrics?.observe('vendor_request_seconds', seconds, { vendor, operation })
    const isFine = result === 'ok' || result === 'missing'
    span?.end({ attributes: { 'voicegate.result': result }, failed: !isFine })
  }
}
