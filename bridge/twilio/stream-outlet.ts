// Our frames on their way into a stream: in real time as over RTP, so that little waits where it cannot be taken back, and
// a little ahead of it, since that is all the far end has in hand when the main thread or TCP hesitates. Silence is not
// sent: everything is played in order, so that what a stalled network held up would delay all behind it for ever; a pause
// in which nothing is sent lets the listener catch up.
import type { StreamSink } from '#core/contracts'
import type { FrameContent } from '../audio/playout-queue.ts'
import { RTP_HEADER_BYTES } from '../rtp/rtp-packet.ts'
import type { Outlet } from '../session/outlet.ts'
import type { Playback } from './playback.ts'

/** The frame that is being played, and three behind it. */
const AHEAD_MS = 80

export class StreamOutlet implements Outlet {
  readonly aheadMs = AHEAD_MS
  /** What is taken back is gone at once: nothing follows the `clear`. */
  readonly fades = false
  readonly #sink: StreamSink
  readonly #playback: Playback
  /** What spoke last. */
  #spoke: FrameContent = 'silence'
  #isSpeaking = false

  constructor(sink: StreamSink, playback: Playback) {
    this.#sink = sink
    this.#playback = playback
  }

  get isOpen(): boolean {
    return !this.#playback.isFull
  }

  get isPlaying(): boolean {
    return this.#playback.isPlaying
  }

  send(packet: Uint8Array, content: FrameContent | 'key'): boolean {
    this.#isSpeaking = content === 'agent' || content === 'prompt'
    if (content !== 'agent' && content !== 'prompt') {
      this.#playback.mark()
      return false
    }
    this.#spoke = content
    // The buffer is given away; the packet's is used again.
    const ulaw = new Uint8Array(packet.subarray(RTP_HEADER_BYTES))
    const bytes = ulaw.length
    this.#sink.audio(ulaw)
    this.#playback.sent(bytes)
    return true
  }

  takeBack(content: 'agent' | 'prompt'): number {
    if (this.#spoke !== content) {
      if (content === 'agent') this.#playback.tellUtterances()
      return 0
    }
    if (!this.#isSpeaking && !this.#playback.isPlaying) return 0
    this.#isSpeaking = false
    this.#sink.clear()
    return this.#playback.thrownAway()
  }

  tick(nowMs: number): void {
    this.#playback.tick(nowMs)
  }

  close(): void {
    this.#playback.thrownAway()
  }
}
