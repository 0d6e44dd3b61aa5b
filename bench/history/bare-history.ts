// What the pages are measured beside: the same statements run by nothing but node:sqlite, by themselves and behind the
// plainest HTTP server there is.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { isFrequent, selectPage, type CallFilter } from '../../control-api/calls/call-filter.ts'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { spreadOf, type Spread } from '../report/statistics.ts'
import { DATABASE_FILE } from './generated-history.ts'

export const PAGE = 50

export interface BareSpreads {
  readonly query: Spread
  /** The same, asked over HTTP and answered as JSON. */
  readonly http: Spread
}

interface Bare {
  readonly statement: StatementSync
  readonly parameters: readonly SQLInputValue[]
}

export async function bareSpreads(
  dataDir: string,
  filters: readonly CallFilter[],
): Promise<BareSpreads> {
  const statements = await statementsOf(dataDir, filters)
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  try {
    const bare = statements.map(({ sql, parameters }) => ({
      statement: db.prepare(sql),
      parameters: parameters as readonly SQLInputValue[],
    }))
    bare.forEach(run) // Warm.
    const query = spreadOf(bare.map(run))
    return { query, http: spreadOf(await httpTimes(bare)) }
  } finally {
    db.close()
  }
}

/** As the list route compiles them. */
async function statementsOf(dataDir: string, filters: readonly CallFilter[]) {
  const database = await openDatabase(createLogger('silent'), { dataDir })
  try {
    const statements: { readonly sql: string; readonly parameters: readonly unknown[] }[] = []
    for (const filter of filters) {
      const frequent = await isFrequent(database.query, filter)
      const request = { filter, limit: PAGE, after: null }
      statements.push(selectPage(database.query, request, frequent).compile())
    }
    return statements
  } finally {
    await database.close()
  }
}

function run({ statement, parameters }: Bare): number {
  const startedAt = performance.now()
  statement.all(...parameters)
  return performance.now() - startedAt
}

async function httpTimes(bare: readonly Bare[]): Promise<readonly number[]> {
  const server = createServer((request, response) => {
    const asked = bare[Number(request.url?.slice(1))]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(asked?.statement.all(...asked.parameters)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const times: number[] = []
  for (let round = 0; round < 2; round++) {
    times.length = 0 // The first round warms.
    for (const at of bare.keys()) {
      const startedAt = performance.now()
      await (await fetch(`http://127.0.0.1:${port}/${at}`)).arrayBuffer()
      times.push(performance.now() - startedAt)
    }
  }
  server.closeAllConnections()
  server.close()
  return times
}
