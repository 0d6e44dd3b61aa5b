// Our offers and answers: one audio stream of G.711 and telephone events (RFC 4566, RFC 3264, RFC 4733). Pure.
import { parse, write } from 'sdp-transform'
import {
  FRAME_MS,
  TELEPHONE_CODECS,
  type LocalRtp,
  type RtpFormat,
  type TelephoneCodec,
} from '#core/contracts'
import {
  COMFORT_NOISE,
  directionOf,
  STATIC_TYPES,
  usableAudio,
  type AudioLine,
  type Direction,
  type Media,
} from './audio-line.ts'
import {
  describeSession,
  offeredLines,
  refusedLine,
  type SessionOrigin,
} from './own-description.ts'

/** Our own description: a session whose id and version stay until `version` is raised. */
export interface LocalDescription extends SessionOrigin {
  readonly local: LocalRtp
  /** What is offered and taken, the preferred first. Absent: all we speak. */
  readonly codecs?: readonly TelephoneCodec[]
}

/** What nearly everybody uses; a dynamic type means nothing by itself. */
const TELEPHONE_EVENT_TYPE = 101
/** The sixteen keys, and with 16 the hook flash of old telephones (RFC 4733 §3.2). */
const KEYS_AND_FLASH = '0-16'
const KEYS = '0-15'

const formatsOf = (codecs: readonly TelephoneCodec[] = TELEPHONE_CODECS): readonly RtpFormat[] =>
  codecs.map((codec) => ({ codec, payloadType: STATIC_TYPES[codec] }))

/**
 * All we can.
 * @param previous our last description of this session: a new offer keeps its lines and its numbers (RFC 3264 §8)
 */
export function writeOffer(description: LocalDescription, previous?: string): string {
  const { local, codecs } = description
  const lines = offeredLines(previous, (before) =>
    audioMedia(local, {
      protocol: before?.protocol ?? 'RTP/AVP',
      voice: formatsOf(codecs),
      event: { payloadType: eventTypeOf(before), events: KEYS_AND_FLASH },
      hasComfortNoise: false,
      sharesRtcp: false,
      direction: 'sendrecv',
    }),
  )
  return write(describeSession(local.address, description, lines))
}

const eventTypeOf = (media: Media | undefined): number =>
  media?.rtp.find(({ codec }) => codec === 'telephone-event')?.payload ?? TELEPHONE_EVENT_TYPE

/**
 * The answer to an offer that `decodeRemoteSdp` found usable: its first codec that is ours, every other stream refused
 * with port 0, in the offer's order and by its numbers (RFC 3264 §6).
 */
export function writeAnswer(description: LocalDescription, offer: string): string {
  const session = parse(offer)
  const { local, codecs } = description
  const chosen = usableAudio(session, codecs)
  const lines = session.media.map((media) =>
    chosen?.media === media
      ? answered(local, chosen, MIRRORED[directionOf(session, media)])
      : refusedLine(media),
  )
  return write(describeSession(local.address, description, lines))
}

function answered(local: LocalRtp, { media, formats }: AudioLine, direction: Direction): Media {
  const { voice, telephoneEvent: offered, hasComfortNoise } = formats
  // What is received is said by the receiver: all keys; the flash only to those who have it.
  const events = offered?.events === KEYS_AND_FLASH ? KEYS_AND_FLASH : KEYS
  return audioMedia(local, {
    protocol: media.protocol,
    voice: [voice[0]],
    event: offered && { payloadType: offered.payloadType, events },
    hasComfortNoise,
    sharesRtcp: media.rtcpMux !== undefined,
    direction,
  })
}

const MIRRORED: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

interface AudioWords {
  readonly protocol: string
  readonly voice: readonly RtpFormat[]
  readonly event: { readonly payloadType: number; readonly events: string } | undefined
  readonly hasComfortNoise: boolean
  readonly sharesRtcp: boolean
  readonly direction: Direction
}

/** Without `a=rtcp`: ours is where everybody looks for it, one port above. */
function audioMedia(local: LocalRtp, words: AudioWords): Media {
  const { protocol, voice, event, hasComfortNoise, sharesRtcp, direction } = words
  const rtp = [
    ...voice.map(({ codec, payloadType }) => mapped(payloadType, codec)),
    ...(hasComfortNoise ? [mapped(COMFORT_NOISE, 'CN')] : []),
    ...(event ? [mapped(event.payloadType, 'telephone-event')] : []),
  ]
  return {
    type: 'audio',
    port: local.port,
    protocol,
    payloads: rtp.map(({ payload }) => payload).join(' '),
    rtp,
    fmtp: event ? [{ payload: event.payloadType, config: event.events }] : [],
    ptime: FRAME_MS,
    direction,
    ...(sharesRtcp ? { rtcpMux: 'rtcp-mux' as const } : {}),
  }
}

const mapped = (payload: number, codec: string): Media['rtp'][number] => ({
  payload,
  codec,
  rate: 8000,
})
