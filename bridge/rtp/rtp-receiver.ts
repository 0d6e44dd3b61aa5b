// The caller's side of one RTP socket: from a datagram to audio in order. Strangers, rubbish and foreign payloads are
// counted by reason and never heard.
import type { RtpCounters } from './rtp-counters.ts'
import { ReorderWindow } from './reorder-window.ts'
import { decodeRtp, type RtpPacket } from './rtp-packet.ts'
import { SequenceTracker } from './sequence.ts'
import type { SourceGate } from './source-gate.ts'

/** A timestamp further off than this (10 s of samples) is a new origin, not a hole. */
const MAX_HOLE_SAMPLES = 80_000

/** 200 ms of G.711: no sender packs more, and one datagram must not carry minutes of audio. */
const MAX_PAYLOAD_BYTES = 1600

/** Audio in order. `holeSamples` is what its timestamp says is missing before it: 0 at the start of a stream. */
export type DeliverAudio = (audio: Uint8Array, holeSamples: number, arrivedAtMs: number) => void

export class RtpReceiver {
  readonly #gate: SourceGate
  readonly #counters: RtpCounters
  readonly #deliver: DeliverAudio
  readonly #sequence = new SequenceTracker()
  readonly #window = new ReorderWindow((packet, arrivedAtMs) => this.#inOrder(packet, arrivedAtMs))
  #ssrc = -1
  #expectedTimestamp = -1
  #received = 0
  #rejected = 0
  #lostReported = 0
  #lateReported = 0

  constructor(gate: SourceGate, counters: RtpCounters, deliver: DeliverAudio) {
    this.#gate = gate
    this.#counters = counters
    this.#deliver = deliver
  }

  get received(): number {
    return this.#received
  }

  get rejected(): number {
    return this.#rejected
  }

  get lost(): number {
    return this.#sequence.lost
  }

  /** Audio is here, waiting for a packet it overtook. */
  get isHolding(): boolean {
    return this.#window.isHolding
  }

  /** True when the datagram was the caller's audio. */
  receive(datagram: Uint8Array, address: string, port: number, nowMs: number): boolean {
    const packet = decodeRtp(datagram)
    if (packet.kind === 'invalid') return this.#reject(packet.fault === 'rtcp' ? 'rtcp' : 'not-rtp')
    if (packet.payload.length > MAX_PAYLOAD_BYTES) return this.#reject('too-large')
    // Only what looks like RTP may teach the gate a port.
    if (!this.#gate.admits(address, port)) return this.#reject('stranger')
    if (packet.ssrc !== this.#ssrc) this.#changeSource(packet.ssrc)
    const sequenced = this.#sequence.track(packet.sequence)
    if (sequenced.kind === 'duplicate') return this.#reject('duplicate')
    if (sequenced.kind === 'suspect') return this.#reject('out-of-range')
    const isAudio = packet.payloadType === this.#gate.payloadType
    if (isAudio) this.#count()
    else this.#reject('payload-type')
    // Telephone events and comfort noise share the sequence: they take their turn in it, but carry no audio for us.
    if (sequenced.kind === 'started') this.#start(sequenced.extended, packet, nowMs)
    else this.#window.put(sequenced.extended, packet, nowMs)
    this.#report()
    return isAudio
  }

  /** Called each frame: gives up packets that were waited for too long. */
  tick(nowMs: number): void {
    this.#window.expire(nowMs)
    this.#report()
  }

  /** Audio begins to count from here: what is held was sent before. */
  forgetHeld(): void {
    this.#window.clear()
    this.#expectedTimestamp = -1
  }

  #start(extended: number, packet: RtpPacket, nowMs: number): void {
    this.#expectedTimestamp = -1
    this.#window.start(extended, packet, nowMs)
  }

  #inOrder(packet: RtpPacket, arrivedAtMs: number): void {
    if (packet.payloadType !== this.#gate.payloadType) return
    const hole = this.#expectedTimestamp < 0 ? 0 : (packet.timestamp - this.#expectedTimestamp) | 0
    this.#expectedTimestamp = (packet.timestamp + packet.payload.length) >>> 0
    this.#deliver(packet.payload, hole > 0 && hole <= MAX_HOLE_SAMPLES ? hole : 0, arrivedAtMs)
  }

  /** RFC 3550 §8.2: another SSRC from the caller's own address is a new stream (a transfer behind the carrier). */
  #changeSource(ssrc: number): void {
    this.#ssrc = ssrc
    this.#sequence.reset()
  }

  #count(): void {
    this.#received += 1
    this.#counters.received.value += 1
  }

  #reject(reason: keyof RtpCounters['rejected']): false {
    this.#rejected += 1
    this.#counters.rejected[reason].value += 1
    return false
  }

  #report(): void {
    const { lost, late } = this.#window
    this.#counters.lost.value += lost - this.#lostReported
    this.#counters.late.value += late - this.#lateReported
    this.#lostReported = lost
    this.#lateReported = late
  }
}
