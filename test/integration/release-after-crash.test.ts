// SIGKILL in the middle of a talk: the next start says BYE in each dialog, so that no phone is left talking to nobody.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild, type ChildOptions, type ChildProduct } from '../support/child-product.ts'
import { eventually, freeUdpPort, temporaryFolder } from '../support/process.ts'
import { runSipp, sippOptions, succeeds, type Sipp } from '../support/sipp.ts'

const NUMBER = '+4930123456'
const RELEASED = { type: 'sip.bye', direction: 'sent', reason: 'released after a crash' }

const header = (text: string, name: string): string =>
  new RegExp(`^${name}: *(.*?)\r?$`, 'im').exec(text)?.[1] ?? ''
const tagOf = (address: string): string => /;tag=([^;>\s]+)/.exec(address)?.[1] ?? ''
const requestsOf = (sipp: Sipp, method: string): string[] =>
  sipp
    .messages()
    .filter(({ direction, startLine }) => direction === 'received' && startLine.startsWith(method))
    .map(({ text }) => text)

/** The BYE names the dialog as RFC 3261 §12.2.1.1 wants it, from our end. */
function checkBye(t: Test, sipp: Sipp, expected: { requestUri: string; route: string }): void {
  const [bye = '', ...more] = requestsOf(sipp, 'BYE')
  t.same(more, [], 'one BYE')
  const answer = sipp
    .messages()
    .find(({ text }) => /^SIP\/2.0 200 OK[^]*^CSeq: *\d+ INVITE/m.test(text))
  const { text: ok = '', direction } = answer ?? {}
  const [ours, theirs] = direction === 'sent' ? ['From', 'To'] : ['To', 'From']
  t.equal(header(bye, 'Call-ID'), header(ok, 'Call-ID'))
  t.not(tagOf(header(bye, 'From')), '')
  t.equal(tagOf(header(bye, 'From')), tagOf(header(ok, ours)), 'our tag')
  t.equal(tagOf(header(bye, 'To')), tagOf(header(ok, theirs)), 'their tag')
  const used = direction === 'sent' ? Number.parseInt(header(ok, 'CSeq'), 10) : 0
  t.ok(Number.parseInt(header(bye, 'CSeq'), 10) > used, 'a higher CSeq')
  t.match(header(bye, 'CSeq'), / BYE$/)
  t.equal(bye.slice(0, bye.search(/\r?\n/)), `BYE ${expected.requestUri} SIP/2.0`)
  const routes = [...bye.matchAll(/^Route: *(.*?)\r?$/gim)].map(([, value]) => value)
  t.equal(routes.join(', '), expected.route)
}

const answered = (product: ChildProduct, count: number) =>
  eventually(`${count} answered calls`, 15_000, async () => {
    const calls = await product.view.history()
    return calls.filter(({ status }) => status === 'answered').length === count && calls
  })

/** Everything that still comes to a port where a phone was. */
async function heardAt(t: Test, port: number): Promise<() => readonly string[]> {
  const heard: string[] = []
  const socket = createSocket('udp4', (packet) => heard.push(packet.toString('latin1')))
  t.teardown(() => socket.close())
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return () => heard
}

/** Kills the product in the middle of its calls; the phones must be let go by the next start, and by no later one. */
async function crashAndRelease(
  t: Test,
  product: ChildProduct,
  options: ChildOptions,
  sipps: readonly Sipp[],
): Promise<void> {
  const calls = await answered(product, sipps.length)
  await product.kill()
  const next = await startChild(t, options)
  const readyAt = Date.now()
  await Promise.all(sipps.map((sipp) => succeeds(t, sipp)))
  for (const sipp of sipps) {
    const bye = sipp.messages().find(({ startLine }) => startLine.startsWith('BYE'))
    t.ok(bye && bye.atMs - readyAt < 2000, `BYE ${(bye?.atMs ?? NaN) - readyAt} ms after the start`)
  }
  for (const { call_id: callId } of calls) {
    const timeline = await eventually('the release in the timeline', 5000, async () => {
      // The recording that the crash cut short is told of too, when it is found.
      const items = (await next.view.timeline(callId)).filter(
        ({ type }) => !type.startsWith('recording.'),
      )
      return items.at(-1)?.type === 'sip.bye' && items
    })
    t.match(timeline.at(-1), RELEASED)
    t.equal(timeline.at(-2)?.type, 'call.ended')
    t.match(await next.view.call(callId), {
      status: 'ended',
      outcome: 'answered',
      termination: { reason: 'gateway-crashed' },
    })
    t.notMatch(JSON.stringify(timeline), /local_address|remote_address|route_set|nat_address/)
  }
  await eventually('the count in the log', 5000, () =>
    next.program.stdout.includes(`"released":${sipps.length},"failed":0`),
  )
  const logged = product.program.stdout + next.program.stdout
  t.notMatch(logged, /4930123456|4930700/, 'no number in the log')
  await next.kill()

  const heard = await Promise.all(sipps.map(({ port }) => heardAt(t, port)))
  const third = await startChild(t, options)
  await sleep(700)
  t.same(
    heard.map((one) => one()),
    heard.map(() => []),
    'a third start sends none',
  )
  t.equal(await third.stop(), 0)
}

t.test(
  'phones called and calling are let go after a crash, behind record-routing proxies too',
  sippOptions,
  async (t) => {
    const callee = await runSipp(t, { scenario: 'called-until-bye' })
    const proxied = await runSipp(t, { scenario: 'called-behind-proxies' })
    const options: ChildOptions = {
      dataDir: temporaryFolder(t, 'data'),
      env: { SIP_LISTEN: `udp:127.0.0.1:${await freeUdpPort()}`, LOG_LEVEL: 'info' },
      trunkDomain: [callee, proxied].map(({ port }) => `127.0.0.1:${port}`).join(),
    }
    const product = await startChild(t, options)
    await product.view.place(NUMBER, { trunk: 'test' })
    await product.view.place(NUMBER, { trunk: 'test-2' })
    const target = product.sipTarget
    const caller = await runSipp(t, { scenario: 'call-in-until-bye', target })
    const behindProxies = await runSipp(t, { scenario: 'call-in-behind-proxies', target })
    const behindNat = await runSipp(t, { scenario: 'call-in-behind-nat', target })
    const moves = await runSipp(t, { scenario: 'call-in-moves', target })
    await eventually('the other Contact in a timeline', 10_000, async () => {
      const calls = await product.view.history()
      const timelines = await Promise.all(
        calls.map(({ call_id: callId }) => product.view.timeline(callId)),
      )
      return timelines.flat().some(({ type }) => type === 'sip.target_refreshed')
    })
    const phones = [callee, proxied, caller, behindProxies, behindNat, moves]
    await crashAndRelease(t, product, options, phones)
    checkBye(t, callee, { requestUri: `sip:callee@127.0.0.1:${callee.port}`, route: '' })
    checkBye(t, caller, { requestUri: `sip:sipp@127.0.0.1:${caller.port}`, route: '' })
    checkBye(t, moves, { requestUri: `sip:moved@127.0.0.1:${moves.port}`, route: '' })
    checkBye(t, behindNat, { requestUri: 'sip:sipp@192.0.2.55:5060', route: '' })
    for (const [user, sipp] of Object.entries({ callee: proxied, sipp: behindProxies })) {
      const near = `127.0.0.1:${sipp.port}`
      const route = `<sip:${near};lr;hop=near>, <sip:192.0.2.1;lr;hop=far>`
      checkBye(t, sipp, { requestUri: `sip:${user}@${near}`, route })
    }
  },
)
