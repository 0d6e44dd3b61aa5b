// The whole product: when a call is over, what the agent's vendor says of it is fetched, or told by webhook, whichever
// is first; a first attempt that failed is a conversation, too.
import t from 'tap'
import type { PostCall } from '../../simulators/elevenlabs/index.ts'
import { eventually } from '../support/process.ts'
import { AGENT_ID, startProduct, type Product } from '../support/start-product.ts'

const SECRET = 'wsec_integration'

interface Told {
  readonly items: readonly { readonly conversation_id: string; readonly state: string }[]
}

async function talk(
  { view, carrier, agent }: Product,
  number: string,
  postCall: PostCall,
): Promise<{ readonly callId: string; readonly told: Told }> {
  carrier.script(number, [{ ring: 50 }, { answer: true }, { listen: 1500 }, { hangUp: true }])
  agent.script(AGENT_ID, { burstSpeed: 50, postCall })
  const callId = await view.place(number)
  await view.ended(callId)
  const told = await eventually('what the vendor says', 15_000, async () => {
    const told = (await (await view.request(`/api/calls/${callId}/conversation`)).json()) as Told
    return told.items.every(({ state }) => state === 'done') && told
  })
  return { callId, told }
}

t.test('by the job, and by a signed webhook', async (t) => {
  const settings = { ELEVENLABS_WEBHOOK_SECRET: SECRET }
  const product = await startProduct(t, { isConfigured: false, settings })
  const { view, agent } = product
  const asked = await talk(product, '+4930123001', { processingMs: 0 })
  const ids = (callId: string) =>
    product.sessionsOf(callId).map(({ conversationId }) => conversationId)
  t.same(
    asked.told.items.map(({ conversation_id: id }) => id),
    ids(asked.callId),
  )
  t.match(await view.call(asked.callId), {
    cost: { parts: [{ kind: 'agent' }, { kind: 'vendor' }] },
  })

  // The job would wait for five seconds.
  agent.sendWebhooksTo({ url: `${view.apiUrl}/webhooks/elevenlabs`, secret: SECRET })
  const begun = performance.now()
  const told = await talk(product, '+4930123002', { processingMs: 300 })
  t.ok(performance.now() - begun < 6000, 'the webhook was faster')
  t.match(told.told.items, [{ state: 'done' }])
  await eventually('our answer to reach the vendor', 3000, () =>
    agent.webhooks.every(({ status }) => status !== null),
  )
  t.match(agent.webhooks, [{ type: 'post_call_transcription', status: 200 }])
  await product.idle()
})
