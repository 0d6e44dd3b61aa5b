// The audio of a test call: a real RTP port, a soft tone out, counters of what comes in. It has no agent, knows of none,
// and does nothing when it is told to open one but note that the call is answered.
import { createSocket, type Socket } from 'node:dgram'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import {
  FRAME_BYTES,
  FRAME_MS,
  type LocalRtp,
  type MediaSession,
  type MediaStats,
  type RemoteRtp,
} from '#core/contracts'
import { levelDb, toneFrames } from './line-sound.ts'
import { readRtp, Reception, type ReceptionReport } from './reception.ts'
import { readFarReport, type FarReport } from './sender-report.ts'

export interface LineReport {
  readonly local: LocalRtp
  /** As the far end's last SDP said; undefined when none came that can be used. */
  readonly remote: RemoteRtp | undefined
  readonly earlyPackets: number
  /** Since the answer; undefined when there was none. */
  readonly received: ReceptionReport | undefined
  /** Of the loudest packet since the answer, below the loudest there can be; null when none could be read. */
  readonly loudestDb: number | null
  readonly sentPackets: number
  /** Of what we sent, as the far end's RTCP says. */
  readonly farReport: FarReport | undefined
  /** Packets from somewhere the SDP did not name. */
  readonly strayPackets: number
}

export interface LineOptions {
  readonly host: string
  readonly portMin: number
  readonly portMax: number
  /** In milliseconds. */
  readonly now: () => number
  readonly onFact: (fact: LineFact) => void
}

export type LineFact = 'early-audio' | 'audio-received' | 'audio-sent'

/** A voicegate that runs here has some of them. */
const PORT_ATTEMPTS = 50
const HEADER_BYTES = 12
/** The timer slept: what it missed is not sent in a heap. */
const MAX_CATCH_UP_FRAMES = 5
const NO_QUALITY = { packets: 0, lost: null, jitterMs: null, mos: null }

/** @throws Error with the system's code when no port of the range can be had. */
export async function openTestLine(options: LineOptions): Promise<TestLine> {
  const { host, portMin, portMax } = options
  // RTP on even ports, RTCP one above (RFC 3550 §11).
  const lowest = portMin + (portMin % 2)
  const pairs = Math.max(1, Math.floor((portMax - lowest + 1) / 2))
  const first = randomInt(pairs)
  for (let attempt = 0; ; attempt += 1) {
    const port = lowest + 2 * ((first + attempt) % pairs)
    const sockets: Socket[] = []
    try {
      sockets.push(await bind(host, port), await bind(host, port + 1))
      const [rtp, rtcp] = sockets
      if (rtp && rtcp) return new TestLine(options, rtp, rtcp)
    } catch (error) {
      for (const socket of sockets) socket.close()
      if (attempt === PORT_ATTEMPTS || attempt >= pairs) throw error
    }
  }
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

export class TestLine implements MediaSession {
  readonly local: LocalRtp
  readonly #options: LineOptions
  readonly #rtp: Socket
  readonly #rtcp: Socket
  readonly #ssrc = randomBytes(4).readUInt32BE()
  readonly #early: Reception
  readonly #told = new Set<LineFact>()
  #remote: RemoteRtp | undefined
  /** Where what we hear comes from: behind a NAT that is not what its SDP says. */
  #heardFrom: { readonly address: string; readonly port: number } | undefined
  #received: Reception | undefined
  #loudestDb: number | null = null
  #sent = 0
  /** In frames since the answer. */
  #position = 0
  #stray = 0
  #farReport: FarReport | undefined
  #sending: NodeJS.Timeout | undefined
  #closing: Promise<MediaStats> | undefined

  /** For `openTestLine`. */
  constructor(options: LineOptions, rtp: Socket, rtcp: Socket) {
    this.#options = options
    this.#early = new Reception(options.now())
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.local = { address: options.host, port: rtp.address().port }
    rtp.on('message', (datagram, from) => this.#hear(datagram, from))
    rtcp.on('message', (datagram) => this.#hearReport(datagram))
    // ICMP tells that nobody listens there: the counters say so, too.
    rtp.on('error', () => undefined)
    rtcp.on('error', () => undefined)
  }

  report(): LineReport {
    return {
      local: this.local,
      remote: this.#remote,
      earlyPackets: this.#early.packets,
      received: this.#received?.report(),
      loudestDb: this.#loudestDb,
      sentPackets: this.#sent,
      farReport: this.#farReport,
      strayPackets: this.#stray,
    }
  }

  setRemote(remote: RemoteRtp): void {
    this.#remote = remote
  }

  answered(): void {
    this.openAgent()
  }

  /** The call is answered: that is all there is to open. */
  openAgent(): void {
    if (this.#received || this.#closing) return
    const startedAt = this.#options.now()
    this.#received = new Reception(startedAt)
    const frames = toneFrames(this.#remote?.formats[0].codec ?? 'PCMU')
    this.#sending = setInterval(() => this.#sendDue(frames, startedAt), FRAME_MS / 2)
  }

  close(): Promise<MediaStats> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<MediaStats> {
    clearInterval(this.#sending)
    const closed = [this.#rtp, this.#rtcp].map((socket) => once(socket, 'close'))
    this.#rtp.close()
    this.#rtcp.close()
    await Promise.all(closed)
    return {
      received: NO_QUALITY,
      sent: NO_QUALITY,
      roundTripMs: null,
      packetsRejected: this.#stray,
      concealedMs: 0,
      underruns: 0,
    }
  }

  #hear(datagram: Buffer, from: { readonly address: string; readonly port: number }): void {
    const packet = readRtp(datagram)
    if (!packet) {
      this.#hearReport(datagram)
      return
    }
    const remote = this.#remote
    // Before its SDP is here, as when audio is faster than the 200 OK, nobody knows where it should come from.
    if (remote && !isWhereItSaid(from.address, remote)) {
      this.#stray += 1
      return
    }
    if (remote) this.#heardFrom = { address: from.address, port: from.port }
    const at = this.#options.now()
    const reception = this.#received ?? this.#early
    if (remote) this.#tell(this.#received ? 'audio-received' : 'early-audio')
    reception.note(packet, at)
    const format = remote?.formats.find(({ payloadType }) => payloadType === packet.payloadType)
    if (!format || !this.#received) return
    const level = levelDb(packet.payload, format.codec)
    if (level !== null) this.#loudestDb = Math.max(this.#loudestDb ?? level, level)
  }

  #hearReport(datagram: Buffer): void {
    this.#farReport = readFarReport(datagram, this.#ssrc) ?? this.#farReport
  }

  #sendDue(frames: readonly Uint8Array[], startedAt: number): void {
    const due = Math.floor((this.#options.now() - startedAt) / FRAME_MS) + 1
    // What is skipped counts as sent: the timestamps of the rest stay true.
    this.#position = Math.max(this.#position, due - MAX_CATCH_UP_FRAMES)
    for (; this.#position < due; this.#position += 1) {
      const frame = frames[this.#position % frames.length]
      if (frame) this.#send(frame)
    }
  }

  /** Once. */
  #tell(fact: LineFact): void {
    if (this.#told.has(fact)) return
    this.#told.add(fact)
    this.#options.onFact(fact)
  }

  #send(frame: Uint8Array): void {
    const remote = this.#remote
    if (!remote?.receives) return
    const packet = Buffer.alloc(HEADER_BYTES + FRAME_BYTES)
    packet[0] = 0x80
    packet[1] = remote.formats[0].payloadType | (this.#sent === 0 ? 0x80 : 0)
    packet.writeUInt16BE(this.#sent & 0xffff, 2)
    packet.writeUInt32BE((this.#position * FRAME_BYTES) >>> 0, 4)
    packet.writeUInt32BE(this.#ssrc, 8)
    packet.set(frame, HEADER_BYTES)
    const { address, port } = this.#heardFrom ?? remote
    this.#tell('audio-sent')
    this.#sent += 1
    this.#rtp.send(packet, port, address)
  }

  // There is no agent to prepare or close, nothing to play and nothing to record.
  prewarm(): void {}
  closeAgent(): void {}
  answerTool(): void {}
  inform(): void {}
  join(): void {}
  play(): void {}
  stopPlaying(): void {}
  pressed(): void {}
  tellDigits(): void {}
  record(): void {}
}

const isWhereItSaid = (from: string, { address, signallingAddress }: RemoteRtp): boolean =>
  from === address || from === signallingAddress
