// Finding calls: each filter of the contract by GET and by POST, cursors that cannot be forged, pages that stay whole.
import { CompiledQuery } from 'kysely'
import t, { type Test } from 'tap'
import { createPageCursors, openPageCursors } from '../../control-api/calls/page-cursor.ts'
import { selectPage, type CallFilter } from '../../control-api/calls/call-filter.ts'
import { decodeNumberSearch } from '../../control-api/calls/number-search.ts'
import { indexedWords, wordsOf } from '../../control-api/calls/transcript/word-search.ts'
import { openDatabase } from '../../control-api/db/database.ts'
import {
  epochMs,
  type CallId,
  type CallIdentity,
  type TerminationReason,
  type TerminationResult,
} from '../../core/contracts/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { buildApp, freshDataDir, json, type BuiltApp } from '../support/build-app.ts'

interface Page {
  readonly items: readonly { readonly call_id: string }[]
  readonly next_cursor: string | null
}
type Body = Readonly<Record<string, unknown>>

const search = (app: BuiltApp, body: Body) => app.request('/api/calls/search', json(body))
const get = (app: BuiltApp, body: Body) => {
  const query = Object.entries(body).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  return app.request(`/api/calls?${new URLSearchParams(query).toString()}`)
}
const pageOf = async (response: Response): Promise<Page> => {
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Page
}
/** By both routes, which must agree. */
async function found(t: Test, app: BuiltApp, body: Body): Promise<readonly string[]> {
  const ids = async (response: Response) =>
    (await pageOf(response)).items.map(({ call_id: callId }) => callId)
  const searched = await ids(await search(app, body))
  t.same(await ids(await get(app, body)), searched, `both routes: ${JSON.stringify(body)}`)
  return searched
}

/** An answered call on which something is said, from its INVITE to its end. */
async function talk(
  app: BuiltApp,
  words: { readonly agent?: string; readonly caller?: string; readonly heardMs?: number },
  identity: Partial<CallIdentity> = {},
): Promise<CallId> {
  const { callId } = await app.control.begin(identity)
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog({}) })
  if (words.agent !== undefined) {
    app.emit('agent.response', callId, { text: words.agent, eventId: 1 })
    const heardMs = words.heardMs ?? 900
    const utterance = { eventId: 1, heardMs, spokenMs: 900, interrupted: heardMs < 900 }
    app.emit('agent.heard', callId, utterance)
  }
  if (words.caller !== undefined)
    app.emit('agent.user_transcript', callId, { text: words.caller, eventId: 2 })
  end(app, callId)
  await app.recorded(callId, 2 + (words.agent === undefined ? 0 : 2) + (words.caller ? 1 : 0))
  return callId
}

const end = (app: BuiltApp, callId: CallId, result: 'success' | 'client_error' = 'success') => {
  const busy = { result, reason: 'busy', by: 'callee', sipStatus: 486 } as const
  const hangup = { result, reason: 'hangup', by: 'callee', sipStatus: 200 } as const
  app.emit('call.ended', callId, { termination: result === 'success' ? hangup : busy })
}

t.test('calls are found by what they are', async (t) => {
  const app = await buildApp(t)
  const busy = (await app.control.begin({ direction: 'outbound' })).callId
  end(app, busy, 'client_error')
  await app.recorded(busy, 1)
  const live = (await app.control.begin()).callId
  const review = await app.request(`/api/calls/${busy}/status`, json({ status: 'problem' }))
  t.equal(review.status, 200)
  t.same(await found(t, app, {}), [live, busy], 'newest first')
  t.same(await found(t, app, { outcome: 'busy' }), [busy])
  t.same(await found(t, app, { status: 'ended' }), [busy])
  t.same(await found(t, app, { status: 'queued', direction: 'inbound' }), [live])
  t.same(await found(t, app, { review_status: 'problem' }), [busy])
  t.same(await found(t, app, { review_status: 'completed' }), [])
  t.same(await found(t, app, { provider: 'sip', outcome: 'busy', status: 'ended' }), [busy])
  t.same(await found(t, app, { provider: 'twilio' }), [])
  t.same(await found(t, app, { application_id: 'app_1' }), [])
  t.same(await found(t, app, { from_date: '2999-01-01' }), [])
})

t.test('calls are found by whose fault their end was, answered or not', async (t) => {
  const app = await buildApp(t)
  const ended = async (result: TerminationResult, reason: TerminationReason) => {
    const { callId } = await app.control.begin()
    app.emit('call.ended', callId, {
      termination: { result, reason, by: 'gateway', sipStatus: null },
    })
    await app.recorded(callId, 1)
    return callId
  }
  await app.control.begin()
  await ended('success', 'hangup')
  await ended('client_error', 'busy')
  const carrier = await ended('upstream_error', 'rejected')
  const gateway = await ended('server_error', 'internal-error')
  const agent = await ended('upstream_error', 'agent-refused')
  const silent = await ended('upstream_error', 'agent-silent')
  const unknown = await ended('indeterminate', 'gateway-crashed')
  t.same(await found(t, app, { fault: 'carrier' }), [carrier])
  t.same(await found(t, app, { fault: 'gateway' }), [gateway])
  t.same(await found(t, app, { fault: 'agent' }), [silent, agent])
  t.same(await found(t, app, { fault: 'unknown' }), [unknown])
  t.same(await found(t, app, { fault: 'any' }), [unknown, silent, agent, gateway, carrier])
  t.same(await found(t, app, { fault: 'any', direction: 'outbound' }), [])
  t.match(await (await search(app, { fault: 'nobody' })).json(), { errors: [{ field: 'fault' }] })
})

t.test('calls are found by their trunks', async (t) => {
  const app = await buildApp(t)
  const of = async (trunk: string) => (await app.control.begin({ trunk })).callId
  const [one, other, third] = [await of('exolve'), await of('twilio-eu'), await of('exolve-2')]
  end(app, other, 'client_error')
  await app.recorded(other, 1)
  t.same(await found(t, app, { trunk: 'exolve' }), [one], 'whole names')
  t.same(await found(t, app, { trunk: ['exolve-2', 'exolve'] }), [third, one])
  t.same(await found(t, app, { trunk: ['twilio-eu'], outcome: 'busy' }), [other])
  t.same(await found(t, app, { trunk: 'exolve', outcome: 'busy' }), [])
  t.same(await found(t, app, { trunk: 'Exolve' }), [])
  t.same(await found(t, app, { trunk: 'exolve', from_date: '2026-01-01T10:00:00.000Z' }), [one])
  const paged = await pageOf(await search(app, { trunk: ['exolve', 'exolve-2'], limit: 1 }))
  const next = { trunk: ['exolve', 'exolve-2'], cursor: paged.next_cursor }
  t.same((await pageOf(await get(app, next))).items[0]?.call_id, one)
  for (const trunk of ['', [], [''], ['a'.repeat(129)], 7])
    t.match(await (await search(app, { trunk })).json(), { errors: [{ field: /^trunk/ }] })
})

t.test('calls are found by the number of either side, whole or by its end', async (t) => {
  const app = await buildApp(t)
  const [ours, theirs] = ['+4930555100', '+79261234567']
  const inbound = (await app.control.begin({ from: theirs, to: ours })).callId
  const outbound = (await app.control.begin({ direction: 'outbound', from: ours, to: theirs }))
    .callId
  const other = (await app.control.begin({ from: '+493012345678', to: ours })).callId
  const anonymous = (await app.control.begin({ from: null, to: ours })).callId
  const named = (await app.control.begin({ from: 'alice', to: '100' })).callId
  const cases: [string, readonly string[]][] = [
    [theirs, [outbound, inbound]],
    ['+7 (926) 123-45-67', [outbound, inbound]],
    ['007 926 123 45 67', [outbound, inbound]],
    ['4567', [outbound, inbound]],
    ['567', [outbound, inbound]],
    ['926 1234567', [outbound, inbound]],
    ['030 1234-5678', [other]],
    [ours, [anonymous, other, outbound, inbound]],
    ['100', [named, anonymous, other, outbound, inbound]],
    ['+79261234', []],
    ['678', [other]],
    ['5678 ', [other]],
    ['56789', []],
  ]
  for (const [number, calls] of cases) t.same(await found(t, app, { number }), calls, number)
  t.same(await found(t, app, { number: '4567', direction: 'inbound' }), [inbound])
  const paged = await pageOf(await search(app, { number: ours, limit: 1 }))
  const next = { number: '+49 30 555 100', limit: 3, cursor: paged.next_cursor }
  const rest = await pageOf(await search(app, next))
  t.same(
    rest.items.map(({ call_id: id }) => id),
    [other, outbound, inbound],
  )
  for (const number of ['', '12', '+4930', 'alice', '12a34', '1'.repeat(16), '+1234567a'])
    t.match(await (await search(app, { number })).json(), { errors: [{ field: 'number' }] }, number)
})

t.test('calls are found by words that were said', async (t) => {
  const app = await buildApp(t)
  const cafe = await talk(app, { agent: 'Das Café ist geöffnet.', caller: 'Wie groß ist es?' })
  const moscow = await talk(app, { caller: 'Ещё один Йогурт, пожалуйста' })
  const unheard = await talk(app, { agent: 'Secret offer', heardMs: 0, caller: 'Bye' })
  const live = (await app.control.begin()).callId
  app.emit('agent.user_transcript', live, { text: 'geoffnet', eventId: 1 })
  const cases: [string, readonly string[]][] = [
    ['cafe', [cafe]],
    ['GEÖFFNET café', [cafe]],
    ['gross caf', [cafe]],
    ['GROSS', [cafe]],
    ['affe', []],
    ['cafe bye', []],
    ['еще йог', [moscow]],
    ['secret', []],
    ['by', [unheard]],
    ['cafe" OR "bye', []],
    ['ist-es', [cafe]],
  ]
  for (const [text, calls] of cases) t.same(await found(t, app, { text }), calls, text)
  t.same(await found(t, app, { text: 'by', number: '5200' }), [unheard], 'with a number')
  t.same(await found(t, app, { text: 'by', direction: 'outbound' }), [])
  for (const text of ['', '…', Array.from({ length: 17 }, (_, i) => `w${i}`).join(' ')])
    t.match(await (await search(app, { text })).json(), { errors: [{ field: 'text' }] }, text)
  t.same(wordsOf('Ünïcode: ½ ﬁne, don’t'), ['unicode', '1', '2', 'fine', 'don', 't'])
})

t.test('letters that fold into many do not take longer than a talk', (t) => {
  const flood = Array.from({ length: 96 }, () => ({ heardText: null, text: '\ufdfa'.repeat(5000) }))
  const words = (text: string) => ({ heardText: null, text })
  t.match(indexedWords([words('First'), ...flood, words('last')]), /^first (?!.*last)/)
  t.equal(indexedWords([words('First, first'), words('last')]), 'first last')
  t.end()
})

t.test('an unknown field and a wrong one are refused by name', async (t) => {
  const app = await buildApp(t)
  const cases: [Body, string][] = [
    [{ phone: '1' }, 'phone'],
    [{ sort: 'asc' }, 'sort'],
    [{ limit: 0 }, 'limit'],
    [{ limit: '5' }, 'limit'],
    [{ status: 'done' }, 'status'],
    [{ provider: 'pigeon' }, 'provider'],
    [{ to_date: '2026-02-30' }, 'to_date'],
    [{ to_date: '2026-02-30T00:00:00+01:00' }, 'to_date'],
    [{ number: 123 }, 'number'],
    [{ cursor: 'zzz' }, 'cursor'],
  ]
  for (const [body, field] of cases) {
    const problem = await (await search(app, body)).json()
    t.match(problem, { status: 400, code: 'REQUEST_INVALID', errors: [{ field }] }, field)
  }
  for (const body of ['', '{', '{"text":']) {
    const asked = await app.request('/api/calls/search', { ...json({}), body })
    t.match(await asked.json(), { status: 400, detail: 'The body is not valid JSON.' }, body)
  }
})

t.test('what is searched for reaches no log and no error', async (t) => {
  const app = await buildApp(t)
  await search(app, { number: '+4915112345678', text: 'plantedword' })
  await get(app, { number: '+4915112345678', text: 'plantedword' })
  const refused = await search(app, { number: '+49151123456789012345', text: 'plantedword' })
  t.equal(refused.status, 400)
  t.notMatch(await refused.text(), /15112345|plantedword/)
  t.match(app.logged(), '/api/calls/search')
  t.notMatch(app.logged(), /15112345|plantedword/)
})

t.test('pages are whole while calls come, also at equal times', async (t) => {
  const app = await buildApp(t)
  const base = Date.parse('2026-01-01T00:00:00.000Z')
  const made: CallId[] = []
  for (let i = 0; i < 40; i += 1) {
    const createdAt = epochMs(base + Math.floor(i / 10))
    made.push((await app.control.begin({ createdAt })).callId)
  }
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const body: Body = { limit: 7, to_date: '2026-01-01', ...(cursor === null ? {} : { cursor }) }
    const page: Page = await pageOf(await search(app, body))
    seen.push(...page.items.map(({ call_id: id }) => id))
    cursor = page.next_cursor
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
  const app = await buildApp(t)
  for (let i = 0; i < 3; i += 1) await app.control.begin()
  const first = await pageOf(await search(app, { limit: 1, direction: 'inbound' }))
  const cursor = first.next_cursor ?? ''
  const byGet = await pageOf(await get(app, { limit: 2, direction: 'inbound', cursor }))
  t.equal(byGet.items.length, 2, 'the same list by the other route, with another limit')
  for (const other of [{}, { direction: 'outbound' }, { direction: 'inbound', number: '5200' }]) {
    const problem = await (await search(app, { ...other, cursor })).json()
    t.match(problem, { code: 'REQUEST_INVALID', errors: [{ field: 'cursor', message: /filters/ }] })
  }
  for (let at = 0; at < cursor.length; at += 1) {
    const letter = cursor[at] === 'A' ? 'B' : 'A'
    const tampered = cursor.slice(0, at) + letter + cursor.slice(at + 1)
    const response = await search(app, { direction: 'inbound', cursor: tampered })
    if (response.status !== 400) t.fail(`taken with another letter at ${at}`)
  }
  t.notMatch(Buffer.from(cursor, 'base64url').toString('latin1'), 'inbound')
})

t.test('cursors hold over a restart, and are no other server’s', async (t) => {
  const dataDir = await freshDataDir(t)
  const listed = { list: 'calls', filter: { direction: 'inbound', from: 1 } }
  const logger = createLogger('silent')
  const first = await openDatabase(logger, { dataDir })
  const cursor = (await openPageCursors(first, createClock())).write(listed, 1_800_000_000_000_123)
  await first.close()
  const second = await openDatabase(logger, { dataDir })
  const cursors = await openPageCursors(second, createClock())
  const position = { kind: 'position', position: 1_800_000_000_000_123 }
  t.same(cursors.read(listed, cursor), position)
  const turned = { list: 'calls', filter: { from: 1, direction: 'inbound' } }
  t.same(cursors.read(turned, cursor), position, 'the order of the fields does not matter')
  t.same(cursors.read({ ...listed, list: 'orders' }, cursor), { kind: 'other-list' })
  t.same(createPageCursors(Buffer.alloc(32)).read(listed, cursor), { kind: 'forged' })
  for (const odd of ['', cursor + 'A', cursor.slice(1), `${cursor}==`, 'ä'.repeat(43)])
    t.same(cursors.read(listed, odd), { kind: 'forged' })
  await second.close()
})

t.test('no filter needs to read the whole table', async (t) => {
  const database = await openDatabase(createLogger('silent'), { dataDir: await freshDataDir(t) })
  t.teardown(() => database.close())
  const plan = async (filter: CallFilter): Promise<string> => {
    const page = selectPage(database.query, { filter, limit: 50, after: 1_800_000_000_000_000 })
    const { sql, parameters } = page.compile()
    const explain = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${sql}`, [...parameters])
    const { rows } = await database.query.executeQuery<{ detail: string }>(explain)
    return rows.map(({ detail }) => detail).join('\n')
  }
  const whole = decodeNumberSearch('+4930123456')
  const ending = decodeNumberSearch('3456')
  if (!whole || !ending) throw new Error('no number')
  const cases: [CallFilter, readonly RegExp[]][] = [
    [{}, [/calls_position \(position<\?\)/]],
    [{ status: 'ringing' }, [/INDEX calls_live/]],
    [{ outcome: 'busy', provider: 'sip' }, [/calls_outcome \(outcome=\? AND position<\?\)/]],
    [{ fault: 'any' }, [/calls_faults \(position<\?\)/]],
    [{ fault: 'agent', trunks: ['a'], provider: 'sip' }, [/calls_faults/]],
    [{ reviewStatus: 'problem' }, [/calls_review_status/]],
    [{ applicationId: 'a' }, [/calls_application_id/]],
    [{ provider: 'twilio' }, [/calls_provider/]],
    [{ trunks: ['a'] }, [/calls_trunk \(trunk=\? AND position<\?\)/]],
    [{ trunks: ['a'], provider: 'sip' }, [/calls_trunk/]],
    [{ trunks: ['a'], outcome: 'failed' }, [/calls_outcome/]],
    [{ trunks: ['a', 'b'] }, [/calls_position/]],
    [{ trunks: ['a'], number: whole }, [/calls_from_reversed/, /calls_to_reversed/]],
    [{ trunks: ['a'], words: ['caf'] }, [/call_words VIRTUAL TABLE/]],
    [
      { number: whole },
      [
        /calls_from_reversed \(from_reversed=\? AND pos/,
        /calls_to_reversed \(to_reversed=\? AND pos/,
      ],
    ],
    [
      { number: ending },
      [/calls_from_reversed \(from_reversed>\? AND from/, /calls_to_reversed \(to_reversed>\?/],
    ],
    [{ words: ['caf'] }, [/call_words VIRTUAL TABLE/, /calls_position \(position=\?\)/]],
  ]
  for (const [filter, uses] of cases) {
    const steps = await plan(filter)
    for (const use of uses) t.match(steps, use, JSON.stringify(filter))
    t.notMatch(steps, /SCAN calls(?! USING INDEX)/, JSON.stringify(filter))
  }
  t.notMatch(await plan({ words: ['caf'] }), /TEMP B-TREE/, 'words come in order')
})
