// One call's audio through FreeSWITCH: a leg towards the carrier and one towards our RTP port, bridged.
import { AppError } from '#core/errors'
import { placeholder } from '../sip/sdp/carrier-sdp.ts'
import { openLeg, type FreeSwitchLeg, type FreeSwitchLink } from './freeswitch-leg.ts'
import type { AnchorOptions, MediaAnchor } from './media-server-port.ts'

/** @throws AppError `MEDIA_SERVER_FAILED`; nothing is left behind then */
export async function openAnchor(
  link: FreeSwitchLink,
  options: AnchorOptions,
): Promise<FreeSwitchAnchor> {
  const { ours, ourAddress } = options
  // FreeSWITCH answers offers only: where it is to offer, it is shown a carrier that is not there yet. Offers of its own
  // (an INVITE without SDP) would carry two audio lines or no SRTP, and its ACK could not wait for a phone to ring.
  const theirs = options.offer ?? placeholder(options, ourAddress)
  const [towardsUs, carrier] = await Promise.allSettled([
    openLeg(link, ours),
    openLeg(link, theirs),
  ])
  const legs = [towardsUs, carrier].flatMap((leg) =>
    leg.status === 'fulfilled' ? [leg.value] : [],
  )
  try {
    if (towardsUs.status === 'rejected') throw towardsUs.reason
    if (carrier.status === 'rejected') throw carrier.reason
    await carrier.value.bridge(towardsUs.value)
    return new FreeSwitchAnchor(link, towardsUs.value, carrier.value)
  } catch (error) {
    await Promise.all(legs.map((leg) => leg.close()))
    throw error
  }
}

class FreeSwitchAnchor implements MediaAnchor {
  readonly #ours: FreeSwitchLeg
  readonly #carrier: FreeSwitchLeg
  readonly #listeners: (() => void)[] = []
  readonly #lost: AbortSignal
  readonly #gone = (): void => this.#onGone()
  #isGone = false
  #isClosing = false

  constructor({ lost }: FreeSwitchLink, ours: FreeSwitchLeg, carrier: FreeSwitchLeg) {
    this.#ours = ours
    this.#carrier = carrier
    this.#lost = lost
    ours.onGone(this.#gone)
    carrier.onGone(this.#gone)
    if (lost.aborted) this.#isGone = true
    lost.addEventListener('abort', this.#gone)
  }

  get sdp(): string {
    return this.#carrier.words
  }

  get towardsUs(): string {
    return this.#ours.words
  }

  async accept(answer: string): Promise<string> {
    const words = await this.#carrier.reoffer(answer)
    if (words === undefined)
      throw new AppError('MEDIA_SERVER_FAILED', 'FreeSWITCH cannot speak what the carrier answered')
    return words
  }

  reanswer(offer: string): Promise<string | undefined> {
    return this.#carrier.reoffer(offer)
  }

  onLost(listener: () => void): void {
    if (this.#isGone) queueMicrotask(listener)
    else this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#lost.removeEventListener('abort', this.#gone)
    await Promise.all([this.#ours.close(), this.#carrier.close()])
  }

  /** One leg alone is of no use. */
  #onGone(): void {
    if (this.#isGone || this.#isClosing) return
    this.#isGone = true
    for (const listener of this.#listeners) listener()
  }
}
