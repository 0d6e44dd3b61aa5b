// The opaque cursor of GET /api/calls: where the next page begins, in base64url.
import { decodeCallId } from '#core/contracts'
import type { PagePosition } from './repository.ts'

export const encodeCursor = ({ createdAt, callId }: PagePosition): string =>
  Buffer.from(JSON.stringify([createdAt, callId])).toString('base64url')

/** Undefined for anything that this server cannot have made. */
export function decodeCursor(text: string): PagePosition | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (!Array.isArray(parsed) || parsed.length !== 2) return undefined
    const [createdAt, callId] = parsed as [unknown, unknown]
    if (typeof createdAt !== 'number' || typeof callId !== 'string') return undefined
    const known = decodeCallId(callId)
    return known === undefined ? undefined : { createdAt, callId: known }
  } catch {
    return undefined // Not JSON: not ours.
  }
}
