// What the record of calls owes whoever reads it, by the API: run on SQLite and on PostgreSQL.
import type { Test } from 'tap'
import { epochMs, type CallId, type CallIdentity } from '../../core/contracts/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { eventually, json, type BuiltApp } from '../support/build-app.ts'

type Body = Readonly<Record<string, unknown>>
interface Page {
  readonly items: readonly { readonly call_id: string; readonly created_at: string }[]
  readonly next_cursor: string | null
}
export type Build = (t: Test) => Promise<BuiltApp>

const page = async (app: BuiltApp, body: Body): Promise<Page> => {
  const response = await app.request('/api/calls/search', json(body))
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Page
}
const found = async (app: BuiltApp, body: Body): Promise<readonly string[]> =>
  (await page(app, body)).items.map(({ call_id: id }) => id)

const get = async (app: BuiltApp, path: string): Promise<Record<string, unknown>> => {
  const response = await app.request(path)
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

const HANGUP = { result: 'success', reason: 'hangup', by: 'callee', sipStatus: 200 } as const
const BUSY = { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 } as const

async function isEnded(app: BuiltApp, callId: CallId): Promise<void> {
  await eventually(`the end of ${callId}`, async () => {
    return (await get(app, `/api/calls/${callId}`))['status'] === 'ended'
  })
}

/** An answered call on which something is said, from its INVITE to its end. */
async function talk(
  app: BuiltApp,
  words: { readonly agent?: string; readonly caller?: string },
  identity: Partial<CallIdentity> = {},
): Promise<CallId> {
  const { callId } = await app.control.begin(identity)
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog({}) })
  if (words.agent !== undefined) {
    app.emit('agent.response', callId, { text: words.agent, eventId: 1 })
    const heard = { eventId: 1, heardMs: 900, spokenMs: 900, interrupted: false }
    app.emit('agent.heard', callId, heard)
  }
  if (words.caller !== undefined)
    app.emit('agent.user_transcript', callId, { text: words.caller, eventId: 2 })
  app.emit('call.ended', callId, { termination: HANGUP })
  await isEnded(app, callId)
  return callId
}

export function repositoryContract(t: Test, build: Build): void {
  filters(t, build)
  pages(t, build)
  records(t, build)
}

function filters(t: Test, build: Build): void {
  t.test('calls are found by what they are', async (t) => {
    const app = await build(t)
    const busy = (await app.control.begin({ direction: 'outbound' })).callId
    app.emit('call.ended', busy, { termination: BUSY })
    await isEnded(app, busy)
    const live = (await app.control.begin()).callId
    await app.request(`/api/calls/${busy}/status`, json({ status: 'problem' }))
    const cases: [Body, readonly string[]][] = [
      [{}, [live, busy]],
      [{ outcome: 'busy' }, [busy]],
      [{ status: 'ended' }, [busy]],
      [{ status: 'queued', direction: 'inbound' }, [live]],
      [{ review_status: 'problem' }, [busy]],
      [{ review_status: 'completed' }, []],
      [{ provider: 'sip', outcome: 'busy', status: 'ended' }, [busy]],
      [{ provider: 'twilio' }, []],
      [{ application_id: 'app_1' }, []],
      [{ from_date: '2999-01-01' }, []],
      [{ to_date: '2999-01-01' }, [live, busy]],
    ]
    for (const [body, calls] of cases) t.same(await found(app, body), calls, JSON.stringify(body))
  })

  t.test('by the number of either side, whole or by its end', async (t) => {
    const app = await build(t)
    const [ours, theirs] = ['+4930555100', '+79261239999']
    const inbound = (await app.control.begin({ from: theirs, to: ours })).callId
    const outbound = (await app.control.begin({ direction: 'outbound', from: ours, to: theirs }))
      .callId
    const named = (await app.control.begin({ from: 'alice', to: '100' })).callId
    const cases: [string, readonly string[]][] = [
      [theirs, [outbound, inbound]],
      ['9999', [outbound, inbound]],
      ['239999', [outbound, inbound]],
      [ours, [outbound, inbound]],
      ['100', [named, outbound, inbound]],
      ['98999', []],
    ]
    for (const [number, calls] of cases) t.same(await found(app, { number }), calls, number)
    t.same(await found(app, { number: '9999', direction: 'inbound' }), [inbound])
  })

  t.test('by the beginnings of words that were said', async (t) => {
    const app = await build(t)
    const cafe = await talk(app, { agent: 'Das Café ist geöffnet.', caller: 'Wie groß ist es?' })
    const moscow = await talk(app, { caller: 'Ещё один Йогурт, пожалуйста' })
    const odd = await talk(app, {
      caller: `x\0y 'quoted' a:b & (c | !d) ${'w'.repeat(5000)} 一二三`,
    })
    const cases: [string, readonly string[]][] = [
      ['CAFE', [cafe]],
      ['geoffnet groß', [cafe]],
      ['GROSS', [cafe]],
      ['йогурт', [moscow]],
      ['Еще', [moscow]],
      ['ist-es', [cafe]],
      ['afe', []],
      ['quoted', [odd]],
      ['a:b', [odd]],
      ['!d | b', [odd]],
      ['w'.repeat(150), [odd]],
      ['一', [odd]],
      ["'; --", []],
    ]
    for (const [text, calls] of cases) {
      const response = await app.request('/api/calls/search', json({ text }))
      if (response.status === 400) t.same(calls, [], text)
      else {
        const { items } = (await response.json()) as Page
        t.same(
          items.map(({ call_id: id }) => id),
          calls,
          text.slice(0, 20),
        )
      }
    }
    t.same(await found(app, { text: 'caf', number: '5200' }), [cafe], 'with a number')
    t.same(await found(app, { text: 'caf', direction: 'outbound' }), [])
    t.same(await found(app, { text: 'caf', to_date: '2020-01-01' }), [])
  })
}

function pages(t: Test, build: Build): void {
  t.test('pages are whole while calls come, also at equal times', async (t) => {
    const app = await build(t)
    const base = Date.parse('2026-01-01T00:00:00.000Z')
    const made = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const createdAt = epochMs(base + Math.floor(i / 10))
        return (await app.control.begin({ createdAt })).callId
      }),
    )
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const asked: Body = {
        limit: 7,
        to_date: '2026-01-01',
        ...(cursor === null ? {} : { cursor }),
      }
      const one: Page = await page(app, asked)
      seen.push(...one.items.map(({ call_id: id }) => id))
      cursor = one.next_cursor
      // At the head, and in the middle of what is still to come, at a time that is taken.
      await app.control.begin()
      await app.control.begin({ createdAt: epochMs(base + 3) })
    } while (cursor !== null)
    t.equal(new Set(seen).size, seen.length, 'none twice')
    t.same(
      made.filter((id) => !seen.includes(id)),
      [],
      'none lost',
    )
  })

  t.test('a cursor is good for its own list and filters alone', async (t) => {
    const app = await build(t)
    for (let i = 0; i < 3; i += 1) await app.control.begin()
    const { next_cursor: cursor } = await page(app, { limit: 1, direction: 'inbound' })
    t.equal((await page(app, { limit: 2, direction: 'inbound', cursor })).items.length, 2)
    const other = await app.request('/api/calls/search', json({ cursor }))
    t.equal(other.status, 400)
  })
}

function records(t: Test, build: Build): void {
  t.test('events keep their order, however fast they come', async (t) => {
    const app = await build(t)
    const { callId } = await app.control.begin()
    for (let i = 0; i < 300; i += 1)
      app.emit('agent.user_transcript', callId, { text: `word${i}`, eventId: i })
    app.emit('call.ended', callId, { termination: HANGUP })
    await isEnded(app, callId)
    const { items } = (await get(app, `/api/calls/${callId}/timeline`)) as {
      items: { type: string; text?: string }[]
    }
    const said = items.flatMap(({ text }) => (text === undefined ? [] : [text]))
    t.same(
      said,
      Array.from({ length: 300 }, (_, i) => `word${i}`),
    )
    t.equal(items.at(-1)?.type, 'call.ended')
    t.same(await found(app, { text: 'word299' }), [callId])
  })

  t.test('what was said is told while it goes on and after its end', async (t) => {
    const app = await build(t)
    const { callId } = await app.control.begin({ metadata: { 'order id': 'ä"1' } })
    app.emit('agent.user_transcript', callId, { text: 'Hello\0 there', eventId: 1 })
    await app.recorded(callId, 1)
    const live = await get(app, `/api/calls/${callId}/transcript`)
    t.match(live, { items: [{ text: /^Hello. there$/ }] })
    app.emit('call.ended', callId, { termination: HANGUP })
    await isEnded(app, callId)
    t.match(await get(app, `/api/calls/${callId}/transcript`), {
      items: [{ text: /^Hello. there$/ }],
    })
    const call = await get(app, `/api/calls/${callId}`)
    t.match(call, { status: 'ended', metadata: { 'order id': 'ä"1' }, has_transcript: true })
  })

  t.test('statistics and the export have every call', async (t) => {
    const app = await build(t)
    for (let i = 0; i < 3; i += 1) await talk(app, { agent: 'Hi', caller: 'Yes' })
    const day = new Date().toISOString().slice(0, 10)
    for (const grouping of ['day', 'trunk', 'agent', 'outcome', 'consent']) {
      const asked = `/api/statistics?group_by=${grouping}&from_date=${day}`
      const response = await app.request(asked)
      t.match(await response.json(), { totals: { calls: 3 } }, asked)
    }
    const { items } = await page(app, {})
    t.equal(items.length, 3)
  })
}
