// Which agent talks on a call, and what it is told.

export type DynamicValue = string | number | boolean

/** One conversation to open, whatever the vendor. */
export interface AgentTarget {
  readonly agentId: string
  /** Sent as conversation_config_override; refused by agents that do not allow it (close 1008). */
  readonly firstMessage?: string
  /** ISO 639-1; same rule. */
  readonly language?: string
  readonly dynamicVariables: Readonly<Record<string, DynamicValue>>
}

/** Why an agent session ended, seen from the bridge. */
export const AGENT_CLOSE_REASONS = [
  'call-ended', //     we closed it: the call is over
  'no-ack', //         we closed it: the caller never acknowledged our 200 OK
  'agent-ended', //    the agent said goodbye (end_call, or close 1000)
  'refused', //        never opened: signed URL, upgrade or early close
  'dropped', //        the socket broke or the vendor reported a fault
  'silent', //         we closed it: it owed the caller an answer and gave none
  'transferred', //    we closed it: a human took over
  'worker-lost', //    the media worker died
  'gateway-crashed', // the whole process did: told by the next start, of a call that goes on without us
] as const
export type AgentCloseReason = (typeof AGENT_CLOSE_REASONS)[number]
