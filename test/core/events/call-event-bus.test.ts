import t from 'tap'
import { epochMs, newCallId, type CallEvent } from '../../../core/contracts/index.ts'
import { createCallEventBus } from '../../../core/events/index.ts'

t.test('a subscriber that throws is reported and the others still hear', async (t) => {
  const reported: unknown[] = []
  const heard: CallEvent[] = []
  const bus = createCallEventBus((error) => reported.push(error))
  bus.subscribe(() => {
    throw new Error('own')
  })
  const end = bus.subscribe((event) => heard.push(event))
  const event: CallEvent = {
    type: 'agent.first_audio',
    callId: newCallId(),
    at: epochMs(1),
    data: {},
  }
  bus.publish(event)
  end()
  bus.publish(event)
  t.same(heard, [event])
  t.match(reported, [{ message: 'own' }, { message: 'own' }])
})
