import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { buildApp, eventually, freshDataDir, json, type BuiltApp } from '../../support/build-app.ts'
import { countIn, filesWith, NAME, NUMBER, plantCall, readRow, WORD } from './support.ts'

interface Erasure {
  readonly erasure_id: string
  readonly state: string
  readonly number_hash: string
  readonly finished_at: string | null
  readonly waiting_for_calls: number
  readonly erased: Record<string, number>
  readonly vendor: { erased: number; unknown: number; left: readonly object[] }
  readonly files_cleaned: boolean
}

/** A vendor that deletes what it is asked to, answers as told, and remembers. */
async function openVendor(t: Test, answer: (id: string) => number) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    // Whoever fetches conversations asks it too: it knows none.
    if (request.method !== 'DELETE') {
      response.writeHead(404).end()
      return
    }
    asked.push(`${request.method} ${request.url} ${String(request.headers['xi-api-key'])}`)
    response.statusCode = answer(request.url?.split('/').at(-1) ?? '')
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return { asked, agentVendor: { restUrl: `http://127.0.0.1:${port}`, apiKey: 'vendor-key' } }
}

const JOB = {
  settle: ms(0),
  waitForCalls: ms(50),
  vendorBackOff: { firstMs: 50, maxMs: 50 },
  vendorRounds: 3,
}

async function ask(app: BuiltApp, number = NUMBER): Promise<Erasure> {
  const response = await app.request('/api/erasures', json({ number, reason: 'a letter of today' }))
  if (response.status !== 202) throw new Error(`asked: ${response.status}`)
  const erasure = (await response.json()) as Erasure
  const location = response.headers.get('location')
  if (location !== `/api/erasures/${erasure.erasure_id}`) throw new Error(`at ${location}`)
  return erasure
}

const read = async (app: BuiltApp, id: string): Promise<Erasure> =>
  (await (await app.request(`/api/erasures/${id}`)).json()) as Erasure

async function finished(app: BuiltApp, { erasure_id: id }: Erasure): Promise<Erasure> {
  await eventually('the erasure is over', async () => (await read(app, id)).finished_at !== null)
  return read(app, id)
}

t.test('a number is erased everywhere, and a receipt says what was', async (t) => {
  const vendor = await openVendor(t, (id) => (id === 'conv_gone' ? 404 : 200))
  const dataDir = await freshDataDir(t)
  const { agentVendor } = vendor
  const app = await buildApp(t, { dataDir, config: { agentVendor, erasureJob: JOB } })
  const one = await plantCall(app, { conversationId: 'conv_one' })
  const two = await plantCall(app, { conversationId: 'conv_gone', consent: true })
  const other = await plantCall(app, { number: '+4930111222333', conversationId: 'conv_other' })
  const placed = await app.request(
    '/api/calls',
    json({ phone_number: NUMBER }, { 'idempotency-key': 'placed-once' }),
  )
  const { call_id: third } = (await placed.json()) as { call_id: typeof one }
  const live = app.control.live.get(third)
  t.equal(live?.to, NUMBER)
  app.emit('transfer.requested', other, { to: NUMBER, by: 'api', mode: 'auto' })
  await eventually('it is recorded', () => Promise.resolve(countIn(app, 'call_events', other) > 9))

  const asked = await ask(app)
  t.match(asked, { state: /waiting|running/, finished_at: null })
  await eventually('it waits for the live call', async () => {
    const { waiting_for_calls: waiting } = await read(app, asked.erasure_id)
    return waiting === 1
  })
  t.equal((await ask(app)).erasure_id, asked.erasure_id, 'one at a time for a number')
  app.emit('call.ended', third, {
    termination: { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 },
  })
  app.control.live.delete(third)

  const receipt = await finished(app, asked)
  t.match(receipt, {
    state: 'done',
    files_cleaned: true,
    vendor: { erased: 1, unknown: 1, left: [] },
    erased: { calls: 3, recordings: 2, mentions: 1, idempotent_answers: 1 },
  })
  for (const kind of ['events', 'turns', 'feed_events']) t.ok((receipt.erased[kind] ?? 0) > 0, kind)
  t.same(vendor.asked.toSorted(), [
    'DELETE /v1/convai/conversations/conv_gone vendor-key',
    'DELETE /v1/convai/conversations/conv_one vendor-key',
  ])
  for (const callId of [one, two, third]) {
    t.match(readRow(app, 'SELECT * FROM calls WHERE call_id = ?', callId), {
      from_reversed: null,
      to_number: 'erased',
      metadata: '{}',
      erased_at: Number,
    })
    for (const table of ['call_events', 'call_turns', 'feed', 'call_requests', 'idempotency'])
      t.equal(countIn(app, table, callId), 0, table)
  }
  for (const text of [NUMBER, NUMBER.slice(1), '1234567890394'])
    t.same(await filesWith(dataDir, text), [], text)
  t.equal(await app.api.mediaStore.size(`recordings/${one}.wav`), undefined)
  t.notMatch(JSON.stringify(receipt), /987654321/)
  t.notMatch(app.logged(), /987654321/)

  const kept = (await (await app.request(`/api/calls/${other}`)).json()) as object
  t.match(kept, { from: '+4930111222333', has_recording: true, has_transcript: true })
  const audit = 'SELECT action FROM audit_log WHERE target = ?'
  t.equal(readRow(app, audit, asked.erasure_id)['action'], 'erasure.requested')
  const found = await app.request('/api/calls?number=%2B4930987654321')
  t.same(((await found.json()) as { items: unknown[] }).items, [])

  const later = await finished(app, await ask(app))
  t.equal(later.number_hash, receipt.number_hash, 'receipts of one number can be matched')
  t.equal(later.erased['calls'], 0)
  const list = (await (await app.request('/api/erasures?limit=1')).json()) as {
    items: Erasure[]
    next_cursor: string
  }
  t.equal(list.items[0]?.erasure_id, later.erasure_id)
  const rest = await app.request(`/api/erasures?cursor=${list.next_cursor}`)
  t.equal(((await rest.json()) as typeof list).items[0]?.erasure_id, asked.erasure_id)
})

t.test('words of an erased talk cannot be read in any file', async (t) => {
  const vendor = await openVendor(t, () => 200)
  const { agentVendor } = vendor
  const dataDir = await freshDataDir(t)
  const app = await buildApp(t, { dataDir, config: { agentVendor, erasureJob: JOB } })
  for (let at = 0; at < 12; at += 1) await plantCall(app, { conversationId: `conv_${at}` })
  t.ok((await filesWith(dataDir, WORD)).length > 1, 'they can before')
  await finished(app, await ask(app))
  for (const text of [WORD, NAME, NUMBER.slice(1)]) t.same(await filesWith(dataDir, text), [], text)
  await app.close()
  for (const text of [WORD, NAME, NUMBER.slice(1)]) t.same(await filesWith(dataDir, text), [], text)
})

t.test(
  'a vendor that refuses is asked again, and what it keeps stands in the receipt',
  async (t) => {
    let answers = 500
    const vendor = await openVendor(t, (id) => (id === 'conv_kept' ? 403 : answers))
    const { agentVendor } = vendor
    const app = await buildApp(t, { config: { agentVendor, erasureJob: JOB } })
    await plantCall(app, { conversationId: 'conv_kept' })
    await plantCall(app, { conversationId: 'conv_late' })
    const asked = await ask(app)
    await eventually('it was asked', () => Promise.resolve(vendor.asked.length >= 2))
    answers = 200
    const receipt = await finished(app, asked)
    t.match(receipt, {
      state: 'incomplete',
      vendor: { erased: 1, left: [{ conversation_id: 'conv_kept', why: /answered 403/ }] },
    })
    t.match((await app.metrics.render()).body, /erasures_total\{result="incomplete"\} 1/)
  },
)

t.test('cut off by the end of the process, it goes on with the next start', async (t) => {
  const dataDir = await freshDataDir(t)
  const hanging = await openVendor(t, () => 500)
  const first = await buildApp(t, {
    dataDir,
    config: {
      agentVendor: hanging.agentVendor,
      erasureJob: { ...JOB, vendorBackOff: { firstMs: 1000, maxMs: 1000 }, vendorRounds: 100 },
    },
  })
  await plantCall(first, { conversationId: 'conv_one' })
  const asked = await ask(first)
  await eventually('the vendor was asked', () => Promise.resolve(hanging.asked.length > 0))
  await first.close()
  const vendor = await openVendor(t, () => 200)
  const second = await buildApp(t, {
    dataDir,
    config: { agentVendor: vendor.agentVendor, erasureJob: JOB },
  })
  const receipt = await finished(second, asked)
  t.match(receipt, { state: 'done', erased: { calls: 1 }, vendor: { erased: 1, left: [] } })
})

t.test(
  'an answer about a transfer goes with its call; a late recording does not stay',
  async (t) => {
    const vendor = await openVendor(t, () => 200)
    const { agentVendor } = vendor
    const dataDir = await freshDataDir(t)
    const app = await buildApp(t, { dataDir, config: { agentVendor, erasureJob: JOB } })
    const { callId } = await app.control.begin({ from: NUMBER })
    const path = `/api/calls/${callId}/transfer`
    await app.request(path, json({ to: '+4930111222333' }, { 'idempotency-key': 'handed-over' }))
    app.emit('call.ended', callId, {
      termination: { result: 'success', reason: 'hangup', by: 'caller', sipStatus: null },
    })
    app.control.live.delete(callId)
    const receipt = await finished(app, await ask(app))
    t.equal(receipt.erased['idempotent_answers'], 1)
    t.same(await filesWith(dataDir, NUMBER), [])
    await app.close()
    // What lay in the spool is brought by the next start.
    const next = await buildApp(t, { dataDir })
    const file = join(dataDir, 'late.part')
    await writeFile(file, `RIFF ${WORD}`)
    const key = `recordings/${callId}.wav`
    const { bytes, sha256 } = await next.api.mediaStore.putFile(key, file, 'audio/wav')
    next.emit('recording.stored', callId, { key, bytes, sha256, durationMs: 1000 })
    await eventually(
      'it is deleted',
      async () => (await next.api.mediaStore.size(key)) === undefined,
    )
    t.match(readRow(next, 'SELECT * FROM calls WHERE call_id = ?', callId), { recording_key: null })
  },
)

t.test('whoever reads the file holds up the cleaning of it, and no call', async (t) => {
  const dataDir = await freshDataDir(t)
  const app = await buildApp(t, { dataDir, config: { erasureJob: JOB } })
  const callId = await plantCall(app)
  const reader = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { readOnly: true })
  t.teardown(() => reader.close())
  reader.exec('BEGIN; SELECT count(*) FROM calls')
  const { erasure_id: id } = await ask(app)
  await eventually(
    'its records are erased',
    async () => (await read(app, id)).erased['calls'] === 1,
  )
  const begun = performance.now()
  for (let times = 0; times < 10; times += 1) {
    await app.request(`/api/calls/${callId}`)
    await delay(50)
  }
  t.ok(performance.now() - begun < 4000, 'the database answers meanwhile')
  t.match(await read(app, id), { state: 'running', files_cleaned: false })
})

t.test('an erasure whose job was given up has one again when it is asked for again', async (t) => {
  const dataDir = await freshDataDir(t)
  const app = await buildApp(t, { dataDir, config: { erasureJob: JOB } })
  const { callId } = await app.control.begin({ from: NUMBER })
  const asked = await ask(app)
  const file = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { timeout: 2000 })
  t.teardown(() => file.close())
  const giveUp = file.prepare("DELETE FROM jobs WHERE kind = 'erasure.run' AND state = 'waiting'")
  await eventually('it is given up', () => Promise.resolve(giveUp.run().changes === 1))
  t.equal((await ask(app)).erasure_id, asked.erasure_id)
  app.emit('call.ended', callId, {
    termination: { result: 'success', reason: 'hangup', by: 'caller', sipStatus: null },
  })
  app.control.live.delete(callId)
  t.match(await finished(app, asked), { erased: { calls: 1 } })
})

t.test('what is no number is refused, and quotes nothing', async (t) => {
  const app = await buildApp(t)
  for (const number of ['030 123', 'alice', '+1', '']) {
    const response = await app.request('/api/erasures', json({ number }))
    t.equal(response.status, 400)
    t.match(await response.json(), { code: 'NUMBER_INVALID' })
  }
  const more = await app.request('/api/erasures', json({ number: NUMBER, all: true }))
  t.equal(more.status, 400)
  t.equal((await app.request('/api/erasures/erasure_x')).status, 404)
  t.equal((await app.request('/api/erasures?cursor=x')).status, 400)
})

t.test('one recording is deleted, once, and noted', async (t) => {
  const app = await buildApp(t)
  const callId = await plantCall(app)
  const path = `/api/calls/${callId}/recording`
  t.equal((await app.request(path)).status, 200)
  t.equal((await app.request(path, { method: 'DELETE' })).status, 204)
  t.equal((await app.request(path)).status, 404)
  const again = await app.request(path, { method: 'DELETE' })
  t.match(await again.json(), { code: 'RECORDING_NOT_FOUND' })
  t.equal(await app.api.mediaStore.size(`recordings/${callId}.wav`), undefined)
  const audit = 'SELECT action FROM audit_log WHERE target = ?'
  t.equal(readRow(app, audit, callId)['action'], 'recording.deleted')
  const { callId: live } = await app.control.begin()
  app.emit('recording.started', live, {})
  await app.recorded(live, 1)
  t.equal((await app.request(`/api/calls/${live}/recording`, { method: 'DELETE' })).status, 409)
})
