// The machine's clock is set by hours while everything runs (a machine that slept, one that learned the time late): what
// others judge by theirs is dated and judged by the new time at once.
import { createHmac } from 'node:crypto'
import t from 'tap'
import { epochMs } from '../../core/contracts/index.ts'
import { createClock } from '../../core/time/index.ts'
import { signatureOf } from '../../simulators/elevenlabs/index.ts'
import { buildWebhooks } from '../support/build-webhooks.ts'
import { temporaryFolder } from '../support/process.ts'
import { setClock } from '../support/set-clock.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'
import { SECRET, stage } from './elevenlabs/talked-call.ts'
import { aStage as aProviderStage, vendorConfig } from './media-jobs/providers/webhook-stage.ts'
import { aCallStage } from './voximplant/calls/call-stage.ts'
import { aStage, anAccount } from './voximplant/stage.ts'

const HOURS = 9
const seconds = (): number => Math.floor(Date.now() / 1000)

t.test('webhooks are dated by it', async (t) => {
  const receiver = await WebhookReceiver.listen(t)
  const built = await buildWebhooks({ dataDir: temporaryFolder(t, 'webhooks') })
  t.teardown(() => built.close())
  await built.add(receiver.url())
  setClock(t, HOURS)
  await built.tell([null])
  await receiver.until(1)
  const dated = Number(receiver.received[0]?.headers['webhook-timestamp'])
  t.ok(Math.abs(dated - seconds()) < 60, 'no receiver takes one that is five minutes off')
})

t.test('what ElevenLabs and HeyGen signed by it is believed', async (t) => {
  const { app } = await stage(t, {}, { vendor: { apiKey: undefined, webhookSecret: SECRET } })
  const heyGen = {
    ...vendorConfig({ baseUrl: 'http://127.0.0.1:9', apiKey: 'none' }),
    webhookSecret: SECRET,
  }
  const providers = await aProviderStage(t, { media: { heyGen } })
  setClock(t, HOURS)
  const told = await app.request('/webhooks/elevenlabs', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'elevenlabs-signature': signatureOf(SECRET, seconds(), '{}'),
    },
    body: '{}',
  })
  t.not(told.status, 401)
  const answer = await fetch(`${providers.url}/webhooks/heygen`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'heygen-signature': createHmac('sha256', SECRET).update('{}').digest('hex'),
      'heygen-timestamp': String(seconds()),
    },
    body: '{}',
  })
  t.equal(answer.status, 204)
})

t.test('scenarios of Voximplant are believed, and believe us', async (t) => {
  const call = await aCallStage(t)
  const real = createClock()
  const clock = { ...real, now: () => epochMs(real.now() + HOURS * 3_600_000) }
  const account = await aStage(t, { vendor: { clock } })
  setClock(t, HOURS)
  t.equal((await call.start()).status, 202)
  t.equal((await call.exchange(call.session())).status, 200)
  t.ok(await anAccount(account), 'a token of a service account')
})
