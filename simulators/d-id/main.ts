// The simulated D-ID by hand: prints its address, what is asked of it and what becomes of each job; Ctrl-C ends it.
import { printJobs } from '#simulators/animation-studio'
import { STUDIO_OPTIONS, STUDIO_SECTIONS } from '../animation-studio/program.ts'
import { runProgram, type ProgramText } from '../command-line.ts'
import { dIdLines, dIdOptionsOf, D_ID_OPTIONS } from './program.ts'
import { startDId } from './simulator.ts'

const TEXT: ProgramText = {
  command: 'node scripts/run.mjs simulators/d-id/main.ts',
  about: 'A stand-in for D-ID on 127.0.0.1: photos, talks, webhooks, results.',
  options: [
    { name: 'port', takes: 'N', what: 'default: any free one' },
    {
      name: 'product',
      takes: 'URL',
      what: 'where https://voicegate.example is found in truth; default http://127.0.0.1:8000',
    },
    ...D_ID_OPTIONS,
    ...STUDIO_OPTIONS,
  ],
  sections: STUDIO_SECTIONS,
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runProgram(TEXT, async (asked) => {
  const options = dIdOptionsOf(asked)
  const port = asked.number('port', { least: 0, most: 65_535 }) ?? 0
  const dId = await startDId({ ...options, port })
  // In one piece: whoever reads the first line has them all.
  print(['ready: for .env:', ...dIdLines(dId)].join('\n'))
  const printing = printJobs(dId, 'D-ID', print)
  return {
    async close() {
      await dId.close()
      printing.stop()
    },
  }
})
