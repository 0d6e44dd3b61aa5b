// AgentDirectory from the configuration: the default agent answers every number; without one, nobody does.
import type { AgentDirectory, CallId, CallIdentity, DynamicValue } from '#core/contracts'
import type { AssignedAgent } from './calls/call-row.ts'

export interface DirectoryConfig {
  readonly defaultAgentId: string | undefined
  /** Names of AGENT_VARIABLES; one we do not know is left out (the configuration refuses it). */
  readonly agentVariables: readonly string[]
}

/** `assign` is told which agent a call got, for its record. */
export function createAgentDirectory(
  config: DirectoryConfig,
  assign: (callId: CallId, agent: AssignedAgent) => void,
): AgentDirectory {
  const variablesFor: AgentDirectory['variablesFor'] = (call, given) => ({
    ...pick(knownVariables(call), config.agentVariables),
    ...given,
  })
  return {
    variablesFor,
    resolveInbound(call) {
      const { defaultAgentId: agentId } = config
      if (agentId === undefined) return Promise.resolve({ kind: 'refused', sipStatus: 480 })
      assign(call.callId, { agentId })
      const dynamicVariables = variablesFor(call, {})
      return Promise.resolve({ kind: 'agent', agent: { agentId, dynamicVariables } })
    },
  }
}

/** What AGENT_VARIABLES can name. */
const knownVariables = (call: CallIdentity): Readonly<Record<string, DynamicValue>> => ({
  caller_number: call.from ?? 'anonymous',
  called_number: call.to,
  call_id: call.callId,
  direction: call.direction,
})

const pick = (
  values: Readonly<Record<string, DynamicValue>>,
  names: readonly string[],
): Record<string, DynamicValue> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
