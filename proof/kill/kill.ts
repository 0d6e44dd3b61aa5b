// npm run proof -- kill: the process or one of its threads is killed at every point of a call; no record is lost, no agent
// stays open, no phone is left alone, every place is free again.
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { seededRandom, type Random } from '../seeded-random.ts'
import { MATRIX, nameOf, type Pair } from './matrix.ts'
import { renderTable } from './table.ts'
import { runTrial, type Trial } from './trial.ts'
import { World, type WorldOptions } from './world.ts'

export const kill: Proof = {
  about: 'the process and its threads killed at every point of a call, and started again',
  defaultCount: MATRIX.length,
  run: (options) => runKills(options, MATRIX),
}

export interface Killed {
  readonly pair: Pair
  readonly trial: Trial
}

type KillOptions = Pick<ProofOptions, 'seed' | 'count' | 'progress'> & WorldOptions

/** As many kills as are asked for, each pair before any comes again. */
export async function runKills(
  { seed, count, progress, ...options }: KillOptions,
  matrix: readonly Pair[],
): Promise<ProofReport> {
  const random = seededRandom(seed)
  const order = Array.from({ length: count }, (_, index) => index).flatMap((index) =>
    index % matrix.length === 0 ? shuffled(matrix, random) : [],
  )
  const world = await World.open(options)
  const done: Killed[] = []
  const evidence: string[] = []
  try {
    for (const pair of order.slice(0, count)) {
      const { product } = world
      const trial = await runTrial(world, pair, random)
      done.push({ pair, trial })
      for (const problem of trial.problems) {
        evidence.push(`${nameOf(pair)}: ${problem}`)
        progress.say(`${nameOf(pair)}: ${problem}`)
      }
      if (trial.problems.length > 0) evidence.push(...product.words.slice(-60), '')
      progress.at(done.length)
    }
  } finally {
    await world.close()
  }
  const problems = done.flatMap(({ pair, trial }) =>
    trial.problems.map((problem) => `${nameOf(pair)}: ${problem}`),
  )
  return { figures: renderTable(done), problems: [...problems, ...bystanders(done)], evidence }
}

/** The calls of the other media workers go on. Once all may happen to be with the one that dies, but not each time. */
function bystanders(done: readonly Killed[]): readonly string[] {
  const ofMedia = done.filter(({ pair }) => pair.who.name.startsWith('media'))
  const survivors = ofMedia.reduce((sum, { trial }) => sum + trial.survivors, 0)
  return ofMedia.length > 2 && survivors === 0
    ? ['no call ever outlived the media worker of another']
    : []
}

function shuffled(matrix: readonly Pair[], random: Random): readonly Pair[] {
  return matrix
    .map((pair) => ({ pair, at: random.below(1e9) }))
    .sort((a, b) => a.at - b.at)
    .map(({ pair }) => pair)
}
