// The whole product: a rehearsal asked for over HTTP, watched over the WebSocket, canceled; its process is gone then.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { WebSocket } from 'ws'
import { eventually, temporaryFolder } from '../support/process.ts'
import { startProduct, type Product } from '../support/start-product.ts'

interface Told {
  readonly type: string
  readonly data: {
    readonly run_id?: string
    readonly state?: string
    readonly entry?: { readonly label: string }
  }
}

const started = async ({ view }: Product, scenario: string): Promise<string> => {
  const init = { method: 'POST', body: JSON.stringify({ scenario }) }
  const response = await view.request('/api/rehearsals', init)
  const body = (await response.json()) as { readonly run_id: string }
  if (response.status !== 202) throw new Error(JSON.stringify(body))
  return body.run_id
}

async function listen({ view }: Product): Promise<{ told: Told[]; socket: WebSocket }> {
  const socket = new WebSocket(`${view.apiUrl.replace('http', 'ws')}/api/events?detail=node`)
  const told: Told[] = []
  socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as Told))
  await once(socket, 'message')
  return { told, socket }
}

/** Programs that this process has started, by what they were told. */
const rehearsing = (): readonly number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('rehearsal/main.ts'))

t.test('asked for, watched, passed; another one canceled', { timeout: 60_000 }, async (t) => {
  const dataDir = temporaryFolder(t, 'rehearsed')
  const product = await startProduct(t, { settings: { DATA_DIR: dataDir } })
  const { view } = product
  const { told, socket } = await listen(product)
  t.teardown(() => socket.terminate())
  const end = (runId: string) =>
    eventually('the end of the run', 30_000, () =>
      told.find(({ type, data }) => type === 'rehearsal.finished' && data.run_id === runId),
    )
  const runId = await started(product, 'busy')
  t.match(await end(runId), { data: { state: 'passed' } })
  const labels = told.flatMap(({ data }) => data.entry?.label ?? [])
  t.match(labels, ['INVITE + SDP', '100 Trying', '486 Busy Here', 'ACK'])
  const run = await (await view.request(`/api/rehearsals/${runId}`)).json()
  t.match(run, { state: 'passed', scenarios: [{ name: 'busy', passed: true, outcome: 'busy' }] })

  const long = await started(product, 'carrier-vanishes')
  await eventually('a step of it', 20_000, () => told.at(-1)?.type === 'rehearsal.step')
  const pids = rehearsing()
  t.equal(pids.length, 1)
  const environment = readFileSync(`/proc/${String(pids[0])}/environ`, 'utf8')
  t.notMatch(environment, /DATA_DIR|KEY|HOME=/, 'nothing of ours')
  const answer = await view.request(`/api/rehearsals/${long}`, { method: 'DELETE' })
  t.equal(answer.status, 204)
  t.same(rehearsing(), [], 'the program is gone')
  t.notOk(existsSync(join(dataDir, 'rehearsal', 'rehearsal-run')), 'and its folder')
  t.match(await end(long), { data: { state: 'canceled' } })
  const { items } = (await (await view.request('/api/calls')).json()) as { items: unknown[] }
  t.same(items, [], 'none of its calls is ours')
})
