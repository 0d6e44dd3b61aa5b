// The custom data of a session as our scenario leaves it: `{"t": token, "c": conversation}`, at most 200 bytes. Others'
// scenarios write there what they like.
import { isVendorId } from '../../elevenlabs/decode-conversation.ts'

/** Bytes that the vendor keeps; more is not ours. */
const MOST_CHARS = 400

export interface SessionCustomData {
  readonly token: string | null
  readonly conversationId: string | null
}

const NOTHING: SessionCustomData = { token: null, conversationId: null }

export function decodeCustomData(text: string | null): SessionCustomData {
  if (text === null || text.length > MOST_CHARS || !text.startsWith('{')) return NOTHING
  try {
    const { t: token, c: conversationId } = JSON.parse(text) as Readonly<Record<string, unknown>>
    return {
      token: typeof token === 'string' && token !== '' ? token : null,
      conversationId:
        typeof conversationId === 'string' && isVendorId(conversationId) ? conversationId : null,
    }
  } catch {
    // Not JSON, and so not ours.
    return NOTHING
  }
}
