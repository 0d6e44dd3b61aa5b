// What the gateway makes of a trunk that sends it elsewhere, or that it cannot reach; and what its INVITE offers.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { freeTcpPort, freeUdpPort } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const NUMBER = '+4930123456'

/** A phone that must never be rung. */
async function elsewhere(t: Test): Promise<{ port: number; heard: string[] }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const heard: string[] = []
  socket.on('message', (bytes) => heard.push(bytes.toString()))
  return { port: socket.address().port, heard }
}

async function failureOf(product: Product, callId: string) {
  const call = await product.view.ended(callId)
  const timeline = await product.view.timeline(callId)
  return { call, failed: timeline.filter(({ type }) => type === 'sip.failed') }
}

t.test('a redirect ends the call and rings nobody else', sippOptions, async (t) => {
  const other = await elsewhere(t)
  const sipp = await runSipp(t, { scenario: 'called-moved', keys: { elsewhere: other.port } })
  const product = await startProduct(t, {
    trunkDomain: `127.0.0.1:${sipp.port}`,
    settings: { DIAL_ALLOW_PREFIXES: '+' },
  })
  const { call, failed } = await failureOf(product, await product.view.place(NUMBER))
  await succeeds(t, sipp)
  t.match(call, {
    outcome: 'failed',
    termination: { result: 'upstream_error', reason: 'rejected', by: 'carrier', sip_status: 302 },
    agent: { sessions: 0 },
  })
  t.match(failed, [{ sip_status: 302, detail: 'Redirects Are Not Followed', local: undefined }])
  t.equal(await product.view.metric('sip_responses_total', 'code="302"'), 1)
  await product.idle()
  t.same(other.heard, [])
  const [invite = ''] = sipp.messages().map(({ text }) => text)
  t.match(invite, /^Supported: *timer\r?$/m)
  t.match(invite, /^Session-Expires: *1800\r?$/m)
  t.match(invite, /^Min-SE: *90\r?$/m)
})

t.test('a trunk that cannot be reached: the timeline says why', async (t) => {
  for (const [domain, detail, settings] of [
    [`127.0.0.1:${await freeUdpPort()}`, /^[A-Z][A-Za-z ]+$/, {}],
    [
      `127.0.0.1:${await freeTcpPort()};transport=tcp`,
      'Connection Refused',
      { SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0' },
    ],
    ['127.0.0.1:9;transport=tls', 'No Such Transport', {}],
    ['no-such-host.invalid', 'DNS Error', {}],
  ] as const) {
    const product = await startProduct(t, { trunkDomain: domain, settings })
    const { call, failed } = await failureOf(product, await product.view.place(NUMBER))
    t.match(call, {
      outcome: 'failed',
      termination: { result: 'upstream_error', reason: 'unreachable', sip_status: 503 },
    })
    t.match(failed, [{ sip_status: 503, detail, local: true }], domain.split(';')[1] ?? 'a host')
    t.comment(failed[0]?.['detail'])
    t.equal(await product.view.metric('sip_responses_total', 'code="503"'), 0, 'nobody sent it')
    await product.stop()
  }
})
