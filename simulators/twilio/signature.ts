// X-Twilio-Signature: base64 HMAC-SHA1 over the URL and, of a form, every name and value (twilio.com/docs/usage/security).
import { createHmac } from 'node:crypto'

/** In the order in which they are sent; a name may come again. */
export type FormParams = readonly (readonly [name: string, value: string])[]

/** Names sorted by code unit; of a name that comes again, each value once, sorted. */
function signedText(url: string, params: FormParams = []): string {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of params) {
    const known = values.get(name)
    if (known === undefined) values.set(name, new Set([value]))
    else known.add(value)
  }
  const names = [...values.keys()].sort()
  const told = names.flatMap((name) =>
    [...(values.get(name) ?? [])].sort().map((value) => name + value),
  )
  return url + told.join('')
}

export const signatureOf = (authToken: string, url: string, params: FormParams = []): string =>
  createHmac('sha1', authToken).update(signedText(url, params), 'utf8').digest('base64')
