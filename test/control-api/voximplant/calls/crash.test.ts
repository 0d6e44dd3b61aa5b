// The process is killed while a caller talks to the agent, and again when the call is over: the talk goes on without us, the
// next start goes on with its record and can end it, and nothing stands in it twice.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { eventually, json } from '../../../support/build-app.ts'
import { CALLEE, type View } from './call-stage.ts'
import { aGeneratedStage } from './generated-stage.ts'

const CHILD = join(import.meta.dirname, '../../../support/voximplant-child.ts')

t.test('killed in the middle of a talk, and behind it', async (t) => {
  const stage = await aGeneratedStage(t)
  const { vendor, shop, dataDir } = stage
  // What is kept is handed to processes that can be killed.
  await stage.close()
  const running = new Set<ChildProcess>()
  t.teardown(() => running.forEach((child) => child.kill('SIGKILL')))
  const ours = { url: '' }
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', CHILD, dataDir, vendor.baseUrl],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    running.add(child)
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith('http')) {
        ours.url = line
        stage.moveTo(line)
        break
      }
    return child
  }
  const kill = async (child: ChildProcess): Promise<void> => {
    running.delete(child)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const find = async (path: string): Promise<View> =>
    (await (await fetch(ours.url + path)).json()) as View

  const first = await start()
  const body = { provider: 'voximplant', application_id: shop.applicationId, phone_number: CALLEE }
  const placed = (await (await fetch(`${ours.url}/api/calls/start`, json(body))).json()) as View
  const { call_id: id } = placed
  await eventually('it is answered', async () => {
    const call = await find(`/api/calls/${id}`)
    return call.status === 'answered' && call.agent.conversation_id !== null
  })
  await kill(first)
  const second = await start()
  t.match(await find(`/api/calls/${id}`), { status: 'answered', agent: { close_reason: null } })
  await fetch(`${ours.url}/api/calls/${id}/hangup`, { method: 'POST' })
  await eventually('it ends', async () => (await find(`/api/calls/${id}`)).status === 'ended')
  const before = (await find(`/api/calls/${id}/timeline`)).items
  await kill(second)
  await start()
  const { items } = await find(`/api/calls/${id}/timeline`)
  t.same(items, before, 'a third start changes nothing')
  const types = items.map(({ type }) => type)
  t.equal(new Set(types).size, types.length, types.join(' '))
  t.equal(types.at(-1), 'call.ended')
  t.match(await find(`/api/calls/${id}`), {
    outcome: 'answered',
    termination: { reason: 'hangup', by: 'api' },
    agent: { sessions: 1, close_reason: 'call-ended' },
  })
  t.equal(vendor.requests.filter(({ command }) => command === 'StartScenarios').length, 1)
})
