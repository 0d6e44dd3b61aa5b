// After a hundred calls, in and out at once, nothing of them is left: no call, port, socket or handle.
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../support/process.ts'
import { runSipp, sippOptions } from '../support/sipp.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const CALLS_EACH_WAY = 50

/** Open files of all threads: sockets, pipes, the database. */
const openFiles = (): number => readdirSync('/proc/self/fd').length

function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

async function callIn(product: Product, calls: number, t: Parameters<typeof runSipp>[0]) {
  const target = `${product.sipHost}:${product.sipPort}`
  const sipp = await runSipp(t, { scenario: 'call-in', target, calls, perSecond: 10, args: ['-d', '400'] })
  t.equal(await sipp.exitCode, 0, sipp.errors().slice(0, 2000))
}

async function callOut(product: Product, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) {
    await product.view.place(`+49301${10_000 + call}`)
    await sleep(90)
  }
}

t.test('a hundred calls leave nothing behind', sippOptions, async (t) => {
  const product = await startProduct(t, { agent: { mode: 'silent' } })
  product.carrier.script('*', [{ ring: 50 }, { answer: true }, { listen: 400 }, { hangUp: true }])
  const { view, carrier, agent, voicegate } = product
  await Promise.all([callIn(product, 2, t), callOut(product, 2)])
  await product.idle()
  // The phones of the carrier keep their ports for a second.
  await sleep(1200)
  const before = { files: openFiles(), resources: activeResources() }

  await Promise.all([callIn(product, CALLS_EACH_WAY, t), callOut(product, CALLS_EACH_WAY)])
  const total = 2 * CALLS_EACH_WAY + 4
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
  t.same(carrier.calls.flatMap(({ protocolErrors }) => protocolErrors), [])
  t.equal(await view.metric('calls_active'), 0)
  t.equal(await view.metric('agent_sessions_before_answer_total'), 0)
  // A few for connections of this test to the API that are kept alive.
  await eventually('as many open files as before', 10_000, () => openFiles() <= before.files + 4)
  const after = activeResources()
  for (const name of ['Timeout', 'UDPWrap', 'UDPWRAP', 'Immediate', 'MessagePort', 'Worker'])
    t.ok((after[name] ?? 0) <= (before.resources[name] ?? 0) + 2, `${name}: ${before.resources[name] ?? 0} before, ${after[name] ?? 0} after`)
  const sip = await voicegate.sip.stats()
  t.comment(JSON.stringify(sip))
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
