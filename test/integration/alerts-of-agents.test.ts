// Alerts about agents and what they cost, in a live product that is driven into what each is for: the shipped rules, with a
// patience of seconds, in a real Prometheus. In each story these alerts fire and no others.
import t from 'tap'
import type { CallId } from '../../core/contracts/index.ts'
import { attempted, closed, opened } from '../support/call-story.ts'
import { allEnd, place, story } from '../support/dashboards/call-stories.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { eventually } from '../support/process.ts'

// Real calls take real time.
t.setTimeout(240_000)
// They mostly wait.
t.jobs = 3

story(
  'an agent that is refused',
  { agent: { refuse: { how: 'http', status: 503 } } },
  async (t, watched) => {
    await place(watched, 14, '71')
    await allEnd(watched, 14)
    await firesOnly(t, watched.prometheus, ['AgentRefusals page', 'AgentRefusals ticket'])
  },
)

story('an agent that breaks off', { agent: { dropAfterMs: 1000 } }, async (t, watched) => {
  // Too few for what is said of how soon they speak.
  await place(watched, 4, '72')
  await allEnd(watched, 4)
  await firesOnly(t, watched.prometheus, ['AgentDrops ticket'])
})

story(
  'an agent that is slow to speak',
  { agent: { slowFirstAudioMs: 6000 } },
  async (t, watched) => {
    for (const callId of await place(watched, 7, '72')) {
      await eventually('the first word', 20_000, async () =>
        (await watched.product.view.timeline(callId)).some(
          ({ type }) => type === 'agent.first_audio',
        ),
      )
    }
    await firesOnly(t, watched.prometheus, ['FirstAudioSlow ticket'])
  },
)

story(
  'an agent that costs more than it may',
  { settings: { ELEVENLABS_PRICE_PER_MINUTE: '10', AGENT_BUDGET_PER_DAY: '0.5' } },
  async (t, watched) => {
    await place(watched, 2, '71')
    await allEnd(watched, 2)
    await firesOnly(t, watched.prometheus, ['SpendOverBudget page', 'SpendFast ticket'])
  },
)

story('a ledger that tells of an agent before the answer', {}, async (t, watched) => {
  const { product, prometheus } = watched
  const [callId = ''] = await place(watched, 1, '08')
  await eventually(
    'ringing',
    5000,
    async () => (await product.view.call(callId)).status === 'ringing',
  )
  const now = Date.now()
  for (const event of [attempted(0), opened(10), closed(20, 'call-ended')])
    product.voicegate.events.publish({
      ...event,
      callId: callId as CallId,
      at: (now + event.at) as typeof event.at,
    })
  await product.view.hangUp(callId)
  await product.view.ended(callId)
  await firesOnly(t, prometheus, ['AgentBeforeAnswer page', 'AuditViolation ticket'])
})
