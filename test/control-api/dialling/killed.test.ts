// SIGKILL at the writes of a dial request with an Idempotency-Key, and of a redial: no call is lost, none is made twice.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually, freshDataDir, json } from '../../support/build-app.ts'
import type { KillOrder } from '../../support/dialling-child.ts'

t.setTimeout(120_000)

const CHILD = join(import.meta.dirname, '../../support/dialling-child.ts')
const RETRY = { attempts: 1, after_seconds: 60, on: ['busy', 'failed'] }
type Body = Record<string, unknown>

interface Answer {
  readonly status: number
  readonly body: Body
}

/** One node, killed and started again on the same data. */
class Node {
  readonly #t: Test
  readonly #dataDir: string
  #child: ChildProcess | undefined
  #gone: Promise<unknown> = Promise.resolve()
  #url = ''

  constructor(t: Test, dataDir: string) {
    this.#t = t
    this.#dataDir = dataDir
  }

  async start(): Promise<void> {
    const args = ['--disable-warning=ExperimentalWarning', CHILD, this.#dataDir, this.#dialsFile]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    this.#child = child
    this.#gone = once(child, 'exit')
    this.#t.teardown(() => this.kill())
    const [line] = (await once(child.stdout?.setEncoding('utf8') ?? child, 'data')) as [string]
    this.#url = line.trim()
  }

  async died(): Promise<void> {
    await this.#gone
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#gone
  }

  /** It dies at this write. */
  async order(order: KillOrder): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    this.#child?.once('message', resolve)
    this.#child?.send(order)
    await promise
  }

  /** Undefined: it died before it could answer. */
  async place(number: string): Promise<Answer | undefined> {
    const body = json({ phone_number: number, retry: RETRY }, { 'idempotency-key': number })
    try {
      const response = await fetch(`${this.#url}/api/calls`, body)
      return { status: response.status, body: (await response.json()) as Body }
    } catch {
      return undefined // The connection broke off with the process.
    }
  }

  async callsTo(number: string): Promise<readonly Body[]> {
    const query = new URLSearchParams({ number })
    const response = await fetch(`${this.#url}/api/calls?${query.toString()}`)
    return ((await response.json()) as { items: Body[] }).items
  }

  /** As the carrier counts them: ids of the calls dialled, by number. */
  dialsTo(number: string): readonly string[] {
    if (!existsSync(this.#dialsFile)) return []
    const lines = readFileSync(this.#dialsFile, 'utf8').trim().split('\n')
    return lines.filter((line) => line.endsWith(number))
  }

  get #dialsFile(): string {
    return join(this.#dataDir, 'dials')
  }
}

const newNode = async (t: Test): Promise<Node> => {
  const node = new Node(t, await freshDataDir(t))
  await node.start()
  return node
}

const numberOf = (index: number, last: number): string => `+49301234${100 + index}${last}`

const at = (when: KillOrder['when'], write: string, nth = 1): KillOrder => ({ when, write, nth })
const CLAIM = 'insert into ."idempotency'
const REQUEST = 'insert into ."call_requests'
const RECORD = 'insert into ."calls."'
const ANSWER = 'update ."idempotency'

async function dialRequests(t: Test, node: Node): Promise<void> {
  const orders = [
    at('after', CLAIM),
    at('after', REQUEST),
    at('after', RECORD),
    at('before', ANSWER),
  ]
  for (const [index, order] of orders.entries()) {
    const point = `${order.when} ${order.write}`
    const number = numberOf(index + 1, 0)
    await node.order(order)
    t.equal(await node.place(number), undefined, `${point}: it dies before it answers`)
    await node.died()
    await node.start()
    const repeat = await node.place(number)
    t.equal(repeat?.status, 202, `${point}: a repeat is answered with the call`)
    const calls = await node.callsTo(number)
    t.equal(calls.length, 1, `${point}: one record`)
    t.equal(calls[0]?.['call_id'], repeat?.body['call_id'], `${point}: of that call`)
    const dials = node.dialsTo(number).length
    t.ok(dials <= 1, `${point}: dialled at most once`)
    if (calls[0]?.['status'] !== 'ended') t.equal(dials, 1, `${point}: dialled`)
  }
}

/** Both attempts were made, or the second is due later: it was the crash that ended the first. */
const isSettled = (calls: readonly Body[]): boolean => {
  const due = calls.filter(({ next_attempt_at: at }) => at !== null)
  const isOver = calls.every(({ status }) => status === 'ended')
  return isOver && (calls.length === 2 ? due.length === 0 : due.length === 1 && isLater(due[0]))
}
const isLater = (call: Body | undefined): boolean =>
  Date.parse(String(call?.['next_attempt_at'])) > Date.now() + 10_000

async function redials(t: Test, node: Node): Promise<void> {
  const settled = (number: string) =>
    eventually('every attempt is over', async () => isSettled(await node.callsTo(number)))
  const orders = [
    at('after', 'insert into ."jobs.*call.redial'),
    at('before', RECORD, 2),
    at('after', RECORD, 2),
    at('before', 'update ."calls." set ."next_attempt_at." = . where'),
    at('after', 'delete from ."jobs'),
  ]
  await node.place(numberOf(0, 6))
  await settled(numberOf(0, 6))
  t.equal(node.dialsTo(numberOf(0, 6)).length, 2, 'busy, and busy again')
  for (const [index, order] of orders.entries()) {
    const point = `${order.when} ${order.write}`
    const number = numberOf(index + 1, 6)
    await node.order(order)
    const first = await node.place(number)
    await node.died()
    await node.start()
    const repeat = await node.place(number)
    t.equal(repeat?.status, 202, point)
    if (first) t.equal(repeat?.body['call_id'], first.body['call_id'], point)
    await settled(number)
    const dials = node.dialsTo(number)
    t.equal(new Set(dials).size, dials.length, `${point}: no attempt is dialled twice`)
    t.ok(dials.length <= 2, `${point}: two attempts and no more`)
    t.equal((await node.callsTo(number)).length, 2, `${point}: and no less`)
  }
}

t.test('killed at the writes', async (t) => {
  const node = await newNode(t)
  await t.test('of a dial request', (t) => dialRequests(t, node))
  await t.test('of a redial', (t) => redials(t, node))
})
