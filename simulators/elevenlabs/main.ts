// The simulated ElevenLabs by hand: prints its addresses, ends on SIGINT. `--port N` for a fixed port, `--key KEY` for
// private agents, `--agent JSON` for what every agent does (an AgentScript), `--max-sessions N`.
import { parseArgs } from 'node:util'
import type { AgentScript } from './agent-script.ts'
import { startElevenLabs } from './simulator.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    key: { type: 'string' },
    agent: { type: 'string', default: '{}' },
    'max-sessions': { type: 'string', default: 'Infinity' },
  },
})
const vendor = await startElevenLabs({
  port: Number(values.port),
  maxSessions: Number(values['max-sessions']),
  // Whoever types it by hand sees at once when it is wrong.
  defaultScript: JSON.parse(values.agent) as AgentScript,
  ...(values.key === undefined ? {} : { apiKey: values.key }),
})
process.stdout.write(
  `ELEVENLABS_BASE_URL=${vendor.restUrl}\nELEVENLABS_WS_URL=${vendor.wsUrl}\nAny agent id answers. Ctrl-C ends.\n`,
)
process.once('SIGINT', () => void vendor.close())
process.once('SIGTERM', () => void vendor.close())
