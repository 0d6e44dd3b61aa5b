// What becomes of the review status of a call in the menu, and what does not.
import t from 'tap'
import { newCallRow } from '../../../control-api/calls/call-row.ts'
import { foldCall } from '../../../control-api/calls/fold-call.ts'
import type { CallRow } from '../../../control-api/db/schema.ts'
import {
  epochMs,
  newCallId,
  termination,
  type CallEvent,
  type CallEventData,
  type CallEventType,
} from '../../../core/contracts/index.ts'

const callId = newCallId()
const fact = <T extends CallEventType>(type: T, data: CallEventData[T]): CallEvent =>
  ({ type, callId, at: epochMs(2000), data }) as unknown as CallEvent
const asked = fact('flow.asked', {
  step: 'consent',
  attempt: 1,
  language: 'de',
  promptVersion: '1',
})
const consent = (given: boolean) =>
  fact('consent.given', { given, promptVersion: '1', language: 'de' })
const ended = (result: 'success' | 'client_error' | 'server_error') =>
  fact('call.ended', { termination: termination(result, 'hangup', 'caller') })
const reviewed = fact('call.reviewed', { status: 'problem', note: null })

function after(...events: readonly CallEvent[]): CallRow['review_status'] {
  const identity = { callId, direction: 'inbound', from: null, to: '+4930555101' } as const
  const call = { ...identity, trunk: 'x', createdAt: epochMs(1000), metadata: {} }
  let row = newCallRow(call, 0)
  for (const event of events) row = { ...row, ...foldCall(row, event) }
  return row.review_status
}

t.test('a call in the menu goes from processing by processed to completed', async (t) => {
  t.equal(after(asked), 'processing')
  t.equal(after(asked, consent(true)), 'processed')
  t.equal(after(asked, consent(true), asked, ended('success')), 'completed')
  t.equal(after(asked, consent(false), ended('success')), 'completed', 'a refusal is an answer')
  t.equal(after(asked, consent(true), ended('server_error')), 'problem')
})

t.test('one that nobody answered waits for a look', async (t) => {
  t.equal(after(asked, ended('client_error')), 'processing')
})

t.test('what somebody said stands, and calls without a menu are nobody’s', async (t) => {
  t.equal(after(asked, reviewed, consent(true), ended('success')), 'problem')
  t.equal(after(asked, consent(true), ended('server_error'), ended('success')), 'problem')
  t.equal(after(ended('success')), null)
})
