// A recorder on a clock of the test's own, and sounds whose place in the file can be told.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { g711 } from '../../../bridge/audio/g711.ts'
import {
  openRecorder,
  type Recorder,
  type RecorderOptions,
} from '../../../bridge/record/recorder.ts'
import type { TelephoneCodec } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { readWav } from '../../support/wav-reading.ts'

/** Where the clock stands when the recording begins. */
const BEGIN_MS = 12_345.678

export interface RecordStage {
  readonly path: string
  readonly recorder: Recorder
  readonly failures: string[]
  /** Milliseconds since the recording began; may be set. */
  atMs: number
  /** The agent's frame that leaves now, to be heard so much later; null: none does. */
  frame(line: Uint8Array | null, aheadMs?: number): void
  /** Waits until the disk is no more than six seconds behind: virtual time must not outrun it. */
  caughtUp(): Promise<void>
  /** Both sides of the finished file. */
  heard(): Promise<{ caller: Int16Array; agent: Int16Array; durationMs: number }>
}

export async function recordStage(
  t: Test,
  options: Partial<RecorderOptions> = {},
): Promise<RecordStage> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-record-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = options.path ?? join(folder, 'one.wav')
  const failures: string[] = []
  const clock = { atMs: 0 }
  const recorder = openRecorder(
    {
      logger: createLogger('silent'),
      now: () => BEGIN_MS + clock.atMs,
      onFailed: (detail) => failures.push(detail),
    },
    { startedAtMs: BEGIN_MS, ...options, path },
  )
  t.teardown(() => recorder.finish())
  return {
    path,
    recorder,
    failures,
    get atMs() {
      return clock.atMs
    },
    set atMs(value) {
      clock.atMs = value
    },
    // Ticks of the pacer are whole milliseconds from a zero of its own.
    frame(line, aheadMs = 0) {
      const tickMs = Math.round(clock.atMs) + 777_000 + aheadMs
      recorder.agent(line && withHeader(line), 12, 'PCMU', tickMs, 0)
    },
    async caughtUp() {
      const enough = 44 + (clock.atMs - 6000) * 32
      for (let turn = 0; turn < 5000; turn += 1) {
        if ((await stat(path).catch(() => ({ size: 0 }))).size >= enough) return
        await settle(1)
      }
      throw new Error('the disk stands still')
    },
    async heard() {
      const file = await recorder.finish()
      if (file === null) throw new Error('nothing was recorded')
      const { channels } = await readWav(path)
      const [caller, agent] = channels
      if (!caller || !agent) throw new Error('not stereo')
      return { caller, agent, durationMs: file.durationMs }
    },
  }
}

function withHeader(line: Uint8Array): Uint8Array {
  const packet = new Uint8Array(line.length + 12)
  packet.set(line, 12)
  return packet
}

/** Samples of noise that never repeats: any cut of 20 ms of it is found in one place only. */
export function noise(samples: number, seed = 1): Uint8Array {
  let state = seed
  return Uint8Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    // Sign and four upper bits free, never silence.
    return (state >>> 24) & 0xbf
  })
}

export function decoded(line: Uint8Array, codec: TelephoneCodec = 'PCMU'): Int16Array {
  const { decode } = g711(codec)
  return Int16Array.from(line, (code) => decode[code] ?? 0)
}

export const silence = (samples: number): Uint8Array => new Uint8Array(samples).fill(0xff)

/** Lets file I/O that was started come to its end. */
export const settle = (waitMs = 20): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, waitMs))

/** Where `wanted` lies in `channel`, wholly and exactly; -1 when nowhere. */
export function placeOf(channel: Int16Array, wanted: Int16Array, from = 0): number {
  const haystack = Buffer.from(channel.buffer, channel.byteOffset, channel.byteLength)
  const needle = Buffer.from(wanted.buffer, wanted.byteOffset, wanted.byteLength)
  for (let at = haystack.indexOf(needle, from * 2); at >= 0; at = haystack.indexOf(needle, at + 1))
    if (at % 2 === 0) return at / 2
  return -1
}
