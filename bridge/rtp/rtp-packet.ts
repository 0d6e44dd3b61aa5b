// RTP packets: RFC 3550 §5.1. Reading never copies and never throws; into a view that is used again and again it makes
// nothing at all.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                           timestamp                           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |           synchronization source (SSRC) identifier            |
//   +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
//   |            contributing source (CSRC) identifiers             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

export const RTP_HEADER_BYTES = 12
const FLAGS = 0
const MARKER_AND_TYPE = 1
const SEQUENCE = 2
const TIMESTAMP = 4
const SSRC = 8

const VERSION_2 = 0x80
const VERSION_BITS = 0xc0
const PADDING_BIT = 0x20
const EXTENSION_BIT = 0x10
const CSRC_COUNT_BITS = 0x0f
const MARKER_BIT = 0x80
const WORD_BYTES = 4
/** RTCP sent to an RTP port (RFC 5761 §4): packet types 192 to 223 fall on marker + payload type 64 to 95. */
const RTCP_FIRST = 192
const RTCP_LAST = 223

/** What is read of one datagram; the same object serves all. */
export interface RtpView {
  marker: boolean
  payloadType: number
  /** 16 bits. */
  sequence: number
  /** 32 bits, in samples. */
  timestamp: number
  ssrc: number
  /** The payload's first byte in the datagram, and the one behind its last. */
  payloadStart: number
  payloadEnd: number
}

export const emptyRtpView = (): RtpView => ({
  marker: false,
  payloadType: 0,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  payloadStart: 0,
  payloadEnd: 0,
})

export type RtpFault = 'too-short' | 'not-version-2' | 'rtcp' | 'bad-extension' | 'bad-padding'

/** Reads a datagram into `view`. What is wrong with it, or null; after a fault the view means nothing. */
export function readRtp(datagram: Uint8Array, view: RtpView): RtpFault | null {
  const length = datagram.length
  // An RTCP packet may be shorter than any RTP packet: a BYE has 8 bytes.
  if (isRtcp(datagram)) return 'rtcp'
  if (length < RTP_HEADER_BYTES) return 'too-short'
  const flags = byteAt(datagram, FLAGS)
  if ((flags & VERSION_BITS) !== VERSION_2) return 'not-version-2'

  let start = RTP_HEADER_BYTES + (flags & CSRC_COUNT_BITS) * WORD_BYTES
  if (start > length) return 'too-short'
  if ((flags & EXTENSION_BIT) !== 0) {
    // §5.3.1: 16 bits of profile, 16 bits of length in words, then the words.
    if (start + WORD_BYTES > length) return 'bad-extension'
    start += WORD_BYTES + uint16At(datagram, start + 2) * WORD_BYTES
    if (start > length) return 'bad-extension'
  }
  let end = length
  if ((flags & PADDING_BIT) !== 0) {
    // The last byte counts the padding, itself included.
    const padding = start < length ? byteAt(datagram, length - 1) : 0
    if (padding === 0 || start + padding > length) return 'bad-padding'
    end -= padding
  }
  const second = byteAt(datagram, MARKER_AND_TYPE)
  view.marker = (second & MARKER_BIT) !== 0
  view.payloadType = second & ~MARKER_BIT
  view.sequence = uint16At(datagram, SEQUENCE)
  view.timestamp = uint32At(datagram, TIMESTAMP)
  view.ssrc = uint32At(datagram, SSRC)
  view.payloadStart = start
  view.payloadEnd = end
  return null
}

/** Version 2, and a packet type that no RTP packet has. */
export function isRtcp(datagram: Uint8Array): boolean {
  const type = byteAt(datagram, MARKER_AND_TYPE)
  return (
    (byteAt(datagram, FLAGS) & VERSION_BITS) === VERSION_2 &&
    type >= RTCP_FIRST &&
    type <= RTCP_LAST
  )
}

export interface RtpHeader {
  readonly marker: boolean
  readonly payloadType: number
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
}

/** Writes a header without CSRC, extension or padding; the payload starts at RTP_HEADER_BYTES. */
export function writeRtpHeader(target: Uint8Array, header: RtpHeader): void {
  target[FLAGS] = VERSION_2
  target[MARKER_AND_TYPE] = (header.marker ? MARKER_BIT : 0) | header.payloadType
  target[SEQUENCE] = header.sequence >>> 8
  target[SEQUENCE + 1] = header.sequence
  writeUint32(target, TIMESTAMP, header.timestamp)
  writeUint32(target, SSRC, header.ssrc)
}

// Every offset was checked against the length by the caller; `?? 0` only satisfies the index check.
const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0
const uint16At = (bytes: Uint8Array, at: number): number =>
  (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1)
const uint32At = (bytes: Uint8Array, at: number): number =>
  ((uint16At(bytes, at) << 16) | uint16At(bytes, at + 2)) >>> 0

function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}
