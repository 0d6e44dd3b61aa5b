// SIP messages as a capture that Wireshark opens: the file format of libpcap 2.4
// (draft-ietf-opsawg-pcap, LINKTYPE_RAW = 101), a packet a message.
import type { SipMessage } from '#core/contracts'
import { udpPacket } from './udp-packet.ts'

/** Microseconds, in the byte order of this file. */
const MAGIC = 0xa1b2c3d4
const LINKTYPE_RAW = 101
const SNAP_LENGTH = 262_144
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16

export const PCAP_TYPE = 'application/vnd.tcpdump.pcap'

/** What a reader must know who takes it for what passed the wire. */
export const PCAP_NOTE =
  'Made from the messages that are kept, credentials masked. Each is one UDP packet between its real addresses at its ' +
  'real time, also where it came by TCP or TLS.'

export function renderPcap(messages: readonly SipMessage[]): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES)
  header.writeUInt32BE(MAGIC, 0)
  header.writeUInt16BE(2, 4)
  header.writeUInt16BE(4, 6)
  header.writeUInt32BE(SNAP_LENGTH, 16)
  header.writeUInt32BE(LINKTYPE_RAW, 20)
  return Buffer.concat([header, ...messages.flatMap(renderMessage)])
}

function renderMessage(
  { at, direction, local, remote, text }: SipMessage,
  index: number,
): Buffer[] {
  const [from, to] = direction === 'sent' ? [local, remote] : [remote, local]
  const packet = udpPacket(index, from, to, Buffer.from(text))
  const atMicroseconds = Math.round(at * 1000)
  const header = Buffer.alloc(RECORD_HEADER_BYTES)
  header.writeUInt32BE(Math.floor(atMicroseconds / 1e6) % 2 ** 32, 0)
  header.writeUInt32BE(atMicroseconds % 1e6, 4)
  header.writeUInt32BE(packet.length, 8)
  header.writeUInt32BE(packet.length, 12)
  return [header, packet]
}
