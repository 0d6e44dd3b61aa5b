// The level of the log in the running product: its threads of media follow as well, by the API and by SIGUSR2.
import t from 'tap'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { eventually } from '../support/process.ts'

const PATH = '/api/settings/log-level'

interface Line {
  readonly level: string
  readonly callId?: string
  readonly thread?: string
  readonly msg: string
}

/** What a thread of media says at `debug` of one call that is answered. */
async function debugOfCall({ view, program }: ChildProduct): Promise<readonly Line[]> {
  const callId = await view.place('+4930555100')
  await eventually('the agent to be heard', 15_000, async () =>
    (await view.timeline(callId)).some(({ type }) => type === 'agent.first_audio'),
  )
  await view.hangUp(callId)
  await view.ended(callId)
  return program.stdout
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(callId))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ level, thread }) => level === 'debug' && thread !== undefined)
}

t.test('a debug line of a call appears while it is asked for', async (t) => {
  const product = await startChild(t, { env: { LOG_LEVEL: 'info' } })
  t.same(await debugOfCall(product), [], 'as configured')
  const change = async (level: string): Promise<void> => {
    const body = JSON.stringify({ level })
    t.equal((await product.view.request(PATH, { method: 'PUT', body })).status, 200)
  }
  await change('debug')
  t.match(await debugOfCall(product), [{ msg: 'agent session opening', thread: String }])
  await change('info')
  t.same(await debugOfCall(product), [], 'again as configured')

  product.program.signal('SIGUSR2')
  const isDebug = async (): Promise<boolean> =>
    ((await (await product.view.request(PATH)).json()) as { level: string }).level === 'debug'
  await eventually('debug', 5000, isDebug)
  t.match(await debugOfCall(product), [{ thread: String }], 'after the signal')
  product.program.signal('SIGUSR2')
  await eventually('info', 5000, async () => !(await isDebug()))
  t.same(await debugOfCall(product), [], 'after a second one')
  t.equal(await product.stop(), 0)
})
