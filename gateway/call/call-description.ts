// Our side of the SDP of one call: the session id stays, the version rises with each new description (RFC 4566 §5.2).
import { randomInt } from 'node:crypto'
import type { LocalRtp } from '#core/contracts'
import { decodeRemoteSdp, writeAnswer, writeOffer } from '../sip/sdp.ts'
import type { CallSession } from './call-session.ts'

export class CallDescription {
  readonly #local: LocalRtp
  readonly #sessionId = randomInt(1, 2 ** 31)
  #version = 0

  /** @param local the RTP port as the far end must see it (the advertised address, where there is one) */
  constructor(local: LocalRtp) {
    this.#local = local
  }

  offer(): string {
    return writeOffer(this.#next())
  }

  answer(offer: string): string {
    return writeAnswer(this.#next(), offer)
  }

  /** A re-INVITE's offer: answered when usable, else refused with 488 and everything stays as it was (RFC 3261 §14.2). */
  reanswer(
    offer: string,
    session: CallSession,
  ): { readonly sdp: string } | { readonly status: number } {
    const remote = decodeRemoteSdp(offer)
    if (remote.kind === 'unusable') return { status: 488 }
    session.media?.setRemote(remote.rtp)
    return { sdp: this.answer(offer) }
  }

  #next(): Parameters<typeof writeOffer>[0] {
    this.#version += 1
    return { local: this.#local, sessionId: this.#sessionId, version: this.#version }
  }
}
