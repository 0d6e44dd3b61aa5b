// What the vendor knows of our conversations and agents: the questions we ask it.
import type { Metrics } from '#core/telemetry'
import {
  decodeConversation,
  fieldsOf,
  isVendorId,
  type VendorConversation,
} from './decode-conversation.ts'
import { VendorRest, type VendorAnswer, type VendorRestOptions } from './vendor-rest.ts'

export interface VendorAgent {
  readonly agentId: string
  readonly name: string
  readonly archived: boolean
}

export interface AgentPage {
  readonly agents: readonly VendorAgent[]
  readonly nextCursor: string | null
}

export interface AgentVendor {
  conversation(id: string, signal?: AbortSignal): Promise<VendorAnswer<VendorConversation>>
  /** MP3, into a file that is not there yet. `unknown`: there is none, or none yet. */
  audio(
    id: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<VendorAnswer<{ readonly bytes: number }>>
  agents(limit: number, cursor?: string): Promise<VendorAnswer<AgentPage>>
  /** Its settings as the vendor sends them. */
  agent(id: string): Promise<VendorAnswer<unknown>>
}

const MAX_NAME_CHARS = 200

export function createAgentVendor(
  metrics: Pick<Metrics, 'add' | 'observe'>,
  options: VendorRestOptions,
): AgentVendor {
  const rest = new VendorRest(metrics, options)
  const unknown = { kind: 'unknown' } as const
  return {
    async conversation(id, signal) {
      if (!isVendorId(id)) return unknown
      const path = ['conversations', id]
      const answer = await rest.json({ operation: 'get_conversation', path, signal })
      if (answer.kind !== 'ok') return answer
      const value = decodeConversation(answer.value)
      return value?.conversationId === id ? { kind: 'ok', value } : unreadable
    },
    async audio(id, path, signal) {
      if (!isVendorId(id)) return unknown
      const asked = ['conversations', id, 'audio']
      return rest.file({ operation: 'get_conversation_audio', path: asked, signal }, path)
    },
    async agents(limit, cursor) {
      const query = { page_size: String(limit), ...(cursor === undefined ? {} : { cursor }) }
      const answer = await rest.json({ operation: 'list_agents', path: ['agents'], query })
      return answer.kind === 'ok' ? decodeAgents(answer.value) : answer
    },
    async agent(id) {
      if (!isVendorId(id)) return unknown
      return rest.json({ operation: 'get_agent', path: ['agents', id] })
    },
  }
}

const unreadable = {
  kind: 'refused',
  why: 'it answered with something that we cannot read',
} as const

function decodeAgents(value: unknown): VendorAnswer<AgentPage> {
  const { agents, next_cursor: cursor, has_more: hasMore } = fieldsOf(value)
  if (!Array.isArray(agents)) return unreadable
  const found = agents.map(fieldsOf).flatMap(({ agent_id: agentId, name, archived }) => {
    if (typeof agentId !== 'string' || !isVendorId(agentId)) return []
    const shown = typeof name === 'string' ? name.slice(0, MAX_NAME_CHARS) : agentId
    return [{ agentId, name: shown, archived: archived === true }]
  })
  const nextCursor = hasMore === true && typeof cursor === 'string' ? cursor.slice(0, 512) : null
  return { kind: 'ok', value: { agents: found, nextCursor } }
}
