// The order IVR by TwiML, end to end: a caller of the simulated Twilio presses keys, and the order is in the records.
import t from 'tap'
import { openStage } from './stage.ts'

await t.test('consent, order number, confirmation: the order is kept', async (t) => {
  const stage = await openStage(t)
  const { twilio, voiceUrl, statusUrl } = stage
  const call = twilio.callIn({
    voiceUrl,
    statusCallback: statusUrl,
    script: { keys: ['1', '47112#', '1', '2'] },
  })
  await call.waitForEnd()
  t.same(call.alerts, [])
  const view = await stage.onlyCall()
  const ended = await stage.ended(view.call_id)
  t.match(ended, {
    provider: 'twilio',
    direction: 'inbound',
    outcome: 'answered',
    termination: { result: 'success', reason: 'flow-ended', by: 'gateway' },
    consent: { given: true },
  })
  const { items } = await stage.find<{ items: { order_number: string; status: string }[] }>(
    '/api/orders',
  )
  t.match(items, [{ order_number: '47112', status: 'confirmed' }])
})
