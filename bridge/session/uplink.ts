// Caller → agent: datagram → source → sequence → timeline → frames → conversation. Or, once joined, → another caller.
import type { DtmfDigit, StreamQuality, TelephoneCodec } from '#core/contracts'
import { CallerTimeline, type TimelinePiece } from '../audio/caller-timeline.ts'
import { Framer, type FrameLengthMs } from '../audio/framer.ts'
import { translate } from '../audio/g711.ts'
import { isLoud } from '../audio/level.ts'
import type { LiveLine, LiveSource } from '../audio/live-line.ts'
import { DtmfReceiver } from '../rtp/dtmf-receiver.ts'
import { RtcpSession, type RtcpStart } from '../rtp/rtcp-session.ts'
import { isRtcp } from '../rtp/rtp-packet.ts'
import { MAX_PAYLOAD_BYTES, RtpReceiver, type HeardAudio } from '../rtp/rtp-receiver.ts'
import type { SourceGate } from '../rtp/source-gate.ts'
import type { MediaTally } from '../worker/tally.ts'
import { EarlyCaller } from './early-caller.ts'
import { receivedQuality, sentQuality } from './stream-quality.ts'
import { UnclaimedDatagrams } from './unclaimed-datagrams.ts'

/** One packet in 16 is timed: enough for a 99th percentile, and hardly a cost. */
const TIMED_MASK = 0x0f

/** Where the frames go: a conversation, seen from here. */
export interface CallerAudioSink {
  /** The frame is valid until the next call: who keeps it takes a copy. */
  sendCallerAudio(line: Uint8Array, codec: TelephoneCodec): void
}

export type AudioTap = (line: Uint8Array, codec: TelephoneCodec) => void

export interface UplinkOptions {
  readonly gate: SourceGate
  readonly tally: MediaTally
  readonly now: () => number
  /** How much audio a frame to the agent carries. */
  readonly frameMs: FrameLengthMs
  /** Told once. */
  readonly onFirstPacket: () => void
  /** A key was pressed, after the answer. Told once, when it is up again. */
  readonly onDigit: (digit: DtmfDigit, durationMs: number) => void
}

export class Uplink implements LiveSource {
  readonly receiver: RtpReceiver
  /**
   * Every piece of audio the agent hears, or would: from the answer on, also after the agent is gone. Valid until the
   * next call.
   */
  tap: AudioTap | null = null
  readonly #options: UplinkOptions
  readonly #rtcp: RtcpSession
  readonly #framer: Framer
  readonly #dtmf: DtmfReceiver
  readonly #translated = new Uint8Array(MAX_PAYLOAD_BYTES)
  readonly #piece: { -readonly [K in keyof TimelinePiece]: TimelinePiece[K] } = {
    line: this.#translated,
    missingSamples: 0,
    lostSamples: 0,
  }
  readonly #early = new EarlyCaller()
  readonly #unclaimed = new UnclaimedDatagrams()
  #codec: TelephoneCodec = 'PCMU'
  #agent: CallerAudioSink | null = null
  /** Another caller's, who hears this one: it says when audio must be made up. */
  #crossing: LiveLine | null = null
  #timeline: CallerTimeline | null = null
  #isShut = false
  #hearsKeys = false
  /** Audio came since the last frame: in it nothing needs to be made up, given up or ended. */
  #isFlowing = false
  #heardAtMs = Number.NEGATIVE_INFINITY
  #spokeAtMs = Number.NEGATIVE_INFINITY
  #datagrams = 0

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#framer = new Framer(options.frameMs, (frame, codec) =>
      this.#agent?.sendCallerAudio(frame, codec),
    )
    this.#dtmf = new DtmfReceiver(options.onDigit)
    const receiver = new RtpReceiver(options.gate, options.tally.rtp, {
      onAudio: (heard) => this.#onAudio(heard),
      onComfortNoise: (level, atMs) => this.#timeline?.comfort(level, atMs),
      onEvent: (payload, timestamp, atMs) => this.#onEvent(payload, timestamp, atMs),
      onRestart: () => this.#dtmf.restart(),
    })
    this.receiver = receiver
    this.#rtcp = new RtcpSession({
      gate: options.gate,
      source: receiver,
      now: options.now,
      onInterval: () => this.#sampleJitter(),
    })
  }

  /** When the caller was last heard, by the worker's monotonic clock: audio, comfort noise or a key. */
  get heardAtMs(): number {
    return this.#heardAtMs
  }

  /** When the far end was last known to be there: heard, or quiet by its own word. */
  get presentAtMs(): number {
    return Math.max(this.#heardAtMs, this.#rtcp.quietAtMs)
  }

  /** The caller's keys come in RTP: what signalling says of them as well would be heard twice. */
  get hearsKeys(): boolean {
    return this.#hearsKeys
  }

  /** When the caller was last loud enough to be speaking. */
  get spokeAtMs(): number {
    return this.#spokeAtMs
  }

  /** Audio the agent never heard because it came faster than real time. */
  get droppedMs(): number {
    return this.#timeline?.droppedMs ?? 0
  }

  /** Audio made up for lost packets. */
  get concealedMs(): number {
    return Math.round(this.#timeline?.concealedMs ?? 0)
  }

  /** The median of what RTCP says; null when the far end sent no reports. */
  get roundTripMs(): number | null {
    return this.#rtcp.roundTripMs
  }

  /** How the caller's audio arrived. */
  quality(): StreamQuality {
    this.receiver.sampleJitter()
    return receivedQuality(this.receiver, this.roundTripMs, this.#options.frameMs)
  }

  /** How ours arrived, as far as the far end's RTCP says. */
  sentQuality(packets: number): StreamQuality {
    return sentQuality(packets, this.#rtcp.sentQuality, this.roundTripMs)
  }

  receive(datagram: Uint8Array, address: string, port: number): void {
    const { gate, now, tally } = this.#options
    const arrivedAtMs = now()
    if (!gate.isAnnounced) {
      this.#unclaimed.keep(datagram, { address, port, arrivedAtMs })
      return
    }
    this.#take(datagram, address, port, arrivedAtMs)
    if ((this.#datagrams & TIMED_MASK) === 0 && this.#agent !== null)
      tally.uplink.observe((now() - arrivedAtMs) / 1000)
  }

  /** From the RTCP socket, or from the RTP socket when both share a port. */
  receiveRtcp(datagram: Uint8Array, address: string, port: number): void {
    if (!this.#rtcp.receive(datagram, address, port)) this.receiver.reject('rtcp')
  }

  /** The far end's address is known: what came before it is taken, or counted as a stranger's. */
  claim(): void {
    this.#unclaimed.take((datagram, { address, port, arrivedAtMs }) =>
      this.#take(datagram, address, port, arrivedAtMs),
    )
  }

  /**
   * The agent hears what arrived from the answer on, and nothing that arrived before: early media ends here. Without an
   * agent (null) the audio is there for whoever taps the line or is joined with it.
   */
  open(agent: CallerAudioSink | null, answeredAtMs: number): void {
    const said = this.#early.since(answeredAtMs)
    if (said.length === 0) this.receiver.forgetHeld()
    this.#framer.clear()
    this.#agent = agent
    this.#codec = this.#options.gate.lineCodec
    this.#timeline = new CallerTimeline(answeredAtMs, this.#codec, (line, codec) => {
      this.tap?.(line, codec)
      if (this.#agent !== null) this.#framer.write(line, codec)
      this.#crossing?.write(line, codec, this.#options.now())
    })
    for (const heard of said) this.#write(this.#timeline, heard)
  }

  /** From this moment on the agent hears the caller, whose time has been running since `open`, and nothing of before. */
  lend(agent: CallerAudioSink): void {
    // What waits for a packet it overtook was said before.
    this.receiver.release()
    this.#agent = agent
  }

  /** The agent hears no more; whoever taps the line does. */
  shut(): void {
    this.#agent = null
    this.#isShut = true
    this.#early.clear()
  }

  /** Another caller hears this one as it speaks, in no frames but its own; null: nobody does. */
  crossTo(line: LiveLine | null): void {
    this.#crossing = line
  }

  release(): void {
    this.receiver.release()
  }

  makeUp(samples: number): void {
    if (this.#timeline === null) return
    this.#followCodec(this.#timeline)
    this.#timeline.makeUp(samples)
  }

  /** The call is answered: reports are sent. */
  startReports(start: RtcpStart): void {
    this.#rtcp.start(start)
  }

  /** No more reports: with a last one that says so, unless the far end must not be sent anything. */
  endReports(farewell: 'bye' | 'silent'): void {
    if (farewell === 'bye') this.#rtcp.bye()
    else this.#rtcp.stop()
  }

  /** Called each frame. After a stall what arrived meanwhile still waits in the kernel: it is read first. */
  tick(nowMs: number, skippedFrames: number): void {
    this.#rtcp.tick(nowMs)
    const isFlowing = this.#isFlowing
    this.#isFlowing = false
    if (skippedFrames > 0 || isFlowing) return
    this.receiver.tick(nowMs)
    this.#dtmf.tick(nowMs)
    const timeline = this.#timeline
    if (timeline === null || this.receiver.isHolding || this.#crossing !== null) return
    this.#followCodec(timeline)
    timeline.tick(nowMs)
  }

  #take(datagram: Uint8Array, address: string, port: number, arrivedAtMs: number): void {
    if (this.#options.gate.isRtcpMuxed && isRtcp(datagram)) {
      this.receiveRtcp(datagram, address, port)
      return
    }
    if (!this.receiver.receive(datagram, address, port, arrivedAtMs)) return
    if (this.#heardAtMs < 0) this.#options.onFirstPacket()
    this.#heardAtMs = arrivedAtMs
    this.#datagrams += 1
  }

  #onAudio(heard: HeardAudio): void {
    const timeline = this.#timeline
    if (timeline !== null) this.#write(timeline, heard)
    else if (!this.#isShut) this.#early.keep(heard)
  }

  #onEvent(payload: Uint8Array, timestamp: number, atMs: number): boolean {
    // A key pressed before the answer was not meant for us.
    if (this.#timeline === null) return true
    this.#timeline.pause(atMs)
    const isKey = this.#dtmf.receive(payload, timestamp, atMs)
    this.#hearsKeys ||= isKey
    return isKey
  }

  #write(timeline: CallerTimeline, heard: HeardAudio): void {
    const { arrivedAtMs } = heard
    this.#followCodec(timeline)
    // Some senders say the key in the audio too; the agent would take the tone for a sound the caller makes. And it must
    // not talk to the music of a far end that holds the call.
    if (this.#dtmf.isPressed || this.#options.gate.isHeld) {
      timeline.pause(arrivedAtMs)
      return
    }
    const line = this.#toLine(heard)
    const piece = this.#piece
    piece.line = line
    // What was made up for a pause as it went by is all there is of it.
    piece.missingSamples = this.#crossing?.isPausing === true ? 0 : heard.missingSamples
    piece.lostSamples = heard.lostSamples
    if (!timeline.write(piece, arrivedAtMs)) this.#options.tally.rtp.rejected['too-fast'].value += 1
    else {
      this.#isFlowing = true
      if (isLoud(line, this.#codec)) this.#spokeAtMs = arrivedAtMs
    }
  }

  #toLine({ audio, codec }: HeardAudio): Uint8Array {
    const table = translate(codec, this.#codec)
    if (table === null) return audio
    const line = this.#translated.subarray(0, audio.length)
    for (let at = 0; at < line.length; at += 1) line[at] = table[audio[at] ?? 0] ?? 0
    return line
  }

  /** A re-INVITE may change what we send, and with it the codec of everything behind RTP. */
  #followCodec(timeline: CallerTimeline): void {
    const codec = this.#options.gate.lineCodec
    if (codec === this.#codec) return
    this.#codec = codec
    timeline.changeCodec(codec)
  }

  #sampleJitter(): void {
    this.receiver.sampleJitter()
    if (this.receiver.received > 0)
      this.#options.tally.rtp.jitter.observe(this.receiver.jitterMs / 1000)
  }
}
