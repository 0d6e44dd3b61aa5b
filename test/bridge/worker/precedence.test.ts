// A media thread comes before the others where the system allows it, and it alone.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { PRECEDENCE } from '../../../bridge/worker/precedence.ts'

const MODULE = new URL('../../../bridge/worker/precedence.ts', import.meta.url).href
const PROGRAM = `
  const { parentPort } = require('node:worker_threads')
  import(${JSON.stringify(MODULE)}).then(({ takePrecedence }) => {
    parentPort.postMessage(takePrecedence())
    parentPort.once('message', () => undefined)
  })`

/** Of each thread of this process (proc(5), field 19 of stat; the name before it may hold blanks). */
const niceness = (): number[] =>
  readdirSync('/proc/self/task').map((thread) => {
    const [, fields = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(
      /\) (?=\S )/,
    )
    return Number(fields.split(' ')[16])
  })

/** CAP_SYS_NICE (capability 23), which root has outside containers. */
function mayRaise(): boolean {
  const held = /^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return ((BigInt(`0x${held}`) >> 23n) & 1n) === 1n
}

t.test('one thread is raised, or none where it is not allowed', async (t) => {
  const worker = new Worker(PROGRAM, { eval: true })
  t.teardown(() => worker.terminate())
  const [isRaised] = (await once(worker, 'message')) as [boolean]
  const raised = niceness().filter((nice) => nice === PRECEDENCE)
  t.equal(raised.length, isRaised ? 1 : 0)
  if (mayRaise()) t.ok(isRaised, 'where it is allowed')
})
