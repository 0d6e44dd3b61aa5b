// Exports: every call once, as a table and line by line, in flat memory, and never a part that looks whole.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { epochMs, ms, type CallId } from '#core/contracts'
import { newCallRow } from '../../../control-api/calls/call-row.ts'
import { openExport } from '../../../control-api/calls/export/call-export.ts'
import { CSV_COLUMNS, csvOf } from '../../../control-api/calls/export/csv-columns.ts'
import { patientStream } from '../../../control-api/calls/export/patient-stream.ts'
import { createCallRepository } from '../../../control-api/calls/repository.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import type { CallRow } from '../../../control-api/db/schema.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { buildApp, eventually, freshDataDir, type BuiltApp } from '../../support/build-app.ts'
import { seedCalls } from '../../support/seeded-calls.ts'

const DAY = 24 * 3600 * 1000
/** Ten whole days, before today: what is old is deleted. */
const TODAY = Math.floor(Date.now() / DAY) * DAY
const SPAN = { from: TODAY - 11 * DAY, before: TODAY - DAY }
const EXPORT = '/api/calls/export'

interface Line {
  readonly call_id: string
  readonly outcome: string
  readonly has_transcript: boolean
  readonly transcript?: { readonly items: readonly { readonly text: string }[] } | null
}

async function seeded(t: Test, count: number): Promise<BuiltApp> {
  const dataDir = await freshDataDir(t)
  await seedCalls(dataDir, { count, ...SPAN, withTranscripts: true })
  return buildApp(t, { dataDir })
}

const linesOf = async (response: Response): Promise<Line[]> =>
  (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

/** RFC 4180, by a reader of our own. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy
  for (let row: string[] = []; cell.lastIndex < text.length;) {
    const match = cell.exec(text)
    if (!match) throw new Error('not a table')
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

t.test('a table of every call, newest first', async (t) => {
  const app = await seeded(t, 450)
  const response = await app.request(EXPORT)
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8; header=present')
  t.equal(response.headers.get('content-disposition'), 'attachment; filename="calls.csv"')
  t.equal(response.headers.get('cache-control'), 'no-store')
  const [head, ...rows] = readCsv(await response.text())
  t.same(head, [...CSV_COLUMNS])
  t.equal(rows.length, 450)
  t.ok(rows.every((row) => row.length === CSV_COLUMNS.length))
  const cell = (row: readonly string[] | undefined, name: string) =>
    row?.[CSV_COLUMNS.indexOf(name)]
  t.equal(new Set(rows.map((row) => cell(row, 'call_id'))).size, 450)
  const created = rows.map((row) => cell(row, 'created_at') ?? '')
  t.same(created, [...created].sort().reverse())
  const view = (await (
    await app.request(`/api/calls/${cell(rows[0], 'call_id') ?? ''}`)
  ).json()) as {
    readonly consent: { readonly given: boolean; readonly at: string } | null
    readonly duration_seconds: number
    readonly cost: { readonly amount_minor: number }
  }
  t.equal(cell(rows[0], 'duration_seconds'), String(view.duration_seconds))
  t.equal(cell(rows[0], 'cost_amount_minor'), String(view.cost.amount_minor))
  t.equal(cell(rows[0], 'consent_given'), view.consent === null ? '' : String(view.consent.given))
  t.equal(cell(rows[0], 'from'), "'+4930555100", 'no spreadsheet takes a number for a formula')
})

t.test('what the vendor charges stands beside what we count', async (t) => {
  const identity = {
    callId: 'call_00000000000000000000000000000001' as CallId,
    ...({ direction: 'inbound', from: null, to: '+4930555100', trunk: 'x' } as const),
    ...{ createdAt: epochMs(1), metadata: {} },
  }
  const ended = { ...newCallRow(identity, 0.08), status: 'ended', agent_seconds: 60 } as const
  const costs = (row: CallRow) => {
    const cells = readCsv(csvOf([row]))[0]
    const names = ['cost_amount_minor', 'cost_counted_minor', 'vendor_usd', 'vendor_credits']
    return names.map((name) => cells?.[CSV_COLUMNS.indexOf(name)])
  }
  t.same(costs(ended), ['8', '8', '', ''])
  t.same(costs({ ...ended, vendor_usd: 0.12, vendor_credits: 400 }), ['12', '8', '0.12', '400'])
  t.same(costs({ ...ended, agent_seconds: 0 }), ['0', '0', '', ''])
  t.same(costs({ ...ended, status: 'answered' }), ['', '', '', ''], 'not known yet')
})

t.test('cells that would be formulas, quotes, lines and letters of all kinds', async (t) => {
  const app = await buildApp(t)
  const names = [
    '=HYPERLINK("http://x")',
    '@SUM(A1)',
    '-1+1',
    '+4930555200',
    'a"b,c',
    'Жанна 🎧',
    'a\nb',
    '\tx',
  ]
  for (const from of names)
    await app.control.begin({ from, metadata: { note: 'said "no",\r\n=1' } })
  const [head = [], ...rows] = readCsv(await (await app.request(EXPORT)).text())
  t.same(
    rows.map((row) => row[head.indexOf('from')]).reverse(),
    names.map((name) => (/^[=@+\t-]/.test(name) ? `'${name}` : name)),
  )
  t.same(JSON.parse(rows[0]?.[head.indexOf('metadata')] ?? ''), { note: 'said "no",\r\n=1' })
})

t.test('by filters that belong in no address', async (t) => {
  const app = await seeded(t, 60)
  const post = (body: object) =>
    app.request(EXPORT, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const all = await linesOf(await app.request(`${EXPORT}?format=ndjson`))
  const response = await post({ outcome: 'busy', format: 'ndjson' })
  t.equal(response.headers.get('content-disposition'), 'attachment; filename="calls.ndjson"')
  t.same(
    await linesOf(response),
    all.filter(({ outcome }) => outcome === 'busy'),
  )
  t.equal(readCsv(await (await post({ number: '999999' })).text()).length, 1, 'the head alone')
  for (const body of [{ number: 'x' }, { format: 'csv', include: 'transcript' }, { limit: 1 }])
    t.equal((await post(body)).status, 400, JSON.stringify(body))
})

t.test('line by line, with transcripts, by the filters of the list', async (t) => {
  const app = await seeded(t, 450)
  const plain = await app.request(`${EXPORT}?format=ndjson`)
  t.equal(plain.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
  const lines = await linesOf(plain)
  t.equal(lines.length, 450)
  t.notOk('transcript' in (lines[0] ?? {}))
  const [first] = lines
  t.same(first, await (await app.request(`/api/calls/${first?.call_id ?? ''}`)).json())
  const told = await linesOf(await app.request(`${EXPORT}?format=ndjson&include=transcript`))
  t.equal(told.length, 450)
  for (const { call_id: callId, transcript, has_transcript: has } of told)
    t.equal(transcript?.items[0]?.text, has ? `Line one\nof ${callId}` : undefined)
  t.equal(told.filter(({ transcript }) => transcript !== null).length, 45)
  const busy = await linesOf(await app.request(`${EXPORT}?format=ndjson&outcome=busy`))
  t.equal(busy.length, lines.filter(({ outcome }) => outcome === 'busy').length)
  const second = new Date(SPAN.from + DAY).toISOString().slice(0, 10)
  const day = await linesOf(
    await app.request(`${EXPORT}?format=ndjson&from_date=${second}&to_date=${second}`),
  )
  t.equal(day.length, 45)
  const none = await app.request(`${EXPORT}?provider=twilio`)
  t.same(readCsv(await none.text()), [[...CSV_COLUMNS]], 'the names of the columns at least')
})

t.test('what cannot be asked, and who asked', async (t) => {
  const app = await buildApp(t)
  for (const query of [
    'format=xml',
    'include=transcript',
    'limit=5',
    'cursor=x',
    'number=1',
    'text=',
  ]) {
    const response = await app.request(`${EXPORT}?${query}`)
    t.equal(response.status, 400, query)
    t.match(await response.json(), { code: 'REQUEST_INVALID' })
    t.equal(response.headers.get('content-disposition'), null)
  }
  await (await app.request(EXPORT)).text()
  const database = new DatabaseSync(join(app.dataDir, 'voicegate.sqlite'), { timeout: 5000 })
  const noted = database.prepare("SELECT * FROM audit_log WHERE action = 'calls.exported'").all()
  database.close()
  t.match(noted, [{ key_id: 'rehearsal', detail: '{"format":"csv","transcripts":false}' }])
})

/** As a client that can stop reading. */
const slowly = (app: BuiltApp, path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    httpRequest(app.url + path, resolve)
      .once('error', reject)
      .end()
  })

/** What is really held: buffers are outside of the heap. */
function heldMiB(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024 / 1024
}

t.test('thirty thousand calls pass in flat memory, and a reader may sleep', async (t) => {
  const app = await seeded(t, 30_000)
  const before = heldMiB()
  const response = await slowly(app, `${EXPORT}?format=ndjson`)
  await sleep(300)
  let most = heldMiB()
  t.ok((await app.request('/api/calls?limit=1')).ok, 'the database is free meanwhile')
  let [lines, bytes] = [0, 0]
  for await (const chunk of response) {
    const probes = Math.floor(bytes / PROBED_BYTES)
    for (const byte of chunk as Buffer) if (byte === 10) lines += 1
    bytes += (chunk as Buffer).length
    if (Math.floor(bytes / PROBED_BYTES) > probes) most = Math.max(most, heldMiB())
  }
  t.equal(lines, 30_000)
  t.ok(bytes > 20 * 1024 * 1024, `${bytes} bytes passed`)
  t.ok(most - before < 20, `grew by ${(most - before).toFixed(1)} MiB`)
  t.comment(`grew by ${(most - before).toFixed(1)} MiB`)
})

const PROBED_BYTES = 3 * 1024 * 1024

t.test('a client that goes away stops the reading', async (t) => {
  const dataDir = await freshDataDir(t)
  await seedCalls(dataDir, { count: 5000, ...SPAN })
  const database = await openDatabase(createLogger('silent'), { dataDir })
  t.teardown(() => database.close())
  const calls = createCallRepository(database)
  let pages = 0
  const counting = {
    ...calls,
    page: (request: Parameters<typeof calls.page>[0]) => {
      pages += 1
      return calls.page(request)
    },
  }
  const asked = { filter: {}, format: 'ndjson', withTranscripts: false } as const
  const stream = patientStream(await openExport(counting, asked), ms(5000))
  await new Promise((resolve) => stream.once('readable', resolve))
  await sleep(100)
  t.ok(pages > 0 && pages < 5, `${pages} pages were read for nobody`)
  stream.destroy()
  const read = pages
  await sleep(50)
  t.equal(pages, read)
})

t.test('four exports at once; one that is left makes room', async (t) => {
  const app = await seeded(t, 20_000)
  const asked = Array.from({ length: 4 }, () => slowly(app, `${EXPORT}?format=ndjson`))
  const responses = await Promise.all(asked)
  const fifth = await app.request(EXPORT)
  t.equal(fifth.status, 429)
  t.match(await fifth.json(), { code: 'TOO_MANY_REQUESTS' })
  for (const response of responses) response.destroy()
  await eventually('there is room', async () => {
    const response = await app.request(`${EXPORT}?provider=twilio`)
    await response.text()
    return response.ok
  })
})

t.test('when the database fails in the middle, the connection breaks', async (t) => {
  const app = await seeded(t, 20_000)
  const response = await slowly(app, `${EXPORT}?format=ndjson`)
  const other = new DatabaseSync(join(app.dataDir, 'voicegate.sqlite'), { timeout: 5000 })
  // As if the disk were damaged there.
  other.exec('PRAGMA foreign_keys = OFF; ALTER TABLE calls RENAME TO lost')
  other.close()
  let read = 0
  await t.rejects(
    async () => {
      for await (const chunk of response) read += (chunk as Buffer).length
    },
    { code: 'ECONNRESET' },
  )
  t.notOk(response.complete)
  t.ok(read > 0)
  t.match(app.logged(), /an export broke off/)
  const again = await app.request(EXPORT)
  t.ok(again.status >= 500)
  t.match(again.headers.get('content-type'), 'application/problem+json')
  t.equal(again.headers.get('content-disposition'), null)
})

t.test('a reader that takes nothing is dropped', async (t) => {
  async function* endless(): AsyncGenerator<string, void, undefined> {
    for (;;) {
      await Promise.resolve()
      yield 'x'.repeat(64 * 1024)
    }
  }
  const stream = patientStream(endless(), ms(50))
  stream.once('readable', () => undefined)
  const error = await new Promise<Error>((resolve) => stream.once('error', resolve))
  t.match(error.message, 'nobody took what was sent')
})
