// Our offers and answers: one audio stream of G.711 and telephone events (RFC 4566, RFC 3264, RFC 4733). Pure.
import { isIP } from 'node:net'
import { parse, write, type SessionDescription } from 'sdp-transform'
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
  writtenPayloads,
  type AudioLine,
  type Direction,
  type Media,
} from './audio-line.ts'

/** Our own description: a session whose id and version stay until `version` is raised. */
export interface LocalDescription {
  readonly local: LocalRtp
  readonly sessionId: number
  readonly version: number
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
  const media = previous === undefined ? [] : parse(previous).media
  const at = Math.max(
    media.findIndex(({ port }) => port > 0),
    0,
  )
  const before = media[at]
  const line = audioMedia(description.local, {
    protocol: before?.protocol ?? 'RTP/AVP',
    voice: formatsOf(description.codecs),
    event: { payloadType: eventTypeOf(before), events: KEYS_AND_FLASH },
    hasComfortNoise: false,
    sharesRtcp: false,
    direction: 'sendrecv',
  })
  const lines =
    media.length === 0 ? [line] : media.map((each, i) => (i === at ? line : refused(each)))
  return write(describe(description, lines))
}

const eventTypeOf = (media: Media | undefined): number =>
  media?.rtp.find(({ codec }) => codec === 'telephone-event')?.payload ?? TELEPHONE_EVENT_TYPE

/**
 * The answer to an offer that `decodeRemoteSdp` found usable: its first codec that is ours, every other stream refused
 * with port 0, in the offer's order and by its numbers (RFC 3264 §6).
 */
export function writeAnswer(description: LocalDescription, offer: string): string {
  const session = parse(offer)
  const chosen = usableAudio(session, description.codecs)
  const lines = session.media.map((media) =>
    chosen?.media === media
      ? answered(description.local, chosen, MIRRORED[directionOf(session, media)])
      : refused(media),
  )
  return write(describe(description, lines))
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

const refused = (offered: Media): Media => ({
  type: offered.type,
  port: 0,
  protocol: offered.protocol,
  payloads: writtenPayloads(offered) || '0',
  rtp: [],
  fmtp: [],
})

function describe(
  { local, sessionId, version }: LocalDescription,
  media: SessionDescription['media'],
): SessionDescription {
  const ipVer = isIP(local.address) === 6 ? 6 : 4
  return {
    version: 0,
    origin: {
      username: '-',
      sessionId,
      sessionVersion: version,
      netType: 'IN',
      ipVer,
      address: local.address,
    },
    name: '-',
    connection: { version: ipVer, ip: local.address },
    timing: { start: 0, stop: 0 },
    media,
  }
}
