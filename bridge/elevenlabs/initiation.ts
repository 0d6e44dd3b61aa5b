// The first message of a session: what the agent is told about this call. Only what is really set is sent, for a
// field the agent does not allow ends the session.
import type { AgentTarget } from '#core/contracts'
import type { ConversationInitiationClientData } from './protocol.ts'

/** The vendor keeps a list of known clients; ours is none of them. */
const SOURCE = { source: 'unknown', version: '0.1.0' } as const

export function initiationData(agent: AgentTarget): ConversationInitiationClientData {
  const override = {
    ...(agent.firstMessage === undefined ? {} : { first_message: agent.firstMessage }),
    ...(agent.language === undefined ? {} : { language: agent.language }),
  }
  return {
    type: 'conversation_initiation_client_data',
    ...(Object.keys(override).length === 0
      ? {}
      : { conversation_config_override: { agent: override } }),
    dynamic_variables: agent.dynamicVariables,
    source_info: SOURCE,
  }
}
