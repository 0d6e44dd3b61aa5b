// Who placed a call: in its record. Who reviewed it or paused its recording: in the audit log, as every other change.
import t from 'tap'
import { buildApp, eventually } from '../../support/build-app.ts'

t.test('a review and each change of a recording are noted', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  const headers = { 'content-type': 'application/json' }
  const note = '+4930555100 called back'
  const body = JSON.stringify({ status: 'problem', note })
  const post = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(`/api/calls/${callId}/${path}`, { method: 'POST', ...init })
    t.ok(response.ok, path)
    return response.arrayBuffer()
  }
  await post('status', { headers, body })
  for (const action of ['start', 'pause', 'resume']) await post(`recording/${action}`)
  const actions = async () => {
    const text = await (await app.request('/api/audit')).text()
    t.notMatch(text, '555100')
    const { items } = JSON.parse(text) as { items: { action: string; target: string }[] }
    t.ok(items.every(({ target }) => target === callId))
    return items.map(({ action }) => action).toSorted()
  }
  await eventually('all four', async () => (await actions()).length === 4)
  t.same(await actions(), [
    'call.reviewed',
    'recording.paused',
    'recording.resumed',
    'recording.started',
  ])
})

t.test('a call says by whose key it was placed', async (t) => {
  const app = await buildApp(t)
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ phone_number: '+4930555100', agent_id: 'agent_1' })
  const placed = await app.request('/api/calls', { method: 'POST', headers, body })
  t.match(await placed.json(), { placed_by: 'rehearsal' })
  const { callId } = await app.control.begin()
  t.match(await (await app.request(`/api/calls/${callId}`)).json(), { placed_by: null })
})
