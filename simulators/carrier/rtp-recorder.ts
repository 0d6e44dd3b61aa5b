// Everything received on one RTP port, measured as a carrier's probe would (RFC 3550 §5.1, Appendix A.1).
import { epochMs, FRAME_BYTES, FRAME_MS, ULAW_SILENCE, type EpochMs } from '#core/contracts'
import { decodeUlaw } from './sound.ts'
import { codecOf, toUlaw } from './telephone-codec.ts'
import { KeyListener, type HeardKey } from './telephone-event.ts'

export interface ArrivalGap {
  /** When the packet that ended the gap arrived. */
  readonly at: EpochMs
  /** The silence heard beyond what the packet before it carried. */
  readonly ms: number
}

/** A stretch of time that no packet covers, by the timestamps: what a listener misses whatever the jitter. */
export interface AudioHole {
  /** From the first packet of its stream. */
  readonly offsetMs: number
  readonly ms: number
}

/** What was heard. Live while the call lasts. */
export interface RtpInRecord {
  readonly firstAt: EpochMs | null
  /** When the first sample would have been heard had it come as soon as the promptest packet: the start of `audio`. */
  readonly beganAt: EpochMs | null
  readonly lastAt: EpochMs | null
  readonly packets: number
  /** As µ-law, in order of the timestamps from the first packet on, holes filled with silence; 10 minutes at most. */
  readonly audio: Buffer
  /** Arrivals more than 20 ms later than the packets' rhythm allows, after the first packet; at most 1,000 of them. */
  readonly gaps: readonly ArrivalGap[]
  /** Forward jumps of the timestamps beyond one packet, filled later or not; at most 1,000 of them. */
  readonly holes: readonly AudioHole[]
  /** Sequence numbers that never came. */
  readonly lost: number
  readonly outOfOrder: number
  readonly duplicates: number
  /** Packets more than 60 ms behind the earliest one, by their timestamps. */
  readonly late: number
  readonly ssrcs: readonly number[]
  /** `host:port` of every sender. */
  readonly sources: readonly string[]
  readonly payloadTypes: readonly number[]
  readonly markers: number
  /** Not RTP version 2, or G.711 that is not a multiple of 10 ms. */
  readonly malformed: number
  /** Every length of sound that came in one packet. */
  readonly packetMs: readonly number[]
  /** Interarrival jitter (RFC 3550 §6.4.1) by now. */
  readonly jitterMs: number
  /** Keys pressed on the other side (RFC 4733). */
  readonly keys: readonly HeardKey[]
  /** Timestamps rise by a packet's samples for each sequence number and keep within 100 ms of the arrival clock. */
  readonly timestampsFollowClock: boolean
  /** When something louder than line noise was last heard. */
  readonly voiceAt: EpochMs | null
  /** Sound received since then, in milliseconds: where nothing arrives nobody is heard to be quiet. */
  readonly quietMs: number
  /** The most that an arrival strayed from its timestamp. */
  readonly maxDriftMs: number
}

const MAX_AUDIO_BYTES = 10 * 60 * 8000
const MAX_GAPS = 1000
const MAX_DISTINCT = 64
/** Sequence numbers remembered to tell a duplicate: 20 s. */
const SEEN_WINDOW = 1000
const LATE_MS = 60
/** Lengths are whole multiples of this. */
const STEP_BYTES = 80
const BYTES_PER_MS = 8
const DRIFT_MS = 100
/** Mean magnitude of a 20 ms frame that counts as a voice: about -45 dBm0. */
const VOICE_MAGNITUDE = 100
const MAGNITUDE = Int16Array.from({ length: 256 }, (_unused, byte) => Math.abs(decodeUlaw(byte)))

interface Stream {
  readonly ssrc: number
  readonly firstTimestamp: number
  readonly startedAt: number
  /** Where in the audio this stream begins. */
  readonly audioOffset: number
  readonly seen: Set<number>
  received: number
  firstSequence: number
  highest: number
  highestTimestamp: number
  /** Samples of the last packet of audio. */
  samples: number
  /** Keys or comfort noise came since: the timestamps may jump. */
  isInterrupted: boolean
  minTransitMs: number
  lastTransitMs: number | undefined
}

interface Position {
  readonly sequence: number
  readonly timestamp: number
  /** The marker bit: timestamps may jump here (RFC 3551 §4.1). */
  readonly isSpurt: boolean
  /** Bytes of audio in it; 0: there is none. */
  readonly samples: number
}

/** What a reception report says of the current sender (RFC 3550 §6.4.1). */
export interface Reception {
  readonly ssrc: number
  readonly expected: number
  readonly lost: number
  readonly highestSequence: number
}

export class RtpRecorder implements RtpInRecord {
  firstAt: EpochMs | null = null
  beganAt: EpochMs | null = null
  lastAt: EpochMs | null = null
  voiceAt: EpochMs | null = null
  quietMs = 0
  packets = 0
  outOfOrder = 0
  duplicates = 0
  late = 0
  markers = 0
  malformed = 0
  maxDriftMs = 0
  jitterMs = 0
  timestampsFollowClock = true
  /** The payload type of keys that was agreed on. */
  telephoneEvent: number | undefined
  readonly packetMs: number[] = []
  readonly gaps: ArrivalGap[] = []
  readonly holes: AudioHole[] = []
  readonly ssrcs: number[] = []
  readonly sources: string[] = []
  readonly payloadTypes: number[] = []
  readonly #keyListener = new KeyListener()
  #audio = Buffer.alloc(0)
  #audioLength = 0
  #stream: Stream | undefined
  #lostBefore = 0

  get audio(): Buffer {
    return this.#audio.subarray(0, this.#audioLength)
  }

  get lost(): number {
    return this.#lostBefore + missingIn(this.#stream)
  }

  get keys(): readonly HeardKey[] {
    return this.#keyListener.keys
  }

  get reception(): Reception | undefined {
    const stream = this.#stream
    if (!stream) return undefined
    const expected = stream.highest - stream.firstSequence + 1
    const lost = missingIn(stream)
    return { ssrc: stream.ssrc, expected, lost, highestSequence: stream.highest }
  }

  /** Frees the audio of a call long over. */
  forgetAudio(): void {
    this.#audio = Buffer.alloc(0)
    this.#audioLength = 0
  }

  receive(packet: Buffer, source: string, at: EpochMs): void {
    if (packet.length < 12 || packet.readUInt8(0) >> 6 !== 2) {
      this.malformed += 1
      return
    }
    const payloadType = packet.readUInt8(1) & 0x7f
    note(this.sources, source)
    note(this.payloadTypes, payloadType)
    const ssrc = packet.readUInt32BE(8)
    note(this.ssrcs, ssrc)
    this.packets += 1
    if (packet.readUInt8(1) & 0x80) this.markers += 1
    const payload = packet.subarray(12 + (packet.readUInt8(0) & 0x0f) * 4)
    const sequence = packet.readUInt16BE(2)
    const timestamp = packet.readUInt32BE(4)
    const arrivedBefore = this.lastAt
    this.firstAt ??= at
    this.lastAt = at
    const codec = codecOf(payloadType)
    const stream = this.#streamFor(ssrc, sequence, timestamp, at)
    if (codec) this.#noteRhythm(stream, arrivedBefore, at)
    const isSpurt = (packet.readUInt8(1) & 0x80) !== 0
    const samples = codec ? payload.length : 0
    if (!this.#inSequence(stream, { sequence, timestamp, isSpurt, samples })) return
    if (payloadType === this.telephoneEvent) this.#keyListener.receive(payload, timestamp, at)
    if (!codec) return
    if (payload.length === 0 || payload.length % STEP_BYTES !== 0) this.malformed += 1
    note(this.packetMs, payload.length / BYTES_PER_MS)
    this.#noteTransit(stream, timestamp, at)
    const ulaw = toUlaw(codec, payload)
    this.#keep(stream, timestamp, ulaw)
    this.quietMs += ulaw.length / BYTES_PER_MS
    if (meanMagnitude(ulaw) <= VOICE_MAGNITUDE) return
    this.voiceAt = at
    this.quietMs = 0
  }

  #noteRhythm(stream: Stream, before: EpochMs | null, at: EpochMs): void {
    if (before === null || stream.isInterrupted) return
    const ms = at - before - stream.samples / BYTES_PER_MS
    if (ms > FRAME_MS && this.gaps.length < MAX_GAPS) this.gaps.push({ at, ms })
  }

  #streamFor(ssrc: number, sequence: number, timestamp: number, at: number): Stream {
    if (this.#stream?.ssrc === ssrc) return this.#stream
    this.#lostBefore += missingIn(this.#stream)
    const sinceFirstMs = at - (this.firstAt ?? epochMs(at))
    const byClock = Math.round(sinceFirstMs / FRAME_MS) * FRAME_BYTES
    this.#stream = {
      ssrc,
      firstTimestamp: timestamp,
      startedAt: at,
      audioOffset: Math.max(this.#audioLength, byClock),
      seen: new Set(),
      received: 0,
      firstSequence: sequence,
      highest: sequence,
      highestTimestamp: timestamp,
      samples: FRAME_BYTES,
      isInterrupted: false,
      minTransitMs: 0,
      lastTransitMs: undefined,
    }
    return this.#stream
  }

  /** False for a packet that had come before. Sequence numbers are carried on past 65,535. */
  #inSequence(stream: Stream, packet: Position): boolean {
    const { sequence } = packet
    const step = signed16(sequence - (stream.highest & 0xffff))
    const extended = stream.highest + step
    if (stream.seen.has(extended)) {
      this.duplicates += 1
      return false
    }
    stream.seen.add(extended)
    stream.seen.delete(extended - SEEN_WINDOW)
    stream.received += 1
    stream.firstSequence = Math.min(stream.firstSequence, extended)
    if (step < 0) {
      this.outOfOrder += 1
      return true
    }
    if (packet.samples === 0) stream.isInterrupted = true
    else this.#followTimestamps(stream, packet, step)
    stream.highest = extended
    return true
  }

  #followTimestamps(stream: Stream, packet: Position, step: number): void {
    const { timestamp, isSpurt, samples } = packet
    const timestampStep = (timestamp - stream.highestTimestamp) | 0
    const isFree = isSpurt || stream.isInterrupted
    if (step > 0 && timestampStep !== step * stream.samples && !isFree)
      this.timestampsFollowClock = false
    const missing = timestampStep - stream.samples
    if (step > 0 && missing > 0 && !stream.isInterrupted && this.holes.length < MAX_GAPS) {
      const offset = (stream.highestTimestamp - stream.firstTimestamp) | 0
      this.holes.push({
        offsetMs: (offset + stream.samples) / BYTES_PER_MS,
        ms: missing / BYTES_PER_MS,
      })
    }
    stream.highestTimestamp = timestamp
    stream.samples = samples
    stream.isInterrupted = false
  }

  #noteTransit(stream: Stream, timestamp: number, at: number): void {
    const mediaMs = ((timestamp - stream.firstTimestamp) | 0) / 8
    const transitMs = at - stream.startedAt - mediaMs
    if (stream.audioOffset === 0)
      this.beganAt = epochMs(Math.min(this.beganAt ?? Infinity, at - mediaMs))
    const before = stream.lastTransitMs
    stream.lastTransitMs = transitMs
    if (before !== undefined) this.jitterMs += (Math.abs(transitMs - before) - this.jitterMs) / 16
    stream.minTransitMs = Math.min(stream.minTransitMs, transitMs)
    if (transitMs - stream.minTransitMs > LATE_MS) this.late += 1
    this.maxDriftMs = Math.max(this.maxDriftMs, Math.abs(transitMs))
    if (this.maxDriftMs > DRIFT_MS) this.timestampsFollowClock = false
  }

  #keep(stream: Stream, timestamp: number, payload: Buffer): void {
    const offset = stream.audioOffset + ((timestamp - stream.firstTimestamp) | 0)
    const end = offset + payload.length
    if (offset < 0 || end > MAX_AUDIO_BYTES) return
    if (end > this.#audio.length) {
      const grown = Buffer.alloc(
        Math.min(Math.max(end, this.#audio.length * 2, 80_000), MAX_AUDIO_BYTES),
        ULAW_SILENCE,
      )
      this.#audio.copy(grown)
      this.#audio = grown
    }
    payload.copy(this.#audio, offset)
    this.#audioLength = Math.max(this.#audioLength, end)
  }
}

const missingIn = (stream: Stream | undefined): number =>
  stream ? stream.highest - stream.firstSequence + 1 - stream.received : 0

const signed16 = (value: number): number => (value << 16) >> 16

function note<T>(known: T[], value: T): void {
  if (!known.includes(value) && known.length < MAX_DISTINCT) known.push(value)
}

function meanMagnitude(payload: Buffer): number {
  let sum = 0
  for (const byte of payload) sum += MAGNITUDE[byte] ?? 0
  return payload.length > 0 ? sum / payload.length : 0
}
