// The simulated carrier by hand: prints its address, registrations and the ladder of every call; Ctrl-C ends it.
import { runProgram, type ProgramText } from '../command-line.ts'
import { startCarrier } from './carrier.ts'
import { printCalls } from './print-calls.ts'
import {
  accountsOf,
  CARRIER_OPTIONS,
  CARRIER_SECTIONS,
  carrierOptionsOf,
  prepareCarrier,
  SCRIPT_NAMES,
} from './program.ts'
import { obeyTyped } from './spoken-commands.ts'

const TEXT: ProgramText = {
  command: 'node scripts/run.mjs simulators/carrier/main.ts',
  about:
    'A SIP carrier on loopback, with a registrar and a phone behind every number. UDP; PCMU, PCMA.',
  options: [
    { name: 'host', takes: 'IP', what: 'default 127.0.0.1' },
    { name: 'port', takes: 'N', what: 'default: any free one' },
    { name: 'call', takes: 'URI', what: 'a phone calls sip:NUMBER@HOST:PORT at once' },
    { name: 'from', takes: 'NUMBER', what: 'the caller’s number; default +4930900000' },
    {
      name: 'script',
      takes: 'SCRIPT',
      what: 'what the phone that calls does; default callerTalks',
    },
    ...CARRIER_OPTIONS,
  ],
  sections: CARRIER_SECTIONS,
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runProgram(TEXT, async (asked) => {
  const script = asked.oneOf('script', SCRIPT_NAMES) ?? 'callerTalks'
  const carrier = await startCarrier({
    ...carrierOptionsOf(asked),
    host: asked.text('host') ?? '127.0.0.1',
    port: asked.number('port', { least: 0, most: 65_535 }) ?? 0,
  })
  const call = asked.text('call')
  try {
    prepareCarrier(asked, carrier)
    const { host, port } = carrier.address
    const [account] = accountsOf(asked)
    // In one piece: whoever reads the first line has them all.
    print(
      [
        `ready: carrier at sip:${host}:${port} (UDP). For .env:`,
        `EXOLVE_SIP_USER=${account?.user ?? '4930555100'}`,
        `EXOLVE_SIP_PASS=${account?.password ?? 'any-password'}`,
        `EXOLVE_SIP_DOMAIN=${host}:${port}`,
      ].join('\n'),
    )
    if (call !== undefined)
      await carrier.call({ to: call, from: asked.text('from') ?? '+4930900000', script })
  } catch (error) {
    await carrier.close()
    throw error
  }
  const printing = printCalls(carrier, print)
  const typed = obeyTyped(carrier, print)
  return {
    async close() {
      typed.close()
      await carrier.close()
      printing.stop()
    },
  }
})
