// The questions to a trunk on a SIP port played by the test, with time that passes only when the test says so.
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import type { OptionsOutcome, OptionsRequest } from '../../../gateway/sip/sip-port.ts'
import { startHealthWatch } from '../../../gateway/trunks/health-watch.ts'

const NUMBER = '883140776920289'
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function stage(t: Test) {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let now = 1_700_000_000_000
  const asked: OptionsRequest[] = []
  const waiting: PromiseWithResolvers<OptionsOutcome>[] = []
  const lines: string[] = []
  const ups: number[] = []
  const options = (request: OptionsRequest): Promise<OptionsOutcome> => {
    asked.push(request)
    const answer = Promise.withResolvers<OptionsOutcome>()
    waiting.push(answer)
    return answer.promise
  }
  const watch = startHealthWatch(
    {
      logger: createLogger('debug', { write: (line: string) => void lines.push(line) }),
      clock: { ...createClock(), now: () => epochMs(now) },
      metrics: createMetrics(),
      sip: { isConnected: true, options },
      random: () => 0.5,
      onUp: () => void ups.push(now),
    },
    {
      name: 'a',
      domain: 'sip.carrier.example',
      transport: 'tls',
      numbers: [],
      account: { user: NUMBER, password: 'planted', registers: false, settings: 'here' },
    },
    { intervalSeconds: 30, downAfter: 2, upAfter: 2 },
  )
  t.teardown(() => watch.close())
  return {
    ...{ watch, asked, lines, ups },
    now: () => now,
    pass: async (milliseconds: number): Promise<void> => {
      now += milliseconds
      mock.timers.tick(milliseconds)
      await settle()
    },
    answer: async (status: number, detail?: string): Promise<void> => {
      waiting.shift()?.resolve({ status, ...(detail === undefined ? {} : { detail }) })
      await settle()
    },
    fail: async (code: 'TIMED_OUT' | 'SIP_UNAVAILABLE'): Promise<void> => {
      waiting.shift()?.reject(new AppError(code, 'as the test says'))
      await settle()
    },
  }
}

t.test('asked within a second, then every interval after the answer', async (t) => {
  const { watch, asked, lines, pass, answer, now } = stage(t)
  await pass(549)
  t.equal(asked.length, 0)
  await pass(1)
  t.match(asked, [
    {
      requestUri: 'sip:sip.carrier.example;transport=tls',
      addressOfRecord: `sip:${NUMBER}@sip.carrier.example`,
      timeout: 5000,
      digest: undefined,
    },
  ])
  await pass(60_000)
  t.equal(asked.length, 1, 'one at a time')
  await answer(405)
  t.match(watch.view(), { reach: 'up', since: now(), sipStatus: 405, detail: null })
  await pass(29_999)
  t.equal(asked.length, 1)
  await pass(1)
  t.equal(asked.length, 2)
  t.notMatch(lines.join(), NUMBER)
})

t.test('whoever wants to know is told when it answers again, not each time', async (t) => {
  const { ups, pass, answer, fail, now } = stage(t)
  await pass(550)
  const asked = async (reply: () => Promise<void>): Promise<void> => {
    await reply()
    await pass(30_000)
  }
  await answer(200)
  t.same(ups, [now()])
  await pass(30_000)
  await asked(() => answer(200))
  await asked(() => fail('TIMED_OUT'))
  await asked(() => fail('TIMED_OUT'))
  await asked(() => answer(200))
  t.equal(ups.length, 1, 'not yet believed')
  await answer(200)
  t.same(ups.slice(1), [now()])
})

t.test('nobody answers in time: down, in words of ours', async (t) => {
  const { watch, lines, pass, fail } = stage(t)
  await pass(550)
  await fail('TIMED_OUT')
  t.match(watch.view(), { reach: 'unasked', since: null, detail: 'No Answer' })
  await pass(30_000)
  await fail('TIMED_OUT')
  t.match(watch.view(), { reach: 'down', since: Number, sipStatus: null, detail: 'No Answer' })
  t.match(lines.join(), /the trunk does not answer/)
})

t.test('trouble of our own SIP server says nothing of the trunk', async (t) => {
  const { watch, asked, pass, answer, fail } = stage(t)
  await pass(550)
  await answer(200)
  for (let at = 0; at < 5; at += 1) {
    await pass(30_000)
    await (at % 2 === 0 ? fail('SIP_UNAVAILABLE') : answer(503, 'Too Many Requests'))
  }
  t.equal(asked.length, 6)
  t.match(watch.view(), { reach: 'up', sipStatus: 200 })
})

t.test('lost: not asked, and a late answer is not heard; restored: asked at once', async (t) => {
  const { watch, asked, pass, answer } = stage(t)
  await pass(550)
  watch.lost()
  await answer(200)
  t.match(watch.view(), { reach: 'unasked' })
  await pass(300_000)
  t.equal(asked.length, 1)
  watch.restored()
  t.equal(asked.length, 2)
  await answer(200)
  t.match(watch.view(), { reach: 'up' })
  watch.close()
  watch.restored()
  await pass(300_000)
  t.equal(asked.length, 2, 'closed is closed')
})
