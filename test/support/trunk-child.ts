// The product as a process of its own that dials a trunk of the test's choice; the agent is simulated. Says what
// `npm start` says, as far as child-product.ts reads it.
import { startVoicegate, type Outside } from '../../main.ts'
import { loadConfig } from '#core/config'
import { decodePhoneNumber } from '#core/phone-numbers'
import { startWorld } from '../../simulators/world/index.ts'

const [domains] = process.argv.slice(2)
if (domains === undefined) throw new Error('usage: trunk-child.ts HOST:PORT[,HOST:PORT …]')
const number = decodePhoneNumber('+4930555100')
const world = await startWorld()
const outside: Outside = {
  trunks: domains.split(',').map((domain, at) => ({
    name: at === 0 ? 'test' : `test-${at + 1}`,
    domain,
    numbers: number ? [number] : [],
    health: 'off',
  })),
  agent: {
    apiKey: undefined,
    agentId: 'agent_under_test',
    restUrl: world.addresses.agentRestUrl,
    wsUrl: world.addresses.agentWsUrl,
  },
  demoNumbers: [],
  close: () => world.close(),
}
const voicegate = await startVoicegate(loadConfig(), { outside })
const { apiUrl, sipUri } = voicegate.howTo()
process.stdout.write(`  call in   ${sipUri}   \n  API       ${apiUrl}/docs\n  stop      SIGTERM\n`)
process.once('SIGTERM', () => void voicegate.stop(0).then(() => process.exit(0)))
