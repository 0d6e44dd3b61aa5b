// A call's place in a trace follows from its id, and agrees with what OpenTelemetry and the W3C make of the same digits.
import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { newCallId, type CallId } from '../../../../core/contracts/index.ts'
import {
  decodeTraceparent,
  isTraced,
  requestSpanIdOf,
  rootSpanIdOf,
  traceIdOf,
  traceparentOf,
} from '../../../../core/telemetry/index.ts'

const CALL = 'call_0199c0dec0de7abc8def0123456789ab' as CallId

t.test('ids are valid ones, and always the same', async (t) => {
  t.equal(traceIdOf(CALL), '0199c0dec0de7abc8def0123456789ab')
  t.equal(rootSpanIdOf(CALL), '8def0123456789ab')
  t.equal(requestSpanIdOf(CALL, 'a'), requestSpanIdOf(CALL, 'a'))
  t.not(requestSpanIdOf(CALL, 'a'), requestSpanIdOf(CALL, 'b'))
  for (let count = 0; count < 100; count += 1) {
    const callId = newCallId()
    const context = { traceId: traceIdOf(callId), traceFlags: TraceFlags.NONE }
    for (const spanId of [rootSpanIdOf(callId), requestSpanIdOf(callId, 'x')])
      t.ok(trace.isSpanContextValid({ ...context, spanId }))
  }
})

t.test('the calls that are traced are those that OpenTelemetry would choose', async (t) => {
  for (const ratio of [0, 0.001, 0.1, 0.5, 0.999, 1]) {
    const sampler = new TraceIdRatioBasedSampler(ratio)
    let chosen = 0
    for (let count = 0; count < 2000; count += 1) {
      const callId = newCallId()
      const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceIdOf(callId))
      const isChosen = decision === SamplingDecision.RECORD_AND_SAMPLED
      if (isTraced(callId, ratio) !== isChosen) t.fail(`${callId} at ${ratio}`)
      chosen += isChosen ? 1 : 0
    }
    t.ok(Math.abs(chosen / 2000 - ratio) < 0.06, `${chosen} of 2000 at ${ratio}`)
  }
})

t.test('what a request is told can be read by whoever knows the standard', async (t) => {
  const header = traceparentOf(CALL, 'tool_1', 1)
  t.match(header, /^00-0199c0dec0de7abc8def0123456789ab-[0-9a-f]{16}-01$/)
  const told = decodeTraceparent(header)
  t.same(told, {
    traceId: traceIdOf(CALL),
    spanId: requestSpanIdOf(CALL, 'tool_1'),
    isTraced: true,
  })
  t.match(traceparentOf(CALL, 'tool_1', 0), /-00$/)
})

t.test('what is no traceparent is as if it had not been sent', async (t) => {
  const [trace, span] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  t.match(decodeTraceparent(`00-${trace}-${span}-00`), { isTraced: false })
  t.match(decodeTraceparent(`00-${trace}-${span}-03`), { isTraced: true })
  t.match(decodeTraceparent(`01-${trace}-${span}-01-more`), { traceId: trace, isTraced: true })
  for (const wrong of [
    '',
    'undefined',
    `00-${trace}-${span}`,
    `00-${trace}-${span}-01-more`,
    `ff-${trace}-${span}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace}-${span}-01 `,
    `00-${trace}0-${span}-01`,
  ])
    t.equal(decodeTraceparent(wrong), undefined, wrong)
})
