// A process that tells a receiver of events and kills itself at a point: `before-row`, `after-row` or `before-mark`, the
// n-th time it comes there. Started by the test of what a crash leaves.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../control-api/db/database.ts'
import { buildWebhooks } from './build-webhooks.ts'

const [dataDir = '', key = '', url = '', point = '', nth = '1'] = process.argv.slice(2)
let passed = 0

const isRow = (sql: string): boolean => sql.startsWith('insert into "webhook_deliveries"')
const isMark = (sql: string, values: readonly unknown[]): boolean =>
  sql.startsWith('update "webhook_deliveries"') && values.includes('delivered')

function dieHere(): never {
  process.kill(process.pid, 'SIGKILL')
  // It may take a moment, and nothing more may happen.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

function wrap(database: Database): Database {
  return {
    ...database,
    async write(queries) {
      const compiled = queries.map((query) => query.compile())
      const hit = compiled.some(({ sql, parameters }) =>
        point === 'before-mark' ? isMark(sql, parameters) : isRow(sql),
      )
      if (hit) passed += 1
      const isTime = hit && passed === Number(nth)
      if (isTime && point !== 'after-row') dieHere()
      const results = await database.write(queries)
      if (isTime) dieHere()
      return results
    },
  }
}

const built = await buildWebhooks({ dataDir, key: Buffer.from(key, 'base64'), wrap })
await built.add(url)
const calls = Array.from({ length: 5 }, (_, index) => `call_${String(index).padStart(32, '0')}`)
for (let part = 1; part <= 4; part += 1) {
  await built.tell(calls)
  while ((await built.rows()).length < part * calls.length) await sleep(5)
}
setInterval(() => undefined, 1000)
