// Caller → agent: datagram → source → sequence → timeline → 20 ms frames → conversation.
import { CallerTimeline } from '../audio/caller-timeline.ts'
import { Framer } from '../audio/framer.ts'
import { RtpReceiver } from '../rtp/rtp-receiver.ts'
import type { SourceGate } from '../rtp/source-gate.ts'
import type { MediaTally } from '../worker/tally.ts'

/** One packet in 16 is timed: enough for a 99th percentile, and hardly a cost. */
const TIMED_MASK = 0x0f

/** Where the frames go: a conversation, seen from here. */
export interface CallerAudioSink {
  sendCallerAudio(ulaw: Uint8Array): void
}

/** Between the 200 OK and the message that opens the agent lie milliseconds; a stalled process makes it more. */
const HOLD_MS = 500
/** 10 ms packets for that long. */
const MAX_HELD = HOLD_MS / 10

/** Datagrams that may wait for the SDP that names their sender: a second of 20 ms packets. */
const MAX_UNCLAIMED = 50
/** More than any telephone's audio packet; what is larger is not kept. */
const MAX_UNCLAIMED_BYTES = 2048

interface UnclaimedDatagram {
  readonly datagram: Uint8Array
  readonly address: string
  readonly port: number
  readonly arrivedAtMs: number
}

interface HeldAudio {
  readonly audio: Uint8Array
  readonly arrivedAtMs: number
}

export interface UplinkOptions {
  readonly gate: SourceGate
  readonly tally: MediaTally
  readonly now: () => number
  /** Told once. */
  readonly onFirstPacket: () => void
}

export class Uplink {
  readonly receiver: RtpReceiver
  readonly #options: UplinkOptions
  readonly #framer = new Framer((frame) => this.#agent?.sendCallerAudio(frame))
  #agent: CallerAudioSink | null = null
  #timeline: CallerTimeline | null = null
  /** The last half second, in case the answer turns out to have come before it. */
  #held: HeldAudio[] = []
  /** Audio may overtake the answer that says where it comes from (RFC 3264 §5.1): judged once that is known. */
  #unclaimed: UnclaimedDatagram[] = []
  #isShut = false
  #droppedMs = 0
  #heardAtMs = Number.NEGATIVE_INFINITY
  #datagrams = 0

  constructor(options: UplinkOptions) {
    this.#options = options
    this.receiver = new RtpReceiver(options.gate, options.tally.rtp, (audio, hole, at) => {
      if (this.#timeline === null) this.#hold(audio, at)
      else if (!this.#timeline.write(audio, hole, at))
        options.tally.rtp.rejected['too-fast'].value += 1
    })
  }

  /** When the caller's audio was last heard, by the worker's monotonic clock. */
  get heardAtMs(): number {
    return this.#heardAtMs
  }

  /** Audio the agent never heard because it came faster than real time. */
  get droppedMs(): number {
    return this.#timeline?.droppedMs ?? this.#droppedMs
  }

  receive(datagram: Uint8Array, address: string, port: number): void {
    const { gate, now, tally } = this.#options
    const arrivedAtMs = now()
    if (!gate.isAnnounced) {
      if (this.#unclaimed.length < MAX_UNCLAIMED && datagram.length <= MAX_UNCLAIMED_BYTES)
        this.#unclaimed.push({ datagram: Uint8Array.from(datagram), address, port, arrivedAtMs })
      return
    }
    this.#take(datagram, address, port, arrivedAtMs)
    if ((this.#datagrams & TIMED_MASK) === 0 && this.#agent !== null)
      tally.uplink.observe((now() - arrivedAtMs) / 1000)
  }

  /** The far end's address is known: what came before it is taken, or counted as a stranger's. */
  claim(): void {
    const waiting = this.#unclaimed
    this.#unclaimed = []
    for (const { datagram, address, port, arrivedAtMs } of waiting)
      this.#take(datagram, address, port, arrivedAtMs)
  }

  /** The agent hears what arrived from the answer on, and nothing that arrived before: early media ends here. */
  open(agent: CallerAudioSink, answeredAtMs: number): void {
    const said = this.#held.filter(({ arrivedAtMs }) => arrivedAtMs >= answeredAtMs)
    this.#held = []
    if (said.length === 0) this.receiver.forgetHeld()
    this.#framer.clear()
    this.#agent = agent
    const timeline = new CallerTimeline(answeredAtMs, (audio) => this.#framer.write(audio))
    for (const { audio, arrivedAtMs } of said) timeline.write(audio, 0, arrivedAtMs)
    this.#timeline = timeline
  }

  /** The agent hears no more. */
  shut(): void {
    this.#droppedMs = this.droppedMs
    this.#agent = null
    this.#timeline = null
    this.#isShut = true
    this.#held = []
  }

  /** Called each frame. After a stall what arrived meanwhile still waits in the kernel: it is read first. */
  tick(nowMs: number, skippedFrames: number): void {
    this.receiver.tick(nowMs)
    if (skippedFrames === 0 && !this.receiver.isHolding) this.#timeline?.tick(nowMs)
  }

  #take(datagram: Uint8Array, address: string, port: number, arrivedAtMs: number): void {
    if (!this.receiver.receive(datagram, address, port, arrivedAtMs)) return
    if (this.#heardAtMs < 0) this.#options.onFirstPacket()
    this.#heardAtMs = arrivedAtMs
    this.#datagrams += 1
  }

  #hold(audio: Uint8Array, arrivedAtMs: number): void {
    if (this.#isShut) return
    this.#held.push({ audio: Uint8Array.from(audio), arrivedAtMs })
    if (this.#held.length > MAX_HELD) this.#held.shift()
  }
}
