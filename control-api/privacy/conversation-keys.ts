// By whose key the agent's vendor is told to forget a conversation: the one that it was had with.
import type { Platform } from '../features.ts'

export interface ConversationKey {
  /** Undefined: the key of this node. */
  readonly apiKey?: string | undefined
  /** Why the vendor's not knowing it says nothing. */
  readonly doubt?: string | undefined
}

/** Undefined: it cannot be asked about, because its key cannot be opened. */
export type KeyOfConversation = (conversationId: string) => Promise<ConversationKey | undefined>

export function createConversationKeys({
  database: { query },
  agentKeys,
}: Pick<Platform, 'database' | 'agentKeys'>): KeyOfConversation {
  return async (conversationId) => {
    const call = await query
      .selectFrom('conversations')
      .innerJoin('calls', 'calls.call_id', 'conversations.call_id')
      .select(['calls.provider', 'calls.application_id'])
      .where('conversations.conversation_id', '=', conversationId)
      .executeTakeFirst()
    if (call?.application_id == null) return {}
    try {
      const apiKey = await agentKeys.keyOf(call)
      if (apiKey !== undefined) return { apiKey }
    } catch {
      return undefined
    }
    const application = await query
      .selectFrom('voximplant_applications')
      .select('application_id')
      .where('application_id', '=', call.application_id)
      .executeTakeFirst()
    return application || call.provider !== 'voximplant'
      ? {}
      : { doubt: 'its application was removed with its key, and this node’s key does not know it' }
  }
}
