// Whose key the agent's vendor is asked with about a call: a telephony application may have one of its own.
import type { CallRow } from '../db/schema.ts'

/** Undefined: the call has no key of its own. @throws AppError `SECRETS_KEY_MISSING` */
export type KeyOfCall = (
  call: Pick<CallRow, 'application_id' | 'provider'>,
) => Promise<string | undefined>

export interface AgentKeys {
  /** From now on it says which keys calls have. */
  register(keyOf: KeyOfCall): void
  readonly keyOf: KeyOfCall
}

export function createAgentKeys(): AgentKeys {
  let known: KeyOfCall = () => Promise.resolve(undefined)
  return {
    register(keyOf) {
      known = keyOf
    },
    keyOf: (call) => known(call),
  }
}
