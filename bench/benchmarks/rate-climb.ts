// Raises the rate of calls that one subject answers until a call fails.
import { callWithSipp, type SippResult } from '../load/sipp.ts'

/** One failure may be the machine's; two in a row are ours. */
export const TRIES = 2

export interface Step {
  readonly rate: number
  readonly result: SippResult
  readonly cpuMsPerCall: number
}

export interface Climb {
  readonly name: string
  readonly steps: readonly Step[]
  /** Calls begun in all runs, those that failed and were tried again too. */
  readonly begun: number
  /** Upgrades the agent took in all runs; undefined where there is no agent. */
  readonly agentSessions?: number
}

/** What answers: told when a run begins and asked for its CPU milliseconds when it ended. */
export interface Answerer {
  readonly port: number
  begin(): Promise<void>
  cpuMs(): Promise<number>
}

export interface Subject {
  readonly name: string
  /** ACK to BYE. */
  readonly holdMs: number
  /** Programs of its own for this use: calls that a failed run left behind burden no other. */
  onFresh<T>(use: (answerer: Answerer) => Promise<T>): Promise<T>
  agentSessions?(): number
}

export interface ClimbOptions {
  readonly rates: readonly number[]
  /** How long each rate is kept up. */
  readonly seconds: number
  /** Of the caller. */
  readonly core: number | undefined
  readonly progress: (text: string) => void
}

export async function climb(subject: Subject, options: ClimbOptions): Promise<Climb> {
  const { name } = subject
  const clean: Step[] = []
  let failed: Step | undefined
  let begun = 0
  while (clean.length < options.rates.length) {
    const stopped = await subject.onFresh(async (answerer) => {
      for (const rate of options.rates.slice(clean.length)) {
        const step = await keepUp(subject, answerer, rate, options)
        begun += step.result.created
        if (!step.result.clean) return step
        clean.push(step)
      }
      return undefined
    })
    const isAgain = stopped !== undefined && stopped.rate === failed?.rate
    failed = stopped
    if (isAgain) break
  }
  const steps = failed === undefined ? clean : [...clean, failed]
  const agentSessions = subject.agentSessions?.()
  return { name, steps, begun, ...(agentSessions === undefined ? {} : { agentSessions }) }
}

async function keepUp(
  { name, holdMs }: Subject,
  answerer: Answerer,
  rate: number,
  { core, progress, seconds }: ClimbOptions,
): Promise<Step> {
  progress(`${name}, ${rate} calls a second`)
  await answerer.begin()
  const result = await callWithSipp({ port: answerer.port, rate, seconds, holdMs, core })
  return { rate, result, cpuMsPerCall: (await answerer.cpuMs()) / result.created }
}
