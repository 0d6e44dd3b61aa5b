// What is said between the carrier and a media server (RFC 3264, RFC 4568): the one audio line the media server is shown
// of the carrier's words, and the carrier's view of the media server's. Pure; SDP comes from strangers: nothing throws.
import { randomBytes } from 'node:crypto'
import { parse, write, type SessionDescription } from 'sdp-transform'
import type { TrunkCodec } from '#core/contracts'
import {
  directionOf,
  isTooLarge,
  isWhole,
  writtenPayloads,
  type Direction,
  type Media,
} from './audio-line.ts'
import {
  describeSession,
  offeredLines,
  refusedLine,
  type SessionOrigin,
} from './own-description.ts'

export type { SessionOrigin }

/** What a trunk speaks, the preferred codec first. */
export interface Spoken {
  readonly codecs: readonly TrunkCodec[]
  readonly srtp: 'off' | 'required'
}

/** The carrier's words, as the media server is to see them. */
export interface CarrierWords {
  /** One audio line, nothing but what the trunk speaks. */
  readonly sdp: string
  readonly direction: Direction
  /** Which line of the carrier's it is. */
  readonly at: number
}

type Rtp = Media['rtp'][number]

const CLOCKS: Readonly<
  Record<TrunkCodec, { readonly type: number; readonly rtpmap: Omit<Rtp, 'payload'> }>
> = {
  PCMU: { type: 0, rtpmap: { codec: 'PCMU', rate: 8000 } },
  PCMA: { type: 8, rtpmap: { codec: 'PCMA', rate: 8000 } },
  // Its clock says 8000 for history's sake (RFC 3551 §4.5.2).
  G722: { type: 9, rtpmap: { codec: 'G722', rate: 8000 } },
  opus: { type: 96, rtpmap: { codec: 'opus', rate: 48_000, encoding: 2 } },
}
const TELEPHONE_EVENT: Rtp = { payload: 101, codec: 'telephone-event', rate: 8000 }
const KEYS = '0-16'
/** The one suite that everybody has (RFC 4568 §6.2.1), and the one that FreeSWITCH answers first. */
const SUITE = 'AES_CM_128_HMAC_SHA1_80'
const KEY_AND_SALT_BYTES = 30
/** RFC 863: whoever sends there means nobody. */
const DISCARD_PORT = 9

const PLAIN = ['RTP/AVP', 'RTP/AVPF']
const SECURE = ['RTP/SAVP', 'RTP/SAVPF']

/** Undefined when the carrier says nothing that the trunk speaks. */
export function wordsOf(sdp: string, spoken: Spoken): CarrierWords | undefined {
  const session = parsed(sdp)
  if (!session) return undefined
  for (const [at, media] of session.media.entries()) {
    const line = reduced(session, media, spoken)
    if (line) return { sdp: line, direction: directionOf(session, media), at }
  }
  return undefined
}

function parsed(sdp: string): SessionDescription | undefined {
  if (isTooLarge(sdp)) return undefined
  try {
    const session = sdp.startsWith('v=') ? parse(sdp) : undefined
    return session?.media.every(isWhole) === true ? session : undefined
  } catch {
    return undefined // sdp-transform's own words are of no use to anybody.
  }
}

function reduced(session: SessionDescription, media: Media, spoken: Spoken): string | undefined {
  const protocols = spoken.srtp === 'required' ? SECURE : PLAIN
  if (media.type !== 'audio' || media.port <= 0 || !protocols.includes(media.protocol))
    return undefined
  const voice = voiceOf(media, spoken.codecs)
  const crypto = spoken.srtp === 'required' ? media.crypto : undefined
  if (voice.length === 0 || (spoken.srtp === 'required' && !crypto?.length)) return undefined
  const events = media.rtp.filter(({ codec }) => codec.toLowerCase() === 'telephone-event')
  const rtp = [...voice, ...events]
  const types = new Set(rtp.map(({ payload }) => payload))
  const direction = media.direction ?? session.direction
  const connection = media.connection ?? session.connection
  const line: Media = {
    type: 'audio',
    port: media.port,
    // AVPF only allows feedback that nobody here sends (RFC 4585 §3.1); FreeSWITCH takes it for a browser.
    protocol: spoken.srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP',
    payloads: [...types].join(' '),
    rtp,
    fmtp: media.fmtp.filter(({ payload }) => types.has(payload)),
    ...(connection ? { connection } : {}),
    ...(direction ? { direction } : {}),
    ...(media.ptime === undefined ? {} : { ptime: media.ptime }),
    ...(media.rtcp ? { rtcp: media.rtcp } : {}),
    ...(media.rtcpMux === undefined ? {} : { rtcpMux: media.rtcpMux }),
    ...(crypto ? { crypto } : {}),
  }
  const { version, origin, timing } = session
  return write({ version, origin, name: '-', timing, media: [line] })
}

/** In the order the trunk prefers: the media server takes the first. */
function voiceOf(media: Media, codecs: readonly TrunkCodec[]): Rtp[] {
  const named = writtenPayloads(media)
    .split(' ')
    .flatMap((type) => mappingOf(media, Number(type)) ?? [])
  return codecs.flatMap((wanted) =>
    named.filter(
      ({ codec, rate }) =>
        codec.toLowerCase() === wanted.toLowerCase() && rate === CLOCKS[wanted].rtpmap.rate,
    ),
  )
}

function mappingOf(media: Media, payload: number): Rtp | undefined {
  const written = media.rtp.find((each) => each.payload === payload)
  if (written) return written
  const known = Object.values(CLOCKS).find(({ type }) => type === payload && payload < 96)
  return known && { payload, ...known.rtpmap }
}

/** Not yet an offer of anybody's: makes the media server open a port, and say by which key it will send. */
export function placeholder({ codecs, srtp }: Spoken, address: string): string {
  const key = randomBytes(KEY_AND_SALT_BYTES).toString('base64')
  const line: Media = {
    ...offeredLine(codecs, srtp),
    port: DISCARD_PORT,
    direction: 'inactive',
    ...(srtp === 'required' ? { crypto: [{ id: 1, suite: SUITE, config: `inline:${key}` }] } : {}),
  }
  return write(describeSession(address, { sessionId: 1, version: 1 }, [line]))
}

/**
 * The media server's place offered to the carrier.
 * @param mediaServer its words about its own port
 * @param previous what the carrier was told last: a new offer keeps its lines and its numbers (RFC 3264 §8)
 */
export function offerFor(
  mediaServer: string,
  spoken: Spoken,
  origin: SessionOrigin,
  previous?: string,
): string {
  const theirs = parse(mediaServer)
  const place = theirs.media[0]
  const line: Media = {
    ...offeredLine(spoken.codecs, spoken.srtp),
    port: place?.port ?? 0,
    ...(place?.crypto ? { crypto: place.crypto } : {}),
    direction: 'sendrecv',
  }
  const lines = offeredLines(previous, () => line)
  return write(describeSession(addressIn(theirs), origin, lines))
}

/** The media server's answer in the carrier's form: every line of the offer, all but one refused (RFC 3264 §6). */
export function answerFor(
  offer: string,
  at: number,
  mediaServer: string,
  origin: SessionOrigin,
): string {
  const theirs = parse(mediaServer)
  const [place] = theirs.media
  const lines = parse(offer).media.map((each, i) =>
    i === at && place ? { ...place, protocol: each.protocol } : refusedLine(each),
  )
  return write(describeSession(addressIn(theirs), origin, lines))
}

/** By which keys its sender encrypts; empty when it does not. */
export const keysIn = (sdp: string): string =>
  (parsed(sdp)?.media ?? [])
    .flatMap(({ crypto }) => crypto ?? [])
    .map(({ suite, config }) => `${suite} ${config}`)
    .join()

function offeredLine(codecs: readonly TrunkCodec[], srtp: Spoken['srtp']): Media {
  const rtp: Rtp[] = [
    ...codecs.map((codec) => ({ payload: CLOCKS[codec].type, ...CLOCKS[codec].rtpmap })),
    TELEPHONE_EVENT,
  ]
  return {
    type: 'audio',
    port: 0,
    protocol: srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP',
    payloads: rtp.map(({ payload }) => payload).join(' '),
    rtp,
    fmtp: [{ payload: TELEPHONE_EVENT.payload, config: KEYS }],
    ptime: 20,
  }
}

const addressIn = ({ connection, media }: SessionDescription): string =>
  media[0]?.connection?.ip ?? connection?.ip ?? ''
