// The carrier's audio comes straight to us.
import { termination, type LocalRtp, type TelephoneCodec } from '#core/contracts'
import { writeAnswer, writeOffer, type LocalDescription } from '../sip/sdp/local-sdp.ts'
import { decodeRemoteSdp, type IpFamily } from '../sip/sdp/remote-sdp.ts'
import type { Reanswer } from '../sip/sip-port.ts'
import type { Described, DescribedLeg, Description, RemoteWords } from './description.ts'
import { OwnSession } from './own-session.ts'
import { ownCodecs } from './spoken-by.ts'

export class DirectDescription implements Description {
  readonly #session: DescribedLeg
  readonly #local: LocalRtp
  readonly #family: IpFamily
  readonly #codecs: readonly TelephoneCodec[]
  /** Goes on where a media server speaks for a while. */
  readonly origin = new OwnSession()
  /** The far end said where its audio goes, in a way we can use. */
  #isAgreed = false

  /** @param described its RTP port as the far end must see it (the advertised address, where there is one) */
  constructor({ session, trunk, local }: Described, family: IpFamily) {
    this.#session = session
    this.#codecs = ownCodecs(trunk)
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
    const remote = decodeRemoteSdp(sdp, {
      family: this.#family,
      role,
      sourceAddress,
      codecs: this.#codecs,
    })
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
    return this.origin.say(writeOffer(this.#next(), this.origin.said))
  }

  #answer(offer: string): string {
    return this.origin.say(writeAnswer(this.#next(), offer))
  }

  #next(): LocalDescription {
    return { local: this.#local, codecs: this.#codecs, ...this.origin.next() }
  }
}
