// Debian's SIPp calls the product: answered calls, and every way a call in may fail.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openRtpPeer } from '../support/rtp-peer.ts'
import { runSipp, sippOptions, succeeds, type Sipp } from '../support/sipp.ts'
import { startProduct, type Product } from '../support/start-product.ts'
import { findTone, longestGapMs, soundingPart } from '../support/tone.ts'
import { listener } from '../support/undisturbed.ts'

const TONE = { toneHz: 1000, lengthMs: 1000, levelDbm0: -10 }
const SAYS_A_TONE = { firstMessage: { sound: TONE }, mode: 'silent', interruptible: false } as const

const target = ({ sipHost, sipPort }: Product): string => `${sipHost}:${sipPort}`
const firstAt = (sipp: Sipp, start: string): number =>
  sipp.messages().find(({ startLine }) => startLine.startsWith(start))?.atMs ?? NaN

t.test('a call in is answered, the agent is heard and hears', sippOptions, async (t) => {
  const product = await startProduct(t, { agent: SAYS_A_TONE })
  const { longestMs } = listener(t)
  const sipp = await runSipp(t, {
    scenario: 'call-in',
    target: target(product),
    args: ['-s', '4930555100', '-d', '2500', '-rtp_echo'],
  })
  await succeeds(t, sipp)
  const [call] = await product.view.allEnded(1)
  t.match(call, {
    direction: 'inbound',
    from: '+49307001',
    to: '+4930555100',
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'caller' },
    agent: { sessions: 1 },
  })
  const [session] = product.agent.sessions
  t.equal(product.agent.sessions.length, 1)
  // SIPp sent back what it heard: the agent's tone went to a foreign program and returned.
  const echoed = soundingPart(session!.callerAudio)
  t.match(findTone(echoed), { hz: 1000 })
  t.ok(echoed.length > 0.9 * 8000, `${echoed.length / 8} ms of the tone came back`)
  // A busy machine may hold up any of the three programs for a frame or two, and one that stands still for longer.
  t.ok(longestGapMs(echoed) <= 60 + longestMs(), `a gap of ${longestGapMs(echoed)} ms`)
  t.ok(session!.upgradeAt >= firstAt(sipp, 'SIP/2.0 200') - 20, 'opened after the 200 OK')
  t.ok(session!.closedAt! >= firstAt(sipp, 'BYE'), 'closed after the BYE')
  t.ok(session!.closedAt! - firstAt(sipp, 'BYE') < 500, 'and soon')
  await product.idle()
})

t.test('fifty calls at ten a second all succeed', sippOptions, async (t) => {
  const product = await startProduct(t, { agent: SAYS_A_TONE })
  const sipp = await runSipp(t, {
    scenario: 'call-in',
    target: target(product),
    calls: 50,
    perSecond: 10,
    args: ['-s', '4930555100', '-d', '1500'],
  })
  await succeeds(t, sipp)
  const calls = await product.view.allEnded(50)
  t.equal(calls.length, 50)
  t.ok(calls.every(({ outcome, agent }) => outcome === 'answered' && agent.sessions === 1))
  t.equal(product.agent.sessions.length, 50)
  t.ok(product.agent.sessions.every(({ metadataAt }) => metadataAt !== null))
  t.equal(await product.view.metric('agent_sessions_before_answer_total'), 0)
  await product.idle()
})

t.test('what cannot be served is refused in the words of the protocol', sippOptions, async (t) => {
  const product = await startProduct(t)
  const run = async (t: Test, scenario: string) => {
    await succeeds(t, await runSipp(t, { scenario, target: target(product), timeoutSeconds: 15 }))
    await product.idle()
    t.equal(product.agent.sessions.length, 0, 'no agent was asked for')
  }
  await t.test('no codec in common: 488', async (t) => {
    await run(t, 'no-codec')
    const [call] = await product.view.allEnded(1)
    t.match(call, {
      outcome: 'failed',
      termination: { result: 'client_error', reason: 'media-not-acceptable', sip_status: 488 },
    })
  })
  await t.test('a dialog that does not exist: 481', (t) => run(t, 'unknown-dialog'))
  await t.test('OPTIONS: 200', (t) => run(t, 'options'))
})

t.test('CANCEL while it rings: 487, and the agent never hears of it', sippOptions, async (t) => {
  // A vendor that does not answer keeps the call ringing.
  const vendor = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(vendor, 'listening')
  t.teardown(() => {
    vendor.closeAllConnections()
    vendor.close()
  })
  const restUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`
  const product = await startProduct(t, { signedUrls: { restUrl, apiKey: 'secret' } })
  await succeeds(t, await runSipp(t, { scenario: 'cancel', target: target(product), calls: 5 }))
  const calls = await product.view.allEnded(5)
  for (const call of calls) {
    t.match(call, {
      outcome: 'canceled',
      answered_at: null,
      termination: { result: 'client_error', reason: 'canceled', by: 'caller', sip_status: 487 },
      agent: { sessions: 0 },
    })
  }
  t.equal(product.agent.sessions.length, 0)
  t.ok(product.agent.connections.every(({ upgraded }) => !upgraded))
  await product.idle()
})

t.test(
  'no ACK: the 200 OK is repeated, the agent leaves at 4 s, a late ACK gets its BYE',
  sippOptions,
  async (t) => {
    const product = await startProduct(t, { agent: SAYS_A_TONE })
    const sipp = await runSipp(t, { scenario: 'late-ack', target: target(product) })
    const session = await product.agent.waitForSession(0, 5000)
    await succeeds(t, sipp)
    const answers = sipp
      .messages()
      .filter(({ direction, startLine }) => direction === 'received' && startLine.includes(' 200 '))
    // T1 500 ms, doubled up to T2 4 s (RFC 3261 section 13.3.1.4): at 0, 0.5, 1.5, 3.5 s.
    t.equal(
      answers.length,
      4,
      `200 OK at ${answers.map(({ atMs }) => atMs - answers[0]!.atMs).join()}`,
    )
    const agentLeft = session.closedAt! - answers[0]!.atMs
    t.ok(agentLeft > 3800 && agentLeft < 4500, `the agent left after ${agentLeft} ms`)
    const ackAt = firstAt(sipp, 'ACK')
    const byeAt = firstAt(sipp, 'BYE')
    t.ok(byeAt >= ackAt && byeAt - ackAt < 500, `BYE ${byeAt - ackAt} ms after the ACK`)
    const [call] = await product.view.allEnded(1)
    t.match(call, {
      outcome: 'answered',
      termination: { result: 'upstream_error', reason: 'no-ack', by: 'gateway' },
      agent: { sessions: 1, close_reason: 'no-ack' },
    })
    await product.idle()
  },
)

t.test(
  'an INVITE without SDP: our offer in the 200 OK, heard both ways',
  sippOptions,
  async (t) => {
    const product = await startProduct(t, { agent: SAYS_A_TONE })
    const sipp = await runSipp(t, {
      scenario: 'delayed-offer',
      target: target(product),
      args: ['-d', '2500', '-rtp_echo'],
    })
    await succeeds(t, sipp)
    const echoed = soundingPart(product.agent.sessions[0]!.callerAudio)
    t.match(findTone(echoed), { hz: 1000 })
    await product.idle()
  },
)

t.test(
  'a re-INVITE moves the audio; one we cannot serve changes nothing',
  sippOptions,
  async (t) => {
    const product = await startProduct(t, {
      agent: { ...SAYS_A_TONE, firstMessage: { sound: { ...TONE, lengthMs: 10_000 } } },
    })
    const before = await openRtpPeer(t)
    const after = await openRtpPeer(t)
    const sipp = await runSipp(t, {
      scenario: 're-invite',
      target: target(product),
      keys: { rtp_port: before.port, new_rtp_port: after.port },
    })
    await succeeds(t, sipp)
    t.ok(before.received.length > 30, `${before.received.length} packets to the first address`)
    // One and a half seconds: also after the refused re-INVITE.
    t.ok(after.received.length > 60, `${after.received.length} packets to the second address`)
    const moved = after.received[0]!.atMs
    t.equal(
      before.received.filter(({ atMs }) => atMs > moved + 40).length,
      0,
      'none to the first any more',
    )
    t.match(await product.view.allEnded(1), [{ termination: { result: 'success', by: 'caller' } }])
    t.equal(product.agent.sessions.length, 1, 'a re-INVITE is no reason for another agent')
    await product.idle()
  },
)

t.test('over the limit: 503 with Retry-After, and those who talk go on', sippOptions, async (t) => {
  const product = await startProduct(t, {
    agent: SAYS_A_TONE,
    settings: { MAX_CONCURRENT_CALLS: '1' },
  })
  const talking = await runSipp(t, {
    scenario: 'call-in',
    target: target(product),
    args: ['-d', '2000'],
  })
  await product.agent.waitForSession(0, 5000)
  await succeeds(t, await runSipp(t, { scenario: 'refused', target: target(product), calls: 3 }))
  await succeeds(t, talking)
  t.equal(await product.view.metric('sip_rejected_total'), 3)
  t.equal((await product.view.allEnded(1)).length, 1)
  await product.idle()
})

// Of a twentieth, one call in ten thousand loses every word for the four seconds after which we give it up.
t.test(
  'a caller whose network loses a fiftieth of everything is served',
  sippOptions,
  async (t) => {
    const product = await startProduct(t, { agent: SAYS_A_TONE })
    const sipp = await runSipp(t, {
      scenario: 'call-in',
      target: target(product),
      calls: 20,
      perSecond: 10,
      args: ['-d', '1000', '-lost', '2'],
      timeoutSeconds: 60,
    })
    await succeeds(t, sipp)
    const calls = await product.view.allEnded(20)
    for (const call of calls)
      t.match(call, {
        outcome: 'answered',
        termination: { result: 'success', reason: 'hangup', by: 'caller' },
      })
    t.equal(calls.length, 20, 'a repeated INVITE is no second call')
    t.equal(product.agent.sessions.length, 20)
    await product.idle()
  },
)
