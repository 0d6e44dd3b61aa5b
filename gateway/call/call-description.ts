// Both sides' SDP of one call. Ours: the session id stays, the version rises with each new description (RFC 4566 §5.2).
import { randomInt } from 'node:crypto'
import { termination, type LocalRtp } from '#core/contracts'
import { writeAnswer, writeOffer, type LocalDescription } from '../sip/sdp/local-sdp.ts'
import { decodeRemoteSdp, type IpFamily, type SdpContext } from '../sip/sdp/remote-sdp.ts'
import type { CallSession } from './call-session.ts'

/** The far end's words, and where they came from. */
export interface RemoteWords {
  readonly sdp: string
  readonly sourceAddress: string
}

export class CallDescription {
  readonly #session: CallSession
  readonly #local: LocalRtp
  readonly #family: IpFamily
  readonly #sessionId = randomInt(1, 2 ** 31)
  #version = 0
  /** Our last description. */
  #said: string | undefined
  /** The far end said where its audio goes, in a way we can use. */
  #isAgreed = false

  /** @param local the RTP port as the far end must see it (the advertised address, where there is one) */
  constructor(session: CallSession, local: LocalRtp, family: IpFamily) {
    this.#session = session
    this.#local = local
    this.#family = family
  }

  offer(): string {
    return this.#say(writeOffer(this.#next(), this.#said))
  }

  answer(offer: string): string {
    return this.#say(writeAnswer(this.#next(), offer))
  }

  /** Takes what the far end says of its audio. False when there is none we can use; then nothing changes. */
  takeRemote({ sdp, sourceAddress }: RemoteWords, role: SdpContext['role']): boolean {
    const remote = decodeRemoteSdp(sdp, { family: this.#family, role, sourceAddress })
    if (remote.kind === 'unusable') return false
    this.#isAgreed = true
    this.#session.setRemote(remote.rtp)
    return true
  }

  /**
   * The answer in an ACK to the offer of our 200 OK; undefined when we offered nothing. Without one we can use,
   * everything stays as it was agreed before; when nothing was, there is nobody to talk to.
   */
  takeAnswer(answer: string | undefined, sourceAddress: string): void {
    if (answer === undefined) return
    if (this.takeRemote({ sdp: answer, sourceAddress }, 'answer') || this.#isAgreed) return
    this.#session.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
  }

  /**
   * A later offer: answered when usable, else refused with 488 and everything stays as it was. When ours is asked for,
   * it offers all we can, or a held call would be held for ever (RFC 3261 §14.2).
   */
  reanswer(
    offer: string,
    sourceAddress: string,
  ): { readonly sdp: string } | { readonly status: number } {
    if (offer === '') return { sdp: this.offer() }
    const isTaken = this.takeRemote({ sdp: offer, sourceAddress }, 'offer')
    return isTaken ? { sdp: this.answer(offer) } : { status: 488 }
  }

  #say(sdp: string): string {
    this.#said = sdp
    return sdp
  }

  #next(): LocalDescription {
    this.#version += 1
    return { local: this.#local, sessionId: this.#sessionId, version: this.#version }
  }
}
