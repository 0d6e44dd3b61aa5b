// What the programs of the simulated D-ID and HeyGen have in common: options, what their help says, and where we are.
import { UsageError, type AskedFor, type OptionText, type ProgramText } from '../command-line.ts'
import { JOB_FAULTS } from './job-faults.ts'
import type { StudioVendorOptions } from './studio-options.ts'

/** The product is told to be there: both vendors send their webhooks to https alone. */
export const PUBLIC_URL = 'https://voicegate.example'
const RENDER_MS = 1500

export const STUDIO_OPTIONS: readonly OptionText[] = [
  { name: 'render-ms', takes: 'N', what: `how long a video renders; default ${RENDER_MS}` },
]

export const STUDIO_SECTIONS: ProgramText['sections'] = [
  {
    title: 'what goes wrong, by [fault:NAME] or [fault:NAME:N] in the text that is to be spoken:',
    lines: Object.entries(JOB_FAULTS).map(([name, { meaning }]) => `${name}  ${meaning}`),
  },
]

/** @throws UsageError */
export function studioOptionsOf(
  asked: AskedFor,
): Required<Pick<StudioVendorOptions, 'reach' | 'renderMs'>> {
  const product = asked.text('product') ?? 'http://127.0.0.1:8000'
  if (!URL.canParse(product)) throw new UsageError('--product takes a URL')
  return {
    renderMs: asked.number('render-ms', { least: 0, most: 3_600_000 }) ?? RENDER_MS,
    reach: (url) => (url.startsWith(`${PUBLIC_URL}/`) ? reachedAt(product, url) : url),
  }
}

function reachedAt(product: string, url: string): string {
  const { pathname, search } = new URL(url)
  return new URL(pathname + search, product).href
}
