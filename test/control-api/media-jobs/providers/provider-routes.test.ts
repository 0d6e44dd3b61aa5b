// GET /api/v1/ai/providers, and what is left to spend there.
import t from 'tap'
import { startDId } from '../../../../simulators/d-id/index.ts'
import { answering } from './provider-stage.ts'
import { aJob, aStage, aTaskId, vendorConfig } from './webhook-stage.ts'

t.test('who makes photos speak here, and how much is under way', async (t) => {
  const vendor = await startDId({ credits: 12 })
  t.teardown(() => vendor.close())
  const stage = await aStage(t, {
    media: { dId: { ...vendorConfig(vendor), webhookUrl: undefined } },
  })
  for (const state of ['queued', 'submitting', 'processing'] as const)
    await aJob(stage, { taskId: aTaskId(), state })
  const answer = await fetch(`${stage.url}/api/v1/ai/providers`)
  t.equal(answer.status, 200)
  t.same(await answer.json(), {
    items: [
      {
        provider: 'd-id',
        is_configured: true,
        is_default: true,
        is_simulated: true,
        max_jobs: 2,
        active_jobs: 2,
        default_voice_id: 'en-US-JennyNeural',
        limits: { min_prompt_chars: 3, max_prompt_chars: 10_000 },
      },
      {
        provider: 'heygen',
        is_configured: false,
        is_default: false,
        is_simulated: false,
        max_jobs: null,
        active_jobs: 0,
        default_voice_id: null,
        limits: null,
      },
    ],
    can_speak_by_elevenlabs: false,
    video_tools: false,
    max_upload_bytes: 0,
  })
  const balance = await fetch(`${stage.url}/api/v1/ai/providers/d-id/balance`)
  t.same(await balance.json(), { remaining: 12, unit: 'credits' })
  const missing = await fetch(`${stage.url}/api/v1/ai/providers/heygen/balance`)
  t.equal(missing.status, 501)
  t.match(await missing.json(), {
    code: 'PROVIDER_NOT_CONFIGURED',
    detail: 'HEYGEN_API_KEY is not set.',
  })
  t.equal((await fetch(`${stage.url}/api/v1/ai/providers/other/balance`)).status, 400)
})

t.test('a provider that is not asked in vain says why', async (t) => {
  const ANSWERS = [
    [401, {}, 422, 'PROVIDER_REFUSED', /Check DID_API_KEY/],
    [402, {}, 422, 'PROVIDER_REFUSED', /Top up/],
    [429, { 'retry-after': '9' }, 502, 'VENDOR_FAILED', /no more requests/],
    [503, {}, 502, 'VENDOR_FAILED', /failed/],
  ] as const
  for (const [status, headers, shown, code, detail] of ANSWERS) {
    const baseUrl = await answering(t, (_request, response) => {
      response.writeHead(status, headers).end('{"message":"see https://secret.example/x"}')
    })
    const dId = { ...vendorConfig({ baseUrl, apiKey: 'planted:key' }), webhookUrl: undefined }
    const stage = await aStage(t, { media: { dId } })
    const answer = await fetch(`${stage.url}/api/v1/ai/providers/d-id/balance`)
    t.equal(answer.status, shown)
    const text = await answer.text()
    t.match(JSON.parse(text), { code, detail })
    t.notMatch(text + stage.logged(), /planted|secret\.example/)
    if (status === 429) t.equal(answer.headers.get('retry-after'), '9')
  }
})
