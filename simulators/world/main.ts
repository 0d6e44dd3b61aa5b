// The whole outside world by hand: carrier, agent, and what else is asked for in one program, and the .env that leads the product to them.
import { startCarrier } from '#simulators/carrier'
import { startElevenLabs } from '#simulators/elevenlabs'
import { startTwilio } from '#simulators/twilio'
import { prepareDemo, startVoximplant } from '#simulators/voximplant'
import { runAll } from '#core/lifecycle'
import { printCalls } from '../carrier/print-calls.ts'
import {
  accountsOf,
  CARRIER_OPTIONS,
  CARRIER_SECTIONS,
  carrierOptionsOf,
  prepareCarrier,
} from '../carrier/program.ts'
import { obeyTyped } from '../carrier/spoken-commands.ts'
import { runProgram, type AskedFor, type ProgramText } from '../command-line.ts'
import { printConversations } from '../elevenlabs/print-conversations.ts'
import { VENDOR_OPTIONS, VENDOR_SECTIONS, vendorOptionsOf } from '../elevenlabs/program.ts'
import { printCalls as printTwilio } from '../twilio/print-calls.ts'
import { TWILIO_OPTIONS, TWILIO_SECTIONS, twilioLines, twilioOptionsOf } from '../twilio/program.ts'
import { printSessions } from '../voximplant/print-sessions.ts'
import {
  ANIMATION_OPTIONS,
  ANIMATION_SECTIONS,
  startAnimationVendors,
} from './animation-vendors.ts'
import {
  VOXIMPLANT_OPTIONS,
  VOXIMPLANT_SECTIONS,
  voximplantLines,
  voximplantOptionsOf,
} from '../voximplant/program.ts'

const TEXT: ProgramText = {
  command: 'npm run simulate --',
  about: 'Carrier and agent together on 127.0.0.1, and the .env that leads voicegate to them.',
  options: [
    { name: 'sip-port', takes: 'N', what: 'of the carrier; default: any free one' },
    { name: 'agent-port', takes: 'N', what: 'of the agent; default: any free one' },
    { name: 'twilio', what: 'Twilio too' },
    { name: 'voximplant', what: 'Voximplant too' },
    { name: 'd-id', what: 'D-ID too' },
    { name: 'heygen', what: 'HeyGen too' },
    ...CARRIER_OPTIONS,
    ...VENDOR_OPTIONS,
    ...TWILIO_OPTIONS,
    ...VOXIMPLANT_OPTIONS,
    ...ANIMATION_OPTIONS,
  ],
  sections: [
    ...CARRIER_SECTIONS,
    ...VENDOR_SECTIONS,
    ...TWILIO_SECTIONS,
    ...VOXIMPLANT_SECTIONS,
    ...ANIMATION_SECTIONS,
  ],
}

const READY = 'ready: copy these lines to .env, then npm start in another terminal'
const PORTS = { least: 0, most: 65_535 } as const

const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runProgram(TEXT, async (asked) => {
  const carrierOptions = carrierOptionsOf(asked)
  const vendorOptions = vendorOptionsOf(asked)
  const twilioOptions = twilioOptionsOf(asked)
  const voximplantOptions = voximplantOptionsOf(asked)
  const sipPort = asked.number('sip-port', PORTS) ?? 0
  const agentPort = asked.number('agent-port', PORTS) ?? 0
  const undo: (() => unknown)[] = []
  try {
    const carrier = await startCarrier({ ...carrierOptions, port: sipPort })
    undo.unshift(() => carrier.close())
    prepareCarrier(asked, carrier)
    const vendor = await startElevenLabs({ ...vendorOptions, port: agentPort })
    undo.unshift(() => vendor.close())
    const twilio = asked.has('twilio') ? await startTwilio(twilioOptions) : undefined
    undo.unshift(() => twilio?.close())
    const voximplant = asked.has('voximplant')
      ? await startVoximplant({ ...voximplantOptions, agentWsUrl: vendor.wsUrl })
      : undefined
    undo.unshift(() => voximplant?.close())
    if (voximplant) prepareDemo(voximplant)
    const animation = await startAnimationVendors(asked)
    undo.unshift(() => animation.close())
    const { host, port } = carrier.address
    const lines = [
      ...envLines(asked, `${host}:${port}`, vendor),
      ...(twilio ? twilioLines(twilio) : []),
      ...(voximplant ? voximplantLines(voximplant) : []),
      ...animation.lines,
    ]
    // In one piece: whoever reads the first line has them all.
    print([READY, ...new Set(lines)].join('\n'))
    const calls = printCalls(carrier, print)
    const conversations = printConversations(vendor, print)
    const typed = obeyTyped(carrier, print)
    const twilioCalls = twilio && printTwilio(twilio, print)
    const sessions = voximplant && printSessions(voximplant, print)
    const videos = animation.print(print)
    undo.push(
      () => calls.stop(),
      () => twilioCalls?.stop(),
      () => sessions?.stop(),
      () => videos.stop(),
      () => conversations.stop(),
    )
    undo.unshift(() => typed.close())
  } catch (error) {
    await runAll(undo)
    throw error
  }
  return { close: () => runAll(undo) }
})

function envLines(
  asked: AskedFor,
  domain: string,
  { restUrl, wsUrl }: { readonly restUrl: string; readonly wsUrl: string },
): string[] {
  const [account] = accountsOf(asked)
  return [
    `EXOLVE_SIP_USER=${account?.user ?? '4930555100'}`,
    `EXOLVE_SIP_PASS=${account?.password ?? 'any-password'}`,
    `EXOLVE_SIP_DOMAIN=${domain}`,
    `ELEVENLABS_BASE_URL=${restUrl}`,
    `ELEVENLABS_WS_URL=${wsUrl}`,
    `ELEVENLABS_API_KEY=${asked.text('key') ?? 'any-key'}`,
    'ELEVENLABS_AGENT_ID=agent_by_hand',
    'DIAL_ALLOW_PREFIXES=+49',
    'DATA_DIR=./data/by-hand',
  ]
}
