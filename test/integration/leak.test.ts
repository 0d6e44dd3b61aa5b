// After thirty calls, in and out at once, nothing of them is left: no call, port, socket or handle. After a hundred thousand:
// npm run proof -- soak.
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const CALLS_EACH_WAY = 15

/** Open files of all threads: sockets, pipes, the database. */
const openFiles = (): number => readdirSync('/proc/self/fd').length

function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

async function callIn(product: Product, calls: number, t: Parameters<typeof runSipp>[0]) {
  const target = `${product.sipHost}:${product.sipPort}`
  const sipp = await runSipp(t, {
    scenario: 'call-in',
    target,
    calls,
    perSecond: 10,
    args: ['-d', '400'],
  })
  await succeeds(t, sipp)
}

async function callOut(product: Product, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) {
    await product.view.place(`+49301${10_000 + call}`)
    await sleep(90)
  }
}

t.test('thirty calls leave nothing behind', sippOptions, async (t) => {
  // SIPp stands at both ends: the simulated carrier would keep timers of its own in this process.
  const total = 2 * CALLS_EACH_WAY + 4
  const args = ['-d', '400']
  const callee = await runSipp(t, {
    scenario: 'called-hangs-up',
    calls: total / 2,
    args,
    timeoutSeconds: 60,
  })
  const trunkDomain = `127.0.0.1:${callee.port}`
  const product = await startProduct(t, { agent: { mode: 'silent' }, trunkDomain })
  const { view, agent, voicegate } = product
  await Promise.all([callIn(product, 2, t), callOut(product, 2)])
  await product.idle()
  const before = { files: openFiles(), resources: activeResources() }

  await Promise.all([callIn(product, CALLS_EACH_WAY, t), callOut(product, CALLS_EACH_WAY)])
  await succeeds(t, callee)
  const calls = await view.allEnded(total)
  t.equal(calls.length, total)
  t.same(
    calls.filter(({ termination }) => termination?.result !== 'success'),
    [],
  )
  await product.idle()
  t.same(voicegate.gateway.calls.list(), [])
  t.equal(voicegate.bridge.sessionCount(), 0)
  t.equal(agent.sessions.length, total)
  t.equal(await view.metric('calls_active'), 0)
  t.equal(await view.metric('agent_sessions_before_answer_total'), 0)
  // A few for connections of this test to the API that are kept alive.
  await eventually('as many open files as before', 10_000, () => openFiles() <= before.files + 4)
  const atMost = (name: string) => (before.resources[name] ?? 0) + 3
  for (const name of ['Timeout', 'UDPWrap', 'TCPSocketWrap', 'MessagePort', 'Worker'])
    await t.resolves(
      eventually(`${name} as before`, 5000, () => (activeResources()[name] ?? 0) <= atMost(name)),
      `${name}: ${before.resources[name] ?? 0} before, ${activeResources()[name] ?? 0} after`,
    )
  const sip = await voicegate.sip.embedded?.stats()
  t.match(sip ?? {}, { dialogs: 0, timeouts: 0, ackTimeouts: 0 })
})

t.test('when it stops, everything is given back', async (t) => {
  const files = openFiles()
  const product = await startProduct(t)
  await product.stop()
  await product.carrier.close()
  await product.agent.close()
  await eventually('as many open files as before', 5000, () => openFiles() <= files + 1)
  t.pass(`${files} files open before, ${openFiles()} after`)
})
