// The carrier's audio comes straight to us. Ours: the session id stays, the version rises with each new description
// (RFC 4566 §5.2).
import { randomInt } from 'node:crypto'
import { termination, type LocalRtp } from '#core/contracts'
import type { CallSession } from '../call/call-session.ts'
import { writeAnswer, writeOffer, type LocalDescription } from '../sip/sdp/local-sdp.ts'
import { decodeRemoteSdp, type IpFamily } from '../sip/sdp/remote-sdp.ts'
import type { Reanswer } from '../sip/sip-port.ts'
import type { Described, Description, RemoteWords } from './description.ts'

export class DirectDescription implements Description {
  readonly #session: CallSession
  readonly #local: LocalRtp
  readonly #family: IpFamily
  readonly #sessionId = randomInt(1, 2 ** 31)
  #version = 0
  /** Our last description. */
  #said: string | undefined
  /** The far end said where its audio goes, in a way we can use. */
  #isAgreed = false

  /** @param described its RTP port as the far end must see it (the advertised address, where there is one) */
  constructor({ session, local }: Described, family: IpFamily) {
    this.#session = session
    this.#local = local
    this.#family = family
  }

  offer(): Promise<string> {
    return Promise.resolve(this.#offer())
  }

  answer(offer: string): Promise<string> {
    return Promise.resolve(this.#answer(offer))
  }

  takeRemote({ sdp, sourceAddress }: RemoteWords, role: 'offer' | 'answer'): boolean {
    const remote = decodeRemoteSdp(sdp, { family: this.#family, role, sourceAddress })
    if (remote.kind === 'unusable') return false
    this.#isAgreed = true
    this.#session.setRemote(remote.rtp)
    return true
  }

  takeAnswer(answer: string | undefined, sourceAddress: string): void {
    if (answer === undefined) return
    if (this.takeRemote({ sdp: answer, sourceAddress }, 'answer') || this.#isAgreed) return
    this.#session.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
  }

  reanswer(offer: string, sourceAddress: string): Reanswer {
    if (offer === '') return { sdp: this.#offer() }
    const isTaken = this.takeRemote({ sdp: offer, sourceAddress }, 'offer')
    return isTaken ? { sdp: this.#answer(offer) } : { status: 488 }
  }

  answered(): void {
    // It is where it belongs.
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #offer(): string {
    return this.#say(writeOffer(this.#next(), this.#said))
  }

  #answer(offer: string): string {
    return this.#say(writeAnswer(this.#next(), offer))
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
