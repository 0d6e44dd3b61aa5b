// What the far end's SDP says of its audio, as RemoteRtp (RFC 4566, RFC 3264). Pure. Packet times are not read: we send
// 20 ms whatever ptime or maxptime asks for, which every receiver takes (RFC 3551 §4.2).
import { isIP } from 'node:net'
import { parse, type SessionDescription } from 'sdp-transform'
import type { RemoteRtp, RtpFormat, TelephoneCodec } from '#core/contracts'
import {
  addressOf,
  directionOf,
  isTooLarge,
  isWhole,
  STATIC_TYPES,
  usableAudio,
  type AudioFormats,
  type AudioLine,
  type Media,
} from './audio-line.ts'

export type RemoteAudio =
  | { readonly kind: 'audio'; readonly rtp: RemoteRtp }
  | { readonly kind: 'unusable'; readonly why: string }

/** The family of our RTP socket: it cannot send to the other one. */
export type IpFamily = 4 | 6

export interface SdpContext {
  readonly family: IpFamily
  /** An answer is about what we offered. */
  readonly role: 'offer' | 'answer'
  /** Where the SIP message came from; empty when nobody knows. */
  readonly sourceAddress?: string
  /** What may be spoken. Absent: all we speak. */
  readonly codecs?: readonly TelephoneCodec[]
}

/** What the far end offers or answers, as far as we can use it. Never throws: SDP comes from strangers. */
export function decodeRemoteSdp(sdp: string, context: SdpContext): RemoteAudio {
  if (isTooLarge(sdp)) return unusable('SDP too large')
  try {
    return sdp.startsWith('v=') ? readSdp(parse(sdp), context) : unusable('no SDP')
  } catch {
    return unusable('malformed SDP') // sdp-transform's own words are of no use to anybody.
  }
}

const unusable = (why: string): RemoteAudio => ({ kind: 'unusable', why })

function readSdp(session: SessionDescription, context: SdpContext): RemoteAudio {
  if (!session.media.every(isWhole)) return unusable('malformed media line')
  const line = usableAudio(session, context.codecs)
  if (!line) return unusable('no plain RTP audio stream with PCMU or PCMA')
  const address = addressOf(session, line.media)
  if (!isUnicast(address, context.family)) return unusable('no address of ours to reach')
  const direction = directionOf(session, line.media)
  const rtp: RemoteRtp = {
    address,
    port: line.media.port,
    formats: context.role === 'answer' ? withOurTypes(line.formats) : line.formats.voice,
    telephoneEventType: line.formats.telephoneEvent?.payloadType ?? null,
    rtcpPort: rtcpPortOf(line, context),
    receives: direction === 'sendrecv' || direction === 'recvonly',
    sends: direction === 'sendrecv' || direction === 'sendonly',
    ...signallingAddress(context),
  }
  return { kind: 'audio', rtp }
}

/**
 * An answer that gives a codec another number than our offer did tells what to send it (RFC 3264 §6.1); what it sends
 * itself may still go by ours.
 */
function withOurTypes({ voice, payloadTypes }: AudioFormats): RemoteRtp['formats'] {
  const ours = [...new Set(voice.map(({ codec }) => codec))]
    .map((codec): RtpFormat => ({ codec, payloadType: STATIC_TYPES[codec] }))
    .filter(({ payloadType }) => !payloadTypes.includes(payloadType))
  const [first, ...rest] = voice
  return [first, ...rest, ...ours]
}

/** Shared only where it is offered and we agree: we never offer it (RFC 5761 §5.1.1). Of RFC 3605 the port counts. */
function rtcpPortOf({ media }: AudioLine, { role }: SdpContext): number {
  if (role === 'offer' && sharesRtcp(media)) return media.port
  const given: unknown = media.rtcp?.port
  if (typeof given === 'number' && given > 0 && given <= 0xffff) return given
  return Math.min(media.port + 1, 0xffff)
}

const sharesRtcp = (media: Media): boolean => media.rtcpMux !== undefined

/** Of our family, and neither multicast nor broadcast; 0.0.0.0 holds. */
function isUnicast(address: string, family: IpFamily): boolean {
  if (isIP(address) !== family) return false
  return family === 6 ? !/^ff/i.test(address) : Number(address.split('.')[0]) < 224
}

/** Signalling of the other family says nothing about audio of this one. */
const signallingAddress = ({
  sourceAddress = '',
  family,
}: SdpContext): Pick<RemoteRtp, 'signallingAddress'> =>
  isIP(sourceAddress) === family ? { signallingAddress: sourceAddress } : {}
