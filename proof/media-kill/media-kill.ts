// npm run proof -- media-kill: the process is killed (kill -9) at every state of an animation and started again; each ends
// once, is paid once, and leaves no file behind.
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { seededRandom } from '../seeded-random.ts'
import { withFolder } from '../temporary-folder.ts'
import { CASES, nameOf, type KillCase } from './points.ts'
import { runTrial } from './trial.ts'
import { World } from './world.ts'

/** Of each state, with each provider. */
const TIMES = 10

export const mediaKill: Proof = {
  about: 'the process killed at every state of an animation, and started again',
  defaultCount: CASES.length * TIMES,
  run: (options) => runMediaKills(options, CASES),
}

interface Tally {
  kills: number
  hits: number
}

export function runMediaKills(
  { seed, count, progress }: Pick<ProofOptions, 'seed' | 'count' | 'progress'>,
  cases: readonly KillCase[],
): Promise<ProofReport> {
  return withFolder('media-kill', async (folder) => {
    const random = seededRandom(seed)
    const world = await World.open(folder)
    const tallies = new Map<string, Tally>(cases.map((one) => [nameOf(one), { kills: 0, hits: 0 }]))
    const [problems, evidence]: [string[], string[]] = [[], []]
    try {
      for (let at = 0; at < count; at += 1) {
        const one = cases[at % cases.length]
        if (one === undefined) break
        const trial = await runTrial(world, one, random)
        const tally = tallies.get(nameOf(one))
        if (tally) tally.kills += 1
        if (tally && trial.isHit) tally.hits += 1
        for (const problem of trial.problems) {
          problems.push(`${nameOf(one)}: ${problem}`)
          evidence.push(`${trial.taskId}: ${problem}`, world.product.words)
          progress.say(`${nameOf(one)}: ${problem}`)
        }
        progress.at(at + 1)
      }
    } finally {
      await world.close()
    }
    const missed = [...tallies].filter(([, { kills, hits }]) => kills > 0 && hits === 0)
    return {
      figures: [...tallies].map(
        ([name, { kills, hits }]) => `${name}: ${kills} kills, ${hits} in that very state`,
      ),
      problems: [...problems, ...missed.map(([name]) => `${name}: it was never met`)],
      evidence,
    }
  })
}
