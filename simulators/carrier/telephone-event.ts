// Keys in RTP (RFC 4733 §2.3, §3.2): one event a key, repeated while it is held, its end told three times.
import type { EpochMs } from '#core/contracts'

/** In the order of their event codes. */
const KEYS = '0123456789*#ABCD'
const END_REPEATS = 3
/** −10 dBm0. */
const VOLUME = 10
const TONE_MS = 160
const PAUSE_MS = 100
const SAMPLES_PER_MS = 8

export interface KeyTiming {
  readonly toneMs?: number
  readonly pauseMs?: number
}

/** Packets in place of one packet of audio; none while the pause after a key lasts and audio may go on. */
export interface EventPacket {
  readonly payload: Buffer
  readonly timestamp: number
  readonly marker: boolean
}

interface Pressed {
  readonly event: number
  readonly toneSamples: number
  readonly pauseSamples: number
  readonly finished: () => void
  startedAt: number | undefined
  pausedSamples: number
}

export class KeySender {
  #queue: Pressed[] = []

  /** Resolves when the last key and its pause are over, or the phone stopped. @throws for what is no key */
  async press(keys: string, timing: KeyTiming = {}): Promise<void> {
    const { toneMs = TONE_MS, pauseMs = PAUSE_MS } = timing
    const events = Array.from(keys, (key) => KEYS.indexOf(key.toUpperCase()))
    if (events.includes(-1)) throw new Error('there is no such key')
    const presses = events.map(
      (event) =>
        new Promise<void>((finished) => {
          const toneSamples = toneMs * SAMPLES_PER_MS
          const pauseSamples = pauseMs * SAMPLES_PER_MS
          const state = { startedAt: undefined, pausedSamples: 0, finished }
          this.#queue.push({ event, toneSamples, pauseSamples, ...state })
        }),
    )
    await Promise.all(presses)
  }

  stop(): void {
    for (const pressed of this.#queue.splice(0)) pressed.finished()
  }

  /** What goes out in place of the audio at that timestamp; undefined: the audio itself. */
  next(timestamp: number, samples: number): readonly EventPacket[] | undefined {
    const [pressed] = this.#queue
    if (!pressed) return undefined
    const startedAt = (pressed.startedAt ??= timestamp)
    const duration = ((timestamp - startedAt) | 0) + samples
    if (pressed.pausedSamples === 0 && duration - samples < pressed.toneSamples) {
      const isEnd = duration >= pressed.toneSamples
      if (isEnd) pressed.pausedSamples = 1
      const payload = encodeEvent(pressed.event, duration, isEnd)
      const first = { payload, timestamp: startedAt, marker: duration === samples }
      return isEnd ? Array.from({ length: END_REPEATS }, () => first) : [first]
    }
    pressed.pausedSamples += samples
    if (pressed.pausedSamples >= pressed.pauseSamples) {
      this.#queue.shift()
      pressed.finished()
    }
    return undefined
  }
}

function encodeEvent(event: number, duration: number, isEnd: boolean): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt8(event, 0)
  payload.writeUInt8((isEnd ? 0x80 : 0) | VOLUME, 1)
  payload.writeUInt16BE(Math.min(duration, 0xffff), 2)
  return payload
}

export interface HeardKey {
  readonly key: string
  readonly at: EpochMs
  readonly durationMs: number
}

/** Gathers the packets of each event: it is told when its end comes. */
export class KeyListener {
  readonly keys: HeardKey[] = []
  #lastTimestamp: number | undefined

  receive(payload: Buffer, timestamp: number, at: EpochMs): void {
    if (payload.length < 4 || (payload.readUInt8(1) & 0x80) === 0) return
    if (this.#lastTimestamp === timestamp) return
    this.#lastTimestamp = timestamp
    const key = KEYS[payload.readUInt8(0)]
    if (key === undefined) return
    this.keys.push({ key, at, durationMs: payload.readUInt16BE(2) / SAMPLES_PER_MS })
  }
}
