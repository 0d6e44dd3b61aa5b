// RTCP as a telephone speaks it: sender reports with one report block and a CNAME, and what it reads of the other
// side's (RFC 3550 §6.4, §6.5).
import type { EpochMs } from '#core/contracts'

export interface ReportBlock {
  readonly ssrc: number
  /** 0 to 1, since the report before. */
  readonly fractionLost: number
  readonly lost: number
  readonly highestSequence: number
  /** In timestamp units of 1/8000 s. */
  readonly jitter: number
  readonly lastReport: number
  readonly sinceLastReport: number
}

export interface SenderReport {
  readonly ssrc: number
  readonly ntp: bigint
  readonly rtpTimestamp: number
  readonly packets: number
  readonly octets: number
}

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const DESCRIPTION = 202
const BLOCK_BYTES = 24
/** Seconds from 1900 to 1970. */
const NTP_EPOCH = 2_208_988_800n

export function ntpOf(at: EpochMs): bigint {
  const micros = BigInt(Math.round(at * 1000))
  return ((micros / 1_000_000n + NTP_EPOCH) << 32n) + ((micros % 1_000_000n) << 32n) / 1_000_000n
}

/** The middle 32 bits: seconds in 1/65536. */
export const shortNtp = (ntp: bigint): number => Number((ntp >> 16n) & 0xffff_ffffn)

export function encodeReport(report: SenderReport, block: ReportBlock | undefined): Buffer {
  const bytes = Buffer.alloc(28 + (block ? BLOCK_BYTES : 0))
  writeHeader(bytes, block ? 1 : 0, SENDER_REPORT)
  bytes.writeUInt32BE(report.ssrc, 4)
  bytes.writeBigUInt64BE(report.ntp, 8)
  bytes.writeUInt32BE(report.rtpTimestamp >>> 0, 16)
  bytes.writeUInt32BE(report.packets, 20)
  bytes.writeUInt32BE(report.octets >>> 0, 24)
  if (block) writeBlock(bytes.subarray(28), block)
  return Buffer.concat([bytes, encodeName(report.ssrc)])
}

function writeHeader(bytes: Buffer, count: number, type: number): void {
  bytes.writeUInt8(0x80 | count, 0)
  bytes.writeUInt8(type, 1)
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2)
}

function writeBlock(bytes: Buffer, block: ReportBlock): void {
  bytes.writeUInt32BE(block.ssrc, 0)
  bytes.writeUInt8(Math.min(255, Math.floor(block.fractionLost * 256)), 4)
  bytes.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, block.lost)), 5, 3)
  bytes.writeUInt32BE(block.highestSequence >>> 0, 8)
  bytes.writeUInt32BE(block.jitter >>> 0, 12)
  bytes.writeUInt32BE(block.lastReport, 16)
  bytes.writeUInt32BE(block.sinceLastReport >>> 0, 20)
}

function encodeName(ssrc: number): Buffer {
  const name = `phone-${ssrc.toString(16)}`
  // Item, then at least one zero, to the next 32 bits.
  const bytes = Buffer.alloc(8 + 4 * Math.ceil((2 + name.length + 1) / 4))
  writeHeader(bytes, 1, DESCRIPTION)
  bytes.writeUInt32BE(ssrc, 4)
  bytes.writeUInt8(1, 8)
  bytes.writeUInt8(name.length, 9)
  bytes.write(name, 10, 'latin1')
  return bytes
}

export interface HeardRtcp {
  readonly report: SenderReport | undefined
  readonly blocks: readonly ReportBlock[]
}

/** Undefined when the datagram is no compound packet that begins with a report. */
export function decodeRtcp(datagram: Buffer): HeardRtcp | undefined {
  let report: SenderReport | undefined
  const blocks: ReportBlock[] = []
  for (let at = 0; at < datagram.length;) {
    if (at + 8 > datagram.length || datagram.readUInt8(at) >> 6 !== 2) return undefined
    const type = datagram.readUInt8(at + 1)
    const end = at + 4 * (datagram.readUInt16BE(at + 2) + 1)
    if (end > datagram.length) return undefined
    if (at === 0 && type !== SENDER_REPORT && type !== RECEIVER_REPORT) return undefined
    const packet = datagram.subarray(at, end)
    if (type === SENDER_REPORT) report = readReport(packet)
    if (type === SENDER_REPORT || type === RECEIVER_REPORT) blocks.push(...readBlocks(packet, type))
    at = end
  }
  return datagram.length === 0 ? undefined : { report, blocks }
}

function readReport(packet: Buffer): SenderReport | undefined {
  if (packet.length < 28) return undefined
  return {
    ssrc: packet.readUInt32BE(4),
    ntp: packet.readBigUInt64BE(8),
    rtpTimestamp: packet.readUInt32BE(16),
    packets: packet.readUInt32BE(20),
    octets: packet.readUInt32BE(24),
  }
}

function readBlocks(packet: Buffer, type: number): ReportBlock[] {
  const first = type === SENDER_REPORT ? 28 : 8
  const count = packet.readUInt8(0) & 0x1f
  return Array.from({ length: count }, (_, index) => first + index * BLOCK_BYTES)
    .filter((at) => at + BLOCK_BYTES <= packet.length)
    .map((at) => ({
      ssrc: packet.readUInt32BE(at),
      fractionLost: packet.readUInt8(at + 4) / 256,
      lost: packet.readIntBE(at + 5, 3),
      highestSequence: packet.readUInt32BE(at + 8),
      jitter: packet.readUInt32BE(at + 12),
      lastReport: packet.readUInt32BE(at + 16),
      sinceLastReport: packet.readUInt32BE(at + 20),
    }))
}
