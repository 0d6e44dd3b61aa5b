// The simulated Twilio by hand: prints its address and what becomes of each call; Ctrl-C ends it.
import { runProgram, UsageError, type ProgramText } from '../command-line.ts'
import { printCalls } from './print-calls.ts'
import { TWILIO_OPTIONS, TWILIO_SECTIONS, twilioLines, twilioOptionsOf } from './program.ts'
import { startTwilio } from './simulator.ts'

const TEXT: ProgramText = {
  command: 'node scripts/run.mjs simulators/twilio/main.ts',
  about: 'A stand-in for Twilio on 127.0.0.1: REST, signed webhooks, TwiML and Media Streams.',
  options: [
    { name: 'port', takes: 'N', what: 'default: any free one' },
    {
      name: 'call',
      takes: 'URL',
      what: 'somebody calls at once: where Twilio asks for TwiML, such as https://voicegate.example/webhook/voice',
    },
    { name: 'from', takes: 'NUMBER', what: 'who calls; default +4930900000' },
    ...TWILIO_OPTIONS,
  ],
  sections: TWILIO_SECTIONS,
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runProgram(TEXT, async (asked) => {
  const voiceUrl = asked.text('call')
  if (voiceUrl !== undefined && !URL.canParse(voiceUrl)) throw new UsageError('--call takes a URL')
  const from = asked.text('from')
  const port = asked.number('port', { least: 0, most: 65_535 }) ?? 0
  const twilio = await startTwilio({ ...twilioOptionsOf(asked), port })
  // In one piece: whoever reads the first line has them all.
  print(['ready: for .env:', ...twilioLines(twilio)].join('\n'))
  const printing = printCalls(twilio, print)
  if (voiceUrl !== undefined) twilio.callIn({ voiceUrl, ...(from === undefined ? {} : { from }) })
  return {
    async close() {
      printing.stop()
      await twilio.close()
    },
  }
})
