// Where a call stands in a trace (W3C Trace Context, https://www.w3.org/TR/trace-context/, read 2026-11). A call id is 32
// hexadecimal digits that are nobody else's: it is the trace id, and all else is worked out from it. So every thread,
// process and start names the same trace and the same root, and no context has to travel.
import { createHash } from 'node:crypto'
import type { CallId } from '../../contracts/index.ts'

/** A span of somebody: of ours, or of whoever asked us. */
export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
  readonly isTraced: boolean
}

const PREFIX_CHARS = 'call_'.length
const SPAN_ID_CHARS = 16

export const traceIdOf = (callId: CallId): string => callId.slice(PREFIX_CHARS)

/** The second half of a UUIDv7: it begins with the variant, so it is never all zeros, which would name no span. */
export const rootSpanIdOf = (callId: CallId): string => callId.slice(-SPAN_ID_CHARS)

/** @param request what tells this request from all others of the call */
export const requestSpanIdOf = (callId: CallId, request: string): string =>
  createHash('sha256').update(`${callId} ${request}`).digest('hex').slice(0, SPAN_ID_CHARS)

/**
 * Whether a call is among those that are traced.
 * @param ratio of all calls: 0 none, 1 all
 */
export function isTraced(callId: CallId, ratio: number): boolean {
  if (ratio >= 1) return true
  if (ratio <= 0) return false
  // As TraceIdRatioBased of OpenTelemetry decides it, so that others who see the id alone come to the same.
  const traceId = traceIdOf(callId)
  let folded = 0
  for (let at = 0; at < traceId.length; at += 8)
    folded = (folded ^ Number.parseInt(traceId.slice(at, at + 8), 16)) >>> 0
  return folded < Math.floor(ratio * 0xffffffff)
}

/** The header of one request of a call: `00-TRACE-SPAN-FLAGS`. */
export function traceparentOf(callId: CallId, request: string, ratio: number): string {
  const flags = isTraced(callId, ratio) ? '01' : '00'
  return `00-${traceIdOf(callId)}-${requestSpanIdOf(callId, request)}-${flags}`
}

/** Of a later version what is known of this one is read. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Undefined when it is none: it is as if it had not been sent (§3.2). */
export function decodeTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(text) ?? []
  if (version === undefined || (version === '00' && more !== undefined)) return undefined
  return { traceId, spanId, isTraced: (Number.parseInt(flags, 16) & 1) === 1 }
}
