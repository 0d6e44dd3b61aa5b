// The menu on the database: every answer once, durable before the next turn, the same again for who repeats it.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openDatabase, type Database } from '../../../control-api/db/database.ts'
import { openFeed } from '../../../control-api/feed/feed.ts'
import { createFlowDesk, type FlowDesk } from '../../../control-api/ivr/flow-desk.ts'
import { createFlowStore } from '../../../control-api/ivr/flow-store.ts'
import type { FlowRules } from '../../../control-api/ivr/order-flow.ts'
import { promptCatalogue } from '../../../control-api/ivr/prompts/catalogue.ts'
import { createOrderStore } from '../../../control-api/orders/order-store.ts'
import {
  newCallId,
  type CallEvent,
  type CallId,
  type CallIdentity,
  type FlowInput,
  type FlowTurn,
} from '../../../core/contracts/index.ts'
import { createCallEventBus } from '../../../core/events/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { freshDataDir } from '../../support/build-app.ts'
import { emptiedDatabase } from '../../support/postgres-databases.ts'
import { needsPostgres, startPostgres } from '../../support/postgres.ts'
import { migratedDataDir } from '../../support/data-folder.ts'
import { eventually } from '../../support/process.ts'

const RULES: FlowRules = {
  company: 'Muster GmbH',
  website: 'https://example.test',
  prompts: promptCatalogue,
  isOrderNumber: (digits) => /^\d{4,12}$/.test(digits),
  maxOrderDigits: 12,
  onRefusal: 'end',
  human: null,
}
const clock = createClock()
const silent = createLogger('silent')
const keys = (digits: string): FlowInput => ({ kind: 'digits', digits })

interface Menu {
  readonly desk: FlowDesk
  readonly database: Database
  readonly told: CallEvent[]
  /** The call is over, as the bus tells of it. */
  readonly end: (callId: CallId) => void
}

async function openMenu(t: Test, database: Database, rules = RULES): Promise<Menu> {
  const told: CallEvent[] = []
  const events = createCallEventBus((error) => t.error(error))
  events.subscribe((event) => told.push(event))
  const feed = await openFeed(database, clock)
  const desk = createFlowDesk(
    { database, events, feed, clock, logger: silent },
    {
      rules,
      languageOf: () => 'de',
      systemVersion: '1.2.3',
      inherited: await createFlowStore(database).open(),
    },
  )
  t.teardown(() => desk.close())
  const end = (callId: CallId): void =>
    events.publish({ type: 'call.ended', callId, at: clock.now(), data: { termination: HUNG_UP } })
  return { desk, database, told, end }
}

const HUNG_UP = { result: 'success', reason: 'hangup', by: 'caller', sipStatus: null } as const

const identity = (callId = newCallId()): CallIdentity => ({
  callId,
  direction: 'inbound',
  from: '+4915112345678',
  to: '+4930555100',
  trunk: 'twilio',
  provider: 'twilio',
  createdAt: clock.now(),
  metadata: {},
})

const answer = (desk: FlowDesk, callId: CallId, to: FlowTurn, input: FlowInput) =>
  desk.advance(callId, { step: to.step, attempt: to.attempt, input })

/** Consent, the number, and its confirmation: the turns that were given. */
async function order(menu: Menu, callId: CallId, number = '12345'): Promise<FlowTurn[]> {
  const { desk } = menu
  const consent = await desk.begin(identity(callId), { hasAgent: false })
  const entry = await answer(desk, callId, consent, keys('1'))
  const confirm = await answer(desk, callId, entry, keys(number))
  return [consent, entry, confirm, await answer(desk, callId, confirm, keys('1'))]
}

const rows = (database: Database, table: 'orders' | 'order_history' | 'consents' | 'flow_steps') =>
  database.query
    .selectFrom(table)
    .selectAll()
    .$if(table === 'flow_steps' || table === 'order_history', (all) => all.orderBy('seq' as never))
    .execute()

type Open = (t: Test) => Promise<Database>

function suite(t: Test, open: Open): void {
  t.test('an order: what is asked, answered, kept and told', async (t) => {
    const menu = await openMenu(t, await open(t))
    const callId = newCallId()
    const turns = await order(menu, callId)
    t.same(
      turns.map(({ step, attempt }) => `${step} ${attempt}`),
      ['consent 1', 'order 1', 'order_confirm 1', 'help 1'],
    )
    const { database, told } = menu
    t.match(await rows(database, 'orders'), [
      { order_number: '12345', status: 'confirmed', call_id: callId, number_reversed: '54321' },
    ])
    t.match(await rows(database, 'order_history'), [
      { seq: 0, kind: 'confirmed', who: 'caller', to_value: 'confirmed', call_id: callId },
    ])
    t.match(await rows(database, 'consents'), [
      {
        call_id: callId,
        provider: 'twilio',
        number: '+4915112345678',
        given: 1,
        digit: '1',
        attempt: 1,
        prompt_id: 'consent',
        prompt_version: promptCatalogue.version,
        language: 'de',
        text_sha256: /^[0-9a-f]{64}$/,
        system_version: '1.2.3',
        withdrawn_at: null,
      },
    ])
    t.match(await rows(database, 'flow_steps'), [
      { seq: 0, step: 'consent', answer: 'yes', digits: '1' },
      { seq: 1, step: 'order', answer: 'entry', digits: '12345' },
      { seq: 2, step: 'order_confirm', answer: 'yes', digits: '1' },
      { seq: 3, step: 'help', answer: null, answered_at: null },
    ])
    t.same(
      told.map(({ type }) => type),
      'asked answered consent asked answered asked answered asked'
        .split(' ')
        .map((word) => (word === 'consent' ? 'consent.given' : `flow.${word}`)),
    )
    const orderId = (await rows(database, 'orders'))[0]?.order_id
    const feed = await (await openFeed(database, clock)).since(0, 10)
    t.match(feed, [
      { type: 'order.confirmed', callId, data: { order_id: orderId, order_number: '12345' } },
    ])
  })

  t.test('whoever repeats himself hears the same again, and nothing changes', async (t) => {
    const menu = await openMenu(t, await open(t))
    const { desk, database, told } = menu
    const callId = newCallId()
    const turns = await order(menu, callId)
    const before = { told: told.length, steps: await rows(database, 'flow_steps') }
    const inputs = [keys('1'), keys('12345'), keys('1')]
    for (const [at, input] of inputs.entries()) {
      const [asked, next] = [turns[at], turns[at + 1]]
      if (!asked || !next) throw new Error('no turn')
      t.same(await answer(desk, callId, asked, input), next, `answer ${at} again`)
      t.same(await answer(desk, callId, asked, keys('2')), next, `and another to ${at}`)
    }
    t.same(await desk.begin(identity(callId), { hasAgent: true }), turns[3], 'begun again')
    t.same(
      await desk.advance(callId, { step: 'order', attempt: 9, input: keys('1') }),
      turns[3],
      'what was never asked',
    )
    t.same(await desk.current(callId), turns[3])
    t.same({ told: told.length, steps: await rows(database, 'flow_steps') }, before)
    t.equal((await rows(database, 'order_history')).length, 1)
    await t.rejects(desk.advance(newCallId(), { step: 'order', attempt: 1, input: keys('1') }), {
      code: 'NOT_FOUND',
    })
  })

  t.test('twenty at once, in two processes: one is taken, all hear what follows', async (t) => {
    const database = await open(t)
    const [one, other] = [await openMenu(t, database), await openMenu(t, database)]
    const callId = newCallId()
    const begun = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        (at % 2 === 0 ? one : other).desk.begin(identity(callId), { hasAgent: false }),
      ),
    )
    let turn = begun[0] as FlowTurn
    for (const again of begun) t.same(again, turn)
    for (const input of [keys('1'), keys('4444'), keys('1'), keys('2')]) {
      const asked = turn
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          answer((at % 2 === 0 ? one : other).desk, callId, asked, input),
        ),
      )
      turn = answers[0] as FlowTurn
      for (const again of answers) t.same(again, turn)
    }
    t.match(turn, { step: 'end', then: { kind: 'hang-up' } })
    t.equal((await rows(database, 'flow_steps')).length, 5)
    t.equal((await rows(database, 'consents')).length, 1)
    t.equal((await rows(database, 'orders')).length, 1)
    t.equal((await rows(database, 'order_history')).length, 1)
    const told = [...one.told, ...other.told].map(({ type }) => type)
    t.equal(told.filter((type) => type === 'flow.answered').length, 4)
    t.equal(told.filter((type) => type === 'consent.given').length, 1)
    t.same(await answer(one.desk, callId, turn, keys('1')), turn, 'nothing follows the end')
  })

  t.test('an order that is known: its status is said, its history grows', async (t) => {
    const menu = await openMenu(t, await open(t))
    const { database } = menu
    await order(menu, newCallId(), '777777')
    await database.write([
      database.query.updateTable('orders').set({ status: 'problem', updated_at: 1 }),
    ])
    const second = newCallId()
    const turns = await order(menu, second, '777777')
    const text = JSON.stringify(turns[3])
    t.ok(text.includes(promptCatalogue.languages.de.status_problem), text)
    const [known] = await rows(database, 'orders')
    t.match(known, { status: 'problem', updated_at: 1 }, 'staff are not overtaken')
    t.match(await rows(database, 'order_history'), [
      { seq: 0, to_value: 'confirmed' },
      { seq: 1, to_value: 'problem', call_id: second },
    ])
    t.same(
      (await createOrderStore(database).ofCall(second)).map((one) => one.order_number),
      ['777777'],
    )
  })

  t.test('a refusal is proved as a consent is, and nothing else is kept', async (t) => {
    const menu = await openMenu(t, await open(t), { ...RULES, onRefusal: 'continue' })
    const { desk, database } = menu
    const callId = newCallId()
    const consent = await desk.begin(identity(callId), { hasAgent: false })
    const entry = await answer(desk, callId, consent, keys('2'))
    await answer(desk, callId, entry, keys('98765'))
    t.match(await rows(database, 'consents'), [{ given: 0, digit: '2' }])
    t.same(await rows(database, 'orders'), [])
    const states = await database.query.selectFrom('flow_calls').selectAll().execute()
    const all = JSON.stringify([await rows(database, 'flow_steps'), states, menu.told])
    t.notMatch(all, /98765/)
  })

  t.test('a call that is over is forgotten; a late answer changes nothing', async (t) => {
    const menu = await openMenu(t, await open(t))
    const { desk, database } = menu
    const callId = newCallId()
    const turns = await order(menu, callId)
    await desk.ended(callId)
    await desk.ended(callId)
    const [row] = await database.query.selectFrom('flow_calls').selectAll().execute()
    t.match(row, { state: null, ended_at: Number, finished_at: Number })
    t.same(await answer(desk, callId, turns[3] as FlowTurn, keys('1')), turns[3])
    t.same(await answer(desk, callId, turns[0] as FlowTurn, keys('1')), turns[1])
    t.equal((await rows(database, 'flow_steps')).length, 4)
  })

  t.test('the end of a call closes its menu, also one of an earlier run', async (t) => {
    const database = await open(t)
    const first = await openMenu(t, database)
    const [here, there] = [newCallId(), newCallId()]
    for (const callId of [here, there])
      await first.desk.begin(identity(callId), { hasAgent: false })
    first.end(here)
    const stillOpen = () => createFlowStore(database).open()
    await eventually('the first is closed', 5000, async () => (await stillOpen()).length === 1)
    first.desk.close()
    const second = await openMenu(t, database)
    second.end(newCallId())
    t.same(await stillOpen(), [there], 'a call without a menu')
    second.end(there)
    await eventually('the other is closed', 5000, async () => (await stillOpen()).length === 0)
  })
}

t.test('on SQLite', async (t) => {
  suite(t, async (one) => {
    const database = await openDatabase(silent, { dataDir: await migratedDataDir(one) })
    one.teardown(() => database.close())
    return database
  })

  t.test('a database that is away: no turn, nothing told, and taken when it is back', async (t) => {
    const database = await openDatabase(silent, { dataDir: await migratedDataDir(t) })
    t.teardown(() => database.close())
    let isAway = false
    const flaky: Database = {
      ...database,
      write: async (queries) => {
        const written = await database.write(queries)
        // Written, and its answer lost.
        if (isAway) throw Object.assign(new Error('away'), { code: 'DATABASE_UNAVAILABLE' })
        return written
      },
    }
    const { desk, told } = await openMenu(t, flaky)
    const callId = newCallId()
    const consent = await desk.begin(identity(callId), { hasAgent: false })
    isAway = true
    await t.rejects(answer(desk, callId, consent, keys('1')), { code: 'DATABASE_UNAVAILABLE' })
    isAway = false
    t.match(await answer(desk, callId, consent, keys('1')), { step: 'order', attempt: 1 })
    t.equal((await rows(database, 'consents')).length, 1)
    await sleep(10)
    t.equal(told.filter(({ type }) => type === 'flow.asked').length, 1)
  })
})

t.test('on PostgreSQL', needsPostgres, async (t) => {
  const another = await emptiedDatabase(t, await startPostgres(t))
  suite(t, async (one) => {
    const database = await openDatabase(silent, {
      dataDir: await freshDataDir(one),
      url: await another(),
    })
    one.teardown(() => database.close())
    return database
  })
})
