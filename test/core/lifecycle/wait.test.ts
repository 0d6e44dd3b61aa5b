import t from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { runAll, waitFor, waitUntil } from '../../../core/lifecycle/index.ts'

const never = new Promise<never>(() => undefined)

t.test('a wait that is too long says what it was waiting for', async (t) => {
  await t.rejects(waitFor(never, { name: 'the moon', timeout: ms(5) }), {
    code: 'TIMED_OUT',
    message: /the moon took longer than 5 ms/,
  })
})

t.test(
  'a wait gives the value, the error or the abort reason, whichever comes first',
  async (t) => {
    const options = { name: 'it', timeout: ms(1000) }
    t.equal(await waitFor(Promise.resolve(7), options), 7)
    await t.rejects(waitFor(Promise.reject(new Error('own')), options), { message: 'own' })
    const aborted = AbortSignal.abort(new Error('over'))
    await t.rejects(waitFor(never, { ...options, signal: aborted }), { message: 'over' })
    const later = new AbortController()
    const waiting = waitFor(never, { ...options, signal: later.signal })
    later.abort(new Error('later'))
    await t.rejects(waiting, { message: 'later' })
  },
)

t.test('a wait that was over before it began leaves no rejection unhandled', async (t) => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  const signal = AbortSignal.abort(new Error('over'))
  const refused = Promise.reject(new Error('too late as well'))
  const options = { name: 'it', timeout: ms(1000), signal }
  await t.rejects(waitFor(refused, options), { message: 'over' })
  await t.rejects(waitFor(Promise.resolve(7), options), { message: 'over' })
  await new Promise((resolve) => setImmediate(resolve))
  t.same(unhandled, [])
})

t.test('waitUntil says whether the condition came in time', async (t) => {
  t.equal(await waitUntil(() => true, ms(0)), true)
  t.equal(await waitUntil(() => false, ms(10), 2), false)
})

t.test('every clean-up runs, whatever the others do', async (t) => {
  const ran: number[] = []
  const step =
    (n: number, fails = false) =>
    async () => {
      ran.push(n)
      if (fails) throw new Error(`step ${n}`)
    }
  await t.rejects(runAll([step(1), step(2, true), step(3)]), { message: 'step 2' })
  await t.rejects(runAll([step(4, true), step(5, true), step(6)]), {
    message: '2 clean-ups failed',
  })
  t.same(ran, [1, 2, 3, 4, 5, 6])
})
