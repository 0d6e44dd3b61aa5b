// Reports both ways: when they leave and where to, what they say, and what is believed of those that come.
import t from 'tap'
import {
  decodeRtcp,
  MAX_RTCP_BYTES,
  writeRtcp,
  type ReportBlock,
} from '../../../bridge/rtp/rtcp-packet.ts'
import { RtcpSession } from '../../../bridge/rtp/rtcp-session.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import type { RemoteRtp } from '../../../core/contracts/index.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import { seededRandom } from './seeded-random.ts'

const FAR = { address: '192.0.2.1', port: 4000 }
const OURS = 0x1111
const THEIRS = 0x2222

function stage(remote: Partial<RemoteRtp> = {}, seed = 1) {
  const gate = new SourceGate()
  const announce = (changed: Partial<RemoteRtp> = {}) =>
    gate.announce(remoteRtp({ ...FAR, ...remote, ...changed }))
  announce()
  const time = { ms: 50_000 }
  const sent: { from: string; packet: Uint8Array; port: number; address: string; atMs: number }[] =
    []
  const intervals: number[] = []
  const counters = { ssrc: OURS, packets: 0, octets: 0, lastRtpTimestamp: 0, lastSentAtMs: 0 }
  const reception = {
    ssrc: THEIRS,
    fractionLost: 10,
    cumulativeLost: 5,
    highestSequence: 1000,
    jitter: 16,
  }
  const session = new RtcpSession({
    gate,
    source: { report: () => reception },
    now: () => time.ms,
    onInterval: () => intervals.push(time.ms),
    random: seededRandom(seed),
  })
  const leave = (from: string) => (packet: Uint8Array, port: number, address: string) =>
    sent.push({ from, packet: Uint8Array.from(packet), port, address, atMs: time.ms })
  const start = () =>
    session.start({ socket: { send: leave('rtp'), sendRtcp: leave('rtcp') }, sent: () => counters })
  const pass = (milliseconds: number) => {
    for (const end = time.ms + milliseconds; time.ms < end;) {
      time.ms += 20
      counters.packets += 1
      counters.octets += 160
      counters.lastRtpTimestamp += 160
      counters.lastSentAtMs = time.ms
      session.tick(time.ms)
    }
  }
  /** The far end reports on our stream. */
  const hear = (
    block: Partial<ReportBlock> = {},
    from = { address: FAR.address, port: 4001 },
    packets: number | null = 1,
  ) => {
    const packet = new Uint8Array(MAX_RTCP_BYTES)
    const length = writeRtcp(packet, {
      ssrc: THEIRS,
      cname: 'far',
      sender:
        packets === null
          ? null
          : { ntpSeconds: 5, ntpFraction: 0x1234_0000, rtpTimestamp: 0, packets, octets: 1 },
      block: {
        ssrc: OURS,
        fractionLost: 0,
        cumulativeLost: 0,
        highestSequence: 0,
        jitter: 0,
        lastReport: 0,
        delaySinceLastReport: 0,
        ...block,
      },
      isBye: false,
    })
    return session.receive(packet.subarray(0, length), from.address, from.port)
  }
  const report = (index: number) => {
    const [packet] = decodeRtcp(sent.at(index)?.packet ?? new Uint8Array(0)) ?? []
    if (packet?.kind !== 'sender-report') throw new Error('no sender report')
    return packet
  }
  const middle = (index: number): number => {
    const { sender } = report(index)
    return (((sender.ntpSeconds & 0xffff) << 16) | (sender.ntpFraction >>> 16)) >>> 0
  }
  return {
    session,
    gate,
    announce,
    time,
    sent,
    intervals,
    counters,
    start,
    pass,
    hear,
    report,
    middle,
  }
}

t.test('a report each 2.5 to 7.5 s from the answer on, the first sooner', async (t) => {
  const { start, pass, sent, time } = stage()
  pass(20_000)
  t.equal(sent.length, 0, 'not before the answer')
  const startedAt = time.ms
  start()
  pass(600_000)
  const steps = sent.map(({ atMs }, index) => atMs - (sent[index - 1]?.atMs ?? startedAt))
  t.ok(steps[0]! >= 1250 && steps[0]! <= 3780, 'the first', { steps })
  t.ok(
    steps.slice(1).every((step) => step >= 2500 && step <= 7520),
    'the others',
    { steps },
  )
  t.ok(Math.abs(600_000 / sent.length - 5000) < 500, 'five seconds in the mean')
  t.ok(new Set(steps).size > 50, 'by chance')
  t.ok(sent.every(({ from, port }) => from === 'rtcp' && port === 4001))
})

t.test('what a report says', async (t) => {
  const { start, pass, hear, report, sent, time, counters } = stage()
  start()
  pass(3800)
  t.match(report(0), { ssrc: OURS, blocks: [{ ssrc: THEIRS, cumulativeLost: 5, jitter: 16 }] })
  t.match(report(0).blocks, [{ lastReport: 0, delaySinceLastReport: 0 }], 'none came yet')
  const atMs = sent[0]!.atMs
  t.equal(report(0).sender.packets, (atMs - 50_000) / 20)
  t.equal(report(0).sender.octets, report(0).sender.packets * 160)
  const wall = report(0).sender.ntpSeconds - 2_208_988_800
  t.ok(Math.abs(wall - Date.now() / 1000) < 60, 'the time of day, but for the virtual minute')
  const count = sent.length
  t.ok(hear())
  const heardAt = time.ms
  while (sent.length === count) pass(20)
  const [block] = report(-1).blocks
  t.equal(block?.lastReport, 0x0005_1234)
  t.equal(block?.delaySinceLastReport, Math.round(((time.ms - heardAt) * 65_536) / 1000))
  t.equal(report(-1).sender.rtpTimestamp, counters.lastRtpTimestamp)
})

t.test('who has sent nothing sends receiver reports', async (t) => {
  const { start, session, sent, time } = stage()
  start()
  for (let at = 0; at < 10_000; at += 20) session.tick((time.ms += 20))
  t.match(decodeRtcp(sent[0]!.packet), [{ kind: 'receiver-report' }, { kind: 'other' }])
})

t.test('names are by chance, and of no host', async (t) => {
  const names = new Set<string>()
  for (let round = 0; round < 20; round += 1) {
    const { start, pass, sent } = stage()
    start()
    pass(4000)
    const text = Buffer.from(sent[0]!.packet).toString('latin1')
    names.add(/[A-Za-z0-9+/]{16}/.exec(text)?.[0] ?? '')
  }
  t.equal(names.size, 20)
})

t.test('the round trip is from our report to the answer, less its rest', async (t) => {
  const { session, start, pass, hear, middle, sent, time } = stage()
  t.equal(session.roundTripMs, null)
  start()
  const answer = (roundTripMs: number) => {
    const count = sent.length
    while (sent.length === count) pass(20)
    time.ms += roundTripMs + 1000
    return hear({ lastReport: middle(-1), delaySinceLastReport: 65_536 })
  }
  for (const roundTripMs of [50, 80, 3000]) t.ok(answer(roundTripMs))
  t.ok(Math.abs((session.roundTripMs ?? 0) - 80) < 0.1, 'the median', { rtt: session.roundTripMs })
  // What cannot be: a report we never sent, an answer before its question, and one of yesterday.
  for (let round = 0; round < 10; round += 1)
    hear({ lastReport: middle(-1) + 6553, delaySinceLastReport: 65_536 })
  hear({ lastReport: middle(-1), delaySinceLastReport: 65_536 * 60 })
  time.ms += 60_000
  hear({ lastReport: middle(-1), delaySinceLastReport: 0 })
  t.ok(Math.abs((session.roundTripMs ?? 0) - 80) < 0.1)
})

t.test('how our audio fares, as far as it can be believed', async (t) => {
  const { session, start, pass, hear, counters } = stage()
  hear({ cumulativeLost: 3 })
  t.equal(session.sentQuality, null, 'before we sent anything nothing can be lost')
  start()
  pass(2000)
  hear({ cumulativeLost: 7, jitter: 80 })
  t.same(session.sentQuality, { lost: 7, jitterMs: 10 })
  hear({ cumulativeLost: 9, jitter: 40 })
  t.same(session.sentQuality, { lost: 9, jitterMs: 10 }, 'the worst jitter')
  hear({ cumulativeLost: -3, jitter: 0xffff_ffff })
  t.same(session.sentQuality, { lost: 0, jitterMs: 10 })
  hear({ cumulativeLost: 0x7fffff })
  t.equal(session.sentQuality?.lost, counters.packets)
  hear({ ssrc: 99, cumulativeLost: 1 })
  t.equal(session.sentQuality?.lost, counters.packets, 'of another stream')
  t.notOk(hear({ cumulativeLost: 1 }, { address: '192.0.2.9', port: 4001 }), 'a stranger')
  t.equal(session.sentQuality?.lost, counters.packets)
})

t.test('nothing is sent while the call is held', async (t) => {
  const { start, pass, announce, sent, intervals } = stage()
  start()
  announce({ receives: false })
  pass(60_000)
  t.equal(sent.length, 0)
  t.ok(intervals.length >= 8, 'what is measured is measured on')
  announce()
  pass(8000)
  t.ok(sent.length >= 1)
})

t.test('on one port, reports leave from the RTP port', async (t) => {
  const { start, pass, sent } = stage({ rtcpPort: 4000 })
  start()
  pass(8000)
  t.match(sent[0], { from: 'rtp', port: 4000, address: '192.0.2.1' })
})

t.test('one BYE, and then nothing', async (t) => {
  const { session, start, pass, sent } = stage()
  session.bye()
  t.equal(sent.length, 0, 'nobody knew of us')
  start()
  pass(100)
  session.bye()
  session.bye()
  t.match(decodeRtcp(sent[0]!.packet)?.at(-1), { kind: 'bye', ssrcs: [OURS] })
  pass(20_000)
  t.equal(sent.length, 1)
  const quiet = stage()
  quiet.start()
  quiet.session.stop()
  quiet.session.bye()
  quiet.pass(20_000)
  t.equal(quiet.sent.length, 0, 'not even that where nobody may be sent anything')
})

t.test('a flood of reports and of rubbish leaves nothing behind', async (t) => {
  const random = seededRandom(6)
  const { session, start, pass, hear, middle } = stage()
  start()
  pass(4000)
  let taken = 0
  for (let round = 0; round < 50_000; round += 1) {
    if (round % 3 === 0) taken += hear({ lastReport: middle(0), jitter: round }) ? 1 : 0
    else {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 80) }, () => random() * 256)
      bytes[0] = 0x80 | (bytes[0]! & 0x3f)
      bytes[1] = 200 + (bytes[1]! & 7)
      session.receive(bytes, FAR.address, 4001)
    }
  }
  t.ok(taken <= 100, 'most are not even read', { taken })
  pass(8000)
  for (let round = 0; round < 1000; round += 1) hear({}, { address: '192.0.2.66', port: 4001 })
  t.ok(hear(), 'later ones are, whatever strangers send')
})

t.test(
  'a far end that says it sends nothing is there; one whose audio gets lost may not be',
  async (t) => {
    const { session, hear, pass, time } = stage()
    t.equal(session.quietAtMs, -Infinity)
    hear({}, undefined, 500)
    pass(1000)
    hear({}, undefined, 550)
    t.equal(session.quietAtMs, -Infinity, 'it counts on')
    pass(1000)
    hear({}, undefined, 550)
    t.equal(session.quietAtMs, time.ms, 'as many as before')
    pass(1000)
    hear({}, undefined, null)
    t.equal(session.quietAtMs, time.ms, 'no sender any more')
  },
)
