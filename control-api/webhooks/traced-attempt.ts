// An attempt to deliver in the trace of the call that the event is about. The receiver is told which span it is, traced or
// not, so that its own logs can be found by the call: https://www.w3.org/TR/trace-context/
import { decodeCallId, type CallId } from '#core/contracts'
import { NO_TRACING, requestSpanIdOf, traceparentOf, type Tracing } from '#core/telemetry'
import type { AttemptResult } from './attempt.ts'
import type { DeliveryRow } from './deliveries.ts'

const callOf = ({ call_id: callId }: DeliveryRow): CallId | undefined =>
  callId === null ? undefined : decodeCallId(callId)

/** Each attempt is a request of its own. */
const requestOf = ({ delivery_id: id, attempts }: DeliveryRow): string => `${id} ${attempts + 1}`

/** None for an event that is about no call. */
export function traceHeader(
  delivery: DeliveryRow,
  tracing: Pick<Tracing, 'ratio'> = NO_TRACING,
): Readonly<Record<string, string>> {
  const callId = callOf(delivery)
  if (callId === undefined) return {}
  return { traceparent: traceparentOf(callId, requestOf(delivery), tracing.ratio) }
}

export async function tracedAttempt(
  tracing: Tracing,
  delivery: DeliveryRow,
  run: () => Promise<AttemptResult>,
): Promise<AttemptResult> {
  const callId = callOf(delivery)
  if (callId === undefined || tracing.ratio <= 0) return run()
  const span = tracing.inCall(callId).begin('webhook', {
    kind: 'client',
    spanId: requestSpanIdOf(callId, requestOf(delivery)),
    attributes: {
      'voicegate.event': delivery.type,
      'voicegate.endpoint_id': delivery.endpoint_id,
      'voicegate.delivery_id': delivery.delivery_id,
      'voicegate.attempt': delivery.attempts + 1,
    },
  })
  const result = await run().catch((error: unknown) => {
    span.end({ failed: true })
    throw error
  })
  const status = 'status' in result && result.status !== null ? result.status : undefined
  const { kind } = result
  span.end({
    attributes: {
      'voicegate.result': kind,
      ...(status === undefined ? {} : { 'http.response.status_code': status }),
    },
    failed: kind === 'failed' || kind === 'refused',
  })
  return result
}
