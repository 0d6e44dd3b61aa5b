// Both sides' SDP of one call. Ours: the session id stays, the version rises with each new description (RFC 4566 §5.2).
import { randomInt } from 'node:crypto'
import type { LocalRtp } from '#core/contracts'
import { decodeRemoteSdp, writeAnswer, writeOffer, type IpFamily } from '../sip/sdp.ts'
import type { CallSession } from './call-session.ts'

export class CallDescription {
  readonly #session: CallSession
  readonly #local: LocalRtp
  readonly #family: IpFamily
  readonly #sessionId = randomInt(1, 2 ** 31)
  #version = 0

  /** @param local the RTP port as the far end must see it (the advertised address, where there is one) */
  constructor(session: CallSession, local: LocalRtp, family: IpFamily) {
    this.#session = session
    this.#local = local
    this.#family = family
  }

  offer(): string {
    return writeOffer(this.#next())
  }

  answer(offer: string): string {
    return writeAnswer(this.#next(), offer)
  }

  /** Takes what the far end says of its audio. False when there is none we can use; then nothing changes. */
  takeRemote(sdp: string): boolean {
    const remote = decodeRemoteSdp(sdp, this.#family)
    if (remote.kind === 'unusable') return false
    this.#session.setRemote(remote)
    return true
  }

  /** A later offer: answered when usable, else refused with 488 and everything stays as it was (RFC 3261 §14.2). */
  reanswer(offer: string): { readonly sdp: string } | { readonly status: number } {
    return this.takeRemote(offer) ? { sdp: this.answer(offer) } : { status: 488 }
  }

  #next(): Parameters<typeof writeOffer>[0] {
    this.#version += 1
    return { local: this.#local, sessionId: this.#sessionId, version: this.#version }
  }
}
