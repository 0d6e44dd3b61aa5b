// Port: who answers this number. Implemented by control-api; used by gateway for inbound calls.
import type { AgentTarget, DynamicValue } from './agent.ts'
import type { CallIdentity } from './call.ts'

export type InboundDecision =
  | { readonly kind: 'agent'; readonly agent: AgentTarget }
  /** The menu answers (CallFlows); the agent goes on after it, where there is one. */
  | { readonly kind: 'flow'; readonly agent: AgentTarget | null }
  | { readonly kind: 'refused'; readonly sipStatus: 403 | 404 | 480 | 603 }

/** What the caller's INVITE says beside who calls whom. */
export interface InboundTold {
  /** Variables from its `X-…` headers, by the name the agent knows them by; {} where the trunk passes none. */
  readonly variables: Readonly<Record<string, string>>
}

export interface AgentDirectory {
  /** Whether a call to this number will need an agent, for its admission; at once. Absent: every call does. */
  needsAgent?(to: string): boolean
  /** Must answer within the gateway's decision deadline (2 s); a rejection refuses the call with 480. */
  resolveInbound(call: CallIdentity, told?: InboundTold): Promise<InboundDecision>
  /** The dynamic variables of AGENT_VARIABLES for a call, merged under those the REST client gave. */
  variablesFor(
    call: CallIdentity,
    given: Readonly<Record<string, DynamicValue>>,
  ): Readonly<Record<string, DynamicValue>>
}
