// The bad network does what it was told, in the figures it was told, the same for the same seed.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createNetworkPath, type Impairments } from '../../../simulators/carrier/bad-network.ts'

const packets = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(Uint32Array.of(index).buffer))
const numbers = (arrived: Buffer[]): number[] => arrived.map((packet) => packet.readUInt32LE())

async function send(impairments: Impairments, count: number, seed = 7): Promise<number[]> {
  const arrived: Buffer[] = []
  const path = createNetworkPath(impairments, seed, (packet) => arrived.push(packet))
  for (const packet of packets(count)) path.pass(packet)
  await sleep(150 + (impairments.jitterMs ?? 0))
  path.close()
  return numbers(arrived)
}

/** Lengths of the runs of numbers that never came. */
function losses(arrived: readonly number[], count: number): number[] {
  const came = new Set(arrived)
  const runs: number[] = []
  for (let index = 0; index < count; index += 1) {
    if (came.has(index)) continue
    if (index > 0 && !came.has(index - 1) && runs.length > 0) runs[runs.length - 1]! += 1
    else runs.push(1)
  }
  return runs
}

t.test('no impairment passes everything at once', async (t) => {
  const arrived: Buffer[] = []
  const path = createNetworkPath(undefined, 1, (packet) => arrived.push(packet))
  for (const packet of packets(5)) path.pass(packet)
  t.strictSame(numbers(arrived), [0, 1, 2, 3, 4])
})

t.test('random loss: its share, in short runs; the same for the same seed', async (t) => {
  const arrived = await send({ lossPercent: 10 }, 10_000)
  const runs = losses(arrived, 10_000)
  const lost = 10_000 - arrived.length
  t.ok(lost > 900 && lost < 1100, `${lost} of 10,000`)
  t.ok(lost / runs.length < 1.3, `mean run ${lost / runs.length}`)
  t.strictSame(arrived, await send({ lossPercent: 10 }, 10_000))
  t.strictNotSame(arrived, await send({ lossPercent: 10 }, 10_000, 8))
})

t.test('bursty loss: the same share, in long runs', async (t) => {
  const arrived = await send({ lossPercent: 10, burstPackets: 5 }, 20_000)
  const runs = losses(arrived, 20_000)
  const lost = 20_000 - arrived.length
  t.ok(lost > 1600 && lost < 2400, `${lost} of 20,000`)
  t.ok(lost / runs.length > 4 && lost / runs.length < 6, `mean run ${lost / runs.length}`)
})

t.test('jitter keeps the order; reordering changes it by one; duplicates come twice', async (t) => {
  const arrived: { number: number; at: number }[] = []
  const path = createNetworkPath({ jitterMs: 40 }, 3, (packet) => {
    arrived.push({ number: packet.readUInt32LE(), at: performance.now() })
  })
  const sentAt: number[] = []
  for (const packet of packets(20)) {
    sentAt.push(performance.now())
    path.pass(packet)
    await sleep(10)
  }
  await sleep(80)
  t.strictSame(
    arrived.map(({ number }) => number),
    [...Array(20).keys()],
  )
  const delays = arrived.map(({ at }, index) => at - sentAt[index]!)
  t.ok(Math.max(...delays) > 15, `at most ${Math.max(...delays).toFixed(0)} ms late`)
  t.ok(Math.min(...delays) < 15, `at least ${Math.min(...delays).toFixed(0)} ms late`)
  const swapped = await send({ reorderPercent: 20 }, 100)
  t.strictSame(
    [...swapped].sort((a, b) => a - b),
    [...Array(100).keys()],
    'nothing is lost',
  )
  const late = swapped.filter((number, index) => number < (swapped[index - 1] ?? 0))
  t.ok(late.length > 8 && late.length < 30, `${late.length} of 100 out of order`)
  const twice = await send({ duplicatePercent: 20 }, 100)
  t.ok(twice.length > 108 && twice.length < 135, `${twice.length} of 100`)
  t.equal(new Set(twice).size, 100)
})
