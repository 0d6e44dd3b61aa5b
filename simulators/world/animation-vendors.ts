// D-ID and HeyGen of the world: those asked for by hand, both in a rehearsal.
import { printJobs, type StudioVendor } from '#simulators/animation-studio'
import { startDId } from '#simulators/d-id'
import { startHeyGen } from '#simulators/heygen'
import { runAll } from '#core/lifecycle'
import { STUDIO_OPTIONS, STUDIO_SECTIONS } from '../animation-studio/program.ts'
import type { AskedFor, OptionText } from '../command-line.ts'
import { D_ID_OPTIONS, dIdLines, dIdOptionsOf } from '../d-id/program.ts'
import { HEYGEN_OPTIONS, heyGenLines, heyGenOptionsOf } from '../heygen/program.ts'
import type { AnimationAccount, WorldAddresses } from './messages.ts'

/** Long enough to be seen on its way. */
const REHEARSAL_RENDER_MS = 1500

export const ANIMATION_OPTIONS: readonly OptionText[] = [
  ...D_ID_OPTIONS,
  ...HEYGEN_OPTIONS,
  ...STUDIO_OPTIONS,
]
export const ANIMATION_SECTIONS = STUDIO_SECTIONS

export interface AnimationVendors {
  /** For .env. */
  readonly lines: readonly string[]
  print(print: (line: string) => void): { stop(): void }
  close(): Promise<void>
}

/** @throws UsageError */
export async function startAnimationVendors(asked: AskedFor): Promise<AnimationVendors> {
  const [dIdOptions, heyGenOptions] = [dIdOptionsOf(asked), heyGenOptionsOf(asked)]
  const dId = asked.has('d-id') ? await startDId(dIdOptions) : undefined
  const heyGen = asked.has('heygen') ? await startHeyGen(heyGenOptions) : undefined
  return {
    lines: [...(dId ? dIdLines(dId) : []), ...(heyGen ? heyGenLines(heyGen) : [])],
    print(print) {
      const all = [
        dId && printJobs(dId, 'D-ID', print),
        heyGen && printJobs(heyGen, 'HeyGen', print),
      ]
      return { stop: () => all.forEach((one) => one?.stop()) }
    },
    close: () => runAll([dId, heyGen].map((one) => () => one?.close())),
  }
}

export interface WorldAnimation {
  readonly addresses: Pick<WorldAddresses, 'dId' | 'heyGen'>
  close(): Promise<void>
}

export async function openAnimationVendors(): Promise<WorldAnimation> {
  const [dId, heyGen] = await Promise.all([
    startDId({ renderMs: REHEARSAL_RENDER_MS }),
    startHeyGen({ renderMs: REHEARSAL_RENDER_MS }),
  ])
  return {
    addresses: { dId: accountOf(dId), heyGen: accountOf(heyGen) },
    close: () => runAll([dId, heyGen].map((one) => () => one.close())),
  }
}

const accountOf = ({
  apiKey,
  baseUrl,
}: Pick<StudioVendor, 'apiKey' | 'baseUrl'>): AnimationAccount => ({ apiKey, baseUrl })
