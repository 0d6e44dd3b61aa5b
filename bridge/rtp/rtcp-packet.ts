// RTCP packets: RFC 3550 §6.4 to §6.6. Written into a buffer that is given; read without ever throwing, and only whole.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |V=2|P|    RC   |   PT          |   length in words, less one   |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                         SSRC of sender                        |
//   +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
import { isRtcp } from './rtp-packet.ts'

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const SOURCE_DESCRIPTION = 202
const BYE = 203

const VERSION_2 = 0x80
const PADDING_BIT = 0x20
const COUNT_BITS = 0x1f
const WORD_BYTES = 4
const HEADER_BYTES = 4
const SENDER_INFO_BYTES = 20
const BLOCK_BYTES = 24
const CNAME = 1
const MAX_CNAME_BYTES = 32
/** Sums of 24 bits with sign (§6.4.1). */
const MAX_CUMULATIVE = 0x7fffff
/** A report with one block, a source description and a BYE. */
export const MAX_RTCP_BYTES =
  HEADER_BYTES + WORD_BYTES + SENDER_INFO_BYTES + BLOCK_BYTES + 12 + MAX_CNAME_BYTES + 8

/** What one end says of a stream it receives (§6.4.1). */
export interface ReportBlock {
  readonly ssrc: number
  /** Of 256. */
  readonly fractionLost: number
  readonly cumulativeLost: number
  readonly highestSequence: number
  /** In units of the timestamp. */
  readonly jitter: number
  /** The middle 32 bits of the last sender report's time; 0 when there was none. */
  readonly lastReport: number
  /** Since that report arrived, in 1/65536 s. */
  readonly delaySinceLastReport: number
}

/** What a sender says of its own stream. */
export interface SenderInfo {
  readonly ntpSeconds: number
  /** Of 2³². */
  readonly ntpFraction: number
  readonly rtpTimestamp: number
  readonly packets: number
  readonly octets: number
}

export type RtcpPacket =
  | {
      readonly kind: 'sender-report'
      readonly ssrc: number
      readonly sender: SenderInfo
      readonly blocks: readonly ReportBlock[]
    }
  | {
      readonly kind: 'receiver-report'
      readonly ssrc: number
      readonly blocks: readonly ReportBlock[]
    }
  | { readonly kind: 'bye'; readonly ssrcs: readonly number[] }
  /** Names nobody needs, feedback, extended reports. */
  | { readonly kind: 'other'; readonly type: number }

/** One compound packet of ours. */
export interface RtcpReport {
  readonly ssrc: number
  readonly cname: string
  /** Null of one that has sent nothing: then it is a receiver report. */
  readonly sender: SenderInfo | null
  readonly block: ReportBlock | null
  readonly isBye: boolean
}

/** Writes a compound packet into `target`, MAX_RTCP_BYTES long. Returns its length. */
export function writeRtcp(target: Uint8Array, report: RtcpReport): number {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  let at = writeReport(view, report)
  at = writeSourceDescription(view, at, report)
  if (report.isBye) {
    writeHeader(view, at, { count: 1, type: BYE, bytes: 8 })
    view.setUint32(at + 4, report.ssrc)
    at += 8
  }
  return at
}

function writeReport(view: DataView, { ssrc, sender, block }: RtcpReport): number {
  const count = block === null ? 0 : 1
  const bytes =
    HEADER_BYTES +
    WORD_BYTES +
    (sender === null ? 0 : SENDER_INFO_BYTES) +
    (block === null ? 0 : BLOCK_BYTES)
  writeHeader(view, 0, { count, type: sender === null ? RECEIVER_REPORT : SENDER_REPORT, bytes })
  view.setUint32(4, ssrc)
  let at = HEADER_BYTES + WORD_BYTES
  if (sender !== null) {
    view.setUint32(at, sender.ntpSeconds)
    view.setUint32(at + 4, sender.ntpFraction)
    view.setUint32(at + 8, sender.rtpTimestamp)
    view.setUint32(at + 12, sender.packets)
    view.setUint32(at + 16, sender.octets)
    at += SENDER_INFO_BYTES
  }
  if (block !== null) writeBlock(view, at, block)
  return bytes
}

function writeBlock(view: DataView, at: number, block: ReportBlock): void {
  view.setUint32(at, block.ssrc)
  view.setUint32(at + 4, Math.min(block.cumulativeLost, MAX_CUMULATIVE) & 0xffffff)
  view.setUint8(at + 4, Math.min(block.fractionLost, 0xff))
  view.setUint32(at + 8, block.highestSequence)
  view.setUint32(at + 12, block.jitter)
  view.setUint32(at + 16, block.lastReport)
  view.setUint32(at + 20, block.delaySinceLastReport)
}

function writeSourceDescription(view: DataView, at: number, report: RtcpReport): number {
  const { ssrc } = report
  const cname = report.cname.slice(0, MAX_CNAME_BYTES)
  // The chunk ends with at least one zero, and on a whole word (§6.5).
  const chunkBytes = WORD_BYTES + Math.floor((2 + cname.length) / WORD_BYTES + 1) * WORD_BYTES
  const bytes = HEADER_BYTES + chunkBytes
  writeHeader(view, at, { count: 1, type: SOURCE_DESCRIPTION, bytes })
  view.setUint32(at + 4, ssrc)
  view.setUint8(at + 8, CNAME)
  view.setUint8(at + 9, cname.length)
  for (let index = 0; index < cname.length; index += 1)
    view.setUint8(at + 10 + index, cname.charCodeAt(index) & 0x7f)
  for (let zero = at + 10 + cname.length; zero < at + bytes; zero += 1) view.setUint8(zero, 0)
  return at + bytes
}

interface Header {
  readonly count: number
  readonly type: number
  readonly bytes: number
}

function writeHeader(view: DataView, at: number, { count, type, bytes }: Header): void {
  view.setUint8(at, VERSION_2 | count)
  view.setUint8(at + 1, type)
  view.setUint16(at + 2, bytes / WORD_BYTES - 1)
}

/** Every packet of a compound one, in order; null when any of it does not add up (appendix A.2). */
export function decodeRtcp(datagram: Uint8Array): readonly RtcpPacket[] | null {
  const packets: RtcpPacket[] = []
  let at = 0
  while (at < datagram.length) {
    const rest = datagram.subarray(at)
    if (rest.length < HEADER_BYTES || !isRtcp(rest)) return null
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength)
    const bytes = (view.getUint16(2) + 1) * WORD_BYTES
    if (bytes > rest.length) return null
    // Only the last may be padded (§6.4.1), and its padding is of whole words.
    const isPadded = (view.getUint8(0) & PADDING_BIT) !== 0
    const padding = isPadded ? view.getUint8(bytes - 1) : 0
    if (isPadded && (bytes < rest.length || !isPadding(padding, bytes))) return null
    const packet = decodePacket(new DataView(rest.buffer, rest.byteOffset, bytes - padding))
    if (packet === null) return null
    packets.push(packet)
    at += bytes
  }
  return packets.length === 0 ? null : packets
}

const isPadding = (padding: number, bytes: number): boolean =>
  padding > 0 && padding % WORD_BYTES === 0 && padding <= bytes - HEADER_BYTES

function decodePacket(view: DataView): RtcpPacket | null {
  const type = view.getUint8(1)
  switch (type) {
    case SENDER_REPORT:
      return decodeSenderReport(view)
    case RECEIVER_REPORT: {
      const blocks = decodeBlocks(view, HEADER_BYTES + WORD_BYTES)
      return blocks === null ? null : { kind: 'receiver-report', ssrc: view.getUint32(4), blocks }
    }
    case BYE:
      return decodeBye(view)
    default:
      return { kind: 'other', type }
  }
}

function decodeSenderReport(view: DataView): RtcpPacket | null {
  const start = HEADER_BYTES + WORD_BYTES
  const blocks = decodeBlocks(view, start + SENDER_INFO_BYTES)
  if (blocks === null) return null
  const sender: SenderInfo = {
    ntpSeconds: view.getUint32(start),
    ntpFraction: view.getUint32(start + 4),
    rtpTimestamp: view.getUint32(start + 8),
    packets: view.getUint32(start + 12),
    octets: view.getUint32(start + 16),
  }
  return { kind: 'sender-report', ssrc: view.getUint32(4), sender, blocks }
}

/** What follows the blocks is of a profile we do not know (§6.4.3). Null when they do not fit. */
function decodeBlocks(view: DataView, start: number): ReportBlock[] | null {
  const count = view.getUint8(0) & COUNT_BITS
  if (start + count * BLOCK_BYTES > view.byteLength) return null
  return Array.from({ length: count }, (_, index) => decodeBlock(view, start + index * BLOCK_BYTES))
}

function decodeBlock(view: DataView, at: number): ReportBlock {
  return {
    ssrc: view.getUint32(at),
    fractionLost: view.getUint8(at + 4),
    // Shifted up and down again: the 24 bits have a sign.
    cumulativeLost: (view.getUint32(at + 4) << 8) >> 8,
    highestSequence: view.getUint32(at + 8),
    jitter: view.getUint32(at + 12),
    lastReport: view.getUint32(at + 16),
    delaySinceLastReport: view.getUint32(at + 20),
  }
}

function decodeBye(view: DataView): RtcpPacket | null {
  const count = view.getUint8(0) & COUNT_BITS
  if (HEADER_BYTES + count * WORD_BYTES > view.byteLength) return null
  const ssrcs = Array.from({ length: count }, (_, index) =>
    view.getUint32(HEADER_BYTES + index * WORD_BYTES),
  )
  return { kind: 'bye', ssrcs }
}
