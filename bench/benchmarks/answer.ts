// 200 OK → the agent's upgrade, hang-up → the agent's socket closed: the whole product against a carrier and an agent
// that share one clock, beside a process that turns one datagram into one upgrade.
import { setTimeout as sleep } from 'node:timers/promises'
import { TALK_MS } from '../load/talk.ts'
import type { World, AnswerTimes } from '../load/world.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf } from '../process/pinning.ts'
import { withPrograms, type Program } from '../process/program.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { spreadOf, type Spread } from '../report/statistics.ts'
import type { AnswerFloor } from '../subjects/answer-floor.ts'
import type { Product } from '../subjects/voicegate.ts'

interface Variant {
  readonly name: string
  readonly parallel: number
  /** How long the phone rings; 0: the 200 OK is the first thing the carrier says, so nothing can be prepared. */
  readonly ringMs: number
}

/** Connecting takes a millisecond here; a real phone rings for seconds. */
const RING_MS = 150
const VARIANTS: readonly Variant[] = [
  { name: 'one by one, prewarmed', parallel: 1, ringMs: RING_MS },
  { name: 'one by one, cold', parallel: 1, ringMs: 0 },
  { name: '20 at a time, prewarmed', parallel: 20, ringMs: RING_MS },
  { name: '20 at a time, cold', parallel: 20, ringMs: 0 },
]
/** Left out of the figures: code is compiled in them. */
const WARMUP_CALLS = 20
/** Numbers of the range kept for films, twelve digits with the count. */
const numberOf = (count: number): string => `+4930231${String(count).padStart(5, '0')}`

interface Outcome {
  readonly variant: Variant
  readonly product: readonly AnswerTimes[]
  readonly floor: readonly AnswerTimes[]
}

export function answer(options: BenchOptions): Promise<Report> {
  return withPrograms(async (start) => {
    // The product's threads hand a call on to each other: on one core they would wait for its scheduler.
    const { load, measured } = pinningOf(options.pin, false)
    const world = start<World>('load/world.ts', load)
    const profile = options.profileDir === undefined ? {} : { profileDir: options.profileDir }
    const product = start<Product>('subjects/voicegate.ts', { ...measured, ...profile })
    const floor = start<AnswerFloor>('subjects/answer-floor.ts', measured)
    const addresses = await world.ask('open')
    await product.ask('start', addresses)
    const { port } = await floor.ask('start', { agentWsUrl: addresses.agentWsUrl })
    const callProduct = productCaller(world, product)
    const callFloor = floorCaller(world, port)
    const outcomes: Outcome[] = []
    try {
      for (const variant of VARIANTS) {
        options.progress(`${variant.name}, ${options.count} calls of the product and of the floor`)
        await world.ask('ring', { ringMs: variant.ringMs })
        const take = async (
          call: (ringMs: number) => Promise<AnswerTimes>,
        ): Promise<AnswerTimes[]> => {
          const total = options.count + WARMUP_CALLS
          const times = await inParallel(variant, total, () => call(variant.ringMs))
          return times.slice(WARMUP_CALLS)
        }
        outcomes.push({ variant, product: await take(callProduct), floor: await take(callFloor) })
      }
    } finally {
      await product.ask('close')
    }
    return reportOf(options, outcomes)
  })
}

function productCaller(
  world: Program<World>,
  product: Program<Product>,
): () => Promise<AnswerTimes> {
  let count = 0
  return async () => {
    const number = numberOf((count += 1))
    await product.ask('call', { number })
    return world.ask('settled', { number })
  }
}

function floorCaller(
  world: Program<World>,
  port: number,
): (ringMs: number) => Promise<AnswerTimes> {
  let count = 0
  return (ringMs) => world.ask('floor', { port, ringMs, agentId: `floor_${(count += 1)}` })
}

/** So many at a time, evenly spread: calls that all answer in one instant would measure a queue of their own making. */
async function inParallel<T>(
  { parallel, ringMs }: Variant,
  total: number,
  make: () => Promise<T>,
): Promise<T[]> {
  const made: T[] = []
  let started = 0
  const work = async (_: unknown, worker: number): Promise<void> => {
    await sleep(((ringMs + TALK_MS) / parallel) * worker)
    while (started < total) {
      started += 1
      made.push(await make())
    }
  }
  await Promise.all(Array.from({ length: parallel }).map(work))
  return made
}

function reportOf(options: BenchOptions, outcomes: readonly Outcome[]): Report {
  const findings = outcomes.flatMap(findingsOf)
  const notes = [
    `${options.count} calls a variant after ${WARMUP_CALLS} to warm up; both times of each figure are of one process and one clock`,
    'floor: a process that turns one datagram into one upgrade of bare ws; peers, elsewhere: Asterisk 11 ms, p99 23; sipgate opens before the 200',
    'upgrade: its TCP data was read and parsed; closed: the TCP connection ended after the close frame',
  ]
  const title = 'from the answer to the agent, and from the hang-up to its end'
  return { name: 'answer', title, findings, notes, raw: outcomes }
}

function findingsOf({ floor, product, variant }: Outcome): readonly Finding[] {
  const upgrade = (each: readonly AnswerTimes[]): Spread =>
    spread(each.map(({ answerToUpgradeMs }) => answerToUpgradeMs))
  const closing = (each: readonly AnswerTimes[]): Spread =>
    spread(each.map(({ hangUpToClosedMs }) => hangUpToClosedMs))
  const failed = product.filter(
    (each) => Number.isNaN(each.answerToUpgradeMs) || Number.isNaN(each.hangUpToClosedMs),
  ).length
  const early = product.filter(({ answerToUpgradeMs }) => answerToUpgradeMs < 0).length
  const calls = variant.parallel
  const line = (what: string, ours: number, bare: number, limit?: number): Finding =>
    finding({
      calls,
      what: `${variant.name}: ${what}`,
      unit: 'ms',
      value: ours,
      beside: { name: 'floor', value: bare },
      goal: limit === undefined ? undefined : { relation: '<', limit, of: 'value' },
    })
  const count = (what: string, value: number): Finding =>
    finding({
      calls,
      what: `${variant.name}: ${what}`,
      unit: '',
      value,
      goal: { relation: '<=', limit: 0, of: 'value' },
    })
  return [
    line('200 OK to upgrade, p50', upgrade(product).p50, upgrade(floor).p50),
    line('200 OK to upgrade, p99', upgrade(product).p99, upgrade(floor).p99, 3),
    line('hang-up to closed, p50', closing(product).p50, closing(floor).p50),
    line('hang-up to closed, p99', closing(product).p99, closing(floor).p99, 20),
    count('calls without an agent or its end', failed),
    count('upgrades before the answer', early),
    ...(variant.ringMs > 0
      ? [count('calls not prewarmed', product.filter(({ prewarmed }) => !prewarmed).length)]
      : []),
  ]
}

const spread = (samples: readonly number[]): Spread =>
  spreadOf(samples.filter((each) => !Number.isNaN(each)))
