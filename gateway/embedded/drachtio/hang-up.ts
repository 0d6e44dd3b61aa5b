// BYEs and ACKs the server sends of itself.
import type { InboundResponse } from '../transaction/client-transaction.ts'
import { overTransport, type OutboundRequest } from '../transaction/outbound-request.ts'
import type { Location } from '../transport/locate/server-locator.ts'
import { locationOf, listOf, RequestRoute } from './request-route.ts'
import { peerOf, type AppDialog, type SipStack } from './sip-stack.ts'

/** Sends the ACK of a 2xx and keeps it for a repeated 2xx (RFC 3261 §13.2.2.4). */
export function acknowledge(
  stack: SipStack,
  dialog: AppDialog,
  seq: number,
  extra: readonly (readonly [string, string])[] = [],
  body?: Buffer,
): OutboundRequest {
  const headers = [...dialog.credentials, ...extra]
  const request = dialog.buildRequest({ method: 'ACK', seq, extra: headers, ...(body && { body }) })
  dialog.ack = { seq, request }
  stack.counters.add('requestsSent')
  sendAck(stack, dialog)
  return request
}

/**
 * The stored ACK once more. It has no transaction and no answer: when it cannot be sent, the other side repeats its 2xx
 * and then hangs up.
 */
export function sendAck(stack: SipStack, dialog: AppDialog): void {
  const { ack } = dialog
  if (ack === undefined) return
  const own = dialog.init.transport
  const send = (location: Location): void => {
    const [first] = listOf(location)
    if (first === undefined) return
    const { transport, peer } = first
    const request = transport === own ? ack.request : overTransport(ack.request, transport)
    transport.send(request.bytes, peer)
  }
  const found = locationOf(stack, dialog)
  if (found instanceof Promise) void found.then(send)
  else send(found)
}

/** Ends a dialog without the application asking for it. It hears of it when there is a reason to tell. */
export function hangUp(stack: SipStack, dialog: AppDialog, tell: string | undefined): void {
  if (dialog.isHungUp) return
  dialog.isHungUp = true
  dialog.sessionTimer?.stop()
  const extra = tell === undefined ? [] : ([['Reason', `SIP ;cause=200 ;text="${tell}"`]] as const)
  const bye = dialog.buildRequest({ method: 'BYE', extra })
  const { transport, id, owner } = dialog.init
  const gone = (): void => stack.dialogs.remove(dialog)
  const route = new RequestRoute(stack, bye, transport, {
    attempt: ({ request, destination }) =>
      stack.transactions.startNonInvite({ request, destination, user, once: dialog.isUnheard }),
    exhausted: gone,
  })
  const user = {
    onResponse: ({ response }: InboundResponse): void => {
      if (response.status >= 200) gone()
    },
    onFailure: (): void => {
      if (!route.failed()) gone()
    },
  }
  route.start(locationOf(stack, dialog))
  if (tell === undefined) return
  owner.unsolicited({ bytes: bye.bytes, transport, address: peerOf(transport), txnId: '' }, id)
}

/** 64·T1 without an ACK (§13.3.1.4): a BYE the application already sent goes out now, else the server's own. */
export function endUnacknowledged(stack: SipStack, dialog: AppDialog): void {
  stack.counters.add('ackTimeouts')
  dialog.isUnheard = true
  if (dialog.afterAck.length > 0) dialog.releaseHeld()
  else hangUp(stack, dialog, 'ACK timeout')
}
