// An agent at the other end of a connector: the stub, or a real WebSocket.

export type AgentFields = Readonly<Record<string, unknown>>

export interface AgentListener {
  opened(): void
  refused(reason: string): void
  /** One message of the agent as it came. */
  message(payload: AgentFields): void
  /** The agent's voice begins, after silence. */
  mediaStarted(): void
  /** Exactly once, by whomever; never before `opened`. */
  closed(code: number, reason: string, wasClean: boolean): void
}

export interface AgentLink {
  send(message: AgentFields): void
  /** The caller is heard from now on. */
  join(): void
  close(): void
}
