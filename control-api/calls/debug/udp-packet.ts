// One UDP packet (RFC 768) in IPv4 (RFC 791) or IPv6 (RFC 8200), with the checksums right, so that readers of captures
// find nothing to complain of.
import ipaddr from 'ipaddr.js'

const UDP = 17
const HOPS = 64
const IPV4_HEADER_BYTES = 20
const IPV6_HEADER_BYTES = 40
const UDP_HEADER_BYTES = 8
/** What both lengths, of IP and of UDP, have room for. A longer message (of TCP) is cut. */
const MAX_PAYLOAD_BYTES = 65_535 - IPV4_HEADER_BYTES - UDP_HEADER_BYTES

interface Endpoint {
  /** 4 or 16. */
  readonly address: Buffer
  readonly port: number
}

/** @param from as `to`: `host:port`, IPv6 in brackets; what is no address counts as 0.0.0.0 */
export function udpPacket(id: number, from: string, to: string, message: Buffer): Buffer {
  const [source, target] = sameFamily(readEndpoint(from), readEndpoint(to))
  const payload = message.subarray(0, MAX_PAYLOAD_BYTES)
  const length = UDP_HEADER_BYTES + payload.length
  const udp = Buffer.concat([Buffer.alloc(UDP_HEADER_BYTES), payload])
  udp.writeUInt16BE(source.port, 0)
  udp.writeUInt16BE(target.port, 2)
  udp.writeUInt16BE(length, 4)
  // The pseudo header: addresses, protocol and length. In IPv6 its fields are wider, and sum up to the same.
  const pseudo = Buffer.from([0, UDP, length >> 8, length & 0xff])
  const checksum = checksumOf(source.address, target.address, pseudo, udp)
  // None at all is written as 0 (RFC 768).
  udp.writeUInt16BE(checksum === 0 ? 0xffff : checksum, 6)
  const header =
    source.address.length === 4
      ? ipv4Header(id, source, target, length)
      : ipv6Header(source, target, length)
  return Buffer.concat([header, udp])
}

function ipv4Header(id: number, source: Endpoint, target: Endpoint, length: number): Buffer {
  const header = Buffer.alloc(IPV4_HEADER_BYTES)
  header[0] = 0x45
  header.writeUInt16BE(IPV4_HEADER_BYTES + length, 2)
  header.writeUInt16BE(id % 0x1_0000, 4)
  header[8] = HOPS
  header[9] = UDP
  source.address.copy(header, 12)
  target.address.copy(header, 16)
  header.writeUInt16BE(checksumOf(header), 10)
  return header
}

function ipv6Header(source: Endpoint, target: Endpoint, length: number): Buffer {
  const header = Buffer.alloc(IPV6_HEADER_BYTES)
  header[0] = 0x60
  header.writeUInt16BE(length, 4)
  header[6] = UDP
  header[7] = HOPS
  source.address.copy(header, 8)
  target.address.copy(header, 24)
  return header
}

/** RFC 1071: the one's complement of the one's complement sum. All but the last have an even length. */
function checksumOf(...parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000)
  return ~sum & 0xffff
}

const ENDPOINT = /^\[?(.+?)\]?:(\d{1,5})$/

function readEndpoint(text: string): Endpoint {
  const [, host = '', port = '0'] = ENDPOINT.exec(text) ?? []
  // An IPv4 address that a socket for both writes as IPv6 is one of IPv4.
  const address = ipaddr.isValid(host) ? ipaddr.process(host).toByteArray() : [0, 0, 0, 0]
  return { address: Buffer.from(address), port: Number(port) % 0x1_0000 }
}

function sameFamily(one: Endpoint, other: Endpoint): readonly [Endpoint, Endpoint] {
  const isSame = one.address.length === other.address.length
  return isSame ? [one, other] : [asIpv6(one), asIpv6(other)]
}

/** RFC 4291 §2.5.5.2. */
const asIpv6 = ({ address, port }: Endpoint): Endpoint =>
  address.length === 16
    ? { address, port }
    : { address: Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), address]), port }
