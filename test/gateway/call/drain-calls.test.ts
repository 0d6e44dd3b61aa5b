// How long calls may finish, and what the log says meanwhile.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { LiveCall } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { drainCalls } from '../../../gateway/call/drain-calls.ts'
import { buildDesk } from '../../support/build-desk.ts'

function build(...callIds: readonly string[]) {
  const calls = new Set(callIds)
  const lines: { calls: number; leftMs?: number; callIds?: string[] }[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number])
  const registry = {
    get size() {
      return calls.size
    },
    list: () => [...calls].map((callId) => ({ callId }) as LiveCall),
  }
  const deps = { registry, logger: createLogger('info', { write }), now: () => performance.now() }
  return { calls, lines, deps }
}

t.test('the log counts down, and the drain ends with the last call', async (t) => {
  const { calls, lines, deps } = build('a', 'b', 'c')
  const until = performance.now() + 10_000
  const drained = drainCalls(deps, { until: () => until, reportEveryMs: 120 })
  await sleep(30)
  calls.delete('b')
  await sleep(120)
  calls.clear()
  await drained
  t.match(lines, [
    { calls: 3, callIds: ['a', 'b', 'c'] },
    { calls: 2, callIds: ['a', 'c'] },
    { calls: 0 },
  ])
  t.ok(performance.now() < until - 9000)
  const [first, second] = lines.map(({ leftMs }) => leftMs ?? 0)
  t.ok(first! > second!)
})

t.test('a deadline that is moved forward is heeded at once', async (t) => {
  const { lines, deps } = build('a')
  let until = performance.now() + 10_000
  const drained = drainCalls(deps, { until: () => until })
  await sleep(20)
  until = 0
  const movedAt = performance.now()
  await drained
  t.ok(performance.now() - movedAt < 1000)
  t.match(lines.at(-1), { calls: 1 })
})

t.test('without a call there is nothing to wait for, and nothing to say', async (t) => {
  const { lines, deps } = build()
  await drainCalls(deps, { until: () => Infinity })
  t.same(lines, [])
})

t.test('an inbound call that still rings when we stop is 503 with Retry-After', async (t) => {
  const { sip, desk } = buildDesk()
  sip.receive()
  for (const session of desk.registry.sessions)
    session.end({ result: 'server_error', reason: 'shutdown', by: 'gateway', sipStatus: null })
  t.ok(sip.sent.includes('503 after 30'), sip.sent.join())
})
