// A trunk that takes the INVITE and falls silent: a stop closes the record all the same. And what it says when it fails.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild } from '../support/child-product.ts'
import { eventually, freeUdpPort, temporaryFolder } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'

const NUMBER = '+4930123456'

const COPIED = /^(?:Via|From|Call-ID|CSeq):.*\r?$/gim

/** Of a request: what every response repeats (RFC 3261 §8.2.6.2). */
function response(request: string, statusLine: string, more: readonly string[] = []): string {
  const copied = [...request.matchAll(COPIED)].map(([line]) => line.trim())
  const to = /^To:.*$/im.exec(request)?.[0].trim() ?? ''
  const tag = statusLine.startsWith('100') ? '' : ';tag=silent'
  return [
    `SIP/2.0 ${statusLine}`,
    ...copied,
    `${to}${tag}`,
    ...more,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

/** A trunk that says what the test wants to every INVITE, and to nothing else. */
async function peer(t: Test, answer: (invite: string) => string): Promise<number> {
  const socket: Socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  socket.on('message', (bytes, { address, port }) => {
    const text = bytes.toString('latin1')
    if (text.startsWith('INVITE ')) socket.send(answer(text), port, address)
  })
  return socket.address().port
}

t.test(
  'a stop closes a call that only has its 100 Trying; the next start finds no crash',
  async (t) => {
    let asked = 0
    const port = await peer(t, (invite) => {
      asked += 1
      return response(invite, '100 Trying')
    })
    const options = {
      dataDir: temporaryFolder(t, 'data'),
      env: { SIP_LISTEN: `udp:127.0.0.1:${await freeUdpPort()}`, LOG_LEVEL: 'info' },
      trunkDomain: `127.0.0.1:${port}`,
    }
    const product = await startChild(t, options)
    const callId = await product.view.place(NUMBER)
    await eventually('the INVITE', 5000, () => asked > 0)
    // The 100 Trying is not told to the application.
    await sleep(300)
    const stoppedAt = performance.now()
    t.equal(await product.stop(), 0)
    const tookMs = performance.now() - stoppedAt
    t.ok(tookMs < 6000, `ended after ${tookMs.toFixed(0)} ms`)
    t.match(
      product.program.stdout,
      '"trunks":[{"name":"test","registration":"none"}],"msg":"stopped"',
    )

    const next = await startChild(t, options)
    t.match(await next.view.call(callId), {
      status: 'ended',
      termination: { result: 'server_error', reason: 'shutdown', by: 'gateway' },
    })
    const types = (await next.view.timeline(callId)).map(({ type }) => type)
    t.same(types, ['sip.invite', 'sip.cancel', 'call.ended'])
    t.equal(asked, 1, 'the 100 Trying was heard')
    t.notMatch(next.program.stdout, /crash/)
    t.equal(await next.stop(), 0)
  },
)

t.test('the carrier’s reason stands in the timeline as a number, without its text', async (t) => {
  const reasons = ['Reason: SIP;cause=503;text="x"', 'Reason: Q.850;cause=34;text="to +4930123456"']
  const port = await peer(t, (invite) => response(invite, '503 No', reasons))
  const product = await startProduct(t, {
    trunkDomain: `127.0.0.1:${port}`,
    settings: { DIAL_ALLOW_PREFIXES: '+' },
  })
  const callId = await product.view.place(NUMBER)
  await product.view.ended(callId)
  const failed = (await product.view.timeline(callId)).find(({ type }) => type === 'sip.failed')
  t.match(failed, { sip_status: 503, q850_cause: 34 })
  t.notMatch(JSON.stringify(failed), '4930123456')
})

t.test('a user that is no number is who calls, in the record and on the wire', async (t) => {
  const seen: string[] = []
  const port = await peer(t, (invite) => {
    seen.push(/^From: *(.*?)\r?$/im.exec(invite)?.[1] ?? '')
    return response(invite, '486 Busy Here')
  })
  const account = { user: 'alice', password: 'secret', registers: false, settings: 'SETTINGS' }
  const product = await startProduct(t, {
    trunkDomain: `127.0.0.1:${port}`,
    trunk: { numbers: [], account },
    settings: { DIAL_ALLOW_PREFIXES: '+' },
  })
  const call = await product.view.ended(await product.view.place(NUMBER))
  t.equal(call.from, 'alice')
  t.match(seen[0], /^<sip:alice@127\.0\.0\.1:\d+>;tag=/)
})
