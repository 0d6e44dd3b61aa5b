// How a session of the history went, by its legs, its end and its codes.
import t from 'tap'
import { outcomeOfSession } from '../../../control-api/voximplant/sync/session-outcome.ts'
import { decodeCustomData } from '../../../control-api/voximplant/sync/custom-data.ts'
import type {
  HistoryLeg,
  HistorySession,
} from '../../../control-api/voximplant/vendor/vendor-answer.ts'

const leg = (more: Partial<HistoryLeg> = {}): HistoryLeg => ({
  startedAt: 1000,
  durationSeconds: 0,
  localNumber: '4930',
  remoteNumber: '4940',
  isIncoming: false,
  isSuccessful: false,
  endReason: null,
  cost: 0,
  ...more,
})

const of = (legs: readonly HistoryLeg[], finishReason: string | null = 'Normal termination') =>
  outcomeOfSession({
    ...{ sessionId: '1', applicationId: '1', ruleName: null, startedAt: 0 },
    ...{ durationSeconds: 1, finishReason, customData: null, legs, records: [], cost: 0 },
  } satisfies HistorySession)

const ENDS: readonly (readonly [string | null, string, string])[] = [
  ['486', 'busy', 'busy'],
  ['Busy here', 'busy', 'busy'],
  ['User busy (600)', 'busy', 'busy'],
  ['408', 'no-answer', 'no-answer'],
  ['480 Temporarily unavailable', 'no-answer', 'no-answer'],
  ['No answer', 'no-answer', 'no-answer'],
  ['603', 'declined', 'declined'],
  ['Decline', 'declined', 'declined'],
  ['487', 'canceled', 'canceled'],
  ['Canceled', 'canceled', 'canceled'],
  ['404', 'failed', 'rejected'],
  ['Invalid number', 'failed', 'rejected'],
  ['402', 'failed', 'provider-failed'],
  ['500', 'failed', 'rejected'],
  ['', 'failed', 'provider-failed'],
  [null, 'failed', 'provider-failed'],
]

t.test('a call that was not picked up ended as its code, or else its words, say', (t) => {
  for (const [endReason, outcome, reason] of ENDS)
    t.match(of([leg({ endReason })]), { outcome, ending: { reason } }, String(endReason))
  t.end()
})

t.test('the leg that came in counts, whatever it was passed on to', (t) => {
  const came = leg({ isIncoming: true, isSuccessful: true, startedAt: 2000 })
  const passedOn = leg({ endReason: '486', startedAt: 1500 })
  t.match(of([passedOn, came]), { direction: 'inbound', outcome: 'answered', leg: came })
  t.match(of([leg({ isIncoming: true, endReason: '486' })]), {
    direction: 'inbound',
    outcome: 'no-answer',
  })
  const [first, second] = [leg({ endReason: '486' }), leg({ isSuccessful: true, startedAt: 9000 })]
  t.match(of([second, first]), { direction: 'outbound', outcome: 'busy' }, 'the first one placed')
  t.end()
})

t.test('what the whole session failed of says more', (t) => {
  for (const reason of ['Insufficient funds', 'JS session error', 'Terminated administratively'])
    t.match(of([leg({ endReason: '487' })], reason), { outcome: 'failed' }, reason)
  t.match(of([]), { outcome: 'failed', leg: undefined, direction: 'outbound' })
  t.match(of([leg({ isSuccessful: true })], 'Insufficient funds'), { outcome: 'answered' })
  t.end()
})

t.test('custom data of others is none of ours', (t) => {
  t.same(decodeCustomData('{"t":"abc","c":"conv_1"}'), { token: 'abc', conversationId: 'conv_1' })
  for (const text of [null, '', '5', 'null', '{"t":', '[1]', '{"t":5,"c":"../x"}', 'x'.repeat(900)])
    t.same(decodeCustomData(text), { token: null, conversationId: null }, String(text).slice(0, 20))
  t.end()
})
