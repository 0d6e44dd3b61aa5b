// GET /api/agents, the check of one, and what an administrator does about jobs.
import t from 'tap'
import { eventually } from '../../support/build-app.ts'
import { AGENT, beginCall, endCall, KEY, stage, talk } from './talked-call.ts'

type Json = Record<string, unknown>

t.test('agents are listed page by page, and asked for once in a while', async (t) => {
  const { app, vendor } = await stage(t, {}, { config: { defaultAgentId: AGENT } })
  for (const id of ['agent_2', 'agent_3']) vendor.script(id, {})
  const get = async (path: string) => (await (await app.request(path)).json()) as Json
  const page = await get('/api/agents?limit=2')
  t.match(page, {
    items: [
      { agent_id: AGENT, name: AGENT, is_default: true },
      { agent_id: 'agent_2', is_default: false, archived: false },
    ],
    next_cursor: 'agent_2',
  })
  t.match(await get('/api/agents?limit=2&cursor=agent_2'), {
    items: [{ agent_id: 'agent_3' }],
    next_cursor: null,
  })
  const asked = () => vendor.connections.reduce((sum, { requests }) => sum + requests, 0)
  const before = asked()
  t.same(
    await Promise.all(Array.from({ length: 5 }, () => get('/api/agents?limit=2'))),
    Array(5).fill(page),
  )
  t.equal(asked(), before, 'from memory')
})

t.test('an agent is checked, and what to change is said', async (t) => {
  const { app, vendor } = await stage(t)
  const check = async (id: string) => app.request(`/api/agents/${id}/check`)
  const good = (await (await check(AGENT)).json()) as { ready: boolean; findings: Json[] }
  t.equal(good.ready, true)
  t.match(good.findings[0], { verdict: 'ok', seen: /hears ulaw_8000/, todo: null })
  t.match(
    good.findings.find(({ seen }) => String(seen).includes('ends a talk')),
    { verdict: 'info', todo: /silence timeout/ },
  )
  vendor.script('agent_odd', { inputFormat: 'opus_48000' })
  t.match(await (await check('agent_odd')).json(), {
    ready: false,
    findings: [{ verdict: 'fail' }],
  })
  const unknown = await check('agent_none')
  t.equal(unknown.status, 404)
  t.equal((await check('..%2Fx')).status, 400)
})

t.test('whoever looks does not use up what the account may ask', async (t) => {
  const { app, vendor } = await stage(t)
  const asked = () => vendor.connections.reduce((sum, { requests }) => sum + requests, 0)
  const before = asked()
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) => [
      app.request(`/api/agents/agent_${n}/check`),
      app.request(`/api/agents?cursor=agent_${n}`),
    ]).flat(),
  )
  const refused = answers.filter(({ status }) => status === 429)
  t.ok(refused.length > 0)
  t.match(await refused[0]?.json(), { code: 'TOO_MANY_REQUESTS', detail: /ElevenLabs is asked/ })
  t.equal(asked() - before, answers.length - refused.length)
  t.equal((await app.request('/api/agents?limit=1')).status, 200, 'a refusal is not kept')
})

t.test('without a key, or with a wrong one, it says so', async (t) => {
  const { app } = await stage(t, {}, { vendor: { apiKey: undefined } })
  for (const path of ['/api/agents', `/api/agents/${AGENT}/check`]) {
    const answer = await app.request(path)
    t.equal(answer.status, 409)
    t.match(await answer.json(), { code: 'STATE_CONFLICT', detail: /ELEVENLABS_API_KEY/ })
  }
  const wrong = await stage(t, {}, { vendor: { apiKey: 'wrong-key-0123' } })
  const answer = await wrong.app.request('/api/agents')
  t.match(await answer.json(), { status: 502, detail: /401: the key may not/ })
  t.notMatch(wrong.app.logged(), /wrong-key-0123|key-of-the-vendor/)
  t.not(KEY, 'wrong-key-0123')
})

t.test('jobs: listed, retried, given up, each noted', async (t) => {
  const { app, vendor } = await stage(t, { postCall: { failures: [401, 401, 401] } })
  const calls = []
  for (let n = 0; n < 2; n += 1) calls.push(await beginCall(app, await talk(vendor)))
  const list = async (query: string) =>
    (await (await app.request(`/api/jobs?${query}`)).json()) as {
      items: { job_id: string; data: Json }[]
      next_cursor: string | null
    }
  for (const [at, callId] of calls.entries()) {
    endCall(app, callId)
    await eventually('parked', async () => (await list('')).items.length === at + 1)
  }
  const first = await list('state=parked&limit=1')
  t.match(first.items, [{ data: { call_id: calls[1] }, kind: 'conversation.sync' }])
  const second = await list(`state=parked&limit=1&cursor=${first.next_cursor}`)
  t.match(second, { items: [{ data: { call_id: calls[0] } }], next_cursor: null })
  t.equal((await app.request('/api/jobs?cursor=job_x')).status, 400)
  t.equal((await app.request('/api/jobs?state=done')).status, 400)

  const act = async (method: string, path: string) => (await app.request(path, { method })).status
  const [one, other] = [first.items[0]!.job_id, second.items[0]!.job_id]
  t.equal(await act('DELETE', `/api/jobs/${one}`), 204)
  t.equal(await act('DELETE', `/api/jobs/${one}`), 404)
  t.equal(await act('POST', `/api/jobs/${one}/retry`), 404)
  t.equal(await act('POST', `/api/jobs/${other}/retry`), 202)
  await eventually('parked again', async () => (await list('')).items.length === 1)
  const log = (await (await app.request('/api/audit')).json()) as { items: Json[] }
  t.match(log.items, [
    { action: 'job.retried', target: other },
    { action: 'job.deleted', target: one },
  ])
})
