// Reliable provisional responses, answering side (RFC 3262 §3): numbered, repeated until the PRACK.
import { Retransmission } from '../dialog/retransmission.ts'
import { hasToken } from '../message/sip-message.ts'
import { reply } from '../transaction/build-response.ts'
import { randomInt } from 'node:crypto'
import type { InboundLeg } from './inbound-leg.ts'
import type { AppDialog, SipStack } from './sip-stack.ts'

/** Whether the caller can take one: it says so in Supported or Require. */
export function supportsReliability({ inbound }: InboundLeg): boolean {
  const { headers } = inbound.request
  return ['Supported', 'Require'].some((name) => hasToken(headers, name, '100rel'))
}

/** RSeq starts anywhere below 2^31 and then counts up. */
export function nextRSeq(leg: InboundLeg): number {
  leg.lastRSeq = leg.lastRSeq === 0 ? randomInt(1, 100_000) : leg.lastRSeq + 1
  return leg.lastRSeq
}

export function repeatUntilPrack(
  stack: SipStack,
  leg: InboundLeg,
  bytes: Buffer,
  onTimeout: () => void,
): void {
  const { timers } = stack.config
  const retransmission = new Retransmission({
    timers,
    counters: stack.counters,
    longestPauseMs: Number.MAX_SAFE_INTEGER,
    resend: () => reply(leg.inbound, bytes),
    onTimeout,
  })
  leg.unacknowledged.push({ rseq: leg.lastRSeq, retransmission })
}

/** `RAck: rseq cseq method`. More behind it is ignored, as sofia does. */
const RACK = /^(\d+)\s+(\d+)\s+(\S+)/

/** `false` when no such response waits. */
export function acknowledgeProvisional(leg: InboundLeg, rack: string | undefined): boolean {
  const match = RACK.exec(rack ?? '')
  const { cseq } = leg.inbound
  if (match === null || Number(match[2]) !== cseq.seq || match[3] !== cseq.method) return false
  const at = leg.unacknowledged.findIndex(({ rseq }) => rseq === Number(match[1]))
  const [found] = at === -1 ? [] : leg.unacknowledged.splice(at, 1)
  found?.retransmission.stop()
  return found !== undefined
}

/** The answer did not wait for the PRACK, which is no less right for that (§3): a 481 would make the caller hang up. */
export function acknowledgeLate(dialog: AppDialog, rack: string | undefined): boolean {
  const [, rseq, seq, method] = RACK.exec(rack ?? '') ?? []
  const { inviteSeq, rseqs } = dialog.unpracked
  return method === 'INVITE' && Number(seq) === inviteSeq && rseqs.includes(Number(rseq))
}
