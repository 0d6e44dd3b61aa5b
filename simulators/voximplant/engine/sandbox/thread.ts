// The thread of one session: a context of its own for the scenario, its timers, secrets and limits. A scenario that
// fails, loops or leaves a promise alone harms nobody but itself.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { constants, createContext, Script } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { createTimerBook } from './timer-book.ts'
import type { Arrival, CallFacts, FromThread, ThreadPlan, ToThread, Wish } from './messages.ts'
import { readWish } from './read-wish.ts'

const MOST_REQUESTS = 35
const MOST_CUSTOM_DATA_BYTES = 200
const HASHES: ReadonlySet<unknown> = new Set(['sha256', 'sha1', 'md5'])

const plan = workerData as ThreadPlan
const secrets = new Map(plan.secrets)
const timers = createTimerBook(plan.pace, (id) => arrive({ kind: 'timer', id }))
let customData = plan.customData
let requestsLeft = MOST_REQUESTS
let arrival: Arrival | null = null

const tell = (message: FromThread): void => parentPort?.postMessage(message)

type Operation = (details: readonly unknown[]) => unknown

const OPERATIONS: Readonly<Record<string, Operation>> = {
  arrival: () => {
    const taken = arrival
    arrival = null
    return taken
  },
  log: ([text]) => tell({ type: 'log', text: String(text) }),
  broken: ([text]) => tell({ type: 'broken', text: String(text) }),
  secret: ([name]) => secrets.get(String(name)) ?? null,
  hmac: ([key, data]) =>
    createHmac('sha256', String(key)).update(String(data)).digest(plan.hmacEncoding),
  hash: ([algorithm, data]) =>
    HASHES.has(algorithm) ? createHash(String(algorithm)).update(String(data)).digest('hex') : null,
  customData: ([data]) => {
    if (typeof data === 'string') {
      if (Buffer.byteLength(data) > MOST_CUSTOM_DATA_BYTES)
        throw new Error('customData is too long')
      customData = data
      tell({ type: 'customData', text: data })
    }
    return customData
  },
  setTimer: ([id, ms]) => timers.set(Number(id), Number(ms)),
  clearTimer: ([id]) => timers.clear(Number(id)),
  http: (details) => {
    if (requestsLeft <= 0) throw new Error('Exceeded the HTTP connection count limit!')
    requestsLeft -= 1
    wish('http', details)
  },
  callPSTN: ([number, callerid, detection]): CallFacts => {
    const id = randomBytes(8).toString('hex')
    wish('callPSTN', [id, number, callerid, detection])
    const numbers = { number: String(number), callerid: String(callerid) }
    return { id, ...numbers, incoming: false, state: 'PROGRESSING' }
  },
  terminate: (details) => {
    // "After this only Terminating and Terminated are triggered."
    timers.close()
    wish('terminate', details)
  },
}

function wish(op: string, details: readonly unknown[]): void {
  const read: Wish | null = readWish(op, details)
  if (read === null) throw new TypeError('Invalid arguments')
  tell({ type: 'wish', wish: read })
}

/** Gives text and takes text; never throws, for what it would throw is an object of this side. */
function bridge(operation: unknown, details: unknown): string {
  try {
    const name = String(operation)
    const read: unknown = JSON.parse(String(details))
    const list: readonly unknown[] = Array.isArray(read) ? read : []
    const act = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined
    const value = (act ?? ((details) => wish(name, details)))(list)
    return JSON.stringify({ value: value ?? null })
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : 'Internal error' })
  }
}
// Nothing to climb up by, should it ever be seen.
Object.setPrototypeOf(bridge, null)
Object.freeze(bridge)

const context = createContext(constants.DONT_CONTEXTIFY, {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: 'afterEvaluate',
})
const next = new Script('__arrive()')

function arrive(what: Arrival): void {
  arrival = what
  if (what.kind === 'app' && what.name === 'Terminating') {
    timers.close()
    requestsLeft = Math.min(requestsLeft, 1)
  }
  if (what.kind === 'app' && what.name === 'Terminated') requestsLeft = 0
  evaluate(next)
  tell({ type: 'arrived', name: what.kind === 'app' ? what.name : what.kind })
}

function evaluate(script: Script): void {
  try {
    script.runInContext(context, { timeout: plan.callbackMs })
  } catch (error) {
    tell({ type: 'broken', text: wordsOf(error) })
  }
}

function wordsOf(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'an error without words'
  }
}

function begin(): void {
  const source = readFileSync(new URL('./runtime.js', import.meta.url), 'utf8')
  const install = new Script(source, { filename: 'voxengine' }).runInContext(context) as (
    border: typeof bridge,
  ) => void
  install(bridge)
  // `import()` would answer with an error of this side, and an object of this side is a way to it.
  if (/\bimport\b/.test(plan.script)) {
    tell({ type: 'broken', text: 'SyntaxError: a scenario cannot import' })
    return
  }
  try {
    evaluate(new Script(plan.script, { filename: 'scenario' }))
  } catch (error) {
    tell({ type: 'broken', text: wordsOf(error) })
  }
}

process.on('unhandledRejection', (reason) => {
  tell({ type: 'log', text: `Unhandled rejection: ${wordsOf(reason)}` })
})
begin()
tell({ type: 'ready' })
parentPort?.on('message', (message: ToThread) => arrive(message.arrival))
