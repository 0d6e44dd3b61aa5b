// The product, configured by its settings, at the simulated carrier's registrar: registered, refused, forgotten, called;
// and what it does with an answer that comes too late.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startCarrier, type Carrier, type CarrierOptions } from '../../simulators/carrier/index.ts'
import { eventually } from '../support/process.ts'
import { startProduct, type Product } from '../support/start-product.ts'

t.setTimeout(60_000)
// They mostly wait.
t.jobs = 3
const beside = { buffered: true }

const ACCOUNT = { user: '4930555100', password: 'not-a-guess' }
const NUMBER = '+4930123456'

interface Customer {
  readonly carrier: Carrier
  readonly product: Product
  readonly log: readonly string[]
}

interface CustomerOptions {
  readonly carrier?: CarrierOptions
  readonly password?: string
}

async function open(t: Test, options: CustomerOptions = {}): Promise<Customer> {
  const carrier = await startCarrier({ registrar: { accounts: [ACCOUNT] }, ...options.carrier })
  t.teardown(() => carrier.close())
  const { host, port } = carrier.address
  const log: string[] = []
  const product = await startProduct(t, {
    isConfigured: true,
    settings: {
      EXOLVE_SIP_USER: ACCOUNT.user,
      EXOLVE_SIP_PASS: options.password ?? ACCOUNT.password,
      EXOLVE_SIP_DOMAIN: `${host}:${port}`,
      DIAL_ALLOW_PREFIXES: '+49',
      LOG_LEVEL: 'info',
    },
    logTo: { write: (line) => log.push(line) },
  })
  return { carrier, product, log }
}

const isBound = ({ carrier }: Customer): Promise<boolean> =>
  eventually('a binding', 5000, () => carrier.registrar.bindingOf(ACCOUNT.user) !== undefined)

const says = ({ product }: Customer, registration: string): Promise<boolean> =>
  eventually(`the trunk to be ${registration}`, 5000, () =>
    product.voicegate.gateway.trunks().some((trunk) => trunk.registration === registration),
  )

const statuses = ({ carrier }: Customer): (number | null)[] =>
  carrier.registrar.attempts.map(({ status }) => status)

for (const algorithm of ['SHA-256', 'MD5'] as const)
  t.test(
    `registered with ${algorithm}, called at its contact, and taken back`,
    beside,
    async (t) => {
      const customer = await open(t, {
        carrier: { registrar: { accounts: [ACCOUNT], algorithms: [algorithm] } },
      })
      const { carrier, product } = customer
      await isBound(customer)
      await says(customer, 'registered')
      t.strictSame(statuses(customer), [401, 200], algorithm)
      const call = await carrier.call({
        to: { account: ACCOUNT.user },
        from: NUMBER,
        script: [{ listen: 1500 }, { hangUp: true }],
      })
      const [view] = await product.view.allEnded(1)
      t.match(view, { direction: 'inbound', outcome: 'answered', agent: { sessions: 1 } })
      t.same(call.protocolErrors, [])
      await product.stop()
      t.same(carrier.registrar.bindings, [], 'not left behind')
      t.same(carrier.protocolErrors, [])
    },
  )

t.test(
  'a wrong password: said once, no storm, and no call without an account',
  beside,
  async (t) => {
    const customer = await open(t, {
      password: 'a guess',
      carrier: { registrar: { accounts: [ACCOUNT] }, challengesInvites: true },
    })
    const { carrier, product, log } = customer
    await says(customer, 'failing')
    await sleep(1200)
    t.strictSame(statuses(customer), [401, 403])
    t.match(product.voicegate.gateway.trunks(), [{ lastFailure: { sipStatus: 403 } }])
    t.match(log.join(''), 'the registrar refuses us: check EXOLVE_SIP_USER')
    t.notMatch(log.join(''), /a guess|4930555100/)
    const call = await product.view.ended(await product.view.place(NUMBER))
    t.match(call, { outcome: 'failed', termination: { sip_status: 403 }, agent: { sessions: 0 } })
    t.equal(carrier.calls.length, 0, 'no phone rang')
    await product.idle()
  },
)

t.test('an INVITE that must prove its account: 407, and then the call', beside, async (t) => {
  const customer = await open(t, {
    carrier: { registrar: { accounts: [ACCOUNT] }, challengesInvites: true },
  })
  await isBound(customer)
  const { carrier, product } = customer
  carrier.script('*', [{ ring: 300 }, { answer: true }, { listen: 1500 }, { hangUp: true }])
  const call = await product.view.ended(await product.view.place(NUMBER))
  t.match(call, { outcome: 'answered', agent: { sessions: 1 } })
  t.equal(carrier.calls.length, 1)
  t.same([...carrier.protocolErrors, ...carrier.calls[0]!.protocolErrors], [])
  await product.idle()
})

t.test('503, another realm: registered again as soon as it works', beside, async (t) => {
  const customer = await open(t, {
    carrier: { registrar: { accounts: [ACCOUNT], maxExpiresSeconds: 2 } },
  })
  const { carrier } = customer
  await isBound(customer)
  carrier.registrar.fail('unavailable')
  await eventually('a refused refresh', 5000, () => statuses(customer).includes(503))
  await says(customer, 'failing')
  t.same(carrier.registrar.bindings, [], 'its time ran out')
  carrier.registrar.fail(undefined)
  await isBound(customer)
  await says(customer, 'registered')
  carrier.registrar.changeRealm('other.invalid')
  const seen = statuses(customer).length
  await eventually('the other realm', 5000, () => statuses(customer).slice(seen).includes(200))
  t.ok(statuses(customer).slice(seen).includes(401), 'its old proof was worth nothing')
  t.same(carrier.protocolErrors, [])
})

t.test(
  'a binding that the carrier forgot is there again after the next refresh',
  beside,
  async (t) => {
    const customer = await open(t, {
      carrier: { registrar: { accounts: [ACCOUNT], maxExpiresSeconds: 2 } },
    })
    const { carrier } = customer
    await isBound(customer)
    carrier.registrar.dropBindings()
    await t.rejects(
      carrier.call({ to: { account: ACCOUNT.user }, from: NUMBER, script: 'callerGivesUp' }),
      { message: 'that account is not registered' },
    )
    await isBound(customer)
    t.same(carrier.protocolErrors, [])
  },
)

t.test('a time that is too brief for the registrar: 423, then its own', beside, async (t) => {
  const customer = await open(t, {
    carrier: {
      registrar: { accounts: [ACCOUNT], minExpiresSeconds: 7200, maxExpiresSeconds: 9000 },
    },
  })
  await isBound(customer)
  t.ok(statuses(customer).includes(423))
  await says(customer, 'registered')
})

t.test(
  'an answer two seconds after our CANCEL: taken, hung up, and no agent',
  beside,
  async (t) => {
    const product = await startProduct(t)
    product.carrier.script('*', 'answersAfterCancel')
    const callId = await product.view.place(NUMBER, { ring_timeout_seconds: 5 })
    const call = await eventually('the late answer', 12_000, () =>
      product.carrier.calls.find(({ answeredAt }) => answeredAt !== null),
    )
    t.ok(call.answeredAt! - call.cancelAt! > 1900, 'after the CANCEL')
    await eventually('the BYE', 5000, () => call.byeAt !== null)
    t.match(call, { byeBy: 'gateway', ackAt: Number, protocolErrors: [] })
    t.ok(call.byeAt! - call.answeredAt! < 1000, 'at once')
    t.match(await product.view.ended(callId), { outcome: 'no-answer', agent: { sessions: 0 } })
    t.equal(product.agent.sessions.length, 0)
    await product.idle()
  },
)
