// Where the frames of a downlink leave. Over RTP all of them do, silence included, and what left counts as heard; a
// stream (twilio/stream-outlet.ts) takes only what is spoken, and says what of it was played.
import type { FrameContent } from '../audio/playout-queue.ts'
import type { RtpSocket } from '../rtp/rtp-socket.ts'
import type { SourceGate } from '../rtp/source-gate.ts'

export interface Outlet {
  /** False while nobody listens: what is said meanwhile is gone, as in an empty room. */
  readonly isOpen: boolean
  /** Something that left has not been heard yet, as far as is known. */
  readonly isPlaying: boolean
  /** What is cut off fades out in the next frame. */
  readonly fades: boolean
  /** How much of a talk spurt may leave before its time: 0 where the far end expects a frame each 20 ms. */
  readonly aheadMs: number
  /** A packet, its audio behind RTP_HEADER_BYTES; valid until the next. True when it left. */
  send(packet: Uint8Array, content: FrameContent | 'key'): boolean
  /** What left of an agent, or of a prompt, and was not heard is not to be heard. Returns how many milliseconds. */
  takeBack(content: 'agent' | 'prompt'): number
  /** Each frame. */
  tick(nowMs: number): void
  /** Nothing leaves any more. */
  close(): void
}

export class RtpOutlet implements Outlet {
  readonly isPlaying = false
  readonly fades = true
  readonly aheadMs = 0
  readonly #gate: SourceGate
  readonly #socket: RtpSocket

  constructor(gate: SourceGate, socket: RtpSocket) {
    this.#gate = gate
    this.#socket = socket
  }

  get isOpen(): boolean {
    return this.#gate.destination !== null
  }

  send(packet: Uint8Array): boolean {
    const { destination } = this.#gate
    if (destination === null) return false
    this.#socket.send(packet, destination.port, destination.address)
    return true
  }

  takeBack(): number {
    return 0
  }

  tick(): void {
    // What left is all there is to know.
  }

  close(): void {
    // The sockets are closed by whoever opened them.
  }
}
