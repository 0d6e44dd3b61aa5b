// One attempt to deliver a webhook: one connection, to an address that was checked, within its deadlines. Redirects
// are not followed: their target was checked by nobody.
import { isIPv6, type LookupFunction } from 'node:net'
import type { Milliseconds } from '#core/contracts'
import { connectionCodeOf } from '#core/errors'

export interface WebhookRequest {
  readonly url: URL
  /** Of the host, checked: it is connected to one of them. */
  readonly addresses: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SendOptions {
  readonly connectTimeout: Milliseconds
  /** Connecting, sending, and the first line of the answer. */
  readonly totalTimeout: Milliseconds
  /** Ends it at once. */
  readonly signal: AbortSignal
  /** Instead of the authorities Node knows: for tests. */
  readonly ca?: string | undefined
}

export type SendOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  /** @param why in words without any part of the address */
  | { readonly kind: 'failed'; readonly why: string }

const MAX_HEADER_BYTES = 16 * 1024
/** What is read of an answer's body, so that the far end can finish its sentence. Nothing of it is used. */
const MAX_BODY_BYTES = 16 * 1024
const BODY_TIMEOUT_MS = 500

export async function sendWebhook(
  { url, addresses, headers, body }: WebhookRequest,
  { connectTimeout, totalTimeout, signal, ca }: SendOptions,
): Promise<SendOutcome> {
  // A hundred modules, 100 ms of a start: for those who have webhooks.
  const { Client } = await import('undici')
  const deadline = AbortSignal.timeout(totalTimeout)
  const client = new Client(url.origin, {
    connect: { lookup: pinnedTo(addresses), timeout: connectTimeout, ...(ca ? { ca } : {}) },
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: totalTimeout,
    bodyTimeout: BODY_TIMEOUT_MS,
  })
  try {
    const answer = await client.request({
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers,
      body,
      signal: AbortSignal.any([signal, deadline]),
    })
    const enough = AbortSignal.timeout(BODY_TIMEOUT_MS)
    // How the body ends says nothing: the status has said all.
    await answer.body.dump({ limit: MAX_BODY_BYTES, signal: enough }).catch(() => undefined)
    return { kind: 'answered', status: answer.statusCode }
  } catch (error) {
    if (deadline.aborted) return { kind: 'failed', why: `no answer within ${totalTimeout} ms` }
    if (signal.aborted) return { kind: 'failed', why: 'broken off because we stop' }
    return { kind: 'failed', why: describeFailure(error) }
  } finally {
    await client.destroy()
  }
}

/** Called for names alone; addresses in a URL were checked as they stand. */
export const pinnedTo =
  (addresses: readonly string[]): LookupFunction =>
  (_name, options, done) => {
    const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
    const [first] = all
    if (options.all === true) done(null, all)
    else if (first) done(null, first.address, first.family)
    else done(new Error('no address'), '')
  }

/** The code alone: messages of libraries quote addresses. */
function describeFailure(error: unknown): string {
  const code = connectionCodeOf(error)
  const known = code === undefined ? undefined : FAILURES[code]
  if (known !== undefined) return known
  return code === undefined ? 'the request broke off' : `the request failed (${code})`
}

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
}
