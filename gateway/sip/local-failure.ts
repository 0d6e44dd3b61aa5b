// A failure that our own SIP server made: nobody sent it, so it comes from no address (facts of drachtio's protocol).

interface LocalCandidate {
  readonly source_address?: string
  readonly reason?: string
}

/** What our SIP server writes: words, nothing that could hold an address or a number. */
const PHRASE = /^[A-Za-z][A-Za-z '/-]{0,63}$/

/** Why our SIP server could not reach the far end, in its words; undefined when the far end answered. */
export function localDetail(response: LocalCandidate): string | undefined {
  if ((response.source_address ?? '') !== '') return undefined
  const phrase = response.reason ?? ''
  return PHRASE.test(phrase) ? phrase : 'Unknown'
}

/** What drachtio's protocol says when a request was not sent at all; the texts are part of it. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/protocol\/transport not available/, 'No Such Transport'],
  [/request to myself/, 'Own Address'],
  [/invalid request-uri/, 'Invalid Address'],
  [/too many/, 'Too Many Requests'],
  [/too large/, 'Message Too Large'],
]

/** Why our SIP server refused to send. */
export const refusalDetail = (error: Error | null): string =>
  REFUSALS.find(([text]) => text.test(error?.message ?? ''))?.[1] ?? 'Not Sent'
