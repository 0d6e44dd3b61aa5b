// Agent → caller: conversation → playout queue → packetizer → outlet, a packet each 20 ms from the answer to the end.
// While the agent says nothing the packets carry silence: that keeps NAT bindings open and carriers' media timers quiet.
// Prompts go the same way, behind what is queued; keys to be pressed take the place of audio. A caller who is joined with
// another one hears that one where nothing of the queue is played.
import { FRAME_BYTES, FRAME_MS, type TelephoneCodec } from '#core/contracts'
import type { FramePacer, PacedMember, PacerSeat } from '../audio/frame-pacer.ts'
import type { LiveLine } from '../audio/live-line.ts'
import { PlayoutQueue, type FrameContent, type PlayoutListener } from '../audio/playout-queue.ts'
import { QueuedPrompt } from '../audio/queued-prompt.ts'
import type { Alignment } from '../audio/utterance.ts'
import { DtmfSender } from '../rtp/dtmf-sender.ts'
import { Packetizer } from '../rtp/packetizer.ts'
import type { SentCounters } from '../rtp/rtcp-session.ts'
import { RTP_HEADER_BYTES } from '../rtp/rtp-packet.ts'
import type { SourceGate } from '../rtp/source-gate.ts'
import type { MediaTally } from '../worker/tally.ts'
import type { Outlet } from './outlet.ts'

/**
 * From this on silence is a pause: the next talk spurt may start off the tick, and time is given back. A spurt that merely
 * ran dry goes on in its rhythm: each shift of the stream against the clock is jitter to a receiver.
 */
const PAUSE_MS = 500
const NOWHERE = new Uint8Array(FRAME_BYTES)

/**
 * What left in a frame: the packet and where its audio begins, or null when none did. `tickMs` is when a receiver plays
 * it: the packet's timestamp on the pacer's clock, never overlapping the one before.
 */
export type SentTap = (
  packet: Uint8Array | null,
  offset: number,
  codec: TelephoneCodec,
  tickMs: number,
  skipped: number,
) => void

export interface DownlinkOptions extends PlayoutListener {
  readonly outlet: Outlet
  readonly gate: SourceGate
  readonly pacer: FramePacer
  readonly tally: MediaTally
  readonly now: () => number
  /** Called each frame, after its packet left. */
  readonly onFrame: (nowMs: number, skippedFrames: number) => void
  /** Told once, when audio of an agent, or of the caller joined with, has left for the first time. */
  readonly onFirstPacket: () => void
}

export class Downlink implements PacedMember {
  readonly queue: PlayoutQueue
  /** The recorder's. */
  tap: SentTap | null = null
  readonly #options: DownlinkOptions
  readonly #packetizer = new Packetizer()
  /** Made when keys are pressed for the first time: most calls never do. */
  #keys: DtmfSender | null = null
  #live: LiveLine | null = null
  #seat: PacerSeat | null = null
  #isStopped = false
  #spokeAtMs = Number.NEGATIVE_INFINITY
  #sentAtMs = Number.NEGATIVE_INFINITY
  #sent = 0
  #sentOctets = 0
  #spoke = false
  /** The last frame went to nobody, or was a key: the next audio that goes out begins a talk spurt (RFC 3551 §4.1). */
  #paused = false
  /** When the first audio of an utterance came; NaN between utterances. */
  #utteranceAtMs = Number.NaN
  #underrunsReported = 0

  constructor(options: DownlinkOptions) {
    this.#options = options
    this.queue = new PlayoutQueue('PCMU', options.outlet.fades)
  }

  /** Packets. */
  get sent(): number {
    return this.#sent
  }

  get sentOctets(): number {
    return this.#sentOctets
  }

  /** The agent, or a prompt, is being heard. */
  get isSpeaking(): boolean {
    return this.queue.isPlaying
  }

  /** Something is still to be heard. */
  get hasAudio(): boolean {
    return !this.queue.isEmpty || this.#options.outlet.isPlaying
  }

  /** When a frame of the agent or a prompt last left; -Infinity before. */
  get spokeAtMs(): number {
    return this.#spokeAtMs
  }

  sentCounters(): SentCounters {
    return {
      ssrc: this.#packetizer.ssrc,
      packets: this.#sent,
      octets: this.#sentOctets,
      lastRtpTimestamp: this.#packetizer.lastTimestamp,
      lastSentAtMs: this.#sentAtMs,
    }
  }

  /** For good: nothing leaves any more. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Frames leave from now on; before the answer none does. */
  start(): void {
    if (!this.#isStopped) this.#seat ??= this.#options.pacer.join(this)
  }

  /** For good: everything that waits is told as over. Idempotent. */
  stop(): void {
    this.#isStopped = true
    this.#seat?.leave()
    this.#seat = null
    this.#keys?.forget()
    this.queue.close(this.#options.now())
    this.queue.tell(this.#options)
    this.#options.outlet.close()
  }

  /** Agent audio in the line's codec. After a pause it starts at once, off the tick, right behind the silence before it. */
  play(audio: Uint8Array, eventId: number, letters?: Alignment): void {
    if (this.#seat === null) return
    const nowMs = this.#options.now()
    this.#followCodec()
    if (this.queue.write(audio, eventId, nowMs, letters)) this.#utteranceAtMs = nowMs
    this.#startOffTick(nowMs)
    this.#options.tally.underruns.value += this.queue.underruns - this.#underrunsReported
    this.#underrunsReported = this.queue.underruns
    this.queue.tell(this.#options)
  }

  /** The caller spoke over the agent. What plays is cut off; returns the milliseconds of audio nobody will hear. */
  interrupt(): number {
    this.#utteranceAtMs = Number.NaN
    this.#followCodec()
    const discardedMs = this.queue.interrupt(this.#options.now())
    const takenBackMs = this.#options.outlet.takeBack('agent')
    this.queue.tell(this.#options)
    return discardedMs + takenBackMs
  }

  /** From now on this is heard, in the line's codec (`lineCodec`), wherever the queue is silent; in the place of another. */
  hear(live: LiveLine): void {
    this.#followCodec()
    live.use(this.queue.codec)
    this.#live = live
  }

  /** Waits behind everything queued; before `start` for that. µ-law, and never written to. */
  playPrompt(promptId: string, ulaw: Uint8Array, stopOnDigit: boolean): void {
    const prompt = new QueuedPrompt(promptId, ulaw, stopOnDigit)
    if (this.#isStopped) {
      this.#options.onPrompt(prompt.told('stopped'))
      return
    }
    this.queue.play(prompt, this.#options.now())
    this.queue.tell(this.#options)
  }

  /** Ends the prompt that plays, which is cut off, and those that wait. */
  stopPrompts(how: 'stopped' | 'digit'): void {
    this.#followCodec()
    this.queue.stopPrompts(how, this.#options.now())
    this.#options.outlet.takeBack('prompt')
    this.queue.tell(this.#options)
  }

  /** The caller pressed a key. */
  pressed(): void {
    this.#followCodec()
    if (this.queue.pressed(this.#options.now())) this.#options.outlet.takeBack('prompt')
    this.queue.tell(this.#options)
  }

  /** Presses keys towards the caller, while audio waits. False when telephone events were not agreed, or none was a key. */
  sendDigits(digits: string): boolean {
    const { gate } = this.#options
    if (this.#seat === null || gate.telephoneEventType === null) return false
    this.#keys ??= new DtmfSender(this.#packetizer)
    return this.#keys.press(digits)
  }

  onFrame(tickMs: number, skipped: number): void {
    const nowMs = this.#options.now()
    this.#followCodec()
    if (this.#keys?.takesFrame(tickMs) === true) this.#sendKey(tickMs, nowMs, skipped)
    else if (this.queue.mayStart(nowMs)) this.#startSpurt(tickMs, nowMs, skipped)
    else if (this.#givesTimeBack(tickMs, nowMs))
      this.#seat?.postpone(this.#packetizer.leadMs(tickMs))
    // After a stall the timestamp jumps with the wall clock; the marker lets the far end take it as a new spurt.
    else {
      this.#send(tickMs, nowMs, skipped, skipped > 0)
      this.#getAhead(tickMs, nowMs)
    }
    this.queue.tell(this.#options)
    this.#options.outlet.tick(nowMs)
    this.#options.onFrame(nowMs, skipped)
  }

  #followCodec(): void {
    const { lineCodec } = this.#options.gate
    if (lineCodec === this.queue.codec) return
    this.queue.use(lineCodec)
    this.#live?.use(lineCodec)
  }

  #startOffTick(nowMs: number): void {
    if (this.#seat === null || this.#keys?.isBusy === true) return
    if (nowMs - this.#spokeAtMs < PAUSE_MS || !this.queue.mayStart(nowMs)) return
    this.#startSpurt(this.#seat.restart(), nowMs, 0)
  }

  /** In a pause, what a spurt that started off the tick was ahead of the clock is waited for. */
  #givesTimeBack(tickMs: number, nowMs: number): boolean {
    const pauses = !this.queue.isPlaying && nowMs - this.#spokeAtMs >= PAUSE_MS
    return pauses && this.#packetizer.leadMs(tickMs) >= 1
  }

  #startSpurt(tickMs: number, nowMs: number, skipped: number): void {
    this.queue.start()
    this.#send(tickMs, nowMs, skipped, true)
    this.#getAhead(tickMs, nowMs)
  }

  /** What the far end has in hand bridges a hiccup on the way, ours included. Only whole frames: more may come. */
  #getAhead(tickMs: number, nowMs: number): void {
    const { outlet } = this.#options
    while (
      this.#packetizer.leadMs(tickMs) < outlet.aheadMs &&
      this.queue.isPlaying &&
      this.queue.heldMs >= FRAME_MS
    )
      this.#send(tickMs, nowMs, 0, false)
  }

  #send(tickMs: number, nowMs: number, skipped: number, marker: boolean): void {
    const { gate, outlet } = this.#options
    if (!outlet.isOpen) {
      this.#sendNowhere(tickMs, nowMs, skipped)
      return
    }
    const { payloadType } = gate.format
    // In a pause the stall gives back what a spurt was ahead; of what is sent ahead on purpose it has used some up.
    if (this.queue.isPlaying && outlet.aheadMs === 0) this.#packetizer.skip(skipped)
    const heardAtMs = tickMs + this.#packetizer.leadMs(tickMs)
    const packet = this.#packetizer.next(tickMs, payloadType, marker || this.#paused)
    this.#paused = false
    const content = this.queue.readFrame(packet, RTP_HEADER_BYTES, nowMs)
    this.#readLive(content === 'silence' ? packet : null, nowMs, skipped)
    if (outlet.send(packet, content)) this.#count(packet.length, nowMs)
    this.tap?.(packet, RTP_HEADER_BYTES, this.queue.codec, heardAtMs, skipped)
    if (content !== 'silence') this.#spoken(content, nowMs)
  }

  /** Where nobody listens time goes on: what the agent says meanwhile is as gone as what it says to an empty room. */
  #sendNowhere(tickMs: number, nowMs: number, skipped: number): void {
    this.queue.readFrame(NOWHERE, 0, nowMs, false)
    this.#readLive(null, nowMs, skipped)
    this.#utteranceAtMs = Number.NaN
    this.#paused = true
    this.tap?.(null, 0, this.queue.codec, tickMs, skipped)
  }

  #sendKey(tickMs: number, nowMs: number, skipped: number): void {
    const { gate, outlet } = this.#options
    const { telephoneEventType } = gate
    if (!outlet.isOpen || telephoneEventType === null) {
      this.#keys?.forget()
      this.#send(tickMs, nowMs, skipped, true)
      return
    }
    this.#readLive(null, nowMs, skipped)
    const packet = this.#keys?.next(tickMs, telephoneEventType) ?? null
    this.#paused = true
    this.tap?.(null, 0, this.queue.codec, tickMs, skipped)
    if (packet !== null && outlet.send(packet, 'key')) this.#count(packet.length, nowMs)
  }

  /** Null while something else is heard, or nothing can be: what the other says meanwhile is over. */
  #readLive(packet: Uint8Array | null, nowMs: number, skipped: number): void {
    const live = this.#live
    if (live === null) return
    if (packet === null) live.readFrame(NOWHERE, 0, nowMs, skipped)
    else if (live.readFrame(packet, RTP_HEADER_BYTES, nowMs, skipped)) this.#firstHeard()
    if (live.isOver) this.#live = null
  }

  #count(packetBytes: number, nowMs: number): void {
    this.#sent += 1
    this.#sentOctets += packetBytes - RTP_HEADER_BYTES
    this.#sentAtMs = nowMs
    this.#options.tally.rtp.sent.value += 1
  }

  #spoken(content: FrameContent, nowMs: number): void {
    this.#spokeAtMs = nowMs
    if (content !== 'agent') return
    if (!Number.isNaN(this.#utteranceAtMs)) {
      this.#options.tally.downlink.observe((this.#options.now() - this.#utteranceAtMs) / 1000)
      this.#utteranceAtMs = Number.NaN
    }
    this.#firstHeard()
  }

  #firstHeard(): void {
    if (this.#spoke) return
    this.#spoke = true
    this.#options.onFirstPacket()
  }
}
