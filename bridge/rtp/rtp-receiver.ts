// The caller's side of one RTP socket: from a datagram to audio, keys and comfort noise in order. Strangers, rubbish and
// foreign payloads are counted by reason and never heard.
import type { TelephoneCodec } from '#core/contracts'
import { Reception, type ReceptionReport } from './reception.ts'
import { ReorderWindow, type Arrival } from './reorder-window.ts'
import type { RtpCounters } from './rtp-counters.ts'
import { emptyRtpView, readRtp } from './rtp-packet.ts'
import { SequenceTracker, type Sequenced } from './sequence.ts'
import type { SourceGate } from './source-gate.ts'

/** A timestamp further off than this (10 s of samples) is a new origin, not a hole. */
const MAX_HOLE_SAMPLES = 80_000
/** 200 ms of G.711: no sender packs more, and one datagram must not carry minutes of audio. */
export const MAX_PAYLOAD_BYTES = 1600
/** Static (RFC 3551 §6), so it is understood whether or not it was agreed on (RFC 3389). */
const COMFORT_NOISE_TYPE = 13
/** Packets that are behind by number and ahead by time: so many in a row, and the sender began anew. */
const RESTART_AFTER = 2
/** A stream that took another's place keeps it until it paused for so long: two at once would be heard interleaved. */
const REPLACED_FOR_MS = 150
const EMPTY = new Uint8Array(0)

/** The caller's audio in order; one object for all of it. */
export interface HeardAudio {
  audio: Uint8Array
  codec: TelephoneCodec
  /** What is missing before it by its timestamp; 0 when that says nothing. */
  missingSamples: number
  /** How much of that got lost on the way; the rest was never sent. */
  lostSamples: number
  arrivedAtMs: number
}

/** Told in order of sequence numbers. */
export interface CallerStream {
  onAudio(heard: HeardAudio): void
  /** The caller says nothing, and this is how it sounds (RFC 3389 §3). */
  onComfortNoise(minusDbov: number, arrivedAtMs: number): void
  /** A telephone event (RFC 4733). False when it means nothing. */
  onEvent(payload: Uint8Array, timestamp: number, arrivedAtMs: number): boolean
  /** What follows is another stream. */
  onRestart(): void
}

type MutableArrival = { -readonly [K in keyof Arrival]: Arrival[K] }

export class RtpReceiver {
  readonly #gate: SourceGate
  readonly #counters: RtpCounters
  readonly #stream: CallerStream
  readonly #view = emptyRtpView()
  readonly #arrival: MutableArrival = {
    extended: 0,
    payloadType: 0,
    timestamp: 0,
    payload: EMPTY,
    arrivedAtMs: 0,
  }
  readonly #heard: HeardAudio = {
    audio: EMPTY,
    codec: 'PCMU',
    missingSamples: 0,
    lostSamples: 0,
    arrivedAtMs: 0,
  }
  readonly #sequence = new SequenceTracker()
  readonly #reception = new Reception()
  readonly #window = new ReorderWindow((arrival, lost) => this.#inOrder(arrival, lost))
  #newestTimestamp = 0
  /** The stream before this one, and when this one was last heard. */
  #formerSsrc = -1
  #streamAtMs = Number.NEGATIVE_INFINITY
  /** Packets in a row that look like a sender's new beginning. */
  #behind = 0
  #expectedTimestamp = -1
  #lostBefore = 0
  #lossBursts = 0
  #received = 0
  #rejected = 0
  #lostReported = 0
  #lateReported = 0

  constructor(gate: SourceGate, counters: RtpCounters, stream: CallerStream) {
    this.#gate = gate
    this.#counters = counters
    this.#stream = stream
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

  /** Packets whose turn passed without them: lost, or too late. */
  get givenUp(): number {
    return this.#window.lost
  }

  /** How often packets were given up, be it one or many at once. */
  get lossBursts(): number {
    return this.#lossBursts
  }

  get jitterMs(): number {
    return this.#reception.jitterMs
  }

  get worstJitterMs(): number | null {
    return this.#reception.worstJitterMs
  }

  /** Audio is here, waiting for a packet it overtook. */
  get isHolding(): boolean {
    return this.#window.isHolding
  }

  /** The caller's stream since the last report; null when none is heard. */
  report(): ReceptionReport | null {
    return this.#reception.report(this.#sequence)
  }

  /** Once a reporting interval, whether or not a report is sent. */
  sampleJitter(): void {
    this.#reception.sample()
  }

  /** True when the datagram was the caller's: audio, comfort noise or a key. */
  receive(datagram: Uint8Array, address: string, port: number, nowMs: number): boolean {
    const view = this.#view
    const fault = readRtp(datagram, view)
    if (fault !== null) return this.reject(fault === 'rtcp' ? 'rtcp' : 'not-rtp')
    if (view.payloadEnd - view.payloadStart > MAX_PAYLOAD_BYTES) return this.reject('too-large')
    // Only what looks like RTP may teach the gate a source.
    if (!this.#gate.admits(address, port, nowMs)) return this.reject('stranger')
    if (this.#isKeyBeside()) return this.#takeKey(datagram, nowMs)
    const sequenced = this.#track(nowMs)
    if (sequenced === 'duplicate') return this.reject('duplicate')
    if (sequenced === 'suspect') return this.reject('out-of-range')
    const isOurs = this.#count(nowMs)
    const arrival = this.#arrival
    arrival.extended = this.#sequence.extended
    arrival.payloadType = view.payloadType
    arrival.timestamp = view.timestamp
    arrival.payload = datagram.subarray(view.payloadStart, view.payloadEnd)
    arrival.arrivedAtMs = nowMs
    // What is of no use to us shares the sequence: it takes its turn all the same.
    if (sequenced === 'started') this.#start(arrival)
    else this.#window.put(arrival)
    this.#report()
    return isOurs
  }

  /** Called each frame: gives up packets that were waited for too long. */
  tick(nowMs: number): void {
    this.#window.expire(nowMs)
    this.#report()
  }

  /** Gives up what is waited for: what overtook it is needed now. */
  release(): void {
    this.#window.flush()
    this.#report()
  }

  /** Audio begins to count from here: what is held was sent before. */
  forgetHeld(): void {
    this.#window.clear()
    this.#expectedTimestamp = -1
    this.#lostBefore = 0
  }

  /** Counts what is not the caller's audio. */
  reject(reason: keyof RtpCounters['rejected']): false {
    this.#rejected += 1
    this.#counters.rejected[reason].value += 1
    return false
  }

  /** Some gateways tell keys in a stream of their own beside the audio's. */
  #isKeyBeside(): boolean {
    const { payloadType, ssrc } = this.#view
    const heard = this.#reception.ssrc
    return ssrc !== heard && heard >= 0 && this.#gate.isKey(payloadType)
  }

  /** Whatever its number: repeated and overtaken ones are told by their timestamps. */
  #takeKey(datagram: Uint8Array, nowMs: number): boolean {
    const { payloadStart, payloadEnd, timestamp } = this.#view
    const payload = datagram.subarray(payloadStart, payloadEnd)
    if (!this.#stream.onEvent(payload, timestamp, nowMs)) return this.reject('event')
    this.#received += 1
    this.#counters.received.value += 1
    return true
  }

  /** RFC 3550 §8.2: another SSRC from the caller's own address is a new stream (a transfer behind the carrier). */
  #track(nowMs: number): Sequenced {
    const { sequence, ssrc, timestamp } = this.#view
    if (ssrc !== this.#reception.ssrc) {
      const isReplaced = ssrc === this.#formerSsrc && nowMs - this.#streamAtMs < REPLACED_FOR_MS
      if (isReplaced) return 'suspect'
      this.#formerSsrc = this.#reception.ssrc
      this.#reception.start(ssrc)
      this.#sequence.reset()
    }
    this.#streamAtMs = nowMs
    const highest = this.#sequence.highest
    const sequenced = this.#sequence.track(sequence)
    if (sequenced === 'started' || sequenced === 'suspect') return this.#tracked(sequenced)
    const isForward = sequenced === 'accepted' && this.#sequence.extended > highest
    const isNewer = ((timestamp - this.#newestTimestamp) | 0) > 0
    // A late packet is old by both counts. A sender that began anew a little further back is not.
    if (isForward || !isNewer) this.#behind = 0
    else if ((this.#behind += 1) >= RESTART_AFTER) {
      this.#reception.start(ssrc)
      return this.#tracked(this.#sequence.start(sequence))
    }
    if (isForward) this.#newestTimestamp = timestamp
    return sequenced
  }

  #tracked(sequenced: Sequenced): Sequenced {
    if (sequenced === 'suspect') return sequenced
    this.#behind = 0
    this.#newestTimestamp = this.#view.timestamp
    return sequenced
  }

  /** False when it is of a payload type that nobody agreed on. */
  #count(nowMs: number): boolean {
    const { payloadType, timestamp } = this.#view
    if (this.#gate.codecOf(payloadType) !== null) this.#reception.arrived(timestamp, nowMs)
    else if (!this.#gate.isKey(payloadType) && payloadType !== COMFORT_NOISE_TYPE)
      return this.reject('payload-type')
    this.#received += 1
    this.#counters.received.value += 1
    return true
  }

  #start(arrival: Arrival): void {
    // What the former stream still held is heard first, by its own timestamps.
    this.#window.flush()
    this.#expectedTimestamp = -1
    this.#lostBefore = 0
    this.#stream.onRestart()
    this.#window.start(arrival)
  }

  #inOrder(arrival: Arrival, lost: number): void {
    if (lost > 0) this.#lossBursts += 1
    this.#lostBefore += lost
    const { payloadType, payload, timestamp, arrivedAtMs } = arrival
    const codec = this.#gate.codecOf(payloadType)
    if (codec !== null) {
      if (payload.length > 0) this.#hear(arrival, codec)
      return
    }
    // Whatever else came in between, what is missing in time is a pause.
    this.#lostBefore = 0
    if (this.#gate.isKey(payloadType)) {
      if (!this.#stream.onEvent(payload, timestamp, arrivedAtMs)) this.reject('event')
    } else if (payloadType === COMFORT_NOISE_TYPE) {
      const [level] = payload
      if (level === undefined) this.reject('event')
      else this.#stream.onComfortNoise(level & 0x7f, arrivedAtMs)
    }
  }

  #hear({ timestamp, payload, arrivedAtMs }: Arrival, codec: TelephoneCodec): void {
    const heard = this.#heard
    const lostSamples = this.#lostBefore * payload.length
    const hole = this.#expectedTimestamp < 0 ? 0 : (timestamp - this.#expectedTimestamp) | 0
    // A timestamp out of reason says nothing; the count of lost packets still does.
    const isCredible = hole >= 0 && hole <= MAX_HOLE_SAMPLES
    heard.missingSamples = isCredible ? hole : Math.min(lostSamples, MAX_HOLE_SAMPLES)
    heard.lostSamples = Math.min(lostSamples, heard.missingSamples)
    heard.audio = payload
    heard.codec = codec
    heard.arrivedAtMs = arrivedAtMs
    this.#lostBefore = 0
    this.#expectedTimestamp = (timestamp + payload.length) >>> 0
    this.#stream.onAudio(heard)
  }

  #report(): void {
    const { lost, late } = this.#window
    this.#counters.lost.value += lost - this.#lostReported
    this.#counters.late.value += late - this.#lateReported
    this.#lostReported = lost
    this.#lateReported = late
  }
}
