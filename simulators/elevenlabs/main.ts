// The simulated ElevenLabs by hand: prints its addresses and what becomes of each conversation; Ctrl-C ends it.
import { runProgram, type ProgramText } from '../command-line.ts'
import { printConversations } from './print-conversations.ts'
import { VENDOR_OPTIONS, VENDOR_SECTIONS, vendorOptionsOf } from './program.ts'
import { startElevenLabs } from './simulator.ts'

const TEXT: ProgramText = {
  command: 'node scripts/run.mjs simulators/elevenlabs/main.ts',
  about: 'A stand-in for the ElevenLabs Agents Platform on 127.0.0.1: REST and agent socket.',
  options: [{ name: 'port', takes: 'N', what: 'default: any free one' }, ...VENDOR_OPTIONS],
  sections: VENDOR_SECTIONS,
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runProgram(TEXT, async (asked) => {
  const port = asked.number('port', { least: 0, most: 65_535 }) ?? 0
  const vendor = await startElevenLabs({ ...vendorOptionsOf(asked), port })
  // In one piece: whoever reads the first line has them all.
  print(
    [
      'ready: any agent id answers. For .env:',
      `ELEVENLABS_BASE_URL=${vendor.restUrl}`,
      `ELEVENLABS_WS_URL=${vendor.wsUrl}`,
      `ELEVENLABS_API_KEY=${asked.text('key') ?? 'any-key'}`,
      'ELEVENLABS_AGENT_ID=agent_by_hand',
    ].join('\n'),
  )
  const printing = printConversations(vendor, print)
  return {
    async close() {
      await vendor.close()
      printing.stop()
    },
  }
})
