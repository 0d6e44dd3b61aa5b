// A call's audio through a media server. Two ways there: trunks with `media: anchored` begin there, before the INVITE or
// before the 200 OK; calls that we place by other trunks begin with our own RTP port and are moved by a re-INVITE once
// they are answered, those that we take are anchored with the answer. Where it fails, what can stays with our own port.
//
// When the media server is lost in the middle of a call: one that plain G.711 is enough for is moved back to our own port
// by a re-INVITE at once; one that needs the media server ends with `media-server-lost`.
import { ms, termination, type LocalRtp, type RemoteRtp, type Trunk } from '#core/contracts'
import { AppError, messageOf } from '#core/errors'
import { inBackground } from '#core/telemetry'
import {
  answerFor,
  keysIn,
  offerFor,
  wordsOf,
  type CarrierWords,
  type Spoken,
} from '../sip/sdp/carrier-sdp.ts'
import { writeOffer } from '../sip/sdp/local-sdp.ts'
import { decodeRemoteSdp, type IpFamily } from '../sip/sdp/remote-sdp.ts'
import type { Reanswer, SipDialog } from '../sip/sip-port.ts'
import type { Described, DescribedLeg, Description, RemoteWords } from './description.ts'
import type { DirectDescription } from './direct.ts'
import type { MediaAnchor, MediaServer } from './media-server-port.ts'
import { beginsAnchored, needsServer, spokenBy } from './spoken-by.ts'

const REINVITE_WITHIN = ms(8000)
/** Keys are told anew once; a carrier that answers with a new one each time would be asked for ever. */
const MAX_REKEYS = 2

export interface AnchoredParts {
  readonly server: MediaServer
  readonly family: IpFamily
  /** Our own RTP port in the carrier's eyes; its session goes on with what the media server says. */
  readonly direct: DirectDescription
}

export class AnchoredDescription implements Description {
  readonly #session: DescribedLeg
  readonly #trunk: Trunk
  readonly #spoken: Spoken
  readonly #local: LocalRtp
  readonly #parts: AnchoredParts
  #anchor: MediaAnchor | undefined
  #dialog: SipDialog | undefined
  /** The keys that the carrier was last told we encrypt by. */
  #toldKeys = ''
  /** Of the carrier's last description that was taken. */
  #taken: CarrierWords | undefined
  #rekeys = 0
  #isClosed = false

  constructor({ session, trunk, local }: Described, parts: AnchoredParts) {
    this.#session = session
    this.#trunk = trunk
    this.#spoken = spokenBy(trunk)
    this.#local = local
    this.#parts = parts
  }

  async offer(): Promise<string> {
    if (!this.#beginsAnchored) return this.#parts.direct.offer()
    return this.#offerOf(await this.#open())
  }

  async answer(offer: string): Promise<string> {
    const words = wordsOf(offer, this.#spoken)
    if (!words) return this.#directly(offer, 'nothing that the media server may speak')
    try {
      const anchor = await this.#open(words.sdp)
      this.#took(anchor, words)
      const { origin } = this.#parts.direct
      this.#notePath('media-server')
      return this.#told(answerFor(offer, words.at, anchor.sdp, origin.next()))
    } catch (error) {
      if (this.#beginsAnchored) throw error
      return this.#directly(offer, messageOf(error))
    }
  }

  takeRemote(words: RemoteWords, role: 'offer' | 'answer'): boolean {
    // Of an offer nothing is known yet but whether it can be taken.
    if (role === 'offer' || !this.#anchor)
      return this.#beginsAnchored
        ? wordsOf(words.sdp, this.#spoken) !== undefined
        : this.#parts.direct.takeRemote(words, role)
    const said = wordsOf(words.sdp, this.#spoken)
    if (!said) return false
    inBackground(this.#accept(this.#anchor, said), this.#session.logger, 'taking an answer')
    return true
  }

  takeAnswer(answer: string | undefined, sourceAddress: string): void {
    if (!this.#anchor) {
      if (!this.#beginsAnchored) this.#parts.direct.takeAnswer(answer, sourceAddress)
      return
    }
    if (answer === undefined) return
    if (this.takeRemote({ sdp: answer, sourceAddress }, 'answer') || this.#taken) return
    this.#session.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
  }

  async reanswer(offer: string, sourceAddress: string): Promise<Reanswer> {
    const anchor = this.#anchor
    if (!anchor) return this.#parts.direct.reanswer(offer, sourceAddress)
    if (offer === '') return { sdp: this.#offerOf(anchor) }
    const words = wordsOf(offer, this.#spoken)
    const answer = words && (await anchor.reanswer(words.sdp))
    if (!words || answer === undefined) return { status: 488 }
    this.#took(anchor, words)
    const { origin } = this.#parts.direct
    return { sdp: this.#told(answerFor(offer, words.at, answer, origin.next())) }
  }

  answered(dialog: SipDialog): void {
    this.#dialog = dialog
    const { logger, identity } = this.#session
    if (this.#anchor) {
      if (identity.direction === 'outbound') this.#notePath('media-server')
      inBackground(this.#tellKeys(this.#anchor), logger, 'telling the carrier our key')
    } else if (identity.direction === 'outbound' && this.#parts.server.isConnected)
      inBackground(this.#move(dialog), logger, 'moving a call to the media server')
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#anchor?.close()
  }

  get #beginsAnchored(): boolean {
    return beginsAnchored(this.#trunk)
  }

  /** @throws AppError `MEDIA_SERVER_FAILED` */
  async #open(offer?: string): Promise<MediaAnchor> {
    const { server } = this.#parts
    const { callId } = this.#session.identity
    const anchor = await server.anchor({
      callId,
      ...this.#ours(),
      ...this.#spoken,
      ...(offer === undefined ? {} : { offer }),
    })
    if (this.#isClosed) {
      await anchor.close()
      throw new AppError('MEDIA_SERVER_FAILED', 'the call ended meanwhile')
    }
    this.#anchor = anchor
    anchor.onLost(() =>
      inBackground(this.#lost(anchor), this.#session.logger, 'a lost media server'),
    )
    return anchor
  }

  /** The media server is near: it is told the port as we see it, not as carriers do. */
  #ours(): { readonly ours: string; readonly ourAddress: string } {
    const { nearAddress = this.#local.address } = this.#parts.server
    const ourAddress = isWildcard(this.#local.address) ? nearAddress : this.#local.address
    const local = { ...this.#local, address: ourAddress }
    return { ours: writeOffer({ local, sessionId: 1, version: 1 }), ourAddress }
  }

  #offerOf(anchor: MediaAnchor): string {
    const { origin } = this.#parts.direct
    return this.#told(offerFor(anchor.sdp, this.#spoken, origin.next(), origin.said))
  }

  #told(sdp: string): string {
    this.#toldKeys = keysIn(sdp)
    return this.#parts.direct.origin.say(sdp)
  }

  /** Neither the media server nor our RTP is told twice: an early answer is repeated by the final one. */
  async #accept(anchor: MediaAnchor, words: CarrierWords): Promise<void> {
    if (words.sdp === this.#taken?.sdp) return
    this.#took(anchor, words)
    try {
      await anchor.accept(words.sdp)
    } catch (error) {
      if (this.#session.isEnding() || this.#anchor !== anchor) return
      this.#session.logger.warn({ detail: messageOf(error) }, 'the carrier’s answer is of no use')
      this.#session.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
      return
    }
    await this.#tellKeys(anchor)
  }

  /**
   * FreeSWITCH takes a new key of its own whenever the carrier's is new, as it is in an answer: told by a re-INVITE.
   * Until then the carrier is heard and hears nothing.
   */
  async #tellKeys(anchor: MediaAnchor): Promise<void> {
    const dialog = this.#dialog
    if (!dialog || keysIn(anchor.sdp) === this.#toldKeys || this.#session.isEnding()) return
    this.#rekeys += 1
    const answer =
      this.#rekeys > MAX_REKEYS
        ? { status: 488 }
        : await dialog.reinvite(this.#offerOf(anchor), REINVITE_WITHIN)
    const words = 'sdp' in answer ? wordsOf(answer.sdp, this.#spoken) : undefined
    if (words) await this.#accept(anchor, words)
    else this.#session.end(termination('upstream_error', 'media-not-acceptable', 'gateway'))
  }

  /** From here on the call's audio goes this way, as the carrier said. */
  #took(anchor: MediaAnchor, words: CarrierWords): void {
    this.#taken = words
    const { family } = this.#parts
    const near = decodeRemoteSdp(anchor.towardsUs, { family, role: 'answer' })
    if (near.kind === 'audio') this.#session.setRemote({ ...near.rtp, ...flowOf(words) })
  }

  #directly(offer: string, detail: string): Promise<string> {
    this.#notePath('direct', detail)
    return this.#parts.direct.answer(offer)
  }

  async #move(dialog: SipDialog): Promise<void> {
    let anchor: MediaAnchor | undefined
    try {
      anchor = await this.#open()
      this.#anchor = undefined // Until the carrier agreed.
      const answer = await dialog.reinvite(this.#offerOf(anchor), REINVITE_WITHIN)
      if ('status' in answer) throw failed(`the re-INVITE was refused with ${answer.status}`)
      await this.#moved(anchor, dialog, wordsOf(answer.sdp, this.#spoken))
    } catch (error) {
      await anchor?.close()
      if (!this.#session.isEnding()) this.#notePath('direct', messageOf(error))
    }
  }

  /** The carrier sends to the media server now: when that cannot be taken, it is asked to come back. */
  async #moved(anchor: MediaAnchor, dialog: SipDialog, words: CarrierWords | undefined) {
    try {
      if (!words) throw failed('the answer was of no use')
      await anchor.accept(words.sdp)
      this.#anchor = anchor
      this.#took(anchor, words)
      this.#notePath('media-server')
    } catch (error) {
      await anchor.close()
      this.#session.logger.warn({ detail: messageOf(error) }, 'a call is moved back')
      if (await this.#moveBack(dialog, messageOf(error))) return
      this.#session.end(termination('server_error', 'media-server-lost', 'gateway'))
    }
  }

  async #lost(anchor: MediaAnchor): Promise<void> {
    if (this.#anchor !== anchor || this.#session.isEnding()) return
    this.#session.timeline.note('media.server_lost', {})
    this.#anchor = undefined
    await anchor.close()
    const dialog = this.#dialog
    if (
      dialog &&
      !needsServer(this.#trunk) &&
      (await this.#moveBack(dialog, 'the media server was lost'))
    )
      return
    this.#session.end(termination('server_error', 'media-server-lost', 'gateway'))
  }

  /** @returns false when the carrier would not */
  async #moveBack(dialog: SipDialog, why: string): Promise<boolean> {
    const { direct } = this.#parts
    try {
      const answer = await dialog.reinvite(await direct.offer(), REINVITE_WITHIN)
      if ('status' in answer) return false
      const { sourceAddress } = dialog
      if (!direct.takeRemote({ sdp: answer.sdp, sourceAddress }, 'answer')) return false
      this.#notePath('direct', why)
      return true
    } catch (error) {
      this.#session.logger.warn({ err: error }, 'a call could not be moved to our own port')
      return false
    }
  }

  #notePath(through: 'media-server' | 'direct', detail?: string): void {
    this.#session.timeline.note('media.path', {
      through,
      ...(detail === undefined ? {} : { detail }),
    })
  }
}

const failed = (why: string): AppError => new AppError('MEDIA_SERVER_FAILED', why)

/** The media server goes on by itself where the carrier holds: our side must know. */
const flowOf = ({ direction }: CarrierWords): Pick<RemoteRtp, 'receives' | 'sends'> => ({
  receives: direction === 'sendrecv' || direction === 'recvonly',
  sends: direction === 'sendrecv' || direction === 'sendonly',
})

const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::'
