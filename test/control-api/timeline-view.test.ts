// The events of a call as REST shows them: numbers that can be read.
import t from 'tap'
import { viewTimeline } from '../../control-api/calls/timeline-view.ts'

const view = (type: string, data: object) =>
  viewTimeline(1000, [
    { call_id: 'call_x', seq: 0, at: 1000.123456, type, data: JSON.stringify(data) },
  ])[0]

t.test('no number has more digits than somebody can use', (t) => {
  const received = { packets: 500, lost: 5, jitterMs: 3.141592653, mos: 4.123456 }
  const sent = { packets: 1, lost: null, jitterMs: null, mos: null }
  t.match(view('media.summary', { received, sent, roundTripMs: 20.00049, concealedMs: 0.1 }), {
    offset_ms: 0.123,
    received: { packets: 500, lost: 5, jitter_ms: 3.142, mos: 4.12 },
    sent: { jitter_ms: null, mos: null },
    round_trip_ms: 20,
    concealed_ms: 0.1,
  })
  t.match(view('recording.stored', { bytes: 44, durationMs: 9375.125 }), { duration_ms: 9375 })
  t.match(view('agent.closed', { seconds: 1.00123456 }), { seconds: 1.001 })
  t.match(view('agent.opened', { ratio: 0.123456789 }), { ratio: 0.123456789 }, 'no other one')
  t.end()
})
