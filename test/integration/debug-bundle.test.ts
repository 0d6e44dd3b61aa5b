// The debug bundle of real calls: what was on the wire, in order, both ways, and no credentials in it.
import t from 'tap'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const NUMBER = '+4930123456'
const PASSWORD = 'circle of life'
/** As the scenario wants it. */
const ACCOUNT = { user: 'acct7731', password: PASSWORD, registers: false, settings: 'the test' }

interface Bundle {
  readonly call: { readonly call_id: string; readonly status: string }
  readonly timeline: readonly { readonly type: string; readonly offset_ms: number }[]
  readonly sip: {
    readonly available: boolean
    readonly why?: string
    readonly messages: readonly {
      readonly offset_ms: number
      readonly direction: string
      readonly protocol: string
      readonly remote: string
      readonly text: string
    }[]
  }
}

async function bundleOf({ view }: Product, callId: string): Promise<Bundle> {
  return (await (await view.request(`/api/calls/${callId}/debug`)).json()) as Bundle
}

/** `sent INVITE`, `received 200 INVITE`; repetitions once. */
const story = ({ sip }: Bundle): string[] => {
  const lines = sip.messages.map(({ direction, text }) => {
    const [first = ''] = text.split(' ')
    const status = /^SIP\/2.0 (\d+)/.exec(text)?.[1]
    const method = /^CSeq: \d+ (\w+)/im.exec(text)?.[1] ?? ''
    return status === undefined ? `${direction} ${first}` : `${direction} ${status} ${method}`
  })
  return [...new Set(lines)]
}

t.test('a call out, from INVITE to BYE', async (t) => {
  const product = await startProduct(t)
  const callId = await product.view.place(NUMBER)
  await product.agent.waitForSession(0, 10_000)
  const early = await bundleOf(product, callId)
  t.equal(early.call.status, 'answered', 'also while the call lives')
  t.equal(await product.view.hangUp(callId), 202)
  await product.view.ended(callId)
  await product.idle()
  const bundle = await bundleOf(product, callId)
  t.equal(bundle.sip.available, true)
  t.equal(bundle.sip.why, undefined)
  const told = story(bundle)
  t.same(
    told.filter((line) => !/ 1\d\d /.test(line)),
    ['sent INVITE', 'received 200 INVITE', 'sent ACK', 'sent BYE', 'received 200 BYE'],
  )
  t.ok(told.includes('received 180 INVITE'), told.join(', '))
  const { host, port } = product.carrier.address
  for (const message of bundle.sip.messages)
    t.match(message, { protocol: 'udp', remote: `${host}:${port}` })
  const offsets = bundle.sip.messages.map(({ offset_ms }) => offset_ms)
  t.same(
    offsets,
    offsets.toSorted((a, b) => a - b),
  )

  const types = bundle.timeline.map(({ type }) => type)
  t.equal(types.at(-1), 'call.ended')
  const at = (type: string): number => types.indexOf(type)
  // Two threads tell of it in the same moment.
  t.equal(Math.abs(at('sip.message') - at('sip.invite')), 1, 'the INVITE and its event', { types })
  t.same(
    bundle.timeline.filter(({ type }) => type === 'sip.message').map((item) => ({ ...item }))[0],
    {
      ...bundle.timeline.find(({ type }) => type === 'sip.message'),
      direction: 'sent',
      protocol: 'udp',
      method: 'INVITE',
    },
  )
  const bye = bundle.timeline.filter((item) => 'method' in item && item.method === 'BYE')
  t.ok(bye.length > 0, 'the BYE is in the timeline')
})

t.test('a call in, from INVITE to BYE', async (t) => {
  const product = await startProduct(t)
  const to = `sip:agent@${product.sipHost}:${product.sipPort}`
  await product.carrier.call({ to, from: '+4930555200', script: 'callerHangsUp' })
  const [call] = await product.view.allEnded(1)
  const bundle = await bundleOf(product, call?.call_id ?? '')
  t.same(
    story(bundle).filter((line) => !/ 1\d\d /.test(line)),
    ['received INVITE', 'sent 200 INVITE', 'received ACK', 'received BYE', 'sent 200 BYE'],
  )
  t.match(bundle.timeline[0], { type: 'sip.message', method: 'INVITE', direction: 'received' })
})

t.test('a digest exchange: everything but the credentials', sippOptions, async (t) => {
  const sipp = await runSipp(t, { scenario: 'called-challenges' })
  const product = await startProduct(t, {
    agent: { mode: 'silent' },
    trunkDomain: `127.0.0.1:${sipp.port}`,
    trunk: { account: ACCOUNT },
  })
  const callId = await product.view.place(NUMBER)
  await product.agent.waitForSession(0, 10_000)
  await product.view.hangUp(callId)
  await succeeds(t, sipp)
  await product.view.ended(callId)
  const wire = sipp.messages().map(({ text }) => text)
  const digests = wire.join('').match(/response="[0-9a-f]{32,64}"/g) ?? []
  t.ok(digests.length >= 3, 'credentials were on the wire', { digests })
  const bundle = await bundleOf(product, callId)
  const text = JSON.stringify(bundle)
  for (const digest of digests) t.notOk(text.includes(digest.slice(10, -1)))
  t.notMatch(text, PASSWORD)
  const masked = bundle.sip.messages.filter((message) =>
    /^(Proxy-)?Authorization: Digest \(masked\), realm=/m.test(message.text),
  )
  t.ok(masked.length >= 3, 'and what explains them is there', { count: masked.length })
  const told = story(bundle)
  for (const line of ['received 407 INVITE', 'received 401 INVITE', 'received 200 INVITE'])
    t.ok(told.includes(line), line)
  t.ok(told.lastIndexOf('sent BYE') > told.lastIndexOf('received 200 INVITE'))
  await product.idle()
})

t.test('without the key there is no bundle', async (t) => {
  const product = await startProduct(t, { isConfigured: true, settings: OWN_TRUNK })
  const url = `${product.view.apiUrl}/api/calls/call_00000000000000000000000000000000/debug`
  const refused = await fetch(url)
  t.equal(refused.status, 401)
  t.match(await refused.json(), { code: 'UNAUTHENTICATED' })
  t.equal((await product.view.request(new URL(url).pathname)).status, 404)
})

/** Nobody answers there: a port that UDP cannot have. */
const OWN_TRUNK = {
  EXOLVE_SIP_USER: 'gateway',
  EXOLVE_SIP_PASS: PASSWORD,
  EXOLVE_SIP_DOMAIN: '127.0.0.1:9',
}
