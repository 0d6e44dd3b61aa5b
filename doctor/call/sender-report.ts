// What the far end says of the packets we sent it: the report blocks of its RTCP (RFC 3550 §6.4).

export interface FarReport {
  readonly lost: number
  readonly jitterMs: number
}

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const BLOCK_BYTES = 24

/** The last block about this source; undefined when there is none. */
export function readFarReport(datagram: Buffer, ssrc: number): FarReport | undefined {
  let found: FarReport | undefined
  for (let at = 0; at + 8 <= datagram.length;) {
    const head = datagram[at] ?? 0
    const type = datagram[at + 1]
    const end = at + 4 + 4 * datagram.readUInt16BE(at + 2)
    if (head >> 6 !== 2 || end > datagram.length) return found
    if (type === SENDER_REPORT || type === RECEIVER_REPORT) {
      const first = at + (type === SENDER_REPORT ? 28 : 8)
      for (let block = first; block + BLOCK_BYTES <= end; block += BLOCK_BYTES)
        if (datagram.readUInt32BE(block) === ssrc)
          found = {
            lost: datagram.readIntBE(block + 5, 3),
            jitterMs: datagram.readUInt32BE(block + 12) / 8,
          }
    }
    at = end
  }
  return found
}
