// The simulated HeyGen by hand: prints its address, what is asked of it and what becomes of each job; Ctrl-C ends it.
import { printJobs } from '#simulators/animation-studio'
import { STUDIO_OPTIONS, STUDIO_SECTIONS } from '../animation-studio/program.ts'
import { runProgram, type ProgramText } from '../command-line.ts'
import { heyGenLines, heyGenOptionsOf, HEYGEN_OPTIONS } from './program.ts'
import { startHeyGen } from './simulator.ts'

const TEXT: ProgramText = {
  command: 'node scripts/run.mjs simulators/heygen/main.ts',
  about: 'A stand-in for HeyGen (API v3) on 127.0.0.1: assets, videos, webhooks, results.',
  options: [
    { name: 'port', takes: 'N', what: 'default: any free one' },
    {
      name: 'product',
      takes: 'URL',
      what: 'where https://voicegate.example is found in truth; default http://127.0.0.1:8000',
    },
    ...HEYGEN_OPTIONS,
    ...STUDIO_OPTIONS,
  ],
  sections: STUDIO_SECTIONS,
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runProgram(TEXT, async (asked) => {
  const options = heyGenOptionsOf(asked)
  const port = asked.number('port', { least: 0, most: 65_535 }) ?? 0
  const heyGen = await startHeyGen({ ...options, port })
  // In one piece: whoever reads the first line has them all.
  print(['ready: for .env:', ...heyGenLines(heyGen)].join('\n'))
  const printing = printJobs(heyGen, 'HeyGen', print)
  return {
    async close() {
      await heyGen.close()
      printing.stop()
    },
  }
})
