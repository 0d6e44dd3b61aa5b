// npm run proof -- told: the process is killed at every moment at which it tells others or asks them; what follows from a
// call follows all the same, and once.
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { seededRandom } from '../seeded-random.ts'
import { MOMENTS, type Moment } from './moments.ts'
import { runTrial } from './trial.ts'
import { World } from './world.ts'

export const told: Proof = {
  about: 'killed as it dials, tells a customer or asks the vendor: nothing lost, nothing twice',
  defaultCount: MOMENTS.length,
  run: (options) => runTold(options, MOMENTS),
}

/** As many kills as are asked for, the moments in turn. */
export async function runTold(
  { seed, count, progress }: Pick<ProofOptions, 'seed' | 'count' | 'progress'>,
  moments: readonly Moment[],
): Promise<ProofReport> {
  const random = seededRandom(seed)
  const problems: string[] = []
  const evidence: string[] = []
  const world = await World.open()
  try {
    for (let done = 0; done < count; done += 1) {
      const moment = moments[done % moments.length]
      if (!moment) break
      const { product } = world
      const found = await runTrial(world, moment, random)
      problems.push(...found.map((problem) => `${moment.name}: ${problem}`))
      if (found.length > 0) evidence.push(moment.name, ...found, ...product.words.slice(-60), '')
      progress.at(done + 1)
    }
  } finally {
    await world.close()
  }
  const figures = [`${count} kills at ${Math.min(count, moments.length)} moments`]
  return { figures, problems, evidence }
}
