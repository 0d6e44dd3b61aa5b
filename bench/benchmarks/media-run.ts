// One window of bridged calls: a fresh load process, a fresh measured process, warm-up, and what both saw.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentManner } from '../load/agent-side.ts'
import type { MediaLoad, MediaLoadStats } from '../load/media-load.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf } from '../process/pinning.ts'
import { withPrograms, type Program } from '../process/program.ts'
import type { Usage } from '../process/usage-meter.ts'
import { machineBusyMs, strangersCores } from '../report/machine.ts'
import type { MediaSubject } from '../subjects/media-subject.ts'

export type SubjectKind = 'bridge' | 'floor-echo' | 'floor-relay'

export interface MediaRun {
  readonly kind: SubjectKind
  readonly calls: number
  readonly manner: AgentManner
}

export interface MediaResult {
  readonly run: MediaRun
  readonly usage: Usage
  readonly load: MediaLoadStats
  /** Percent of one core, a call. */
  readonly cpuPercent: number
  /** Cores that programs other than ours kept busy meanwhile. */
  readonly strangersCores: number
}

export interface MediaStage {
  readonly load: Program<MediaLoad>
  readonly subject: Program<MediaSubject>
  /** Where the callers of all lines are. */
  readonly callerPorts: readonly number[]
}

/** Both programs up, so many lines bound, nobody talking yet. */
export async function withStage<T>(
  options: BenchOptions,
  kind: SubjectKind,
  lines: number,
  use: (stage: MediaStage) => Promise<T>,
): Promise<T> {
  return withPrograms(async (start) => {
    const pinning = pinningOf(options.pin, true)
    const load = start<MediaLoad>('load/media-load.ts', pinning.load)
    const subject = start<MediaSubject>(
      kind === 'bridge' ? 'subjects/bridge.ts' : 'subjects/floor.ts',
      {
        ...pinning.measured,
        ...(options.profileDir === undefined ? {} : { profileDir: options.profileDir }),
      },
    )
    const { agentUrl, ports } = await load.ask('open', { calls: lines })
    await subject.ask('start', { agentUrl, manner: kind === 'floor-relay' ? 'relay' : 'echo' })
    return use({ load, subject, callerPorts: ports })
  })
}

/** Brings up the lines from `first` to `last` (not included) and lets them talk. */
export async function talk(
  { callerPorts, load, subject }: MediaStage,
  first: number,
  last: number,
): Promise<void> {
  const ports = await subject.ask('openCalls', { first, remotes: callerPorts.slice(first, last) })
  await load.ask('connect', { first, ports })
}

export function runMedia(options: BenchOptions, run: MediaRun): Promise<MediaResult> {
  options.progress(`${run.kind}, ${run.calls} calls, agent ${run.manner}`)
  return withStage(options, run.kind, run.calls, async (stage) => {
    const { load, subject } = stage
    await load.ask('setManner', run.manner)
    await talk(stage, 0, run.calls)
    await sleep(options.warmupSeconds * 1000)
    await load.ask('begin')
    await subject.ask('begin')
    const busyBefore = machineBusyMs()
    await sleep(options.seconds * 1000)
    const busyMs = machineBusyMs() - busyBefore
    const usage = await subject.ask('end')
    const stats = await load.ask('end')
    await load.ask('disconnect')
    await subject.ask('closeCalls')
    const oursMs = usage.cpuMs + stats.usage.cpuMs
    return {
      run,
      usage,
      load: stats,
      cpuPercent: (usage.cpuMs / usage.wallMs / run.calls) * 100,
      strangersCores: strangersCores(busyMs, oursMs, usage.wallMs),
    }
  })
}

/** Product and floor by turns; each pair is of the same minute. */
export async function runPairs(
  options: BenchOptions,
  calls: number,
  floor: SubjectKind,
  manner: AgentManner,
): Promise<readonly MediaPair[]> {
  const pairs: MediaPair[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    const product = await runMedia(options, { kind: 'bridge', calls, manner })
    pairs.push({ product, floor: await runMedia(options, { kind: floor, calls, manner }) })
  }
  return pairs
}

export interface MediaPair {
  readonly product: MediaResult
  readonly floor: MediaResult
}
