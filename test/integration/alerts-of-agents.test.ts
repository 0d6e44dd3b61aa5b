// Alerts about agents and what they cost, in a live product whose agent does one thing after the other that they are for:
// the shipped rules, with a patience of seconds, in a real Prometheus. What was told before is told still, for each looks
// back for minutes; these alerts fire and no others.
import t from 'tap'
import type { CallId } from '../../core/contracts/index.ts'
import { attempted, closed, opened } from '../support/call-story.ts'
import { allEnd, place, startStory } from '../support/dashboards/call-stories.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { eventually } from '../support/process.ts'
import { prometheusOptions } from '../support/prometheus.ts'
import { AGENT_ID } from '../support/start-product.ts'

// Real calls take real time.
t.setTimeout(240_000)

const REFUSED = ['AgentRefusals page', 'AgentRefusals ticket'] as const
const DROPPED = ['AgentDrops ticket'] as const
const SLOW_AND_DEAR = ['FirstAudioSlow ticket', 'SpendOverBudget page', 'SpendFast ticket'] as const
const BEFORE_ANSWER = ['AgentBeforeAnswer page', 'AuditViolation ticket'] as const

/** Four calls of a second cost a fifteenth of it; four of seven seconds, half. */
const BUDGET = { ELEVENLABS_PRICE_PER_MINUTE: '1', AGENT_BUDGET_PER_DAY: '1' }

t.test('an agent', prometheusOptions, async (t) => {
  const watched = await startStory(t, { settings: BUDGET })
  const { product, prometheus } = watched
  const { view, agent, voicegate } = product

  await t.test('that is refused', async (t) => {
    agent.script(AGENT_ID, { refuse: { how: 'http', status: 503 } })
    await place(watched, 14, '71')
    await allEnd(watched)
    await firesOnly(t, prometheus, REFUSED)
  })

  await t.test('that breaks off', async (t) => {
    agent.script(AGENT_ID, { dropAfterMs: 1000 })
    // Too few for what is said of how soon they speak, and of what they cost.
    await place(watched, 4, '72')
    await allEnd(watched)
    await firesOnly(t, prometheus, [...REFUSED, ...DROPPED])
  })

  await t.test('that is slow to speak, and costs more than it may', async (t) => {
    agent.script(AGENT_ID, { slowFirstAudioMs: 6000 })
    for (const callId of await place(watched, 4, '72')) {
      await eventually('the first word', 20_000, async () =>
        (await view.timeline(callId)).some(({ type }) => type === 'agent.first_audio'),
      )
      await view.hangUp(callId)
    }
    await allEnd(watched)
    await firesOnly(t, prometheus, [...REFUSED, ...DROPPED, ...SLOW_AND_DEAR])
  })

  await t.test('that a ledger tells of before the answer', async (t) => {
    const [callId = ''] = await place(watched, 1, '08')
    await eventually('ringing', 5000, async () => (await view.call(callId)).status === 'ringing')
    const now = Date.now()
    for (const event of [attempted(0), opened(10), closed(20, 'call-ended')])
      voicegate.events.publish({
        ...event,
        callId: callId as CallId,
        at: (now + event.at) as typeof event.at,
      })
    await view.hangUp(callId)
    await view.ended(callId)
    const all = [...REFUSED, ...DROPPED, ...SLOW_AND_DEAR, ...BEFORE_ANSWER]
    await firesOnly(t, prometheus, all)
  })
})
