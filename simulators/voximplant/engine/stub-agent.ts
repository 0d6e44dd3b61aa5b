// An agent without a network: it introduces itself, speaks once it is joined, and can be made to misbehave.
import type { AgentFields, AgentLink, AgentListener } from './agent-link.ts'
import { createPacer } from './pacer.ts'
import type { SessionFaults } from './session-plan.ts'

const OPENS_MS = 100
const METADATA_MS = 40
const SPEAKS_MS = 200

export interface StubAgentOptions {
  readonly pace: number
  readonly faults: SessionFaults
  readonly conversationId: string
}

export function openStubAgent(options: StubAgentOptions, listener: AgentListener): AgentLink {
  const { faults } = options
  const pacer = createPacer(options.pace)
  let isOver = false
  const close = (code: number, reason: string): void => {
    if (isOver) return
    isOver = true
    pacer.clear()
    listener.closed(code, reason, code === 1000)
  }
  const open = (): void => {
    listener.opened()
    const { agentClosesAfterMs } = faults
    if (agentClosesAfterMs !== undefined) pacer.after(agentClosesAfterMs, () => close(1000, ''))
    pacer.after(METADATA_MS, () => {
      listener.message(metadata(options.conversationId))
      if (faults.agentCallsTool === true) listener.message(TOOL_CALL)
      if (faults.agentInterrupted === true) listener.message(INTERRUPTION)
    })
  }
  if (faults.agentNeverOpens !== true) {
    pacer.after(faults.agentOpensAfterMs ?? OPENS_MS, () => {
      if (faults.agentRefused === true) listener.refused('Authorization failed')
      else open()
    })
  }
  return {
    send(message) {
      // The connector's agent does so live when `is_error` is left out.
      const isResult = message['type'] === 'client_tool_result'
      if (isResult && typeof message['is_error'] !== 'boolean') close(1008, 'is_error is missing')
    },
    join: () => pacer.after(SPEAKS_MS, () => listener.mediaStarted()),
    close: () => close(1000, ''),
  }
}

const metadata = (conversationId: string): AgentFields => ({
  type: 'conversation_initiation_metadata',
  conversation_initiation_metadata_event: {
    conversation_id: conversationId,
    agent_output_audio_format: 'pcm_16000',
    user_input_audio_format: 'pcm_16000',
  },
})

const TOOL_CALL: AgentFields = {
  type: 'client_tool_call',
  client_tool_call: { tool_name: 'look_up', tool_call_id: 'tool_1', parameters: {} },
}

const INTERRUPTION: AgentFields = { type: 'interruption', interruption_event: { event_id: 1 } }
