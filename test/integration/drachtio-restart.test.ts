// The drachtio-server goes away and comes back: its calls end, the callers are released, everything else goes on.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { Trunk } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { startCarrier } from '../../simulators/carrier/index.ts'
import {
  drachtioServerOptions,
  startDrachtioServer,
  type DrachtioServer,
} from '../support/drachtio-server.ts'
import { eventually } from '../support/process.ts'
import { runSipp, succeeds, type Sipp } from '../support/sipp.ts'
import { OUR_NUMBER, startProduct, type Product } from '../support/start-product.ts'

const NUMBER = '+4930123456'
const LOST = { result: 'server_error', reason: 'sip-server-lost', by: 'gateway' }
const ACCOUNT = { user: '4930555100', password: 'not-a-guess' }

const trunkTo = (domain: string, more: Partial<Trunk> = {}): Trunk => {
  const number = decodePhoneNumber(OUR_NUMBER)
  return { name: 'test', domain, numbers: number ? [number] : [], health: 'off', ...more }
}
const addressOf = ({ host, port }: Sipp): string => `${host}:${port}`

async function readiness({ view }: Product) {
  const response = await view.request('/ready')
  const howTo = (await (await view.request('/api/how-to')).json()) as { sip_server_away: boolean }
  const { status } = (await response.json()) as { status: string }
  return { code: response.status, status, isAway: howTo.sip_server_away }
}

const talking = ({ view }: Product, count: number): Promise<boolean> =>
  eventually(`${count} calls with an agent`, 10_000, async () => {
    const calls = await view.history()
    return calls.filter(({ agent }) => agent.opened_at !== null).length === count
  })

async function comesBack(t: Test, product: Product, server: DrachtioServer): Promise<void> {
  const next = await startDrachtioServer({ like: server })
  t.teardown(() => next.close())
  await eventually('readiness', 10_000, async () => (await readiness(product)).code === 200)
  t.match(await readiness(product), { isAway: false })
}

t.test('a drachtio-server that dies in mid-call', drachtioServerOptions, async (t) => {
  const server = await startDrachtioServer()
  t.teardown(() => server.close())
  const callee = await runSipp(t, { scenario: 'called-until-bye' })
  const log: string[] = []
  const product = await startProduct(t, {
    drachtio: server.admin,
    trunks: [trunkTo(addressOf(callee))],
    agent: { mode: 'silent' },
    settings: { LOG_LEVEL: 'info' },
    logTo: { write: (line) => log.push(line) },
  })
  const target = `${server.address.host}:${server.address.port}`
  const caller = await runSipp(t, { scenario: 'call-in-until-bye', target })
  const placed = await product.view.place(NUMBER)
  await talking(product, 2)

  await server.kill()
  const calls = await product.view.allEnded(2, 5000)
  for (const call of calls) t.match(call, { outcome: 'answered', termination: LOST })
  t.ok(calls.some(({ call_id }) => call_id === placed))
  t.match(await readiness(product), { code: 503, status: 'failing', isAway: true })
  const refused = await product.view.start({ phone_number: NUMBER })
  t.match(refused, { status: 503, body: { code: 'SIP_UNAVAILABLE' } })

  await comesBack(t, product, server)
  await t.test('callers that were cut off are released', async (t) => {
    await succeeds(t, callee)
    await succeeds(t, caller)
  })
  await t.test('and both directions work again', async (t) => {
    const nextCallee = await runSipp(t, { scenario: 'called-hangs-up', args: ['-d', '300'] })
    product.voicegate.gateway.replaceTrunks([trunkTo(addressOf(nextCallee))])
    const nextCaller = await runSipp(t, { scenario: 'call-in', target, args: ['-d', '300'] })
    const call = await product.view.ended(await product.view.place(NUMBER))
    t.match(call, { outcome: 'answered', termination: { reason: 'hangup', by: 'callee' } })
    await succeeds(t, nextCallee)
    await succeeds(t, nextCaller)
  })
  const gone = log.filter((line) => line.includes('the SIP server is gone'))
  t.equal(gone.length, 1, 'it is told once, however often it was tried')
  await product.idle()
})

t.test('while a phone rings, and with a registration', drachtioServerOptions, async (t) => {
  const server = await startDrachtioServer()
  t.teardown(() => server.close())
  const carrier = await startCarrier({ registrar: { accounts: [ACCOUNT] } })
  t.teardown(() => carrier.close())
  carrier.script('*', [{ ring: 20_000 }])
  const { host, port } = carrier.address
  const account = { ...ACCOUNT, registers: true, settings: 'a test' }
  const product = await startProduct(t, {
    drachtio: server.admin,
    trunks: [trunkTo(`${host}:${port}`, { account })],
  })
  const registered = (): number =>
    carrier.registrar.attempts.filter(({ status }) => status === 200).length
  await eventually('a registration', 5000, () => registered() === 1)
  const callId = await product.view.place(NUMBER)
  await eventually('ringing', 5000, async () => {
    return (await product.view.call(callId)).status === 'ringing'
  })
  await server.kill()
  t.match(await product.view.ended(callId), { outcome: 'failed', termination: LOST })
  await comesBack(t, product, server)
  await eventually('another registration', 5000, () => registered() === 2)
  t.pass('registered again')
})

t.test('a start without it, or with another secret, says what to do', async (t) => {
  const start = (drachtio: DrachtioServer['admin']): Promise<Product> =>
    startProduct(t, { drachtio })
  const nobody = { host: '127.0.0.1', port: 9, secret: 'x' }
  await t.rejects(start(nobody), {
    code: 'SIP_UNAVAILABLE',
    message:
      /^DRACHTIO_HOST: no drachtio-server at 127\.0\.0\.1:9 \(ECONNREFUSED\); start it first/,
  })
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await once(other.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  await t.rejects(start({ ...nobody, port }), {
    code: 'CONFIGURATION_INVALID',
    message: /^DRACHTIO_PORT: .* is no drachtio-server/,
  })
  await t.test('on drachtio-server', drachtioServerOptions, async (t) => {
    const server = await startDrachtioServer()
    t.teardown(() => server.close())
    await t.rejects(start({ ...server.admin, secret: 'another' }), {
      code: 'CONFIGURATION_INVALID',
      message: /^DRACHTIO_SECRET: .* refuses it/,
    })
  })
})
