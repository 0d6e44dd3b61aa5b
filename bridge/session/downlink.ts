// Agent → caller: conversation → playout queue → packetizer → RTP, a packet each 20 ms from the answer to the end.
// While the agent says nothing the packets carry silence: that keeps NAT bindings open and carriers' media timers quiet.
import { FRAME_BYTES } from '#core/contracts'
import type { FramePacer, PacedMember, PacerSeat } from '../audio/frame-pacer.ts'
import { PlayoutQueue } from '../audio/playout-queue.ts'
import { Packetizer } from '../rtp/packetizer.ts'
import { RTP_HEADER_BYTES } from '../rtp/rtp-packet.ts'
import type { RtpSocket } from '../rtp/rtp-socket.ts'
import type { SourceGate } from '../rtp/source-gate.ts'
import type { MediaTally } from '../worker/tally.ts'

/**
 * From this on silence is a pause: the next talk spurt may start off the tick, and time is given back. A spurt that merely
 * ran dry goes on in its rhythm: each shift of the stream against the clock is jitter to a receiver.
 */
const PAUSE_MS = 500
const NOWHERE = new Uint8Array(FRAME_BYTES)

export interface DownlinkOptions {
  readonly socket: RtpSocket
  readonly gate: SourceGate
  readonly pacer: FramePacer
  readonly tally: MediaTally
  readonly now: () => number
  /** Called each frame, after its packet left. */
  readonly onFrame: (nowMs: number, skippedFrames: number) => void
  /** Told once, when agent audio has left for the first time. */
  readonly onFirstPacket: () => void
}

export class Downlink implements PacedMember {
  readonly queue = new PlayoutQueue()
  readonly #options: DownlinkOptions
  readonly #packetizer = new Packetizer()
  #seat: PacerSeat | null = null
  #spokeAtMs = Number.NEGATIVE_INFINITY
  #sent = 0
  #spoke = false
  /** The last frame went to nobody: the next one that goes out begins a talk spurt (RFC 3551 §4.1). */
  #paused = false
  /** When the first audio of an utterance came; NaN between utterances. */
  #utteranceAtMs = Number.NaN
  #underrunsReported = 0

  constructor(options: DownlinkOptions) {
    this.#options = options
  }

  get sent(): number {
    return this.#sent
  }

  /** RTP leaves from now on; before the answer nothing does. */
  start(): void {
    this.#seat ??= this.#options.pacer.join(this)
  }

  stop(): void {
    this.#seat?.leave()
    this.#seat = null
  }

  /** Agent audio. After a pause it starts at once, off the tick; its timestamps follow on from the silence before it. */
  play(audio: Uint8Array, utterance: number): void {
    if (this.#seat === null) return
    const nowMs = this.#options.now()
    if (this.queue.write(audio, utterance, nowMs)) this.#utteranceAtMs = nowMs
    if (nowMs - this.#spokeAtMs >= PAUSE_MS && this.queue.mayStart(nowMs))
      this.#startSpurt(this.#seat.restart(), nowMs)
    this.#options.tally.underruns.value += this.queue.underruns - this.#underrunsReported
    this.#underrunsReported = this.queue.underruns
  }

  /** The caller spoke over the agent. Returns the milliseconds of audio nobody will hear. */
  interrupt(): number {
    this.#utteranceAtMs = Number.NaN
    return this.queue.clear()
  }

  onFrame(tickMs: number, skipped: number): void {
    const nowMs = this.#options.now()
    if (this.queue.mayStart(nowMs)) this.#startSpurt(tickMs, nowMs)
    else if (this.#givesTimeBack(tickMs, nowMs))
      this.#seat?.postpone(this.#packetizer.leadMs(tickMs))
    // After a stall the timestamp jumps with the wall clock; the marker lets the far end take it as a new spurt.
    else this.#send(tickMs, nowMs, skipped > 0)
    this.#options.onFrame(nowMs, skipped)
  }

  /** In a pause, what a spurt that started off the tick was ahead of the clock is waited for. */
  #givesTimeBack(tickMs: number, nowMs: number): boolean {
    const pauses = !this.queue.isPlaying && nowMs - this.#spokeAtMs >= PAUSE_MS
    return pauses && this.#packetizer.leadMs(tickMs) >= 1
  }

  #startSpurt(tickMs: number, nowMs: number): void {
    this.queue.start()
    this.#send(tickMs, nowMs, true)
  }

  #send(tickMs: number, nowMs: number, marker: boolean): void {
    const { gate, socket, tally } = this.#options
    const { destination } = gate
    if (destination === null) {
      this.#sendNowhere(nowMs)
      return
    }
    const speaks = this.queue.isPlaying
    const packet = this.#packetizer.next(tickMs, gate.payloadType, marker || this.#paused)
    this.#paused = false
    this.queue.readFrame(packet, RTP_HEADER_BYTES, nowMs)
    socket.send(packet, destination.port, destination.address)
    this.#sent += 1
    tally.rtp.sent.value += 1
    if (speaks) this.#spoken(nowMs)
  }

  /** On hold time goes on: what the agent says meanwhile is as gone as what it says to an empty room. */
  #sendNowhere(nowMs: number): void {
    this.queue.readFrame(NOWHERE, 0, nowMs)
    this.#utteranceAtMs = Number.NaN
    this.#paused = true
  }

  #spoken(nowMs: number): void {
    this.#spokeAtMs = nowMs
    if (!Number.isNaN(this.#utteranceAtMs)) {
      this.#options.tally.downlink.observe((this.#options.now() - this.#utteranceAtMs) / 1000)
      this.#utteranceAtMs = Number.NaN
    }
    if (this.#spoke) return
    this.#spoke = true
    this.#options.onFirstPacket()
  }
}
