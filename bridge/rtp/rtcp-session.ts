// Reports both ways (RFC 3550 §6): what arrived is told to the far end, and what it tells is how our audio fares. From
// the answer on, and while the call is not held. It has no timer: the frames of the session ask.
import { randomBytes } from 'node:crypto'
import { TELEPHONE_RATE } from '#core/contracts'
import {
  decodeRtcp,
  MAX_RTCP_BYTES,
  writeRtcp,
  type ReportBlock,
  type RtcpPacket,
  type SenderInfo,
} from './rtcp-packet.ts'
import type { ReceptionReport } from './reception.ts'
import type { RtpSocketPair } from './rtp-socket.ts'
import type { SourceGate } from './source-gate.ts'

/** §6.2: half of it to one and a half times as long, by chance, so that reports of many calls do not meet. */
const INTERVAL_MS = 5000
/** §6.2: the first report comes sooner. */
const FIRST_INTERVAL_MS = INTERVAL_MS / 2
/** Seconds between 1900 (NTP) and 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800
const UNITS_PER_SECOND = 65_536
const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** 96 bits as text, new for each session (RFC 7022 §4.2): it names no host. */
const CNAME_BYTES = 12
/** Our last reports, of which the far end may speak. */
const REMEMBERED_REPORTS = 4
/** What goes round longer is no telephone call; the report is wrong. */
const MAX_ROUND_TRIP_MS = 10_000
const MAX_JITTER_SAMPLES = 10 * TELEPHONE_RATE
/** An hour of reports; then the oldest go. */
const MAX_ROUND_TRIPS = 720
/** Of a sane far end; what is beyond in one interval is not even read. */
const MAX_DATAGRAMS_AN_INTERVAL = 100

/** What our own stream has sent. */
export interface SentCounters {
  readonly ssrc: number
  readonly packets: number
  /** Of payload. */
  readonly octets: number
  readonly lastRtpTimestamp: number
  /** By the worker's monotonic clock. */
  readonly lastSentAtMs: number
}

/** How our audio fares, as the far end says; nothing is known before its first report. */
export interface SentQuality {
  readonly lost: number
  /** At its worst report. */
  readonly jitterMs: number
}

export interface RtcpSource {
  /** What arrives from the far end since the last report; null when nothing does. */
  report(): ReceptionReport | null
}

export interface RtcpSessionOptions {
  readonly gate: SourceGate
  readonly source: RtcpSource
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** Told at each report's time, whether or not one is sent. */
  readonly onInterval: () => void
  /** 0 to 1; by chance unless a test says otherwise. */
  readonly random?: () => number
}

/** Where reports leave, and what our stream has sent. */
export interface RtcpStart {
  readonly socket: Pick<RtpSocketPair, 'send' | 'sendRtcp'>
  readonly sent: () => SentCounters
}

export class RtcpSession {
  readonly #options: RtcpSessionOptions
  readonly #random: () => number
  readonly #cname = randomBytes(CNAME_BYTES).toString('base64')
  /** The wall clock less the monotonic one: NTP times of a session never leap. */
  readonly #wallOffsetMs: number
  #running: RtcpStart | null = null
  #dueAtMs = Number.POSITIVE_INFINITY
  /** Middle bits of our last reports' NTP times. */
  readonly #sentReports: number[] = []
  /** Of the far end's last sender report. */
  #lastReport = 0
  #lastReportAtMs = 0
  #lastReportSsrc = -1
  /** What it has sent by then, as it says itself; -1 before. */
  #farEndPackets = -1
  #quietAtMs = Number.NEGATIVE_INFINITY
  #lost: number | null = null
  #worstJitter = 0
  #roundTripsMs: number[] = []
  #datagrams = 0

  constructor(options: RtcpSessionOptions) {
    this.#options = options
    this.#random = options.random ?? Math.random
    this.#wallOffsetMs = Date.now() - options.now()
  }

  /** When the far end last said that it is there and sends nothing (silence suppression); -Infinity before. */
  get quietAtMs(): number {
    return this.#quietAtMs
  }

  /** Null when the far end sent no reports of our audio. */
  get sentQuality(): SentQuality | null {
    if (this.#lost === null) return null
    return { lost: this.#lost, jitterMs: this.#worstJitter / SAMPLES_PER_MS }
  }

  /** The median; null when unknown. */
  get roundTripMs(): number | null {
    const sorted = this.#roundTripsMs.toSorted((one, other) => one - other)
    return sorted[Math.floor(sorted.length / 2)] ?? null
  }

  /** The call is answered: reports leave from now on. */
  start(start: RtcpStart): void {
    if (this.#running !== null) return
    this.#running = start
    this.#dueAtMs = this.#options.now() + FIRST_INTERVAL_MS * this.#spread()
  }

  /** Nothing more is sent, not even a BYE: the far end may be nobody's. */
  stop(): void {
    this.#running = null
  }

  /** The call is over: one BYE (§6.6), with the last report. Idempotent. */
  bye(): void {
    const running = this.#running
    if (running === null) return
    this.#running = null
    this.#send(running, true)
  }

  /** Called each frame. */
  tick(nowMs: number): void {
    if (nowMs < this.#dueAtMs) return
    this.#dueAtMs = nowMs + INTERVAL_MS * this.#spread()
    this.#datagrams = 0
    this.#options.onInterval()
    if (this.#running !== null) this.#send(this.#running, false)
  }

  /** False when it is malformed, too much, or not the far end's. */
  receive(datagram: Uint8Array, address: string, port: number): boolean {
    const { gate } = this.#options
    if (!gate.admitsRtcp(address)) return false
    this.#datagrams += 1
    if (this.#datagrams > MAX_DATAGRAMS_AN_INTERVAL) return false
    const packets = decodeRtcp(datagram)
    if (packets === null) return false
    gate.rtcpHeard(port)
    for (const packet of packets) this.#take(packet)
    return true
  }

  #take(packet: RtcpPacket): void {
    switch (packet.kind) {
      case 'sender-report':
        this.#lastReport = middleOf(packet.sender)
        this.#lastReportAtMs = this.#options.now()
        this.#lastReportSsrc = packet.ssrc
        // One that counts on while nothing arrives is not quiet: its audio gets lost.
        if (packet.sender.packets === this.#farEndPackets) this.#quietAtMs = this.#lastReportAtMs
        this.#farEndPackets = packet.sender.packets
        this.#hearBlocks(packet.blocks)
        return
      case 'receiver-report':
        // §6.4: of one that has sent nothing since its last but one report.
        this.#quietAtMs = this.#options.now()
        this.#hearBlocks(packet.blocks)
        return
      case 'bye':
      case 'other':
        // The call ends by its signalling.
        return
      default:
        packet satisfies never
    }
  }

  #hearBlocks(blocks: readonly ReportBlock[]): void {
    const sent = this.#running?.sent()
    if (sent === undefined || sent.packets === 0) return
    for (const block of blocks) {
      if (block.ssrc !== sent.ssrc) continue
      this.#lost = Math.min(Math.max(0, block.cumulativeLost), sent.packets)
      if (block.jitter <= MAX_JITTER_SAMPLES)
        this.#worstJitter = Math.max(this.#worstJitter, block.jitter)
      this.#measureRoundTrip(block)
    }
  }

  /** §6.4.1: from our report to the answer that names it, less the time it lay there. */
  #measureRoundTrip({ lastReport, delaySinceLastReport }: ReportBlock): void {
    if (lastReport === 0 || !this.#sentReports.includes(lastReport)) return
    const now = middleOf(this.#ntpAt(this.#options.now()))
    const units = (now - lastReport - delaySinceLastReport) | 0
    const milliseconds = (units * 1000) / UNITS_PER_SECOND
    // A millisecond below zero is rounding, and clocks that differ a little in pace.
    if (milliseconds < -1 || milliseconds > MAX_ROUND_TRIP_MS) return
    this.#roundTripsMs.push(Math.max(0, milliseconds))
    if (this.#roundTripsMs.length > MAX_ROUND_TRIPS) this.#roundTripsMs.shift()
  }

  #send({ socket, sent }: RtcpStart, isBye: boolean): void {
    const { gate, now, source } = this.#options
    const destination = gate.rtcpDestination
    if (destination === null) return
    const counters = sent()
    const nowMs = now()
    const sender = counters.packets === 0 ? null : this.#senderInfo(counters, nowMs)
    const reception = source.report()
    const block = reception === null ? null : { ...reception, ...this.#answerTo(reception, nowMs) }
    // One a few seconds, and the kernel may still be reading the last: a buffer of its own.
    const packet = new Uint8Array(MAX_RTCP_BYTES)
    const { ssrc } = counters
    const length = writeRtcp(packet, { ssrc, cname: this.#cname, sender, block, isBye })
    if (sender !== null) this.#remember(middleOf(sender))
    const report = packet.subarray(0, length)
    if (gate.isRtcpMuxed) socket.send(report, destination.port, destination.address)
    else socket.sendRtcp(report, destination.port, destination.address)
  }

  #answerTo(reception: ReceptionReport, nowMs: number) {
    if (this.#lastReportSsrc !== reception.ssrc) return { lastReport: 0, delaySinceLastReport: 0 }
    const delay = ((nowMs - this.#lastReportAtMs) * UNITS_PER_SECOND) / 1000
    return { lastReport: this.#lastReport, delaySinceLastReport: Math.round(delay) >>> 0 }
  }

  #senderInfo(counters: SentCounters, nowMs: number): SenderInfo {
    const sinceSamples = Math.round((nowMs - counters.lastSentAtMs) * SAMPLES_PER_MS)
    return {
      ...this.#ntpAt(nowMs),
      rtpTimestamp: (counters.lastRtpTimestamp + sinceSamples) >>> 0,
      packets: counters.packets >>> 0,
      octets: counters.octets >>> 0,
    }
  }

  #ntpAt(nowMs: number): NtpTime {
    const seconds = (nowMs + this.#wallOffsetMs) / 1000 + NTP_EPOCH_SECONDS
    const whole = Math.floor(seconds)
    return {
      ntpSeconds: whole >>> 0,
      ntpFraction: Math.floor((seconds - whole) * 2 ** 32) >>> 0,
    }
  }

  #remember(middle: number): void {
    this.#sentReports.push(middle)
    if (this.#sentReports.length > REMEMBERED_REPORTS) this.#sentReports.shift()
  }

  #spread(): number {
    return 0.5 + this.#random()
  }
}

type NtpTime = Pick<SenderInfo, 'ntpSeconds' | 'ntpFraction'>

/** The middle 32 of 64 bits (§6.4.1). */
const middleOf = ({ ntpSeconds, ntpFraction }: NtpTime): number =>
  (((ntpSeconds & 0xffff) << 16) | (ntpFraction >>> 16)) >>> 0
