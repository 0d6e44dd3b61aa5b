// The process is killed while a caller is in the menu: Twilio asks again, the next start goes on where it was, and the
// order is kept once.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startTwilio } from '../../../simulators/twilio/index.ts'
import { freshDataDir, eventually } from '../../support/build-app.ts'

const CHILD = join(import.meta.dirname, '../../support/twilio-child.ts')

async function scene(t: Test) {
  const dataDir = await freshDataDir(t)
  const ours = { url: '' }
  const twilio = await startTwilio({
    sayMsPerChar: 0,
    pace: 0.1,
    reach: (origin) => (origin.endsWith('voice.example.com') ? ours.url : origin),
    // A connection that breaks with the request in hand is a timeout to it.
    retry: { times: 200, on: ['connect', 'timeout', '5xx'], waitMs: 50 },
  })
  t.teardown(() => twilio.close())
  const config = {
    accountSid: twilio.accountSid,
    authToken: twilio.authToken,
    phoneNumber: twilio.phoneNumber,
    baseUrl: twilio.baseUrl,
    answerWith: 'order-ivr',
  }
  const running = new Set<ChildProcess>()
  t.teardown(() => running.forEach((child) => child.kill('SIGKILL')))
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', CHILD, dataDir, JSON.stringify(config)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    running.add(child)
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith('http')) {
        ours.url = line
        break
      }
    return child
  }
  const kill = async (child: ChildProcess): Promise<void> => {
    running.delete(child)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const find = async <T>(path: string): Promise<T> =>
    (await (await fetch(ours.url + path)).json()) as T
  return { twilio, start, kill, find }
}

interface Found {
  readonly items: readonly Readonly<Record<string, unknown>>[]
}

t.test('killed between two questions', async (t) => {
  const { twilio, start, kill, find } = await scene(t)
  const first = await start()
  const call = twilio.callIn({
    voiceUrl: 'https://voice.example.com/webhook/voice',
    statusCallback: 'https://voice.example.com/webhook/status',
  })
  for (const [index, keys] of ['1', '4711#'].entries()) {
    await call.waitForGather(index)
    await call.press(keys)
  }
  await call.waitForGather(2)
  await kill(first)
  await call.press('1')
  await sleep(100)
  await start()
  await call.waitForGather(3)
  await call.press('2')
  await call.waitForEnd()
  const { items: calls } = await find<Found>('/api/calls')
  t.equal(calls.length, 1)
  const path = `/api/calls/${String(calls[0]?.['call_id'])}`
  await eventually('it ends', async () => (await find<{ status: string }>(path)).status === 'ended')
  t.match(await find(path), {
    outcome: 'answered',
    termination: { result: 'success', reason: 'flow-ended' },
    consent: { given: true },
  })
  const { items: orders } = await find<Found>('/api/orders')
  t.match(orders, [{ order_number: '4711' }])
  t.equal(orders.length, 1)
  const { items } = await find<Found>(`${path}/timeline`)
  const types = items.map(({ type }) => type)
  for (const type of ['provider.invited', 'provider.answered', 'provider.ended', 'call.ended'])
    t.equal(types.filter((one) => one === type).length, 1, type)
  t.equal(types.filter((one) => one === 'flow.answered').length, 4)
})

t.test('killed with a request in hand', async (t) => {
  const { twilio, start, kill, find } = await scene(t)
  const first = await start()
  const call = twilio.callIn({ voiceUrl: 'https://voice.example.com/webhook/voice' })
  for (const [index, keys] of ['1', '4711#'].entries()) {
    await call.waitForGather(index)
    await call.press(keys)
  }
  await call.waitForGather(2)
  const sent = call.webhooks.length
  const pressed = call.press('1')
  await eventually('it is asked', () => Promise.resolve(call.webhooks.length > sent))
  await kill(first)
  await pressed
  await start()
  await call.waitForGather(3)
  await call.press('2')
  await call.waitForEnd()
  const { items: orders } = await find<Found>('/api/orders')
  t.equal(orders.length, 1)
  const { items: calls } = await find<Found>('/api/calls')
  t.equal(calls.length, 1)
})
