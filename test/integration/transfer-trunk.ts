// A trunk that the test plays itself, message by message, with RTP behind each phone that answers.
import type { Test } from 'tap'
import { requestsWithin, type FarEnd } from '../gateway/sip/established-dialog.ts'
import { SDP, SipPeer, type Received } from '../gateway/embedded/sip-peer.ts'
import { eventually } from '../support/process.ts'
import type { Product } from '../support/start-product.ts'
import { openRtpPeer, type RtpPeer } from '../support/rtp-peer.ts'

/** A phone behind the trunk that has picked up. */
export interface Phone {
  readonly invite: Received
  readonly ask: FarEnd['ask']
  readonly rtp: RtpPeer
  /** Where its audio goes. */
  readonly port: number
}

export class TransferTrunk {
  readonly peer: SipPeer
  readonly #t: Test
  readonly #product: () => Product

  private constructor(t: Test, peer: SipPeer, product: () => Product) {
    this.#t = t
    this.peer = peer
    this.#product = product
  }

  static async open(t: Test, product: () => Product): Promise<TransferTrunk> {
    return new TransferTrunk(t, await SipPeer.open(t), product)
  }

  /** The n-th message of this kind that belongs to the call of an INVITE, repeats of a request aside. */
  of(invite: Received, what: string, nth = 1, withinMs = 5000): Promise<Received> {
    const callId = invite.headers.get('Call-ID')
    const find = (): Received | undefined =>
      this.peer.received.filter(
        (each) => each.what === what && !each.isRepeat && each.headers.get('Call-ID') === callId,
      )[nth - 1]
    return eventually(`${what} (${nth})`, withinMs, () => find() ?? false)
  }

  ringing(number: string): Promise<Received> {
    const find = (): Received | undefined =>
      this.peer.received.findLast(({ text }) => text.startsWith(`INVITE sip:${number}@`))
    return eventually(`an INVITE for ${number}`, 5000, () => find() ?? false)
  }

  async pickUp(number: string): Promise<Phone> {
    const invite = await this.ringing(number)
    const rtp = await openRtpPeer(this.#t)
    this.peer.reply(invite, '200 OK', {
      tag: 'far',
      headers: [`Contact: <sip:far@${this.peer.hostPort}>`, 'Content-Type: application/sdp'],
      body: SDP.replace('4000', String(rtp.port)),
    })
    await this.of(invite, 'ACK')
    const { sipHost: host, sipPort } = this.#product()
    const ask = requestsWithin(this.peer, invite, { host, port: sipPort })
    const port = Number(/m=audio (\d+)/.exec(invite.text)?.[1])
    return { invite, ask, rtp, port }
  }

  async hangUp(phone: Phone): Promise<void> {
    phone.ask('BYE')
    await this.of(phone.invite, '200 BYE')
  }

  /** We hang up on it: it says yes. */
  async isHungUp(phone: Phone): Promise<void> {
    this.peer.reply(await this.of(phone.invite, 'BYE'), '200 OK')
  }

  notify(phone: Phone, fragment: string, state = 'active;expires=60'): void {
    phone.ask(
      'NOTIFY',
      ['Event: refer', `Subscription-State: ${state}`, 'Content-Type: message/sipfrag;version=2.0'],
      `${fragment}\r\n`,
    )
  }
}
