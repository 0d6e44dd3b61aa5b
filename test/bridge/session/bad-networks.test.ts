// The caller's audio through bad networks, on a virtual clock: the agent hears a continuous stream, neither late nor
// ever later, and nothing piles up.
import t, { type Test } from 'tap'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { seededRandom } from '../rtp/seeded-random.ts'
import { CALLER, uplinkStage } from './uplink-stage.ts'
import { BadNetwork, type BadNetworkOptions } from '../../support/bad-network.ts'
import { toneUlaw } from '../../support/tone.ts'

const VOICE = toneUlaw(200, 1000)
const voiceAt = (index: number, bytes: number): Uint8Array => {
  const at = (index * bytes) % (VOICE.length - bytes)
  return VOICE.subarray(at, at + bytes)
}

interface Run {
  /** Heard by the agent less spoken by the caller, of the newest packet, over time. */
  readonly offsetsMs: Float64Array
  readonly deliveredMs: number
  readonly passedMs: number
  /** The longest the agent was given nothing. */
  readonly longestGapMs: number
  readonly network: BadNetwork
  readonly stage: ReturnType<typeof uplinkStage>
}

/** Runs a call through a network. The frames of the session are 7 ms off the packets', as chance would have it. */
function run(options: BadNetworkOptions): Run {
  const packetMs = options.packetMs ?? 20
  const stage = uplinkStage()
  const { time, uplink } = stage
  const network = new BadNetwork(options, (index) => voiceAt(index, packetMs * 8))
  const startMs = time.ms
  let delivered = 0
  let deliveredBefore = 0
  let fedAtMs = 0
  let longestGapMs = 0
  let newest = -1
  const offsetsMs: number[] = []
  uplink.open({ sendCallerAudio: (frame) => (delivered += frame.length) }, startMs)
  const endMs = network.spokenAtMs(options.packets)
  for (let tickMs = 7; tickMs <= endMs; tickMs += 20) {
    for (const { index, atMs, datagram } of network.until(tickMs)) {
      time.ms = startMs + atMs
      uplink.receive(datagram, CALLER.address, CALLER.port)
      newest = Math.max(newest, index)
      if (!uplink.receiver.isHolding && index === newest)
        offsetsMs.push(delivered / 8 - network.spokenAtMs(newest + 1))
    }
    time.ms = startMs + tickMs
    uplink.tick(time.ms, 0)
    if (delivered > deliveredBefore) {
      longestGapMs = Math.max(longestGapMs, tickMs - fedAtMs)
      fedAtMs = tickMs
    }
    deliveredBefore = delivered
  }
  return {
    offsetsMs: Float64Array.from(offsetsMs),
    deliveredMs: delivered / 8,
    passedMs: endMs,
    longestGapMs,
    network,
    stage,
  }
}

/** What every network must leave whole. */
function check(t: Test, name: string, options: BadNetworkOptions): Run {
  const result = run(options)
  const { network, stage, deliveredMs, passedMs } = result
  const facts = { name, options, deliveredMs, passedMs, quality: stage.uplink.quality() }
  const jitterMs = options.jitterMs ?? 0
  // The agent's clock is the caller's as long as nothing is missing, and ours where something is: it may be anywhere
  // between both.
  const apartMs = (options.skew ?? 0) * passedMs
  const least = Math.min(0, apartMs) - 140
  const most = Math.max(0, apartMs) + 140
  const surplusMs = deliveredMs - passedMs
  t.ok(surplusMs >= least && surplusMs <= most, `${name}: as much audio as time`, facts)
  let lowest = 0
  let highest = 0
  for (const offset of result.offsetsMs) {
    lowest = Math.min(lowest, offset)
    highest = Math.max(highest, offset)
  }
  // Below: audio is missing that the caller said. Above: made for packets that came late after all.
  const extremes = { ...facts, lowest, highest }
  t.ok(lowest >= least + 75, `${name}: nothing is left out`, extremes)
  t.ok(highest <= most - 75 + jitterMs, `${name}: nothing is said twice`, extremes)
  const { longestGapMs } = result
  // A burst of losses, the wait for what may have been overtaken, and the jitter of what comes next.
  const longest = 140 + (options.packetMs ?? 20) + jitterMs
  t.ok(longestGapMs <= longest, `${name}: never without audio`, { ...facts, longestGapMs })
  const { received, lost } = stage.uplink.receiver
  // At the end some are still on their way.
  t.ok(Math.abs(lost - network.lost) <= 5, `${name}: loss is counted`, facts)
  t.ok(Math.abs(received + network.lost - network.sent) <= 5, `${name}: so is what arrived`, facts)
  const { rejected } = stage.tally.rtp
  t.ok(Math.abs(rejected.duplicate.value - network.duplicated) <= 5, `${name}: and doubles`, facts)
  t.equal(rejected['too-fast'].value, 0, `${name}: nothing is taken for injected`)
  return result
}

const TWO_MINUTES = 6000

t.test('loss, alone and in bursts', async (t) => {
  for (const loss of [0, 0.01, 0.05, 0.1, 0.2]) {
    for (const burst of [1, 3, 8]) {
      const options = { seed: 11 + burst, packets: TWO_MINUTES, loss, burst }
      const { stage, network } = check(t, `loss ${loss} burst ${burst}`, options)
      const { concealedMs } = stage.uplink
      t.ok(concealedMs <= network.lost * 20 + 60, 'no more is made up than was lost')
      if (burst === 1 && loss > 0)
        t.ok(concealedMs >= network.lost * 19, 'and single losses wholly', { concealedMs })
      t.ok(Math.abs(network.lost / TWO_MINUTES - loss) <= loss * 0.35, 'the network does lose')
    }
  }
})

t.test('jitter, in order and not', async (t) => {
  for (const jitterMs of [10, 20, 40, 60, 80]) {
    for (const reorders of [false, true]) {
      const options = { seed: jitterMs, packets: TWO_MINUTES, jitterMs, reorders }
      const { stage } = check(t, `jitter ${jitterMs} ${reorders ? 'swapped' : 'in order'}`, options)
      if (jitterMs <= 40) t.equal(stage.uplink.concealedMs, 0, 'nothing is made up for 40 ms')
      const measured = stage.uplink.quality().jitterMs ?? 0
      // Evenly spread over j: two packets differ by j/3 in the mean, less where they may not overtake.
      t.ok(measured > jitterMs / 6 && measured < jitterMs, 'and it is measured', { measured })
    }
  }
})

t.test('packets of 10, 30 and 60 ms', async (t) => {
  for (const packetMs of [10, 30, 60]) {
    const packets = 120_000 / packetMs
    check(t, `${packetMs} ms`, { seed: packetMs, packets, packetMs, loss: 0.05, jitterMs: 20 })
  }
})

t.test('a sender that falls silent between its words', async (t) => {
  // Words of 0.4 to 2 s, pauses of 0.1 to 3 s.
  const random = seededRandom(8)
  const spoken: boolean[] = []
  while (spoken.length < 30_000) {
    const speaks = spoken.at(-1) !== true
    const packets = speaks ? 20 + random() * 80 : 5 + random() * 145
    for (let packet = 0; packet < packets; packet += 1) spoken.push(speaks)
  }
  const speaks = (index: number) => spoken[index] ?? false
  for (const skew of [0, 0.001, -0.001]) {
    const options = { seed: 4, packets: 30_000, jitterMs: 30, loss: 0.02, speaks, skew }
    const { stage } = check(t, `words, skew ${skew}`, options)
    const pauses = spoken.filter((now, index) => now && spoken[index - 1] === false).length
    const { concealedMs } = stage.uplink
    const most = stage.uplink.receiver.lost * 20 + (pauses + 1) * 60
    t.ok(concealedMs <= most, 'a pause begins with 60 ms at most', { concealedMs, pauses })
  }
})

t.test('clocks 0.1 % off, for ten minutes', async (t) => {
  for (const skew of [0.001, -0.001]) {
    const options = { seed: 5, packets: 30_000, skew, jitterMs: 20, loss: 0.02, duplicates: 0.02 }
    check(t, `skew ${skew}`, options)
  }
})

t.test('an hour of all of it: no drift, no growth', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (const skew of [0.001, -0.001]) {
    const options = {
      seed: 3600,
      packets: 180_000,
      skew,
      loss: 0.05,
      burst: 3,
      jitterMs: 60,
      reorders: true,
      duplicates: 0.01,
    }
    const { offsetsMs, stage } = check(t, `an hour, skew ${skew}`, options)
    // Holes are so many here that the agent's clock is ours: the last minute is as late as the second.
    const mean = (part: Float64Array) => part.reduce((sum, offset) => sum + offset, 0) / part.length
    const early = mean(offsetsMs.subarray(3000, 6000))
    const late = mean(offsetsMs.subarray(-3000))
    t.ok(Math.abs(late - early) < 130, 'no drift', { early, late })
    t.equal(stage.uplink.droppedMs, 0)
  }
  // What another hour leaves behind, while its stage is still there.
  collect()
  const before = process.memoryUsage().heapUsed
  const kept = run({ seed: 1, packets: 180_000, loss: 0.02, jitterMs: 60, reorders: true })
  const { stage } = kept
  const offsetBytes = kept.offsetsMs.byteLength
  collect()
  const grownBytes = process.memoryUsage().heapUsed - before - offsetBytes
  t.ok(grownBytes < 1_000_000, 'memory stays', {
    grownBytes,
    packets: stage.uplink.receiver.received,
  })
})
