// Two simulated carriers call each other with telephones of other habits: codecs, packet lengths, keys, hold, NAT, DTX,
// reports, bad networks.
import t, { type Test } from 'tap'
import {
  decodeUlaw,
  soundBytes,
  startCarrier,
  type CarrierCallRecord,
  type PhoneScript,
} from '../../../simulators/carrier/index.ts'

interface Pair {
  /** What the phone that called saw, and what the one that was called did. */
  readonly calling: CarrierCallRecord
  readonly called: CarrierCallRecord
}

/** One call to its end. */
async function call(t: Test, calling: PhoneScript, called: PhoneScript): Promise<Pair> {
  const [left, right] = await Promise.all([startCarrier(), startCarrier()])
  t.teardown(() => Promise.all([left.close(), right.close()]))
  right.script('*', called)
  const { host, port } = right.address
  const record = await left.call({ to: `sip:100@${host}:${port}`, from: '200', script: calling })
  await left.waitForCall(({ endedAt }) => endedAt !== null, 12_000)
  const other = await right.waitForCall(({ endedAt }) => endedAt !== null, 2000)
  return { calling: record, called: other }
}

const ANSWERS: PhoneScript = [{ answer: true }, { untilHangUp: 12_000 }]
const complaints = ({ calling, called }: Pair): string[] => [
  ...calling.protocolErrors,
  ...called.protocolErrors,
]
const power = (ulaw: Buffer): number =>
  [...ulaw].reduce((sum, byte) => sum + decodeUlaw(byte) ** 2, 0)

/** Signal to noise in dB, at the place where the sound begins to be heard. */
function likeness(heard: Buffer, said: Buffer): number {
  const noiseAt = (at: number): number => {
    let sum = 0
    for (let index = 0; index < said.length; index += 1)
      sum += (decodeUlaw(heard[at + index] ?? 0xff) - decodeUlaw(said[index]!)) ** 2
    return sum
  }
  const begins = heard.findIndex((byte) => Math.abs(decodeUlaw(byte)) > 100)
  const places = Array.from({ length: 400 }, (_, index) => Math.max(0, begins - 200 + index))
  return 10 * Math.log10(power(said) / Math.max(1, Math.min(...places.map(noiseAt))))
}

t.test('PCMA both ways, offered or answered: by its payload type, and as loud', async (t) => {
  for (const offered of [['PCMA'], ['PCMU', 'PCMA']] as const) {
    const pair = await call(
      t,
      [{ codecs: offered }, { say: { speech: 'caller-hello', ms: 1000 } }, { hangUp: true }],
      [
        { codecs: ['PCMA', 'PCMU'] },
        { answer: true },
        { say: { tone: 440, ms: 500 } },
        { untilHangUp: 8000 },
      ],
    )
    t.strictSame(complaints(pair), [])
    t.strictSame(pair.called.rtpIn.payloadTypes, [8])
    t.strictSame(pair.calling.rtpIn.payloadTypes, [8])
    const said = soundBytes({ speech: 'caller-hello', ms: 1000 })
    const snr = likeness(pair.called.rtpIn.audio, said)
    t.ok(snr > 30, `speech through A-law: ${snr.toFixed(1)} dB`)
    t.match(pair.called.rtpIn, { lost: 0, malformed: 0 })
  }
})

t.test('no codec in common is 488', async (t) => {
  const pair = await call(t, [{ codecs: ['PCMA'] }, { untilHangUp: 3000 }], ANSWERS)
  t.equal(pair.calling.finalStatus, 488)
  t.strictSame(complaints(pair), [])
})

t.test('packets of 10, 30 and 60 ms carry the same sound at their own rhythm', async (t) => {
  for (const packetMs of [10, 30, 60] as const) {
    const said = { speech: 'caller-hello', ms: 600 } as const
    const pair = await call(t, [{ packetMs }, { say: said }, { hangUp: true }], ANSWERS)
    const { rtpIn } = pair.called
    t.strictSame(rtpIn.packetMs, [packetMs])
    t.match(rtpIn, { lost: 0, holes: [], malformed: 0, timestampsFollowClock: true })
    t.ok(rtpIn.audio.includes(soundBytes(said)), `${packetMs} ms: byte for byte`)
    const rhythm = (rtpIn.lastAt! - rtpIn.firstAt!) / (rtpIn.packets - 1)
    t.ok(Math.abs(rhythm - packetMs) < packetMs / 10, `a packet every ${rhythm.toFixed(1)} ms`)
    t.match(pair.calling.messages[0]?.raw, `a=ptime:${packetMs}`)
    t.strictSame(pair.calling.rtpIn.packetMs, [20], 'each phone keeps to its own')
  }
})

t.test('keys go out as telephone events and as INFO, each once and in order', async (t) => {
  const pair = await call(
    t,
    [
      { say: { tone: 440, ms: 100 } },
      { press: '12#', toneMs: 100, pauseMs: 60 },
      { press: 'd' },
      { pressInfo: '5' },
      { pressInfo: '*', as: 'dtmf' },
      { hangUp: true },
    ],
    ANSWERS,
  )
  t.strictSame(complaints(pair), [])
  const { rtpIn, infoKeys } = pair.called
  t.strictSame(
    rtpIn.keys.map(({ key }) => key),
    ['1', '2', '#', 'D'],
  )
  t.strictSame(
    rtpIn.keys.map(({ durationMs }) => durationMs),
    [100, 100, 100, 160],
  )
  t.strictSame(rtpIn.payloadTypes, [0, 101])
  t.match(rtpIn, { lost: 0, outOfOrder: 0, duplicates: 0, malformed: 0 })
  t.ok(rtpIn.timestampsFollowClock, 'sound goes on where it would have been')
  t.strictSame(
    infoKeys.map(({ key }) => key),
    ['5', '*'],
  )
  const bodies = pair.calling.messages.filter(({ startLine }) => startLine.startsWith('INFO'))
  t.match(bodies[0]?.raw, 'Signal=5\r\nDuration=160')
})

t.test('keys that were not agreed on are no keys', async (t) => {
  const pair = await call(t, [{ press: '1' }], [{ noTelephoneEvents: true }, ...ANSWERS])
  t.match(pair.calling.protocolErrors, [/takes no telephone events/])
  t.strictSame(pair.called.rtpIn.keys, [])
})

t.test('hold, resume and another codec by re-INVITE', async (t) => {
  const pair = await call(
    t,
    [
      { codecs: ['PCMU', 'PCMA'] },
      { say: { tone: 440, ms: 200 } },
      { hold: 'inactive' },
      { wait: 300 },
      { resume: true },
      { changeCodecs: ['PCMA'] },
      { say: { tone: 880, ms: 300 } },
      { hangUp: true },
    ],
    [{ codecs: ['PCMU', 'PCMA'] }, ...ANSWERS],
  )
  t.strictSame(complaints(pair), [])
  t.equal(pair.calling.finalStatus, 200)
  const offers = pair.calling.messages.filter(
    ({ startLine, direction }) => direction === 'sent' && startLine.startsWith('INVITE'),
  )
  t.equal(offers.length, 4)
  t.match(offers[1]?.raw, 'a=inactive')
  t.match(offers[2]?.raw, 'a=sendrecv')
  const versions = offers.map(({ raw }) => Number(/^o=carrier \d+ (\d+)/m.exec(raw)?.[1]))
  t.strictSame(versions, [1, 2, 3, 4], 'the version counts up')
  const { rtpIn } = pair.called
  t.strictSame(rtpIn.payloadTypes, [0, 8])
  t.ok(
    rtpIn.gaps.some(({ ms }) => ms > 200),
    'nothing came while it was held',
  )
  t.equal(rtpIn.ssrcs.length, 1)
})

t.test('behind a NAT the SDP names what nobody can reach', async (t) => {
  const pair = await call(
    t,
    [
      { nat: { host: '10.0.0.7', port: 40_000 } },
      { say: { tone: 440, ms: 300 } },
      { hangUp: true },
    ],
    ANSWERS,
  )
  t.match(pair.calling.messages[0]?.raw, /c=IN IP4 10\.0\.0\.7\r\n.*m=audio 40000 /s)
  t.ok(pair.called.rtpIn.packets > 10, 'its own sound comes from where it is')
  t.equal(pair.calling.rtpIn.packets, 0, 'what follows the SDP is lost')
})

t.test('DTX: one packet of comfort noise, then nothing, then a marked packet', async (t) => {
  const talks: PhoneScript = [
    { dtx: true },
    { say: { tone: 440, ms: 300 } },
    { listen: 500 },
    { say: { tone: 440, ms: 300 } },
    { hangUp: true },
  ]
  const pair = await call(t, talks, [{ dtx: true }, ...ANSWERS])
  const { rtpIn } = pair.called
  t.strictSame(new Set(rtpIn.payloadTypes), new Set([0, 13]))
  // The first packet of all, and the first of each spurt after a silence.
  t.ok(rtpIn.markers >= 2 && rtpIn.markers <= 3, `${rtpIn.markers} markers`)
  t.ok(rtpIn.packets < 40, `${rtpIn.packets} packets for 1.1 s`)
  t.equal(rtpIn.timestampsFollowClock, true)
  const unagreed = await call(t, talks, ANSWERS)
  t.strictSame(unagreed.called.rtpIn.payloadTypes, [0], 'not agreed on, not sent')
})

t.test('reports tell round trip, loss and jitter', async (t) => {
  const pair = await call(
    t,
    [
      { network: { seed: 3, sent: { lossPercent: 20, jitterMs: 30 } } },
      { listen: 3500 },
      { hangUp: true },
    ],
    ANSWERS,
  )
  const { rtcp, rtpOut } = pair.calling
  t.ok(rtcp.sent >= 3 && rtcp.received >= 3, `${rtcp.sent} sent, ${rtcp.received} received`)
  t.equal(rtcp.malformed, 0)
  t.ok(rtcp.roundTripMs !== null && rtcp.roundTripMs >= 0 && rtcp.roundTripMs < 250)
  const { lost, jitterMs } = rtcp.farEnd!
  const share = lost / rtpOut.packets
  t.ok(share > 0.08 && share < 0.35, `${lost} of ${rtpOut.packets} reported lost`)
  t.ok(jitterMs > 2 && jitterMs < 30, `${jitterMs.toFixed(1)} ms jitter reported`)
  t.ok(rtcp.farEndSent!.packets > 100)
  t.equal(pair.called.rtcp.farEnd?.lost, 0, 'the other way is clean')
})

t.test('a phone without RTCP sends and hears none', async (t) => {
  const pair = await call(t, [{ noRtcp: true }, { listen: 1300 }, { hangUp: true }], ANSWERS)
  t.match(pair.calling.rtcp, { sent: 0, received: 0, roundTripMs: null })
  t.equal(pair.called.rtcp.received, 0)
})

t.test('a clock that is fast sends more packets, and its timestamps with them', async (t) => {
  // 5 %, far more than any clock, so that a second shows it.
  const pair = await call(
    t,
    [{ clockSkewPpm: 50_000 }, { listen: 2000 }, { hangUp: true }],
    ANSWERS,
  )
  // The other phone's clock is right, and both share what the machine keeps from them.
  const ratio = pair.calling.rtpOut.packets / pair.called.rtpOut.packets
  t.ok(ratio > 1.02 && ratio < 1.08, `${ratio.toFixed(3)} packets for each of the other`)
  t.equal(pair.called.rtpIn.lost, 0)
})

t.test('a bad network on what is received', async (t) => {
  const network = { seed: 5, received: { lossPercent: 30, duplicatePercent: 20 } }
  const pair = await call(
    t,
    [{ network }, { untilHangUp: 8000 }],
    [{ answer: true }, { say: { tone: 440, ms: 2000 } }, { hangUp: true }],
  )
  const { lost, duplicates } = pair.calling.rtpIn
  t.ok(lost > 15 && lost < 50, `${lost} lost`)
  t.ok(duplicates > 5, `${duplicates} twice`)
  t.match(pair.called.rtpIn, { lost: 0, duplicates: 0 })
})
