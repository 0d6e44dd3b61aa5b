// Orders by the API: found, changed by staff, with their history; the menu's steps, consent with its proof, statistics.
import t, { type Test } from 'tap'
import type { CallId } from '../../../core/contracts/index.ts'
import { eventually, json, type BuiltApp } from '../../support/build-app.ts'
import { listenToEvents } from '../../support/event-listener.ts'
import { emptiedDatabase } from '../../support/postgres-databases.ts'
import { needsPostgres, startPostgres } from '../../support/postgres.ts'
import { begin, buildMenu, end, flowsOf, get, lead } from './support.ts'

interface Order {
  readonly order_id: string
  readonly order_number: string
  readonly status: string
  readonly updated_at: string
}
interface Page {
  readonly items: readonly Order[]
  readonly next_cursor: string | null
}

const found = async (app: BuiltApp, query = ''): Promise<readonly string[]> => {
  const { items } = (await get(app, `/api/orders?${query}`)) as unknown as Page
  return items.map(({ order_number: number }) => number)
}

async function confirm(app: BuiltApp, number: string): Promise<CallId> {
  const call = await begin(app)
  await lead(app, call, '1', number, '1')
  return call.callId
}

async function first(app: BuiltApp, number: string): Promise<Order> {
  const { items } = (await get(app, `/api/orders?order_number=${number}`)) as unknown as Page
  if (!items[0]) throw new Error('no order')
  return items[0]
}

const change = (app: BuiltApp, id: string, body: object) =>
  app.request(`/api/orders/${id}/status`, json(body))

function suite(t: Test, build: (t: Test) => Promise<BuiltApp>): void {
  t.test('orders are found, newest first, page by page', async (t) => {
    const app = await build(t)
    const numbers = ['1111', '2222', '31111', '4444']
    for (const number of numbers) await confirm(app, number)
    t.same(await found(app), numbers.toReversed())
    t.same(await found(app, 'order_number=1111'), ['31111', '1111'], 'by its end')
    t.same(await found(app, 'order_number=31111'), ['31111'])
    t.same(await found(app, 'order_number=11112'), [])
    t.same(await found(app, 'status=problem'), [])
    t.same(await found(app, 'from_date=2999-01-01'), [])
    t.same(await found(app, 'to_date=2000-01-01'), [])
    const { order_id: id } = await first(app, '2222')
    t.equal((await change(app, id, { status: 'problem' })).status, 200)
    t.same(await found(app, 'status=problem'), ['2222'])
    const pages: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const asked: string = cursor === '' ? '' : `&cursor=${cursor}`
      const page = (await get(app, `/api/orders?limit=3${asked}`)) as unknown as Page
      pages.push(...page.items.map(({ order_number: number }) => number))
      cursor = page.next_cursor
    }
    t.same(pages, numbers.toReversed())
    t.equal((await app.request('/api/orders?cursor=AAAA')).status, 400)
    t.equal((await app.request('/api/orders?status=lost')).status, 400)
  })

  t.test('staff change an order: history, audit, news; who is late is told', async (t) => {
    const app = await build(t)
    const live = await listenToEvents(t, app, '?detail=node')
    const callId = await confirm(app, '5555')
    const order = await first(app, '5555')
    await live.heard(1, 'order.confirmed')
    const named = { order_id: order.order_id, order_number: '5555' }
    t.match(live.of('order.confirmed'), [{ call_id: callId, data: named }])
    const { order_id: id, updated_at: read } = order
    const changed = await change(app, id, {
      status: 'in_progress',
      notes: ' on its way ',
      updated_at: read,
    })
    t.match(await changed.json(), { status: 'in_progress', notes: 'on its way', call_id: callId })
    await live.heard(1, 'order.changed')
    t.match(live.of('order.changed'), [{ call_id: null, data: { order_id: id } }])
    const late = await change(app, id, { status: 'canceled', updated_at: read })
    t.equal(late.status, 409)
    t.match(await late.json(), { code: 'STATE_CONFLICT' })
    t.equal((await change(app, id, { status: 'in_progress' })).status, 200, 'nothing changes')
    const again = await confirm(app, '5555')
    t.match(await get(app, `/api/orders/${id}`), {
      order_number: '5555',
      status: 'in_progress',
      notes: 'on its way',
      history: [
        { who: 'caller', kind: 'confirmed', from: null, to: 'confirmed', call_id: callId },
        { who: 'rehearsal', kind: 'status', from: 'confirmed', to: 'in_progress', call_id: null },
        { who: 'rehearsal', kind: 'notes', from: null, to: 'on its way' },
        { who: 'caller', kind: 'confirmed', to: 'in_progress', call_id: again },
      ],
      call_ids: [callId, again],
    })
    t.match(await get(app, '/api/audit?action=order.changed'), {
      items: [{ target: id, detail: { from: 'confirmed', to: 'in_progress', notes: 'changed' } }],
    })
    const racing = await Promise.all(
      ['completed', 'canceled', 'problem'].map((status) => change(app, id, { status })),
    )
    t.same(
      racing.map(({ status }) => status),
      [200, 200, 200],
      'nobody named what they had read',
    )
    t.equal((await app.request('/api/orders/order_x')).status, 404)
    t.equal((await change(app, 'order_x', { status: 'problem' })).status, 404)
    t.equal((await change(app, id, { status: 'lost' })).status, 400)
  })

  t.test('the call says what was asked, and proves the consent', async (t) => {
    const app = await build(t)
    const call = await begin(app, { from: '+447700900123' })
    await lead(app, call, null, '1', '7777', '1', '2')
    await end(app, call.callId)
    const flow = await get(app, `/api/calls/${call.callId}/flow`)
    t.match(flow, {
      language: 'en',
      started_at: /Z$/,
      finished_at: /Z$/,
      steps: [
        { step: 'consent', attempt: 1, answer: 'silence', digits: null, language: 'en' },
        { step: 'consent', attempt: 2, answer: 'yes', digits: '1' },
        { step: 'order', answer: 'entry', digits: '7777' },
        { step: 'order_confirm', answer: 'yes' },
        { step: 'help', answer: 'no' },
        { step: 'end', answer: null },
      ],
      consent: {
        given: true,
        prompt_id: 'consent-again',
        language: 'en',
        text_sha256: /^[0-9a-f]{64}$/,
        digit: '1',
        attempt: 2,
        system_version: '0.0.0-test',
        withdrawn_at: null,
      },
      orders: [{ order_number: '7777', call_id: call.callId }],
    })
    t.match(await get(app, `/api/calls/${call.callId}`), { consent: { given: true } })
    const other = await begin(app)
    t.match(await get(app, `/api/calls/${other.callId}/flow`), {
      language: null,
      steps: [],
      consent: null,
      orders: [],
    })
    t.equal((await app.request('/api/calls/call_x/flow')).status, 404)
  })

  t.test('a consent is withdrawn, and the recording goes', async (t) => {
    const app = await build(t)
    const call = await begin(app)
    const url = `/api/calls/${call.callId}/consent/withdraw`
    t.equal((await app.request(url, { method: 'POST' })).status, 404, 'there is none yet')
    await lead(app, call, '1')
    app.emit('recording.started', call.callId, {})
    await eventually('it to be recorded', async () => {
      return (await app.request(url, { method: 'POST' })).status === 409
    })
    const key = `recordings/${call.callId}.wav`
    const stored = { key, bytes: 1, sha256: 'x', durationMs: 1 }
    app.emit('recording.stored', call.callId, stored)
    await end(app, call.callId)
    const first = await app.request(url, { method: 'POST' })
    t.match(await first.json(), {
      recording_deleted: true,
      consent: { given: true, withdrawn_at: /Z$/, withdrawn_by: 'rehearsal' },
    })
    t.match(await get(app, `/api/calls/${call.callId}`), { has_recording: false })
    const second = await app.request(url, { method: 'POST' })
    t.match(await second.json(), { recording_deleted: false, consent: { withdrawn_at: /Z$/ } })
    const audit = (await get(app, '/api/audit?action=consent.withdrawn')) as { items?: unknown[] }
    t.equal(audit.items?.length, 1)
    const refused = await begin(app)
    await lead(app, refused, '2')
    const no = await app.request(`/api/calls/${refused.callId}/consent/withdraw`, {
      method: 'POST',
    })
    t.equal(no.status, 404)
  })

  t.test('statistics: consents, refusals, frequent numbers, handling time', async (t) => {
    const app = await build(t)
    await confirm(app, '8888')
    await confirm(app, '8888')
    await confirm(app, '9999')
    const refused = await begin(app)
    await lead(app, refused, '2')
    const silent = await begin(app)
    await flowsOf(app).begin(silent, { hasAgent: false })
    const counted = await get(app, '/api/statistics/orders?time_zone=Europe/Berlin')
    t.match(counted, {
      consents: { given: 3, refused: 1, withdrawn: 0 },
      orders: {
        confirmed: 3,
        frequent: [
          { order_number: '8888', count: 2 },
          { order_number: '9999', count: 1 },
        ],
      },
      flows: { begun: 5, finished: 1, average_seconds: Number, p95_seconds: Number },
    })
    const { items } = counted as { items?: readonly { given: number }[] }
    t.equal(items?.length, 30)
    t.match(items?.at(-1), { given: 3, refused: 1, confirmed: 3 })
    t.match(await get(app, '/api/statistics/orders?from_date=2020-01-01&to_date=2020-01-02'), {
      consents: { given: 0 },
      orders: { confirmed: 0, frequent: [] },
      flows: { begun: 0, average_seconds: null, p95_seconds: null },
    })
    t.equal((await app.request('/api/statistics/orders?time_zone=Mars')).status, 400)
  })
}

t.test('on SQLite', async (t) => {
  suite(t, (one) => buildMenu(one))
})

t.test('on PostgreSQL', needsPostgres, async (t) => {
  const another = await emptiedDatabase(t, await startPostgres(t))
  suite(t, async (one) => buildMenu(one, { config: { databaseUrl: await another() } }))
})
