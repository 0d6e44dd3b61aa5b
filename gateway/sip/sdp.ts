// SDP offers and answers for one PCMU audio stream (RFC 4566, RFC 3264). Pure; the only import of sdp-transform.
import { isIP } from 'node:net'
import { parse, write, type MediaDescription, type SessionDescription } from 'sdp-transform'
import type { LocalRtp, RemoteRtp } from '#core/contracts'

export type RemoteAudio =
  | { readonly kind: 'audio'; readonly rtp: RemoteRtp; readonly sends: boolean }
  | { readonly kind: 'unusable'; readonly why: string }

/** The family of our RTP socket: it cannot send to the other one. */
export type IpFamily = 4 | 6

type Media = SessionDescription['media'][number]
type Direction = NonNullable<MediaDescription['direction']>

/** Static payload type of PCMU (RFC 3551 §6). */
const PCMU = 0

/** What the far end offers or answers, as far as we can use it. Never throws: SDP comes from strangers. */
export function decodeRemoteSdp(sdp: string, family: IpFamily): RemoteAudio {
  try {
    return sdp.startsWith('v=') ? readSdp(parse(sdp), family) : unusable('no SDP')
  } catch {
    return unusable('malformed SDP') // sdp-transform's own words are of no use to anybody.
  }
}

const unusable = (why: string): RemoteAudio => ({ kind: 'unusable', why })

function readSdp(session: SessionDescription, family: IpFamily): RemoteAudio {
  if (!session.media.every(isWhole)) return unusable('malformed media line')
  const media = session.media.find(isUsableAudio)
  if (!media) return unusable('no plain RTP audio stream with PCMU')
  const payloadType = pcmuPayloadType(media) ?? PCMU
  const address = addressOf(session, media)
  if (!isUnicast(address, family)) return unusable('no address of ours to reach')
  const direction = directionOf(session, media)
  return {
    kind: 'audio',
    rtp: { address, port: media.port, payloadType, receives: isReceiving(direction) },
    sends: direction === 'sendrecv' || direction === 'sendonly',
  }
}

const addressOf = (session: SessionDescription, media: Media): string =>
  media.connection?.ip ?? session.connection?.ip ?? ''

/** The stream's own direction, else the session's (RFC 3264 §6.1); address 0.0.0.0 is the old way to hold (§8.4). */
function directionOf(session: SessionDescription, media: Media): Direction {
  const direction = media.direction ?? session.direction ?? 'sendrecv'
  if (addressOf(session, media) !== HOLD_ADDRESS) return direction
  return direction === 'sendrecv' || direction === 'sendonly' ? 'sendonly' : 'inactive'
}

const HOLD_ADDRESS = '0.0.0.0'

const isReceiving = (direction: Direction): boolean =>
  direction === 'sendrecv' || direction === 'recvonly'

/** Of our family, and neither multicast nor broadcast; 0.0.0.0 holds. */
function isUnicast(address: string, family: IpFamily): boolean {
  if (isIP(address) !== family) return false
  return family === 6 ? !/^ff/i.test(address) : Number(address.split('.')[0]) < 224
}

/** sdp-transform leaves fields out where a line does not parse, whatever its types say. */
const isWhole = ({ type, protocol, port }: Partial<Media>): boolean =>
  type !== undefined && protocol !== undefined && port !== undefined && port <= 0xffff

const isUsableAudio = (media: Media): boolean =>
  media.type === 'audio' &&
  media.port > 0 &&
  media.protocol === 'RTP/AVP' &&
  pcmuPayloadType(media) !== undefined

function pcmuPayloadType(media: Media): number | undefined {
  const offered = payloads(media).filter(isRtpPayloadType)
  // A codec written in digits comes as a number.
  const isPcmu = (codec: unknown): boolean => String(codec).toUpperCase() === 'PCMU'
  const mapped = media.rtp.find(
    ({ codec, rate, payload }) =>
      isPcmu(codec) && (rate ?? 8000) === 8000 && offered.includes(payload),
  )
  if (mapped) return mapped.payload
  const isRemapped = media.rtp.some(({ payload }) => payload === PCMU)
  return offered.includes(PCMU) && !isRemapped ? PCMU : undefined
}

/** 64 to 95 would be taken for RTCP (RFC 5761 §4). */
const isRtpPayloadType = (type: number): boolean => type < 64 || (type >= 96 && type <= 127)

/** sdp-transform gives a lone payload type as a number, whatever its types say. */
function writtenPayloads(media: Media): string {
  const written: unknown = media.payloads
  return typeof written === 'string' || typeof written === 'number' ? String(written) : ''
}

const payloads = (media: Media): number[] =>
  writtenPayloads(media)
    .split(' ')
    .filter((each) => each !== '')
    .map(Number)

/** Our own description: a session whose id and version stay until `version` is raised. */
export interface LocalDescription {
  readonly local: LocalRtp
  readonly sessionId: number
  readonly version: number
}

export const writeOffer = (description: LocalDescription): string =>
  write(describe(description, [pcmuMedia(description.local, PCMU, 'sendrecv')]))

/**
 * The answer to an offer that `decodeRemoteSdp` found usable: its PCMU stream accepted, every other stream refused
 * with port 0, in the offer's order (RFC 3264 §6).
 */
export function writeAnswer(description: LocalDescription, offer: string): string {
  const session = parse(offer)
  const chosen = session.media.find(isUsableAudio)
  const media = session.media.map((each) =>
    each === chosen
      ? pcmuMedia(
          description.local,
          pcmuPayloadType(each) ?? PCMU,
          MIRRORED[directionOf(session, each)],
        )
      : refusedMedia(each),
  )
  return write(describe(description, media))
}

const MIRRORED: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

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

function pcmuMedia(local: LocalRtp, payload: number, direction: Direction): Media {
  return {
    type: 'audio',
    port: local.port,
    protocol: 'RTP/AVP',
    payloads: String(payload),
    rtp: [{ payload, codec: 'PCMU', rate: 8000 }],
    fmtp: [],
    ptime: 20,
    direction,
  }
}

const refusedMedia = (offered: Media): Media => ({
  type: offered.type,
  port: 0,
  protocol: offered.protocol,
  payloads: writtenPayloads(offered) || '0',
  rtp: [],
  fmtp: [],
})
