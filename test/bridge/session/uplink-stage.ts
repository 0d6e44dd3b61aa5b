// An uplink with time, datagrams and the agent in the test's hand.
import type { DtmfDigit, RemoteRtp, TelephoneCodec } from '../../../core/contracts/index.ts'
import { writeRtpHeader } from '../../../bridge/rtp/rtp-packet.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import { Uplink } from '../../../bridge/session/uplink.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'

export const CALLER = { address: '192.0.2.1', port: 4000 }

export interface PacketOptions {
  readonly payloadType?: number
  readonly payload?: Uint8Array
  readonly sequence?: number
  readonly timestamp?: number
  readonly marker?: boolean
  readonly ssrc?: number
}

export interface HeardFrame {
  readonly frame: Uint8Array
  readonly codec: TelephoneCodec
}

export function uplinkStage(options: { frameMs?: 20 | 40 | 60; remote?: Partial<RemoteRtp> } = {}) {
  const time = { ms: 1000 }
  const gate = new SourceGate()
  const tally = createMediaTally(new Tally())
  const frames: HeardFrame[] = []
  const digits: [DtmfDigit, number][] = []
  const first = { count: 0 }
  const uplink = new Uplink({
    gate,
    tally,
    now: () => time.ms,
    frameMs: options.frameMs ?? 20,
    onFirstPacket: () => (first.count += 1),
    onDigit: (digit, durationMs) => digits.push([digit, durationMs]),
  })
  const announce = (remote: Partial<RemoteRtp> = {}) => {
    gate.announce(remoteRtp({ ...CALLER, ...options.remote, ...remote }))
    uplink.claim()
  }
  announce()
  const next = { sequence: 0, timestamp: 0 }
  /** One packet; by default the next 20 ms of a sender. */
  const put = (packet: PacketOptions = {}) => {
    const payload = packet.payload ?? Buffer.alloc(160, 0x20)
    const sequence = packet.sequence ?? next.sequence
    const timestamp = packet.timestamp ?? next.timestamp
    const { payloadType = 0, marker = false, ssrc = 5 } = packet
    const datagram = Buffer.alloc(12 + payload.length)
    datagram.set(payload, 12)
    writeRtpHeader(datagram, {
      marker,
      payloadType,
      sequence: sequence & 0xffff,
      timestamp: timestamp >>> 0,
      ssrc,
    })
    next.sequence = sequence + 1
    next.timestamp = timestamp + payload.length
    uplink.receive(datagram, CALLER.address, CALLER.port)
  }
  const sink = {
    sendCallerAudio: (frame: Uint8Array, codec: TelephoneCodec) =>
      frames.push({ frame: Uint8Array.from(frame), codec }),
  }
  return {
    time,
    gate,
    tally,
    uplink,
    frames,
    digits,
    first,
    next,
    put,
    announce,
    open: () => uplink.open(sink, time.ms),
    /** Time passes, frame by frame. */
    pass: (milliseconds: number) => {
      for (const end = time.ms + milliseconds; time.ms < end;) {
        time.ms += 20
        uplink.tick(time.ms, 0)
      }
    },
    audio: () => Buffer.concat(frames.map(({ frame }) => frame)),
  }
}
