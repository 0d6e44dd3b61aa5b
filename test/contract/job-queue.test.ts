import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { CompiledQuery, sql, SqliteQueryCompiler } from 'kysely'
import { openDatabase } from '../../control-api/db/database.ts'
import { countJobs } from '../../control-api/jobs/job-rows.ts'
import { ms } from '../../core/contracts/index.ts'
import { createLogger, type Metrics } from '../../core/telemetry/index.ts'
import { migratedDataDir } from '../support/data-folder.ts'
import { eventually, jobQueueContract } from './job-queue.ts'
import { sqlJobStore } from './sql-job-store.ts'

async function sample(metrics: Metrics, name: string): Promise<number> {
  const { body } = await metrics.render()
  const line = body.split('\n').find((one) => one.startsWith(`voicegate_${name} `))
  return Number(line?.split(' ').at(-1))
}

async function open(t: Test, dataDir?: string) {
  const folder = dataDir ?? (await migratedDataDir(t))
  const database = await openDatabase(createLogger('silent'), { dataDir: folder })
  // Registered before the queues are: closed after them.
  t.teardown(() => database.close())
  return { database }
}

t.test('on SQLite', async (t) => {
  jobQueueContract(t, async (one) => sqlJobStore(one, (await open(one)).database))
})

t.test('a job is written with what it follows from, or not at all', async (t) => {
  const { database } = await open(t)
  const queue = sqlJobStore(t, database).queue()
  const job = { kind: 'call.redial', data: {} } as const
  const broken = sql`INSERT INTO jobs (job_id) VALUES (NULL)`
  await t.rejects(
    database.write([queue.enqueued(job), { compile: () => broken.compile(database.query) }]),
  )
  t.same(await queue.list('waiting', null, 9), [])
  await database.write([queue.enqueued(job)])
  t.match(await queue.list('waiting', null, 9), [{ kind: 'call.redial' }])
})

t.test('with nothing due it writes nothing, and every look is by an index', async (t) => {
  const { database } = await open(t)
  const reads = new Map<string, CompiledQuery>()
  let writes = 0
  const watched = {
    query: database.query.withPlugin({
      transformQuery({ node, queryId }) {
        const compiled = new SqliteQueryCompiler().compileQuery(node, queryId)
        if (compiled.sql.startsWith('select')) reads.set(compiled.sql, compiled)
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    }),
    write: (queries: Parameters<typeof database.write>[0]) => {
      writes += 1
      return database.write(queries)
    },
  }
  const queue = sqlJobStore(t, watched).queue()
  queue.work('call.redial', { concurrency: 2, lease: ms(1000), maxAttempts: 2 }, () =>
    Promise.resolve({ kind: 'done' }),
  )
  queue.start()
  await sleep(300)
  t.equal(writes, 1, 'what it takes over at the start')
  await queue.list('parked', 'job_x', 9)
  t.equal(reads.size, 3, 'due, expired, parked')
  await countJobs(watched.query)
  t.equal(reads.size, 5, 'and what is counted of those that wait and are parked')
  for (const { sql: text, parameters } of reads.values()) {
    const plan = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${text}`, [...parameters])
    const { rows } = await database.query.executeQuery<{ detail: string }>(plan)
    const steps = rows.map(({ detail }) => detail).join('; ')
    t.match(steps, /USING (COVERING )?INDEX jobs_(due|leased|parked)/, steps)
    // Few are parked: those are sorted.
    t.notMatch(steps, /SCAN jobs$/)
    if (!steps.includes('INDEX jobs_parked')) t.notMatch(steps, /TEMP B-TREE/)
  }
})

t.test('told of what was written, it looks for the jobs among it, and for no others', async (t) => {
  const { database } = await open(t)
  const asked: unknown[] = []
  const query = database.query.withPlugin({
    transformQuery({ node, queryId }) {
      const { sql: text, parameters } = new SqliteQueryCompiler().compileQuery(node, queryId)
      if (text.startsWith(`select * from "jobs" where "state" = 'waiting'`))
        asked.push(parameters[0])
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  })
  const store = sqlJobStore(t, { query, write: (queries) => database.write(queries) })
  const queue = store.queue(ms(60_000))
  const run: unknown[] = []
  for (const kind of ['call.redial', 'media.sweep'] as const)
    queue.work(kind, { concurrency: 1, lease: ms(1000), maxAttempts: 1 }, ({ data }) => {
      run.push(data['n'])
      return Promise.resolve({ kind: 'done' })
    })
  queue.start()
  await eventually('looked at the start', () => Promise.resolve(asked.length === 2))
  asked.length = 0
  const other = database.query.deleteFrom('idempotency').where('key', '=', 'none')
  await database.write([other])
  queue.written([other])
  const job = queue.enqueued({ kind: 'call.redial', data: { n: 1 } })
  await database.write([other, job])
  queue.written([other, job])
  await eventually('run', () => Promise.resolve(run.length === 1))
  await eventually('and its hand looked for another', () => Promise.resolve(asked.length === 2))
  t.same(asked, ['call.redial', 'call.redial'])
})

t.test('a stream of jobs of one kind keeps nobody from looking for the others', async (t) => {
  const { database } = await open(t)
  const queue = sqlJobStore(t, database).queue()
  const run: string[] = []
  for (const kind of ['call.redial', 'media.sweep'] as const)
    queue.work(kind, { concurrency: 1, lease: ms(1000), maxAttempts: 1 }, () => {
      run.push(kind)
      return Promise.resolve({ kind: 'done' })
    })
  queue.start()
  const stream = setInterval(() => void queue.enqueue({ kind: 'call.redial', data: {} }), 10)
  t.teardown(() => clearInterval(stream))
  await eventually('the stream runs', () => Promise.resolve(run.length > 5))
  // Nobody told of it, as of one that a dead run gave back.
  await database.write([queue.enqueued({ kind: 'media.sweep', data: {} })])
  await eventually('the other is run', () => Promise.resolve(run.includes('media.sweep')))
})

t.test('what it counts', async (t) => {
  const { database } = await open(t)
  const store = sqlJobStore(t, database)
  const queue = store.queue()
  queue.work('call.redial', { concurrency: 1, lease: ms(1000), maxAttempts: 1 }, ({ data }) =>
    data['n'] === 2 ? Promise.reject(new Error('no')) : Promise.resolve({ kind: 'done' }),
  )
  for (const n of [1, 2]) await queue.enqueue({ kind: 'call.redial', data: { n } })
  t.equal(await sample(store.metrics, 'jobs_waiting{kind="call.redial"}'), 2)
  store.setClock(90_000)
  const oldest = await sample(store.metrics, 'jobs_oldest_seconds{kind="call.redial"}')
  t.ok(oldest >= 90 && oldest < 95, 'due for so long', { oldest })
  queue.start()
  await eventually('parked', async () => (await queue.list('parked', null, 9)).length === 1)
  t.equal(await sample(store.metrics, 'jobs_waiting{kind="call.redial"}'), 0)
  t.equal(await sample(store.metrics, 'jobs_oldest_seconds{kind="call.redial"}'), 0)
  t.equal(await sample(store.metrics, 'jobs_parked{kind="call.redial"}'), 1)
  for (const result of ['done', 'parked'])
    t.equal(await sample(store.metrics, `job_runs_total{kind="call.redial",result="${result}"}`), 1)
})

t.test('a job that kills its process, each time, is parked by the start after', async (t) => {
  const dataDir = await migratedDataDir(t)
  const child = async (what: 'ask' | 'work') => {
    const args = ['--disable-warning=ExperimentalWarning', 'test/support/job-child.ts']
    const running = spawn(process.execPath, [...args, dataDir, what], { stdio: 'inherit' })
    const [code, signal] = (await once(running, 'exit')) as [number | null, string | null]
    return signal ?? code
  }
  t.equal(await child('ask'), 0)
  t.equal(await child('work'), 'SIGKILL')
  t.equal(await child('work'), 'SIGKILL')
  t.equal(await child('work'), 0, 'parked: it is not run a third time')
  const { database } = await open(t, dataDir)
  const jobs = await database.query.selectFrom('jobs').selectAll().execute()
  t.match(jobs, [{ state: 'parked', attempts: 2, last_error: /2 runs ended with the process/ }])
})
