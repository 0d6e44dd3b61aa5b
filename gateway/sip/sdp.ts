// SDP offers and answers for one PCMU audio stream (RFC 4566, RFC 3264). Pure; the only import of sdp-transform.
import { isIP } from 'node:net'
import { parse, write, type MediaDescription, type SessionDescription } from 'sdp-transform'
import type { LocalRtp, RemoteRtp } from '#core/contracts'

export type RemoteAudio =
  | {
      readonly kind: 'audio'
      readonly rtp: RemoteRtp
      readonly sends: boolean
      readonly receives: boolean
    }
  | { readonly kind: 'unusable'; readonly why: string }

type Media = SessionDescription['media'][number]

/** Static payload type of PCMU (RFC 3551 §6). */
const PCMU = 0

/** What the far end offers or answers, as far as we can use it. Never throws. */
export function decodeRemoteSdp(sdp: string): RemoteAudio {
  if (!sdp.startsWith('v=')) return { kind: 'unusable', why: 'no SDP' }
  const session = parse(sdp)
  const media = session.media.find(isPlainAudio)
  if (!media) return { kind: 'unusable', why: 'no plain RTP audio stream' }
  const payloadType = pcmuPayloadType(media)
  if (payloadType === undefined) return { kind: 'unusable', why: 'no PCMU' }
  const address = media.connection?.ip ?? session.connection?.ip ?? ''
  if (isIP(address) === 0) return { kind: 'unusable', why: 'no IP address in the connection line' }
  const direction = media.direction ?? session.direction ?? 'sendrecv'
  // 0.0.0.0 is the old way to say hold (RFC 3264 §8.4).
  const held = address === '0.0.0.0'
  return {
    kind: 'audio',
    rtp: { address, port: media.port, payloadType },
    sends: direction === 'sendrecv' || direction === 'sendonly',
    receives: !held && (direction === 'sendrecv' || direction === 'recvonly'),
  }
}

const isPlainAudio = (media: Media): boolean =>
  media.type === 'audio' && media.port > 0 && media.protocol === 'RTP/AVP'

function pcmuPayloadType(media: Media): number | undefined {
  const offered = payloads(media)
  const mapped = media.rtp.find(
    ({ codec, rate, payload }) =>
      codec.toUpperCase() === 'PCMU' && (rate ?? 8000) === 8000 && offered.includes(payload),
  )
  if (mapped) return mapped.payload
  return offered.includes(PCMU) ? PCMU : undefined
}

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
  const offered = parse(offer).media
  const chosen = offered.find(
    (media) => isPlainAudio(media) && pcmuPayloadType(media) !== undefined,
  )
  const media = offered.map((each) =>
    each === chosen
      ? pcmuMedia(description.local, pcmuPayloadType(each) ?? PCMU, mirrored(each))
      : { ...refusedMedia(each) },
  )
  return write(describe(description, media))
}

function mirrored(offered: Media): NonNullable<MediaDescription['direction']> {
  switch (offered.direction) {
    case 'sendonly':
      return 'recvonly'
    case 'recvonly':
      return 'sendonly'
    case 'inactive':
      return 'inactive'
    default:
      return 'sendrecv'
  }
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

function pcmuMedia(
  local: LocalRtp,
  payload: number,
  direction: NonNullable<MediaDescription['direction']>,
): Media {
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
