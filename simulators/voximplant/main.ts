// The simulated Voximplant by hand: prints its address, what is asked of it and what becomes of each session; Ctrl-C ends it.
import { createInterface } from 'node:readline'
import { messageOf } from '#core/errors'
import { runProgram, UsageError, type ProgramText } from '../command-line.ts'
import { prepareDemo } from './demo-account.ts'
import { printSessions } from './print-sessions.ts'
import {
  typedToVoximplant,
  VOXIMPLANT_OPTIONS,
  VOXIMPLANT_SECTIONS,
  voximplantLines,
  voximplantOptionsOf,
} from './program.ts'
import { startVoximplant } from './start-voximplant.ts'

const TEXT: ProgramText = {
  command: 'node scripts/run.mjs simulators/voximplant/main.ts',
  about: 'A stand-in for Voximplant on 127.0.0.1: Management API, VoxEngine sessions, recordings.',
  options: [
    { name: 'port', takes: 'N', what: 'default: any free one' },
    {
      name: 'product',
      takes: 'URL',
      what: 'where https://voicegate.example is found in truth; default http://127.0.0.1:8000',
    },
    {
      name: 'agent',
      takes: 'URL',
      what: 'WebSocket of the agent, ws://…; default: a stub of its own',
    },
    ...VOXIMPLANT_OPTIONS,
  ],
  sections: [
    ...VOXIMPLANT_SECTIONS,
    { title: 'typed while it runs:', lines: ['call NUMBER  somebody with it calls in'] },
  ],
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runProgram(TEXT, async (asked) => {
  const agentWsUrl = asked.text('agent')
  if (agentWsUrl !== undefined && !URL.canParse(agentWsUrl))
    throw new UsageError('--agent takes a URL')
  const port = asked.number('port', { least: 0, most: 65_535 }) ?? 0
  const voximplant = await startVoximplant({ ...voximplantOptionsOf(asked), port, agentWsUrl })
  prepareDemo(voximplant)
  // In one piece: whoever reads the first line has them all.
  print(['ready: for .env:', ...voximplantLines(voximplant)].join('\n'))
  const printing = printSessions(voximplant, print)
  const typed = createInterface(process.stdin).on('line', (line) => {
    try {
      print(typedToVoximplant(voximplant, line))
    } catch (error) {
      print(messageOf(error))
    }
  })
  return {
    async close() {
      typed.close()
      await voximplant.close()
      printing.stop()
    },
  }
})
