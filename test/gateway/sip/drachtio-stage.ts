// The gateway's SIP port on the embedded server, on both sides of a call: the far end writes its own messages.
import type { Test } from 'tap'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { ms, newCallId } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { openDrachtio, type SipServerAddress } from '../../../gateway/sip/drachtio.ts'
import type {
  InviteFailure,
  OutboundInvite,
  OutboundInviteListener,
  SipPort,
} from '../../../gateway/sip/sip-port.ts'
import { startDrachtioServer } from '../../support/drachtio-server.ts'
import { SDP } from '../embedded/sip-peer.ts'

export const ACCOUNT = { username: 'user', password: 'a password' }

export interface DrachtioStage {
  readonly sip: SipPort
  /** Of the server, for callers. */
  readonly address: { readonly host: string; readonly port: number }
  /** `sip:callee@host:port`. */
  readonly target: string
}

export async function openDrachtioStage(t: Test): Promise<DrachtioStage> {
  const server = await startEmbeddedSip({
    listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    timers: { t1Ms: 20, t2Ms: 160, t4Ms: 200 },
  })
  t.teardown(() => server.close())
  server.onFault((fault) => t.fail(`a defect of the SIP server: ${fault}`))
  const [address] = server.addresses
  if (!address) throw new Error('no SIP address')
  return stageAt(t, server.admin, address)
}

/** The same on a real drachtio-server. */
export async function openDrachtioServerStage(t: Test): Promise<DrachtioStage> {
  const server = await startDrachtioServer({ protocols: ['udp'] })
  t.teardown(() => server.close())
  return stageAt(t, server.admin, server.address)
}

async function stageAt(
  t: Test,
  admin: SipServerAddress,
  address: DrachtioStage['address'],
): Promise<DrachtioStage> {
  const deps = { logger: createLogger('silent'), clock: createClock(), ...createAnswerMint() }
  const sip = await openDrachtio(deps, admin, ms(5000))
  t.teardown(() => sip.close())
  return { sip, address, target: `sip:callee@${address.host}:${address.port}` }
}

/** Notes what a call comes to, in order. */
export class CallNotes implements OutboundInviteListener {
  readonly notes: string[] = []
  readonly #failed = Promise.withResolvers<InviteFailure>()
  readonly failed: Promise<InviteFailure> = this.#failed.promise

  onSent(): void {
    this.notes.push('sent')
  }
  onRepeated(): void {
    // For the record only.
  }
  onProvisional({ status }: { status: number }): void {
    this.notes.push(String(status))
  }
  onAnswered(): void {
    this.notes.push('answered')
  }
  onFailed(failure: InviteFailure): void {
    this.notes.push(`failed ${failure.status}`)
    this.#failed.resolve(failure)
  }
  onEnded({ by }: { by: string }): void {
    this.notes.push(`ended by ${by}`)
  }
  onAcknowledged(): void {
    this.notes.push('acknowledged')
  }
  onReoffer(): { sdp: string } {
    return { sdp: SDP }
  }
  onDtmf(digit: string): void {
    this.notes.push(`key ${digit}`)
  }
  onTargetRefreshed(): void {
    this.notes.push('target refreshed')
  }
  onDefect(): void {
    this.notes.push('defect')
  }
}

/** An INVITE as the gateway sends it, to `sip:number@domain`. */
export const anInvite = (domain: string, more: Partial<OutboundInvite> = {}): OutboundInvite => ({
  callId: newCallId(),
  requestUri: `sip:+4930123456@${domain}`,
  from: `<sip:user@${domain}>`,
  contactUser: 'user',
  sdp: SDP,
  credentials: ACCOUNT,
  headers: {},
  ...more,
})
