// A whole rehearsal: the stage opened, the scenarios played three at a time, the stage closed, and what the run as a whole
// has to show.
import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '#core/contracts'
import { messageOf } from '#core/errors'
import { waitUntil } from '#core/lifecycle'
import { isStutter } from './checks.ts'
import type { Rung } from './ladder.ts'
import { play } from './player.ts'
import type { Follower } from './follow.ts'
import { judge, sumUp, type RehearsalResult, type ScenarioResult } from './result.ts'
import type { Scenario } from './scenario.ts'
import { openStage, type Stage } from './stage.ts'

export interface RehearseOptions {
  readonly scenarios: readonly Scenario[]
  readonly pricePerMinute: number
  /** Ends the run early; what is started is closed. */
  readonly signal: AbortSignal
  /** Told when a scenario begins and ends. */
  readonly onProgress: (playing: readonly string[], done: number) => void
  /** Told of each rung while the call lasts, and of each result. */
  readonly follower?: Follower | undefined
}

/** Two cores are enough for it, and no call notices the others. */
const AT_A_TIME = 3
const SETTLE = ms(2000)
const MEDIA_REPORT_MS = 1200

/** @throws the signal's reason, and what kept the stage from opening or closing. */
export async function rehearse(options: RehearseOptions): Promise<RehearsalResult> {
  const startedAt = new Date()
  const stage = await openStage(options.scenarios)
  const failures: string[] = []
  let results: readonly ScenarioResult[] = []
  try {
    results = await playAll(stage, options)
    failures.push(...(await leftBehind(stage)))
  } finally {
    await stage.close().catch((error: unknown) => {
      failures.push(`closing was not clean: ${messageOf(error)}`)
    })
  }
  const failed = results.some(({ passed }) => !passed)
  if (failed) failures.push(...stage.log.map((line) => `the product logged ${line}`))
  const durationSeconds = (Date.now() - startedAt.getTime()) / 1000
  const { pricePerMinute } = options
  const run = { startedAt: startedAt.toISOString(), durationSeconds, pricePerMinute, failures }
  return sumUp(run, results)
}

async function playAll(stage: Stage, options: RehearseOptions): Promise<readonly ScenarioResult[]> {
  const { scenarios, onProgress } = options
  const results = new Map<number, ScenarioResult>()
  const playing = new Set<string>()
  const lasts = ({ lastsSeconds = 0 }: Scenario): number => lastsSeconds
  const waiting = [...scenarios.entries()].sort(([, one], [, other]) => lasts(other) - lasts(one))
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, scenario] = next
      playing.add(scenario.name)
      onProgress([...playing], results.size)
      const result = await playScenario(stage, scenario, index, options)
      results.set(index, result)
      options.follower?.result(result)
      playing.delete(scenario.name)
      onProgress([...playing], results.size)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lane))
  return scenarios.flatMap((_scenario, index) => results.get(index) ?? [])
}

/** A stutter is listened to a second time: what the product does, it does again. */
async function playScenario(
  stage: Stage,
  scenario: Scenario,
  index: number,
  { scenarios, signal, pricePerMinute, follower }: RehearseOptions,
): Promise<ScenarioResult> {
  const playOnce = async (number: number): Promise<ScenarioResult> => {
    follower?.started(scenario.name)
    const onRung = follower && ((rung: Rung): void => follower.step(scenario.name, rung))
    const take = await play(stage, scenario, number, { signal, onRung })
    signal.throwIfAborted()
    return judge(scenario, take, pricePerMinute)
  }
  const first = await playOnce(index)
  if (first.passed || !first.failures.every(isStutter)) return first
  const second = await playOnce(index + scenarios.length)
  const notes = first.failures.map((failure) => `in a first take ${failure}`)
  return { ...second, notes: [...second.notes, ...notes] }
}

/** When nobody calls any more nothing may be open, and nothing may have happened outside a scenario. */
async function leftBehind({ agent, carrier, control }: Stage): Promise<string[]> {
  // A connection that served REST may be kept for the next request; it can carry no agent.
  const open = (): number =>
    agent.connections.filter(({ closedAt, requests }) => closedAt === null && requests === 0).length
  await waitUntil(() => open() === 0, SETTLE)
  // The media workers report twice a second.
  await sleep(MEDIA_REPORT_MS)
  const upgraded = agent.connections.filter((connection) => connection.upgraded).length
  const [before, active, ports] = await Promise.all([
    control.metric('voicegate_agent_sessions_before_answer_total'),
    control.metric('voicegate_agent_sessions_active'),
    control.metric('voicegate_rtp_ports_in_use'),
  ])
  const complaint = (what: string, count: number | null): string[] =>
    count === 0 ? [] : [`${what}: ${String(count)} instead of 0`]
  return [
    ...complaint('connections to the agent left open', open()),
    ...complaint('upgrades that are no session of the agent', upgraded - agent.sessions.length),
    ...complaint('voicegate_agent_sessions_before_answer_total', before),
    ...complaint('voicegate_agent_sessions_active', active),
    ...complaint('voicegate_rtp_ports_in_use', ports),
    // What the product speaks itself is asked for once and kept.
    ...complaint(
      'requests of speech for words that were kept',
      agent.spokenRequests.length -
        new Set(agent.spokenRequests.map(({ text, language }) => `${language ?? ''} ${text}`)).size,
    ),
    ...carrier.protocolErrors.map((error) => `the carrier objects: ${error}`),
  ]
}
