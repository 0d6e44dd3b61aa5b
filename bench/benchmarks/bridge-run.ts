// One subject with its calls: a fresh load process, a fresh measured process, warm-up, and what both saw in two windows:
// everybody talking without end, then talk spurts.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentFormat } from '../load/agent-server.ts'
import type { AgentManner } from '../load/agent-side.ts'
import type { MediaLoad, MediaLoadStats } from '../load/media-load.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf } from '../process/pinning.ts'
import { withPrograms, type Program } from '../process/program.ts'
import type { Usage } from '../process/usage-meter.ts'
import { machineBusyMs, strangersCores } from '../report/machine.ts'
import { median } from '../report/statistics.ts'
import type { MediaSubject, SubjectStart } from '../subjects/media-subject.ts'

export type SubjectKind = 'bridge' | 'floor' | 'plain-bridge'

export interface BridgeRun {
  readonly kind: SubjectKind
  readonly calls: number
  readonly callerFrameMs: SubjectStart['callerFrameMs']
  readonly format: AgentFormat
  /** Talk spurts too: of runs that are compared in all. */
  readonly hasSpurts: boolean
  /** How long they are listened to; default: for one or two of each line. */
  readonly spurtsMs?: number
  /** What the calls take, and for the last also what is left of them. */
  readonly memory: 'no' | 'talking' | 'and-after'
}

export interface BridgeResult {
  readonly run: BridgeRun
  readonly usage: Usage
  readonly load: MediaLoadStats
  /** Percent of one core, a call. */
  readonly cpuPercent: number
  /** Agent audio after a pause; null in a run without. */
  readonly spurts: MediaLoadStats | null
  readonly memory: MemoryUse | null
  /** Cores that programs other than ours kept busy meanwhile. */
  readonly strangersCores: number
}

/** Resident, after a garbage collection in every thread. */
export interface MemoryUse {
  /** After some calls came and went. */
  readonly baseMb: number
  readonly talkingMb: number
  /** Null where nobody waited for it. */
  readonly afterMb: number | null
}

const MB = 1024 * 1024
/** Opened and closed before all else: code, pools and young heaps have their size then. */
const FIRST_CALLS = 20
/** Of talk spurts: long enough for one or two of each line. */
export const SPURTS_MS = 3000
/** Until everybody has stopped talking without end. */
export const BETWEEN_MS = 700
/** Sockets close in milliseconds, ports rest five seconds, freed pages go back a little later. */
const SETTLE_MS = 6000
const SAMPLES = 3
const SAMPLE_PAUSE_MS = 100

interface Stage {
  readonly load: Program<MediaLoad>
  readonly subject: Program<MediaSubject>
  /** Where the callers of all lines are. */
  readonly callerPorts: readonly number[]
}

export function runBridge(options: BenchOptions, run: BridgeRun): Promise<BridgeResult> {
  const { callerFrameMs, calls, format, hasSpurts, kind, memory, spurtsMs = SPURTS_MS } = run
  options.progress(`${kind}, ${calls} calls, ${format}, ${callerFrameMs} ms`)
  return withStage(options, run, async (stage) => {
    const baseMb = memory === 'no' ? 0 : await firstCalls(stage, calls, options.warmupSeconds)
    await talk(stage, calls)
    await sleep(options.warmupSeconds * 1000)
    const busyBefore = machineBusyMs()
    const { load, usage } = await measure(stage, options.agent, options.seconds * 1000)
    const busyMs = machineBusyMs() - busyBefore
    const spurts = hasSpurts ? await measureSpurts(stage, spurtsMs) : null
    const talkingMb = memory === 'no' ? 0 : await residentMb(stage.subject)
    await hangUp(stage)
    const afterMb = memory === 'and-after' ? await settledMb(stage.subject) : null
    return {
      run,
      usage,
      load,
      spurts,
      cpuPercent: (usage.cpuMs / usage.wallMs / calls) * 100,
      memory: memory === 'no' ? null : { baseMb, talkingMb, afterMb },
      strangersCores: strangersCores(busyMs, usage.cpuMs + load.usage.cpuMs, usage.wallMs),
    }
  })
}

const PROGRAMS: Readonly<Record<SubjectKind, string>> = {
  bridge: 'subjects/bridge.ts',
  floor: 'subjects/floor.ts',
  'plain-bridge': 'subjects/plain-bridge.ts',
}

/** Both programs up, so many lines bound, nobody talking yet. */
function withStage<T>(
  options: BenchOptions,
  { callerFrameMs, calls, format, kind }: BridgeRun,
  use: (stage: Stage) => Promise<T>,
): Promise<T> {
  return withPrograms(async (start) => {
    const pinning = pinningOf(options.pin, true)
    const load = start<MediaLoad>('load/media-load.ts', pinning.load)
    const profile = options.profileDir === undefined ? {} : { profileDir: options.profileDir }
    const subject = start<MediaSubject>(PROGRAMS[kind], { ...pinning.measured, ...profile })
    const lines = Math.max(calls, FIRST_CALLS)
    const { agentUrl, ports } = await load.ask('open', { calls: lines, format })
    await subject.ask('start', { agentUrl, callerFrameMs })
    return use({ load, subject, callerPorts: ports })
  })
}

async function talk({ callerPorts, load, subject }: Stage, calls: number): Promise<void> {
  const ports = await subject.ask('openCalls', { first: 0, remotes: callerPorts.slice(0, calls) })
  await load.ask('connect', { first: 0, ports })
}

async function hangUp({ load, subject }: Stage): Promise<void> {
  await load.ask('disconnect')
  await subject.ask('closeCalls')
}

/** Returns the memory a process has that is warm and idle. */
async function firstCalls(stage: Stage, calls: number, seconds: number): Promise<number> {
  await stage.load.ask('setManner', 'steady')
  await talk(stage, Math.min(calls, FIRST_CALLS))
  await sleep(seconds * 1000)
  await hangUp(stage)
  return residentMb(stage.subject)
}

async function measure(
  { load, subject }: Stage,
  manner: AgentManner,
  forMs: number,
): Promise<{ readonly load: MediaLoadStats; readonly usage: Usage }> {
  await load.ask('setManner', manner)
  await load.ask('begin')
  await subject.ask('begin')
  await sleep(forMs)
  const usage = await subject.ask('end')
  return { usage, load: await load.ask('end') }
}

async function measureSpurts(stage: Stage, forMs: number): Promise<MediaLoadStats> {
  await stage.load.ask('setManner', 'spurts')
  await stage.subject.ask('setManner', 'relay')
  await sleep(BETWEEN_MS)
  return (await measure(stage, 'spurts', forMs)).load
}

async function settledMb(subject: Program<MediaSubject>): Promise<number> {
  await sleep(SETTLE_MS)
  return residentMb(subject)
}

async function residentMb(subject: Program<MediaSubject>): Promise<number> {
  const samples: number[] = []
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    samples.push((await subject.ask('residentBytes', { collect: true })) / MB)
    await sleep(SAMPLE_PAUSE_MS)
  }
  return median(samples)
}
