// What a record says of SIP messages in a word: whose they are, and of which kind.
import type { CallEventRow } from '../db/schema.ts'
import { decodeCallEvent } from './repository.ts'

/** The SIP Call-IDs of a call: of each INVITE it was made of, a transfer's second call too. */
export function callIdsOf(events: readonly CallEventRow[]): readonly string[] {
  const found = events
    .filter(({ type }) => type === 'sip.invite' || type === 'transfer.invite')
    .map(decodeCallEvent)
    .flatMap((event) =>
      event.type === 'sip.invite' || event.type === 'transfer.invite' ? [event.data.sipCallId] : [],
    )
  return [...new Set(found)]
}

/** A token, RFC 3261 §25.1. */
const REQUEST = /^([\w.!%*+`'~-]{1,32}) /
const RESPONSE = /^SIP\/2\.0 +(\d{3})/
const CSEQ = /^cseq[ \t]*:\s*\d{1,10}\s+([\w.!%*+`'~-]{1,32})/im

export interface MessageSummary {
  /** What it asks for, or answers; null when it cannot be read. */
  readonly method: string | null
  readonly sip_status?: number
}

/** Nothing else of the message: its first line has a number in it. */
export function summarize(text: string): MessageSummary {
  const status = RESPONSE.exec(text)?.[1]
  if (status === undefined) return { method: REQUEST.exec(text)?.[1] ?? null }
  return { method: CSEQ.exec(text)?.[1] ?? null, sip_status: Number(status) }
}
