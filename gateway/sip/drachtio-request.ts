// A request of ours within an established dialog, repeated with credentials when it is challenged (RFC 3261 §12.2.1.2).
import { systemCodeOf } from '#core/errors'
import type { DigestClient, DigestExchange } from './digest/digest-client.ts'
import { challengesIn } from './drachtio-challenges.ts'
import type { SrfDialog, SrfResponse } from './drachtio-types.ts'
import { repeatedHeaders } from './repeated-headers.ts'

export interface InDialogRequest {
  readonly method: 'BYE' | 'INVITE' | 'REFER'
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Resolves with the final answer, whatever it says; rejects when the SIP server did not send it. drachtio-srf
 * acknowledges an INVITE, also one that was refused: that ACK is the server's own affair (it refuses to send it, or
 * sends one nobody waits for), and makes drachtio-server forget the INVITE, which it would cancel at our BYE else.
 */
export async function requestInDialog(
  dialog: SrfDialog,
  request: InDialogRequest,
  digest: DigestClient | undefined,
): Promise<SrfResponse> {
  const exchange = digest?.begin()
  // A realm that asked before asks again: its credentials go along at once (RFC 3261 §22.3).
  let credentials = exchange?.headersFor({ ...request, uri: dialog.remote.uri }) ?? []
  for (;;) {
    const response = await send(dialog, request, repeatedHeaders(credentials))
    if (!accepts(exchange, response)) return response
    // The Request-URI is the SIP server's choice: it knows the routes, and where the far end moved to since.
    const { uri } = response.req
    credentials = exchange.headersFor({ ...request, uri })
  }
}

function accepts(
  exchange: DigestExchange | undefined,
  response: SrfResponse,
): exchange is DigestExchange {
  const { status } = response
  return exchange?.accept(status, challengesIn(status, response)) ?? false
}

function send(
  dialog: SrfDialog,
  request: InDialogRequest,
  headers: Readonly<Record<string, string>>,
): Promise<SrfResponse> {
  return new Promise((resolve, reject) => {
    const { method, body } = request
    dialog.request(
      { method, body, headers: { ...request.headers, ...headers } },
      (error, response) => {
        if (error) reject(error)
        else if (response && response.status >= 200) resolve(response)
      },
    )
  })
}

/** The SIP server knows the dialog no more. */
export const isGone = (error: unknown): boolean => systemCodeOf(error) === 'ENODIALOG'
