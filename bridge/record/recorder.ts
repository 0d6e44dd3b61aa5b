// Records one call: stereo WAV, caller left, agent right, both against the wall clock of the media worker. The agent's
// side is exactly what left, the caller's what the agent was given. A frame costs a table look-up a sample; files are
// written a second at a time and in the background.
import { ms, TELEPHONE_RATE, type TelephoneCodec } from '#core/contracts'
import { systemCodeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import { g711 } from '../audio/g711.ts'
import { AgentTrack } from './agent-track.ts'
import { CallerTrack } from './caller-track.ts'
import { StereoWindow } from './stereo-window.ts'
import {
  BYTES_PER_SAMPLE_PAIR,
  durationMsOf,
  MAX_WAV_BYTES,
  WAV_HEADER_BYTES,
} from './wav-format.ts'
import { BLOCK_SAMPLES, WavWriter } from './wav-writer.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** What is older than this nobody writes to any more: later pieces are jitter no longer (caller-track.ts). */
const OPEN_SAMPLES = 600 * SAMPLES_PER_MS
/** The disk gets this long for the last blocks; a start finds the file otherwise. */
const FINISH_TIMEOUT = ms(5000)

export interface RecordedFile {
  readonly path: string
  readonly durationMs: number
  /** Of the whole file. */
  readonly bytes: number
}

export interface Recorder {
  /** The next audio of the caller, as the agent was given it. */
  caller(line: Uint8Array, codec: TelephoneCodec): void
  /**
   * Each frame that was due: what left, from `offset` on, or null when nothing did. The tick is when the far end is to
   * hear it, in milliseconds from any zero.
   */
  agent(
    line: Uint8Array | null,
    offset: number,
    codec: TelephoneCodec,
    tickMs: number,
    skipped: number,
  ): void
  /** Silence on both sides until `resume`; time goes on. */
  pause(): void
  resume(): void
  readonly state: 'recording' | 'paused' | 'ended'
  /** Ends it now. Null when nothing was recorded; there is no file then. Idempotent; never rejects. */
  finish(): Promise<RecordedFile | null>
}

export interface RecorderDeps {
  readonly logger: Logger
  /** Milliseconds of a monotonic clock, with a fraction. */
  readonly now: () => number
  /** Told once: the recording has ended before its time. What was written before is kept. */
  readonly onFailed: (detail: string) => void
}

export interface RecorderOptions {
  /** Must not exist yet; its folder must. */
  readonly path: string
  /** By the clock of `now`: the beginning of the file. */
  readonly startedAtMs: number
  /** Default 4 GiB, the most a WAV file may have: 37 hours. */
  readonly maxBytes?: number
}

/** Starts a recording: the file is made in the background. */
export function openRecorder(deps: RecorderDeps, options: RecorderOptions): Recorder {
  return new FileRecorder(deps, options)
}

class FileRecorder implements Recorder {
  readonly #deps: RecorderDeps
  readonly #options: RecorderOptions
  readonly #window = new StereoWindow()
  readonly #caller: CallerTrack
  readonly #agent: AgentTrack
  readonly #writer: WavWriter
  readonly #maxSamples: number
  #state: Recorder['state'] = 'recording'
  #hasAudio = false
  #hasFailed = false
  #finishing: Promise<RecordedFile | null> | undefined

  constructor(deps: RecorderDeps, options: RecorderOptions) {
    this.#deps = deps
    this.#options = options
    this.#caller = new CallerTrack(this.#window)
    this.#agent = new AgentTrack(this.#window, options.startedAtMs)
    const room = (options.maxBytes ?? MAX_WAV_BYTES) - WAV_HEADER_BYTES
    this.#maxSamples = Math.floor(room / BYTES_PER_SAMPLE_PAIR)
    this.#writer = new WavWriter({ path: options.path, onFailed: (detail) => this.#fail(detail) })
  }

  get state(): Recorder['state'] {
    return this.#state
  }

  caller(line: Uint8Array, codec: TelephoneCodec): void {
    if (this.#state === 'ended') return
    const wall = this.#wall(this.#deps.now())
    this.#caller.write(line, this.#decoder(codec), wall)
    this.#seal(wall)
  }

  agent(line: Uint8Array | null, offset: number, codec: TelephoneCodec, tickMs: number): void {
    if (this.#state === 'ended') return
    const nowMs = this.#deps.now()
    this.#agent.tick(tickMs, nowMs)
    if (line !== null) this.#agent.write(line, offset, this.#decoder(codec), tickMs)
    this.#seal(this.#wall(nowMs))
  }

  pause(): void {
    if (this.#state === 'recording') this.#state = 'paused'
  }

  resume(): void {
    if (this.#state === 'paused') this.#state = 'recording'
  }

  finish(): Promise<RecordedFile | null> {
    this.#finishing ??= this.#finish()
    return this.#finishing
  }

  /** Null while paused: time goes on, and nothing is kept of what is said. */
  #decoder(codec: TelephoneCodec): Int16Array | null {
    if (this.#state === 'paused') return null
    this.#hasAudio = true
    return g711(codec).decode
  }

  #wall(nowMs: number): number {
    return Math.max(0, Math.round((nowMs - this.#options.startedAtMs) * SAMPLES_PER_MS))
  }

  /** Hands over every block that is old enough. */
  #seal(wall: number): void {
    while (this.#state !== 'ended' && wall - OPEN_SAMPLES - this.#window.first >= BLOCK_SAMPLES) {
      if (this.#window.first + BLOCK_SAMPLES > this.#maxSamples)
        this.#fail('the file is as large as a WAV file may be')
      else if (this.#window.isClean) this.#skip(wall)
      else this.#hand(BLOCK_SAMPLES)
    }
  }

  #skip(wall: number): void {
    const until = Math.min(wall - OPEN_SAMPLES, this.#maxSamples)
    const blocks = Math.floor((until - this.#window.first) / BLOCK_SAMPLES)
    this.#writer.appendSilence(blocks * BLOCK_SAMPLES)
    this.#window.skip(blocks * BLOCK_SAMPLES)
  }

  #hand(samples: number): void {
    const block = this.#writer.borrow()
    if (block === null) return
    this.#window.take(block.subarray(0, samples * 2))
    this.#writer.append(block, samples)
  }

  /** What the file holds by then stays. Also told of the last blocks, when the call is over. */
  #fail(detail: string): void {
    this.#state = 'ended'
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#deps.logger.warn({ detail }, 'the recording ended before the call')
    this.#deps.onFailed(detail)
  }

  async #finish(): Promise<RecordedFile | null> {
    if (this.#state !== 'ended') this.#handRest()
    this.#state = 'ended'
    const closed = this.#writer.finish(this.#hasAudio)
    try {
      const dataBytes = await waitFor(closed, { name: 'the disk', timeout: FINISH_TIMEOUT })
      if (dataBytes === 0) return null
      const bytes = WAV_HEADER_BYTES + dataBytes
      return { path: this.#options.path, durationMs: durationMsOf(dataBytes), bytes }
    } catch (error) {
      this.#deps.logger.error(
        { reason: systemCodeOf(error) ?? 'unknown' },
        'a recording was not closed',
      )
      this.#fail('the disk did not take the end')
      return null
    }
  }

  /** The recording ends now, or with the last sample heard when that is a little later. */
  #handRest(): void {
    const wall = this.#wall(this.#deps.now())
    this.#seal(wall)
    const end = Math.min(Math.max(wall, this.#caller.end, this.#agent.end), this.#maxSamples)
    while (this.#state !== 'ended' && this.#window.first < end)
      this.#hand(Math.min(BLOCK_SAMPLES, end - this.#window.first))
  }
}
