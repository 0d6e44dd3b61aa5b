// Our RTP stream: contiguous, never overlapping, never behind the wall clock, and back on it after a pause.
import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { FramePacer } from '../../../bridge/audio/frame-pacer.ts'
import { Packetizer } from '../../../bridge/rtp/packetizer.ts'
import { decodeRtp } from '../../support/decode-rtp.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import { Downlink } from '../../../bridge/session/downlink.ts'
import { RtpOutlet } from '../../../bridge/session/outlet.ts'
import { median } from '../../../bench/report/statistics.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'

const START = { ssrc: 1, sequence: 0, timestamp: 0 }
const timestampOf = (packet: Uint8Array): number => {
  const decoded = decodeRtp(packet)
  if (decoded.kind === 'invalid') throw new Error(decoded.fault)
  return decoded.timestamp
}

t.test(
  'a packet sent early follows on from the last; one sent late shows the time that passed',
  async (t) => {
    const packetizer = new Packetizer(START)
    const at = (ms: number) => timestampOf(packetizer.next(ms, 0, false))
    t.same([at(0), at(20), at(27), at(47)], [0, 160, 320, 480], 'no overlap: 27 ms would be 216')
    t.equal(packetizer.leadMs(67), 13)
    t.equal(at(80), 640, 'the lead was waited for')
    t.equal(packetizer.leadMs(100), 0)
    t.equal(at(300), 2400, 'a stall shows')
  },
)

t.test('what was ahead of the clock before a stall is so after it', async (t) => {
  const packetizer = new Packetizer(START)
  const at = (ms: number) => timestampOf(packetizer.next(ms, 0, false))
  packetizer.skip(3)
  t.same([at(0), at(5)], [0, 160], '15 ms ahead; what was skipped before the first is nobody’s')
  packetizer.skip(2)
  t.equal(packetizer.leadMs(65), 15)
  t.equal(at(65), 640, 'as far ahead as before: 520 would be the clock’s')
  t.equal(packetizer.leadMs(85), 15)
})

t.test('a telephone event has one timestamp, and audio goes on behind it', async (t) => {
  const packetizer = new Packetizer(START)
  t.equal(timestampOf(packetizer.next(0, 0, false)), 0)
  const events = [160, 320, 480].map((duration, index) =>
    packetizer.nextEvent(20 + index, 101, index === 0, duration),
  )
  t.same(
    events.map((packet) => [packet.length, timestampOf(packet)]),
    [
      [16, 160],
      [16, 160],
      [16, 160],
    ],
  )
  t.equal(packetizer.lastTimestamp, 160)
  t.equal(timestampOf(packetizer.next(30, 0, true)), 640, 'never inside the event')
})

t.test(
  'spurts may start at any moment: timestamps never overlap, and silence returns to the clock',
  async (t) => {
    const sent: { atMs: number; timestamp: number; silent: boolean }[] = []
    const now = () => performance.now()
    const pacer = new FramePacer({ now, onLateFrames: () => undefined })
    const gate = new SourceGate()
    gate.announce(remoteRtp({ address: '127.0.0.1', port: 9 }))
    const socket = {
      port: 1,
      send: (packet: Uint8Array) =>
        sent.push({ atMs: now(), timestamp: timestampOf(packet), silent: packet[12] === 0xff }),
      close: () => Promise.resolve(),
    }
    const tally = createMediaTally(new Tally())
    const downlink = new Downlink({
      outlet: new RtpOutlet(gate, socket),
      gate,
      pacer,
      tally,
      now,
      onFrame: () => undefined,
      onFirstPacket: () => undefined,
      onUtterance: () => undefined,
      onPrompt: () => undefined,
    })
    downlink.start()
    for (let spurt = 1; spurt <= 4; spurt += 1) {
      await sleep(650 + spurt * 3)
      downlink.play(Buffer.alloc(800, 0x10), spurt)
    }
    await sleep(800)
    downlink.stop()
    pacer.close()
    const [first] = sent
    const steps = sent.slice(1).map(({ timestamp }, index) => timestamp - sent[index]!.timestamp)
    t.ok(
      steps.every((step) => step >= 160),
      'no two packets overlap',
      { steps },
    )
    t.equal(sent.filter(({ silent }) => !silent).length, 4 * 5, 'every frame of every spurt left')
    const leads = sent.map(
      ({ atMs, timestamp }) => (timestamp - first!.timestamp) / 8 - (atMs - first!.atMs),
    )
    // Any packet may be late because the machine was, the first one, too: the clock is where most of the first are.
    const clock = median(leads.slice(0, 9))
    t.ok(Math.max(...leads) - clock < 25, 'never more than a frame ahead of the clock', { leads })
    const last = median(leads.slice(-9))
    t.ok(Math.abs(last - clock) < 6, 'and back on it in the pause', { clock, last })
  },
)
