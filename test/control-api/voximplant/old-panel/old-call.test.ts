// Calls of the old panel with times, lengths and prices that cannot be.
import t from 'tap'
import { oldCall } from '../../../../control-api/voximplant/old-panel/old-call.ts'
import type { OldRow } from '../../../../control-api/voximplant/old-panel/old-tables.ts'

const NOW = Date.UTC(2026, 0, 31, 12)
const START = Date.UTC(2026, 0, 1)
const APPLICATION = {
  ...{ applicationId: 'vap_1', vendorAccountId: '1', agentId: 'agent_1' },
  ...{ phoneNumber: null, currency: 'USD' },
}

const read = (fields: Partial<OldRow<'calls'>>) =>
  oldCall(
    {
      ...{ id: '1', application: '1', session: '5', conversation: null, from: null, to: '4930' },
      ...{ startedAt: '2026-01-01 00:00:00', endedAt: null, duration: '60', cost: '83' },
      ...{ status: 'answered', recording: null, createdAt: null },
      ...fields,
    },
    APPLICATION,
    NOW,
  )?.call

t.test('a call that began when none can have begun is left out, unless its row has a time', (t) => {
  for (const startedAt of ['2999-01-01 00:00:00', '1970-01-01 00:00:00', '9999999999999']) {
    t.equal(read({ startedAt }), undefined, startedAt)
    const createdAt = '2026-01-02 00:00:00'
    t.equal(read({ startedAt, createdAt })?.created_at, START + 86_400_000)
  }
  t.equal(read({ startedAt: '2026-02-01 12:00:00' })?.created_at, NOW + 86_400_000)
  t.end()
})

t.test('an end or a length that cannot be is not believed', (t) => {
  t.equal(read({})?.ended_at, START + 60_000)
  t.equal(read({ endedAt: '2999-01-01 00:00:00' })?.ended_at, START + 60_000)
  t.equal(read({ endedAt: '2026-01-20 00:00:00' })?.ended_at, START + 60_000, 'nineteen days')
  t.equal(read({ endedAt: '2026-01-08 00:00:00' })?.ended_at, START + 7 * 86_400_000)
  for (const duration of ['1e13', '604801', '1e308'])
    t.match(read({ duration }), { ended_at: START, answered_at: START }, duration)
  t.end()
})

t.test('a price that cannot be is bounded', (t) => {
  t.equal(read({})?.telephony_cost, 0.83)
  t.equal(read({ cost: '1e308' })?.telephony_cost, 1e6)
  t.end()
})
