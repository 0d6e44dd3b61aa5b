// The agent: may we open it? Everything is asked but the one request that would cost money.
import { messageOf } from '#core/errors'
import { reachAgent } from '#bridge'
import type { Check } from '../check.ts'
import { fail, info, ok } from '../finding.ts'

const NOT_ASKED =
  'its audio formats are not asked: all of the vendor’s work, ulaw_8000 both ways costs least'

export const agent: Check = {
  name: 'agent',
  async run({ config, logger }) {
    if (config.rehearsal) return [ok('agent', 'none is configured: it is simulated')]
    const { apiKey, agentId, restUrl, wsUrl } = config.agent
    if (agentId === undefined) return [info('agent', 'none is configured')]
    try {
      const key = apiKey === undefined ? {} : { apiKey }
      await reachAgent(logger, { restUrl, ...key, ...(wsUrl && { wsUrl }) }, agentId)
    } catch (error) {
      const todo =
        'Check ELEVENLABS_API_KEY, ELEVENLABS_AGENT_ID, ELEVENLABS_BASE_URL, and that https leaves this machine.'
      return [fail('agent', messageOf(error), todo)]
    }
    const seen =
      apiKey === undefined
        ? 'its host can be reached; that a public agent exists shows only in a call'
        : 'the key opens it, and its host can be reached'
    return [ok('agent', seen), info('agent', NOT_ASKED)]
  },
}
