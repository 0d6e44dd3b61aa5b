// One subject with its calls over streams of Twilio: fresh processes, warm-up, and what both saw in two windows: everybody
// talking without end, then talk spurts.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentManner } from '../load/agent-side.ts'
import type { StreamLoad, StreamLoadStats } from '../load/stream-load.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf } from '../process/pinning.ts'
import { withPrograms, type Program } from '../process/program.ts'
import type { Usage } from '../process/usage-meter.ts'
import { machineBusyMs, strangersCores } from '../report/machine.ts'
import { BENCH_TWILIO } from '../subjects/bench-twilio.ts'
import type { StreamSubject } from '../subjects/stream-subject.ts'
import { BETWEEN_MS, SPURTS_MS } from './bridge-run.ts'

export type StreamSubjectKind = 'voicegate' | 'stream-floor'

export interface StreamRun {
  readonly kind: StreamSubjectKind
  readonly calls: number
}

export interface StreamResult {
  readonly run: StreamRun
  readonly usage: Usage
  readonly load: StreamLoadStats
  /** Percent of one core, a call. */
  readonly cpuPercent: number
  /** Agent audio after a pause. */
  readonly spurts: StreamLoadStats
  /** Cores that programs other than ours kept busy meanwhile. */
  readonly strangersCores: number
}

/** From one talk spurt of a line to its next. */
const SPURT_EVERY_MS = 1900
/** Fewer say nothing about a p99. */
const SPURTS_WANTED = 30
const MOST_WINDOWS = 3

/** Few calls are listened to for longer. */
export const spurtsMsOf = ({ seconds }: BenchOptions, calls: number): number =>
  Math.min(
    MOST_WINDOWS * seconds * 1000,
    Math.max(SPURTS_MS, (SPURTS_WANTED * SPURT_EVERY_MS) / calls),
  )

export function runStream(options: BenchOptions, run: StreamRun): Promise<StreamResult> {
  const { calls, kind } = run
  options.progress(`${kind}, ${calls} calls by streams`)
  return withPrograms(async (start) => {
    const pinning = pinningOf(options.pin, true)
    const profile = options.profileDir === undefined ? {} : { profileDir: options.profileDir }
    const load = start<StreamLoad>('load/stream-load.ts', pinning.load)
    const subject = start<StreamSubject>(`subjects/${kind}.ts`, { ...pinning.measured, ...profile })
    const { agentUrl } = await load.ask('open', { calls })
    const { httpPort } = await subject.ask('start', {
      agentRestUrl: agentUrl,
      agentWsUrl: agentUrl.replace('http', 'ws'),
      twilio: 'agent',
      lines: calls,
    })
    const door = { httpUrl: `http://127.0.0.1:${httpPort}`, authToken: BENCH_TWILIO.authToken }
    try {
      const stage = { load, subject }
      await load.ask('setManner', options.agent)
      await load.ask('connect', door)
      await sleep(options.warmupSeconds * 1000)
      const busyBefore = machineBusyMs()
      const steady = await measure(stage, options.agent, options.seconds * 1000)
      const { usage } = steady
      const busyMs = machineBusyMs() - busyBefore
      await load.ask('setManner', 'spurts')
      await sleep(BETWEEN_MS)
      const spurts = await measure(stage, 'spurts', spurtsMsOf(options, calls))
      await load.ask('disconnect', door)
      return {
        run,
        usage,
        load: steady.load,
        spurts: spurts.load,
        cpuPercent: (usage.cpuMs / usage.wallMs / calls) * 100,
        strangersCores: strangersCores(busyMs, usage.cpuMs + steady.load.usage.cpuMs, usage.wallMs),
      }
    } finally {
      await subject.ask('close')
    }
  })
}

interface Stage {
  readonly load: Program<StreamLoad>
  readonly subject: Program<StreamSubject>
}

async function measure(
  { load, subject }: Stage,
  manner: AgentManner,
  forMs: number,
): Promise<{ readonly load: StreamLoadStats; readonly usage: Usage }> {
  await load.ask('setManner', manner)
  await load.ask('begin')
  await subject.ask('begin')
  await sleep(forMs)
  const usage = await subject.ask('end')
  return { usage, load: await load.ask('end') }
}
