// What is recorded, what callers hear when the agent fails, and who answers the agent's tools. Nothing is spoken or asked.
import { connect } from 'node:net'
import { messageOf, systemCodeOf } from '#core/errors'
import type { Config } from '#core/config'
import { checkFallback, fallbackPrompt } from '../../startup/fallback-message.ts'
import type { Check } from '../check.ts'
import { fail, info, ok, type Finding } from '../finding.ts'

const REACH_WITHIN_MS = 5000

export const sound: Check = {
  name: 'sound',
  async run({ config }) {
    const recording = info('sound', `recordings: ${config.recordCalls} (RECORD_CALLS)`)
    return [recording, await fallback(config), ...(await toolServer(config))]
  },
}

async function fallback(config: Config): Promise<Finding> {
  const prompt = fallbackPrompt(config)
  if (prompt === undefined)
    return info('sound', 'callers hear nothing when the agent fails (AGENT_FALLBACK_MESSAGE)')
  if (prompt.kind === 'speech')
    return info('sound', 'the words of AGENT_FALLBACK_MESSAGE are asked for at start, not here')
  const { createPromptLibrary } = await import('#bridge')
  try {
    await checkFallback((source) => createPromptLibrary(undefined).prepare(source), prompt)
    return ok('sound', 'the file of AGENT_FALLBACK_MESSAGE can be played')
  } catch (error) {
    return fail('sound', messageOf(error), 'Mend AGENT_FALLBACK_MESSAGE, or leave it out.')
  }
}

async function toolServer(config: Config): Promise<readonly Finding[]> {
  const { toolServer: server } = config.agent
  if (server === undefined) return []
  const problem = await connectionProblem(new URL(server.url))
  if (problem === null) return [ok('sound', 'the tool server takes connections; no tool was asked')]
  const todo = 'Check TOOL_SERVER_URL, and that the tool server runs and can be reached from here.'
  return [fail('sound', `the tool server cannot be reached: ${problem}`, todo)]
}

function connectionProblem({ protocol, hostname, port }: URL): Promise<string | null> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) })
  return new Promise((resolve) => {
    const settle = (problem: string | null): void => {
      socket.destroy()
      resolve(problem)
    }
    socket.setTimeout(REACH_WITHIN_MS, () => settle(`no answer in ${REACH_WITHIN_MS} ms`))
    socket.once('connect', () => settle(null))
    socket.once('error', (error) => settle(systemCodeOf(error) ?? error.name))
  })
}
