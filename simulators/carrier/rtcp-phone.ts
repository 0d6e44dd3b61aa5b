// The phone's RTCP port, one above its RTP: a report every second, and what the other side's reports say.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Clock } from '#core/time'
import type { RtpRecorder } from './rtp-recorder.ts'
import { decodeRtcp, encodeReport, ntpOf, shortNtp, type ReportBlock } from './rtcp.ts'
import type { HostPort } from './sip-address.ts'

/** Live while the call lasts. */
export interface RtcpRecord {
  readonly sent: number
  readonly received: number
  readonly malformed: number
  /** Of the last report about what this phone sent; null when none came. */
  readonly farEnd: { readonly lost: number; readonly jitterMs: number } | null
  /** By the last report that answers one of ours. */
  readonly roundTripMs: number | null
  /** Packets and octets of audio, as the other side's last sender report counts them. */
  readonly farEndSent: { readonly packets: number; readonly octets: number } | null
}

export interface SentSoFar {
  readonly ssrc: number
  readonly timestamp: number
  readonly packets: number
  readonly octets: number
}

const REPORT_EVERY_MS = 1000

export class RtcpPhone {
  readonly record: { -readonly [K in keyof RtcpRecord]: RtcpRecord[K] } = {
    sent: 0,
    received: 0,
    malformed: 0,
    farEnd: null,
    roundTripMs: null,
    farEndSent: null,
  }
  readonly #clock: Clock
  readonly #heard: RtpRecorder
  readonly #sentSoFar: () => SentSoFar
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #remote: HostPort | undefined
  #lastReport = { ntp: 0, at: 0 }
  #before = { expected: 0, lost: 0 }

  constructor(deps: { clock: Clock; heard: RtpRecorder; sentSoFar: () => SentSoFar }) {
    this.#clock = deps.clock
    this.#heard = deps.heard
    this.#sentSoFar = deps.sentSoFar
  }

  /** @throws when the port is taken */
  async open(address: HostPort): Promise<void> {
    const socket = createSocket('udp4')
    socket.bind(address.port, address.host)
    try {
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw error
    }
    // ICMP of a peer without RTCP.
    socket.on('error', () => undefined)
    socket.on('message', (datagram) => this.#receive(datagram))
    this.#socket = socket
  }

  sendTo(remote: HostPort): void {
    this.#remote = remote
  }

  start(): void {
    this.#timer ??= this.#socket && setInterval(() => this.#report(), REPORT_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async close(): Promise<void> {
    this.stop()
    const socket = this.#socket
    this.#socket = undefined
    if (!socket) return
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }

  #report(): void {
    if (!this.#remote) return
    const { ssrc, timestamp, packets, octets } = this.#sentSoFar()
    const ntp = ntpOf(this.#clock.now())
    const report = { ssrc, ntp, rtpTimestamp: timestamp, packets, octets }
    this.record.sent += 1
    const datagram = encodeReport(report, this.#block())
    this.#socket?.send(datagram, this.#remote.port, this.#remote.host)
  }

  /** About what was heard; undefined before anything was. */
  #block(): ReportBlock | undefined {
    const reception = this.#heard.reception
    if (!reception) return undefined
    const { expected, lost } = reception
    const expectedNow = expected - this.#before.expected
    const lostNow = lost - this.#before.lost
    this.#before = { expected, lost }
    const { ntp, at } = this.#lastReport
    const sinceMs = ntp === 0 ? 0 : this.#clock.now() - at
    return {
      ssrc: reception.ssrc,
      fractionLost: expectedNow > 0 ? Math.max(0, lostNow / expectedNow) : 0,
      lost,
      highestSequence: reception.highestSequence,
      jitter: Math.round(this.#heard.jitterMs * 8),
      lastReport: ntp,
      sinceLastReport: Math.round((sinceMs / 1000) * 65_536),
    }
  }

  #receive(datagram: Buffer): void {
    const heard = decodeRtcp(datagram)
    if (!heard) {
      this.record.malformed += 1
      return
    }
    const now = this.#clock.now()
    this.record.received += 1
    if (heard.report) {
      const { ntp, packets, octets } = heard.report
      this.#lastReport = { ntp: shortNtp(ntp), at: now }
      this.record.farEndSent = { packets, octets }
    }
    const block = heard.blocks.find(({ ssrc }) => ssrc === this.#sentSoFar().ssrc)
    if (!block) return
    this.record.farEnd = { lost: block.lost, jitterMs: block.jitter / 8 }
    if (block.lastReport === 0) return
    const units = (shortNtp(ntpOf(now)) - block.lastReport - block.sinceLastReport) | 0
    this.record.roundTripMs = (units / 65_536) * 1000
  }
}
