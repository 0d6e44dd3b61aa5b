// Where a media session is, and who is heard there.
import type { AgentSession } from './agent-session.ts'
import type { Farewell } from './farewell.ts'

export type SessionState =
  | { readonly kind: 'listening' }
  | { readonly kind: 'talking'; readonly agent: AgentSession }
  | { readonly kind: 'ending'; readonly agent: AgentSession; readonly farewell: Farewell }
  | { readonly kind: 'silent' }
  | { readonly kind: 'closed' }

/** Who hears the caller. */
export const listensIn = (state: SessionState): AgentSession | null =>
  state.kind === 'talking' ? state.agent : null

/** Who talks with the caller, as far as silence is concerned. */
export const talksIn = (state: SessionState): AgentSession | 'prompts' | null =>
  state.kind === 'listening' ? 'prompts' : listensIn(state)

/** The caller hears this agent: it talks, or what it said last is still on its way. */
export const isHeardIn = (state: SessionState, agent: AgentSession): boolean =>
  (state.kind === 'talking' || state.kind === 'ending') && state.agent === agent
