// The bound of what a transcript is made of: an agent that floods a call must not fill the memory, and what is left out
// must not be told wrongly.
import t from 'tap'
import { boundSpoken } from '../../control-api/calls/transcript/spoken-events.ts'
import { foldTranscript } from '../../control-api/calls/transcript/transcript.ts'
import {
  epochMs,
  newCallId,
  type CallEvent,
  type CallEventData,
} from '../../core/contracts/index.ts'

const CALL = newCallId()
const made = <T extends CallEvent['type']>(type: T, data: CallEventData[T]): CallEvent =>
  ({ type, callId: CALL, at: epochMs(1_800_000_000_000), data }) as CallEvent
const TERMINATION = { result: 'success', reason: 'hangup', by: 'callee', sipStatus: 200 } as const
const ended = made('call.ended', { termination: TERMINATION })

t.test('every text of an event counts', (t) => {
  const originalText = 'x'.repeat(16_000)
  const flood = Array.from({ length: 4000 }, (_, eventId) =>
    made('agent.response_corrected', { text: 'x', eventId, originalText }),
  )
  const letters = JSON.stringify(boundSpoken(flood)).length
  t.ok(letters < 600 * 1024, `${letters} letters are held`)
  t.end()
})

t.test('words whose end is beyond the bound are not said to be unheard', (t) => {
  const flood = Array.from({ length: 5000 }, (_, at) =>
    made('agent.user_transcript', { text: 'hm', eventId: 100 + at }),
  )
  const heard = { eventId: 1, heardMs: 900, spokenMs: 900, interrupted: false }
  const said = made('agent.response', { text: 'Hello.', eventId: 1 })
  const kept = boundSpoken([said, ...flood, made('agent.heard', heard), ended])
  t.match(
    foldTranscript(kept).find(({ role }) => role === 'agent'),
    { text: 'Hello.', heard: 'unknown' },
  )
  t.same(
    kept.slice(4000).map(({ type }) => type),
    ['call.record_limited', 'call.ended'],
    'said once',
  )
  t.same(boundSpoken(kept), kept, 'the same again')
  t.end()
})
