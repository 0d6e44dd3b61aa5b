// One webhook as Twilio sends it: a form, signed over its address and its names and values.
import { signatureOf, type FormParams } from '../../simulators/twilio/index.ts'

export interface SignedWebhook {
  readonly authToken: string
  readonly url: string
  readonly params: FormParams
}

const WAIT_MS = 10_000

/** Returns the document that it is answered with. */
export async function postSigned({ authToken, params, url }: SignedWebhook): Promise<string> {
  const body = new URLSearchParams(
    [...params].map(([name, value]): [string, string] => [name, value]),
  ).toString()
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': signatureOf(authToken, url, params),
  }
  const signal = AbortSignal.timeout(WAIT_MS)
  const answer = await fetch(url, { method: 'POST', headers, body, signal })
  const document = await answer.text()
  if (!answer.ok) throw new Error(`a webhook is answered with ${answer.status}`)
  return document
}
