// What a vendor’s HTTP answer says, read with bounds: its body, and when to ask again.

const MAX_RETRY_AFTER_MS = 600_000

/** Seconds, or a date (RFC 9110 §10.2.3). */
export function retryAfterOf(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (text === '') return null
  const told = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(told) ? Math.min(Math.max(told, 0), MAX_RETRY_AFTER_MS) : null
}

export class AnswerTooLarge extends Error {}

/** @throws AnswerTooLarge */
export async function textOf(response: Response, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  const body = (response.body ?? []) as AsyncIterable<Uint8Array>
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > maxBytes) throw new AnswerTooLarge()
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Undefined of what is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined // A page for humans, or half an answer: the caller says so.
  }
}
