// The simulated D-ID or HeyGen as a program: prints its address, what is asked of it and what becomes of each job; Ctrl-C
// ends it.
import { runProgram, type AskedFor, type OptionText } from '../command-line.ts'
import { printJobs } from './print-jobs.ts'
import { STUDIO_OPTIONS, STUDIO_SECTIONS } from './program.ts'
import type { StudioVendor } from './studio-options.ts'

interface StudioByHand<V extends StudioVendor> {
  /** Of the vendor. */
  readonly name: string
  readonly folder: string
  readonly about: string
  readonly options: readonly OptionText[]
  start(asked: AskedFor, port: number): Promise<V>
  /** For `.env`. */
  linesOf(vendor: V): readonly string[]
}

const OPTIONS: readonly OptionText[] = [
  { name: 'port', takes: 'N', what: 'default: any free one' },
  {
    name: 'product',
    takes: 'URL',
    what: 'where https://voicegate.example is found in truth; default http://127.0.0.1:8000',
  },
]

const print = (line: string): void => void process.stdout.write(`${line}\n`)

export function runStudioByHand<V extends StudioVendor>(studio: StudioByHand<V>): Promise<void> {
  const text = {
    command: `node scripts/run.mjs simulators/${studio.folder}/main.ts`,
    about: studio.about,
    options: [...OPTIONS, ...studio.options, ...STUDIO_OPTIONS],
    sections: STUDIO_SECTIONS,
  }
  return runProgram(text, async (asked) => {
    const port = asked.number('port', { least: 0, most: 65_535 }) ?? 0
    const vendor = await studio.start(asked, port)
    // In one piece: whoever reads the first line has them all.
    print(['ready: for .env:', ...studio.linesOf(vendor)].join('\n'))
    const printing = printJobs(vendor, studio.name, print)
    return {
      async close() {
        await vendor.close()
        printing.stop()
      },
    }
  })
}
