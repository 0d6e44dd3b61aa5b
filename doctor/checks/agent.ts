// The agent: may we open it, and how is it set up? Everything is asked but the one request that would cost money.
import { messageOf } from '#core/errors'
import type { Config } from '#core/config'
import { judgeAgentSettings } from '../../control-api/examine.ts'
import type { Check } from '../check.ts'
import { fail, info, ok, type Finding } from '../finding.ts'

const ANSWER_WITHIN_MS = 5000

export const agent: Check = {
  name: 'agent',
  async run({ config, logger }) {
    if (config.rehearsal) return [ok('agent', 'none is configured: it is simulated')]
    const { apiKey, agentId, restUrl, wsUrl } = config.agent
    if (agentId === undefined) return [info('agent', 'none is configured')]
    const { reachAgent } = await import('#bridge')
    try {
      const key = apiKey === undefined ? {} : { apiKey }
      await reachAgent(logger, { restUrl, ...key, ...(wsUrl && { wsUrl }) }, agentId)
    } catch (error) {
      const todo =
        'Check ELEVENLABS_API_KEY, ELEVENLABS_AGENT_ID, ELEVENLABS_BASE_URL, and that https leaves this machine.'
      return [fail('agent', messageOf(error), todo)]
    }
    if (apiKey === undefined)
      return [
        ok('agent', 'its host can be reached; that a public agent exists shows only in a call'),
        info('agent', 'without ELEVENLABS_API_KEY its settings cannot be read'),
      ]
    const reached = ok('agent', 'the key opens it, and its host can be reached')
    return [reached, ...(await settings(config, { apiKey, agentId }))]
  },
}

async function settings(
  { agent: { restUrl, variables } }: Config,
  { apiKey, agentId }: { readonly apiKey: string; readonly agentId: string },
): Promise<readonly Finding[]> {
  const url = new URL(restUrl)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/convai/agents/${encodeURIComponent(agentId)}`
  try {
    const response = await fetch(url, {
      headers: { 'xi-api-key': apiKey, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    if (!response.ok) {
      await response.body?.cancel()
      return [notReadable(`HTTP ${response.status}`)]
    }
    const found = judgeAgentSettings(await response.json(), { variables })
    return found.map((finding) => ({ check: 'agent', ...finding }))
  } catch (error) {
    // Its words could quote the address.
    return [notReadable(error instanceof Error ? error.name : 'no answer')]
  }
}

const notReadable = (why: string): Finding =>
  info(
    'agent',
    `its settings cannot be read with this key (${why}); calls do not need them, this check does: its audio format and events were not looked at`,
  )
