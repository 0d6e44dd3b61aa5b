// What every JobQueue owes its users: run on each one there is.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { epochMs, ms, type EpochMs } from '../../core/contracts/index.ts'
import type { Job, JobQueue, JobResult, JobRun } from '../../control-api/jobs/job-queue.ts'

/** Where jobs are kept, whoever works on them. */
export interface JobStore {
  /** Another process: nothing is shared with the others but the store. It is started and closed by the test. */
  queue(): JobQueue
  now(): EpochMs
  /** The machine's clock is set. */
  setClock(byMs: number): void
}

const KIND = 'conversation.sync'
const OTHER = 'call.redial'
const OPTIONS = { concurrency: 1, lease: ms(5000), maxAttempts: 3 }
const DONE: JobResult = { kind: 'done' }
const later = (delayMs: number): JobResult => ({ kind: 'later', delay: ms(delayMs) })

export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`)
    await sleep(5)
  }
}

type Handle = (job: Job, run: JobRun) => Promise<JobResult> | JobResult

/** A started queue with one handler, and what it ran. */
function worker(
  store: JobStore,
  handle: Handle = () => DONE,
  options: Partial<typeof OPTIONS> = {},
) {
  const queue = store.queue()
  const jobs: Job[] = []
  const runs: JobRun[] = []
  queue.work(KIND, { ...OPTIONS, ...options }, async (job, run) => {
    jobs.push(job)
    runs.push(run)
    return handle(job, run)
  })
  queue.start()
  const ran = (count: number) => eventually(`${count} runs`, async () => jobs.length >= count)
  return { queue, jobs, runs, ran }
}

const never = () => new Promise<never>(() => undefined)
const parked = async (queue: JobQueue, count = 1) => {
  await eventually('parked', async () => (await queue.list('parked', null, 9)).length >= count)
  return queue.list('parked', null, 9)
}
const isIdle = async (queue: JobQueue): Promise<boolean> => {
  const left = await Promise.all([queue.list('waiting', null, 1), queue.list('running', null, 1)])
  return left.flat().length === 0
}
/** Looked at twice: what goes from one list to the other meanwhile may be in neither. */
const idle = (queue: JobQueue) =>
  eventually('nothing to do', async () => (await isIdle(queue)) && isIdle(queue))

export function jobQueueContract(t: Test, openStore: (t: Test) => Promise<JobStore>): void {
  t.test('a job is run once, with what it was given, and is gone', async (t) => {
    const store = await openStore(t)
    const { queue, jobs } = worker(store)
    await queue.enqueue({ kind: KIND, data: { call_id: 'call_1', n: 2 } })
    await idle(queue)
    t.match(jobs, [{ kind: KIND, data: { call_id: 'call_1', n: 2 }, attempt: 1 }])
    t.ok(Math.abs(jobs[0]!.askedAt - store.now()) < 5000)
    t.equal(await queue.find(jobs[0]!.jobId), undefined)
  })

  t.test('a job that waits is due now when it is woken, and not twice', async (t) => {
    const store = await openStore(t)
    const results = [later(3_600_000), DONE]
    const { queue, jobs, ran } = worker(store, () => results.shift() ?? DONE)
    await queue.enqueue({ kind: KIND, data: {}, dedupeKey: 'one' })
    await ran(1)
    t.equal(await queue.wake('another'), false)
    await eventually('woken', () => queue.wake('one'))
    await ran(2)
    await idle(queue)
    t.equal(await queue.wake('one'), false, 'gone')
    t.equal(jobs.length, 2)
    t.same(
      jobs.map(({ attempt }) => attempt),
      [1, 1],
      'no attempt is lost by it',
    )
  })

  t.test('what was asked for before anybody worked is not lost', async (t) => {
    const store = await openStore(t)
    await store.queue().enqueue({ kind: KIND, data: {} })
    const { queue, jobs } = worker(store)
    await idle(queue)
    t.equal(jobs.length, 1)
  })

  t.test('a job waits for its time; the oldest come first', async (t) => {
    const store = await openStore(t)
    const { queue, jobs, ran } = worker(store)
    const now = store.now()
    await queue.enqueue({ kind: KIND, data: { n: 3 }, runAt: epochMs(now + 250) })
    await queue.enqueue({ kind: KIND, data: { n: 2 }, runAt: epochMs(now + 150) })
    await queue.enqueue({ kind: KIND, data: { n: 1 } })
    await ran(1)
    t.same(
      jobs.map(({ data }) => data['n']),
      [1],
    )
    await idle(queue)
    t.same(
      jobs.map(({ data }) => data['n']),
      [1, 2, 3],
    )
    t.ok(store.now() - now >= 250)
  })

  t.test('a job that throws is tried again, then parked; a retry gives it all again', async (t) => {
    const store = await openStore(t)
    const { queue, jobs } = worker(store, () => {
      throw new Error('no: call +4930123456 or https://x.example/?key=secret')
    })
    await queue.enqueue({ kind: KIND, data: { call_id: 'c' }, dedupeKey: 'one' })
    const [job] = await parked(queue)
    t.same(
      jobs.map(({ attempt }) => attempt),
      [1, 2, 3],
    )
    t.match(job, { state: 'parked', attempts: 3, data: { call_id: 'c' }, lastError: /^no: / })
    t.notMatch(job?.lastError, /4930123456|secret/)
    await queue.enqueue({ kind: KIND, data: {}, dedupeKey: 'one' })
    await sleep(100)
    t.equal(jobs.length, 3, 'asking again for what is parked does nothing')
    t.ok(await queue.retry(job!.jobId))
    await eventually('parked again', async () => jobs.length === 6)
    await parked(queue)
    t.same(
      jobs.slice(3).map(({ attempt }) => attempt),
      [1, 2, 3],
    )
    t.notOk(await queue.retry('job_none'))
    t.ok(await queue.giveUp(job!.jobId))
    t.notOk(await queue.giveUp(job!.jobId))
    await queue.enqueue({ kind: KIND, data: {}, dedupeKey: 'one' })
    await eventually('asked anew', async () => jobs.length > 6)
  })

  t.test('what would not help is parked at once', async (t) => {
    const store = await openStore(t)
    const { queue, jobs } = worker(store, () => ({ kind: 'park', why: 'the key is not valid' }))
    await queue.enqueue({ kind: KIND, data: {} })
    t.match(await parked(queue), [{ lastError: 'the key is not valid', attempts: 1 }])
    t.equal(jobs.length, 1)
  })

  t.test('later costs no attempt, as often as it is said', async (t) => {
    const store = await openStore(t)
    const says = (count: number): JobResult => {
      if (count === 3) throw new Error('a bad moment')
      return count < 8 ? later(15) : DONE
    }
    const { queue, jobs, ran } = worker(store, () => says(jobs.length), { maxAttempts: 2 })
    await queue.enqueue({ kind: KIND, data: {} })
    await ran(8)
    await idle(queue)
    t.same(
      jobs.map(({ attempt }) => attempt),
      [1, 1, 1, 2, 2, 2, 2, 2],
    )
  })

  t.test('one job a key at a time, whatever it is doing', async (t) => {
    const store = await openStore(t)
    const gate = Promise.withResolvers<undefined>()
    const { queue, jobs, ran } = worker(store, async () => {
      await gate.promise
      return DONE
    })
    const ask = () => queue.enqueue({ kind: KIND, data: {}, dedupeKey: 'one' })
    await Promise.all(Array.from({ length: 5 }, ask))
    await ran(1)
    await ask()
    t.equal((await queue.list('waiting', null, 9)).length, 0)
    gate.resolve(undefined)
    await idle(queue)
    t.equal(jobs.length, 1)
    await ask()
    await ran(2)
  })

  t.test('what a dead process ran is run again at once, and the dead one is told', async (t) => {
    const store = await openStore(t)
    const dead = worker(store, never)
    await dead.queue.enqueue({ kind: KIND, data: { n: 1 } })
    await dead.ran(1)
    const { queue, jobs } = worker(store)
    await idle(queue)
    t.match(jobs, [{ data: { n: 1 }, attempt: 2 }])
    t.equal(await dead.runs[0]?.extend(), false)
    t.ok(dead.runs[0]?.signal.aborted)
  })

  t.test('a run that lost its job changes nothing of it any more', async (t) => {
    const store = await openStore(t)
    const gates = [Promise.withResolvers<JobResult>(), Promise.withResolvers<JobResult>()]
    const first = worker(store, () => gates[0]!.promise)
    await first.queue.enqueue({ kind: KIND, data: {} })
    await first.ran(1)
    const second = worker(store, () => gates[1]!.promise)
    await second.ran(1)
    gates[0]!.resolve(DONE)
    await sleep(50)
    t.match(await second.queue.list('running', null, 9), [{ attempts: 2 }], 'not deleted')
    gates[1]!.resolve(later(60_000))
    await eventually(
      'put back',
      async () => (await second.queue.list('waiting', null, 9)).length === 1,
    )
    t.match(await second.queue.list('waiting', null, 9), [{ attempts: 1 }])
  })

  t.test('a job that ends each process is parked without being run again', async (t) => {
    const store = await openStore(t)
    const starts: number[] = []
    for (let start = 0; start < 3; start += 1) {
      const { queue, jobs, ran } = worker(store, never)
      if (start === 0) await queue.enqueue({ kind: KIND, data: {} })
      await ran(1)
      starts.push(jobs[0]!.attempt)
    }
    t.same(starts, [1, 2, 3])
    const { queue, jobs } = worker(store)
    t.match(await parked(queue), [{ attempts: 3, lastError: /ended with the process/ }])
    t.equal(jobs.length, 0)
    await queue.enqueue({ kind: KIND, data: { n: 'good' } })
    await idle(queue)
    t.equal(jobs.length, 1, 'the others go on')
  })

  t.test('a run without a sign of life is taken for dead, and its hand is free', async (t) => {
    const store = await openStore(t)
    const handle: Handle = (job) => (job.data['n'] === 'hangs' ? never() : DONE)
    const { queue, jobs, runs } = worker(store, handle, { lease: ms(60), maxAttempts: 2 })
    await queue.enqueue({ kind: KIND, data: { n: 'hangs' } })
    await queue.enqueue({ kind: KIND, data: { n: 'good' } })
    t.match(await parked(queue), [{ attempts: 2, lastError: /no sign of life for 0.06 s/ }])
    await idle(queue)
    t.ok(runs[0]?.signal.aborted)
    t.equal(await runs[0]?.extend(), false)
    t.equal(jobs.filter(({ data }) => data['n'] === 'good').length, 1)
  })

  t.test('a run that extends its lease keeps it', async (t) => {
    const store = await openStore(t)
    const held: boolean[] = []
    const handle: Handle = async (_job, run) => {
      for (let step = 0; step < 6; step += 1) {
        await sleep(60)
        held.push(await run.extend())
      }
      return DONE
    }
    const { queue, jobs } = worker(store, handle, { lease: ms(200) })
    await queue.enqueue({ kind: KIND, data: {} })
    await eventually('six steps', async () => held.length === 6)
    await idle(queue)
    t.same(new Set(held), new Set([true]))
    t.equal(jobs.length, 1)
  })

  t.test('so many at a time and no more; a flood of one kind holds up no other', async (t) => {
    const store = await openStore(t)
    const gate = Promise.withResolvers<undefined>()
    const queue = store.queue()
    const counts = { now: 0, most: 0, all: 0, other: 0 }
    queue.work(KIND, { ...OPTIONS, concurrency: 3 }, async () => {
      counts.now += 1
      counts.all += 1
      counts.most = Math.max(counts.most, counts.now)
      await gate.promise
      counts.now -= 1
      return DONE
    })
    queue.work(OTHER, OPTIONS, async () => {
      counts.other += 1
      return DONE
    })
    queue.start()
    await Promise.all(Array.from({ length: 20 }, () => queue.enqueue({ kind: KIND, data: {} })))
    await queue.enqueue({ kind: OTHER, data: {} })
    await eventually('the other kind', async () => counts.other === 1)
    t.equal(counts.all, 3)
    gate.resolve(undefined)
    await idle(queue)
    t.same([counts.all, counts.most], [20, 3])
  })

  t.test('drain lets a run end and begins none; close cuts it off at no cost to it', async (t) => {
    const store = await openStore(t)
    const gate = Promise.withResolvers<JobResult>()
    const first = worker(store, (job) => (job.data['n'] === 1 ? gate.promise : never()))
    await first.queue.enqueue({ kind: KIND, data: { n: 1 } })
    await first.ran(1)
    const drained = first.queue.drain(ms(2000))
    await first.queue.enqueue({ kind: KIND, data: { n: 2 } })
    gate.resolve(DONE)
    await drained
    t.equal(first.jobs.length, 1)
    await first.queue.close()

    const second = worker(store, (_job, { signal }) => abortOf(signal))
    await second.ran(1)
    t.match(second.jobs, [{ data: { n: 2 }, attempt: 1 }])
    await Promise.all([second.queue.close(), second.queue.close()])
    const deaf = worker(store, never)
    await deaf.ran(1)
    t.equal(deaf.jobs[0]?.attempt, 1, 'cut off by our own end: no attempt')
    await deaf.queue.close()
    const last = worker(store)
    await idle(last.queue)
    t.match(last.jobs, [{ data: { n: 2 }, attempt: 1 }])
  })

  t.test('a clock that is set back holds no job up', async (t) => {
    const store = await openStore(t)
    const before = store.queue()
    const inOneHundredMs = { kind: KIND, data: {}, runAt: epochMs(store.now() + 100) } as const
    await before.enqueue(inOneHundredMs)
    store.setClock(-86_400_000)
    const { queue, jobs } = worker(store)
    await idle(queue)
    t.equal(jobs.length, 1)
  })

  t.test('lists go newest first, a page at a time', async (t) => {
    const store = await openStore(t)
    const queue = store.queue()
    for (let n = 0; n < 5; n += 1) {
      await queue.enqueue({ kind: KIND, data: { n } })
      await sleep(2)
    }
    const first = await queue.list('waiting', null, 2)
    const rest = await queue.list('waiting', first[1]!.jobId, 9)
    t.same(
      [...first, ...rest].map(({ data }) => data['n']),
      [4, 3, 2, 1, 0],
    )
    t.ok(await queue.giveUp(first[0]!.jobId), 'what waits may be given up too')
    t.match(await queue.find(first[1]!.jobId), { state: 'waiting', attempts: 0, lastError: null })
  })

  t.test('a job carries ids, not a load', async (t) => {
    const queue = (await openStore(t)).queue()
    t.throws(() => queue.enqueued({ kind: KIND, data: { text: 'x'.repeat(3000) } }), RangeError)
  })
}

const abortOf = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  )
