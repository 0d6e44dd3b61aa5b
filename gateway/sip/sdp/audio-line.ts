// One media line of a session description: which of its formats we speak, where it points, which way it goes
// (RFC 4566 §5.14, RFC 3264 §5–8, RFC 3551 §6). Everything here comes from strangers: nothing throws, nothing is trusted.
import type { MediaDescription, SessionDescription } from 'sdp-transform'
import { TELEPHONE_CODECS, type RtpFormat, type TelephoneCodec } from '#core/contracts'

export type Media = SessionDescription['media'][number]
export type Direction = NonNullable<MediaDescription['direction']>

/** RFC 3551 §6. */
export const STATIC_TYPES: Readonly<Record<TelephoneCodec, number>> = { PCMU: 0, PCMA: 8 }
/** RFC 3389 §4. */
export const COMFORT_NOISE = 13

/** What we speak of one line, in the order of the line. */
export interface AudioFormats {
  readonly voice: readonly [RtpFormat, ...RtpFormat[]]
  /** RFC 4733, at the rate of the voice. `events` as its fmtp says, empty when it does not. */
  readonly telephoneEvent: { readonly payloadType: number; readonly events: string } | undefined
  /** RFC 3389: taken, never sent. */
  readonly hasComfortNoise: boolean
  /** Every payload type of the line, ours or not. */
  readonly payloadTypes: readonly number[]
}

export interface AudioLine {
  readonly media: Media
  readonly formats: AudioFormats
}

/** AVPF only allows feedback that we never send (RFC 4585 §3.1): else the two are the same. */
const PROTOCOLS = ['RTP/AVP', 'RTP/AVPF']

/**
 * The first line that we can use: an answer accepts this one and no other.
 * @param codecs what may be spoken; in which order is the far end's to say
 */
export function usableAudio(
  session: SessionDescription,
  codecs: readonly TelephoneCodec[] = TELEPHONE_CODECS,
): AudioLine | undefined {
  for (const media of session.media) {
    if (media.type !== 'audio' || media.port <= 0 || !PROTOCOLS.includes(media.protocol)) continue
    const formats = formatsOf(media, codecs)
    if (formats) return { media, formats }
  }
  return undefined
}

/**
 * An answer repeats each line that it refuses, at most half as long again (` 0`, CR LF), and has to fit one frame with the
 * headers that a response repeats (validate-request.ts, drachtio-frames.ts).
 */
const LARGEST_SDP_BYTES = 6_000

/** Larger than any offer of a telephone call, and too large to be answered. */
export const isTooLarge = (sdp: string): boolean => Buffer.byteLength(sdp) > LARGEST_SDP_BYTES

/** sdp-transform leaves fields out where a line does not parse, and a port with leading zeros is text to it. */
export const isWhole = ({ type, protocol, port }: Partial<Media>): boolean =>
  type !== undefined && protocol !== undefined && Number.isInteger(port) && Number(port) <= 0xffff

interface Mapping {
  readonly payloadType: number
  /** In upper case; empty when nothing says what the type means. */
  readonly codec: string
}

function formatsOf(media: Media, codecs: readonly TelephoneCodec[]): AudioFormats | undefined {
  const payloadTypes = payloadTypesOf(media)
  const mappings = payloadTypes.map((payloadType) => mappingOf(media, payloadType))
  const [first, ...rest] = mappings.flatMap((mapping) => voiceFormat(mapping, codecs))
  if (!first) return undefined
  const event = mappings.find(({ codec }) => codec === 'TELEPHONE-EVENT')
  return {
    voice: [first, ...rest],
    telephoneEvent: event && {
      payloadType: event.payloadType,
      events: parametersOf(media, event.payloadType),
    },
    hasComfortNoise: mappings.some(
      ({ codec, payloadType }) => codec === 'CN' && payloadType === COMFORT_NOISE,
    ),
    payloadTypes,
  }
}

const voiceFormat = (
  { codec: name, payloadType }: Mapping,
  codecs: readonly TelephoneCodec[],
): RtpFormat[] => codecs.filter((codec) => codec === name).map((codec) => ({ codec, payloadType }))

const STATIC_NAMES: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA', 13: 'CN' }

/** What a rtpmap says counts, also of a static type; its first one, when there are several. */
function mappingOf(media: Media, payloadType: number): Mapping {
  const map = media.rtp.find(({ payload }) => payload === payloadType)
  if (!map) return { payloadType, codec: STATIC_NAMES[payloadType] ?? '' }
  // A codec written in digits comes as a number, and what is missing as nothing, whatever the types say.
  const { codec, rate, encoding }: Readonly<Record<string, unknown>> = { ...map }
  const isOurs = (rate ?? 8000) === 8000 && (encoding ?? 1) === 1
  return { payloadType, codec: isOurs ? String(codec).toUpperCase() : '' }
}

const parametersOf = (media: Media, payloadType: number): string =>
  written(media.fmtp.find(({ payload }) => payload === payloadType)?.config)

/** sdp-transform gives what looks like a number as one, whatever its types say. */
const written = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

export const writtenPayloads = ({ payloads }: Media): string => written(payloads)

const payloadTypesOf = (media: Media): number[] => [
  ...new Set(
    writtenPayloads(media)
      .split(' ')
      .filter((each) => /^\d{1,3}$/.test(each))
      .map(Number)
      .filter(isRtpPayloadType),
  ),
]

/** 64 to 95 would be taken for RTCP (RFC 5761 §4). */
const isRtpPayloadType = (type: number): boolean => type < 64 || (type >= 96 && type <= 127)

export const addressOf = (session: SessionDescription, media: Media): string =>
  media.connection?.ip ?? session.connection?.ip ?? ''

/** The stream's own direction, else the session's (RFC 3264 §6.1); address 0.0.0.0 is the old way to hold (§8.4). */
export function directionOf(session: SessionDescription, media: Media): Direction {
  const direction = media.direction ?? session.direction ?? 'sendrecv'
  if (addressOf(session, media) !== HOLD_ADDRESS) return direction
  return direction === 'sendrecv' || direction === 'sendonly' ? 'sendonly' : 'inactive'
}

const HOLD_ADDRESS = '0.0.0.0'
