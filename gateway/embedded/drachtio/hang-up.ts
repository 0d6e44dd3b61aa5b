// BYEs and ACKs the server sends of itself.
import type { OutboundRequest } from '../transaction/client-transaction.ts'
import { peerOf, resolveDestination, type AppDialog, type SipStack } from './sip-stack.ts'

/** Sends the ACK of a 2xx and keeps it for a repeated 2xx (RFC 3261 §13.2.2.4). */
export function acknowledge(
  stack: SipStack,
  dialog: AppDialog,
  seq: number,
  extra: readonly (readonly [string, string])[] = [],
  body?: Buffer,
): OutboundRequest {
  const request = dialog.buildRequest({ method: 'ACK', seq, extra, ...(body && { body }) })
  dialog.ack = { seq, request }
  stack.counters.add('requestsSent')
  sendAck(dialog)
  return request
}

/** The stored ACK once more. */
export function sendAck(dialog: AppDialog): void {
  const { ack } = dialog
  if (ack === undefined) return
  resolveDestination(
    dialog.init.transport,
    dialog.nextHop(),
    ({ transport, peer }) => transport.send(ack.request.bytes, peer),
    () => {
      // An ACK has no transaction and no answer: the other side repeats its 2xx and then hangs up.
    },
  )
}

/** Ends a dialog without the application asking for it. It hears of it when there is a reason to tell. */
export function hangUp(stack: SipStack, dialog: AppDialog, tell: string | undefined): void {
  const extra = tell === undefined ? [] : ([['Reason', `SIP ;cause=200 ;text="${tell}"`]] as const)
  const request = dialog.buildRequest({ method: 'BYE', extra })
  const { transport, id, owner } = dialog.init
  const gone = (): void => stack.dialogs.remove(dialog)
  const user = { onResponse: gone, onFailure: gone }
  resolveDestination(
    transport,
    dialog.nextHop(),
    (destination) => stack.transactions.startNonInvite({ request, destination, user }),
    gone,
  )
  if (tell === undefined) return
  owner.unsolicited({ bytes: request.bytes, transport, address: peerOf(transport), txnId: '' }, id)
}

/** 64·T1 without an ACK (§13.3.1.4): a BYE the application already sent goes out now, else the server's own. */
export function endUnacknowledged(stack: SipStack, dialog: AppDialog): void {
  stack.counters.add('ackTimeouts')
  if (dialog.afterAck.length > 0) dialog.releaseHeld()
  else hangUp(stack, dialog, 'ACK timeout')
}
