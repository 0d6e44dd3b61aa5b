// The simulated ElevenLabs by hand: prints its addresses, ends on SIGINT. `--port N` for a fixed port, `--key KEY` for
// private agents.
import { parseArgs } from 'node:util'
import { startElevenLabs } from './simulator.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, key: { type: 'string' } },
})
const vendor = await startElevenLabs({
  port: Number(values.port),
  ...(values.key === undefined ? {} : { apiKey: values.key }),
})
process.stdout.write(
  `ELEVENLABS_BASE_URL=${vendor.restUrl}\nELEVENLABS_WS_URL=${vendor.wsUrl}\nAny agent id answers. Ctrl-C ends.\n`,
)
process.once('SIGINT', () => void vendor.close())
process.once('SIGTERM', () => void vendor.close())
