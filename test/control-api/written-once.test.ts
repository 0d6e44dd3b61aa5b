import t from 'tap'
import {
  DummyDriver,
  Kysely,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { newCallRow } from '../../control-api/calls/call-row.ts'
import { insertCall } from '../../control-api/calls/call-position.ts'
import { createRecordWrites } from '../../control-api/calls/record-writes.ts'
import type { DatabaseSchema } from '../../control-api/db/schema.ts'
import { asStatement } from '../../control-api/db/statement.ts'
import { writtenOnce } from '../../control-api/db/written-once.ts'
import { epochMs, newCallId } from '../../core/contracts/index.ts'

const query = new Kysely<DatabaseSchema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

t.test('a statement written once is what Kysely writes each time', async (t) => {
  const writes = createRecordWrites(query)
  for (const to of ['+4930555000', '+4930555001']) {
    const row = newCallRow(
      {
        callId: newCallId(),
        direction: 'outbound',
        from: null,
        to,
        trunk: 'rehearsal',
        createdAt: epochMs(1000),
        metadata: {},
      },
      0.08,
    )
    t.same(
      asStatement(writes.insertCall(row).compile()),
      asStatement(insertCall(query, row).compile()),
    )
    for (const columns of [{ status: 'ringing' }, { ringing_at: 1, status: 'ended' }] as const)
      t.same(
        asStatement(writes.updateCall(row.call_id, columns).compile()),
        asStatement(
          query.updateTable('calls').set(columns).where('call_id', '=', row.call_id).compile(),
        ),
      )
  }
})

t.test('it is written for each set of columns, and values of its own stay', (t) => {
  let written = 0
  const touch = writtenOnce<{ readonly id: string; readonly agent_id?: string }>(
    ({ id, ...columns }) => {
      written += 1
      return query
        .updateTable('calls')
        .set({ ...columns, status: 'ended', metadata: sql`${id} || ${'own'}` })
        .where('call_id', '=', id)
    },
  )
  const parametersOf = (values: Parameters<typeof touch>[0]) => touch(values).compile().parameters
  t.same(parametersOf({ id: 'a' }), ['ended', 'a', 'own', 'a'])
  t.same(parametersOf({ id: 'b' }), ['ended', 'b', 'own', 'b'])
  t.same(parametersOf({ id: 'b', agent_id: 'c' }), ['c', 'ended', 'b', 'own', 'b'])
  t.equal(written, 2)
  t.end()
})
