// SIGKILL to us while a real drachtio-server holds our calls: the next start ends what it left, and no caller is stranded.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild, type ChildOptions } from '../support/child-product.ts'
import { drachtioServerOptions, startDrachtioServer } from '../support/drachtio-server.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { runSipp, succeeds, type Sipp } from '../support/sipp.ts'

const NUMBER = '+4930123456'
const KEY = 'a-key-of-more-than-thirty-two-characters'

interface Stage {
  readonly options: ChildOptions
  readonly target: string
}

async function stage(t: Test, callee: Sipp): Promise<Stage> {
  const server = await startDrachtioServer()
  t.teardown(() => server.close())
  const { host, port, secret } = server.admin
  return {
    options: {
      dataDir: temporaryFolder(t, 'data'),
      env: {
        DRACHTIO_HOST: host,
        DRACHTIO_PORT: String(port),
        DRACHTIO_SECRET: secret,
        API_KEY: KEY,
        DIAL_ALLOW_PREFIXES: '+49',
        LOG_LEVEL: 'info',
      },
      trunkDomain: `127.0.0.1:${callee.port}`,
    },
    target: `${server.address.host}:${server.address.port}`,
  }
}

t.test('answered calls are ended by the next start', drachtioServerOptions, async (t) => {
  const callee = await runSipp(t, { scenario: 'called-until-bye' })
  const { options, target } = await stage(t, callee)
  const product = await startChild(t, options)
  await product.view.place(NUMBER)
  const caller = await runSipp(t, { scenario: 'call-in-until-bye', target })
  const proxied = await runSipp(t, { scenario: 'call-in-behind-proxies', target })
  await eventually('three answered calls', 15_000, async () => {
    const calls = await product.view.history()
    return calls.filter(({ status }) => status === 'answered').length === 3
  })
  await product.kill()
  await sleep(300)
  const next = await startChild(t, options)
  await Promise.all([callee, caller, proxied].map((sipp) => succeeds(t, sipp)))
  for (const { outcome, termination } of await next.view.history())
    t.match(
      { outcome, termination },
      { outcome: 'answered', termination: { reason: 'gateway-crashed' } },
    )
  await eventually('the count in the log', 5000, () =>
    next.program.stdout.includes('"released":3,"failed":0'),
  )
  await next.kill()
})

/** Kills us while a phone rings, and starts us again after so long. */
async function dieWhileRinging(t: Test, scenario: string, awayMs: number) {
  const callee = await runSipp(t, { scenario })
  const { options } = await stage(t, callee)
  const product = await startChild(t, options)
  const callId = await product.view.place(NUMBER)
  await eventually('ringing', 10_000, async () => {
    return (await product.view.call(callId)).status === 'ringing'
  })
  await product.kill()
  await sleep(awayMs)
  const next = await startChild(t, options)
  await succeeds(t, callee)
  const marked = await eventually('the mark in the timeline', 5000, async () => {
    const items = await next.view.timeline(callId)
    return items.find(({ type }) => type === 'sip.cancel')
  })
  const call = await next.view.call(callId)
  t.match(call, { outcome: 'failed', termination: { reason: 'gateway-crashed' } })
  t.equal(call.agent.sessions, 0)
  await next.kill()
  return marked
}

t.test('a phone that rings is called off', drachtioServerOptions, async (t) => {
  const marked = await dieWhileRinging(t, 'called-is-canceled', 200)
  t.match(marked, { direction: 'sent', reason: 'called off after a crash' })
})

t.test('one that answered meanwhile is hung up', drachtioServerOptions, async (t) => {
  const marked = await dieWhileRinging(t, 'called-answers-nobody', 1500)
  t.match(marked, { reason: /had been answered, and was ended with BYE/ })
})
