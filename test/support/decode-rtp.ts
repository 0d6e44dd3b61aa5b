// A datagram of RTP as an object of its own: what the product reads into a view that it uses again and again.
import { emptyRtpView, readRtp, type RtpFault } from '../../bridge/rtp/rtp-packet.ts'

export interface RtpPacket {
  readonly kind: 'rtp'
  readonly marker: boolean
  readonly payloadType: number
  /** 16 bits. */
  readonly sequence: number
  /** 32 bits, in samples. */
  readonly timestamp: number
  readonly ssrc: number
  /** A view into the datagram. */
  readonly payload: Uint8Array
}

export interface InvalidRtp {
  readonly kind: 'invalid'
  readonly fault: RtpFault
}

export function decodeRtp(datagram: Uint8Array): RtpPacket | InvalidRtp {
  const read = emptyRtpView()
  const fault = readRtp(datagram, read)
  if (fault !== null) return { kind: 'invalid', fault }
  const { marker, payloadType, sequence, timestamp, ssrc } = read
  const payload = datagram.subarray(read.payloadStart, read.payloadEnd)
  return { kind: 'rtp', marker, payloadType, sequence, timestamp, ssrc, payload }
}
