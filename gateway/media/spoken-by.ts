// What a trunk speaks, where its definition leaves it out, and which of it is ours.
import { TELEPHONE_CODECS, type TelephoneCodec, type Trunk } from '#core/contracts'
import { wordsOf, type Spoken } from '../sip/sdp/carrier-sdp.ts'
import { decodeRemoteSdp, type IpFamily } from '../sip/sdp/remote-sdp.ts'

export const spokenBy = ({ codecs = TELEPHONE_CODECS, srtp = 'off' }: Trunk): Spoken => ({
  codecs,
  srtp,
})

/** Of its codecs those that need no media server. */
export const ownCodecs = (trunk: Trunk): readonly TelephoneCodec[] =>
  spokenBy(trunk).codecs.filter(isTelephoneCodec)

const isTelephoneCodec = (codec: string): codec is TelephoneCodec =>
  (TELEPHONE_CODECS as readonly string[]).includes(codec)

/** Nothing but a media server can carry its calls. */
export const needsServer = (trunk: Trunk): boolean =>
  spokenBy(trunk).srtp === 'required' || ownCodecs(trunk).length === 0

/** A media server stands in its calls from the first INVITE on. */
export const beginsAnchored = (trunk: Trunk): boolean =>
  trunk.media === 'anchored' || needsServer(trunk)

/** Whether a call of the trunk can be taken with this offer at all. */
export const isUsableOffer = (trunk: Trunk, offer: string, family: IpFamily): boolean =>
  beginsAnchored(trunk)
    ? wordsOf(offer, spokenBy(trunk)) !== undefined
    : decodeRemoteSdp(offer, { family, role: 'offer', codecs: ownCodecs(trunk) }).kind === 'audio'
