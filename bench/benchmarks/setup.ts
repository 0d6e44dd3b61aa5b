// Calls set up a second: the embedded SIP server with the least application, then the whole product, beside SIPp
// answering SIPp. The rate rises until a call fails.
import { answerWithSipp, callWithSipp, hasSipp, type SippResult } from '../load/sipp.ts'
import type { MediaLoad } from '../load/media-load.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf, type Pinning } from '../process/pinning.ts'
import { withPrograms } from '../process/program.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import type { SipApp } from '../subjects/sip-app.ts'
import type { Product } from '../subjects/voicegate.ts'

const GOAL_CALLS_A_SECOND = 300
/** The product opens an agent for each: a call must last until it talks. */
const PRODUCT_HOLD_MS = 1000
/** One failure may be the machine's; two in a row are ours. */
const TRIES = 2

interface Step {
  readonly rate: number
  readonly result: SippResult
  readonly cpuMsPerCall: number
}

interface Climb {
  readonly name: string
  readonly steps: readonly Step[]
  /** Upgrades the agent took in all runs; undefined where there is no agent. */
  readonly agentSessions?: number
}

/** What answers: told when a run begins and asked for its CPU milliseconds when it ended. */
interface Answerer {
  readonly port: number
  readonly holdMs: number
  begin(): Promise<void>
  cpuMs(): Promise<number>
}

export async function setup(options: BenchOptions): Promise<Report> {
  const title = 'calls set up a second, called by SIPp'
  if (!hasSipp) {
    const notes = ['not run: sipp is not installed (apt-get install sip-tester)']
    return { name: 'setup', title, findings: [], notes, raw: null }
  }
  const pinning = pinningOf(options.pin, true)
  const peer = await climbPeer(options, pinning)
  const climbs = [
    await climbEmbedded(options, pinning),
    await climbProduct(options, pinning, 'off'),
    await climbProduct(options, pinning, 'on'),
  ]
  const findings = climbs.flatMap((climb, index) => findingsOf(climb, peer, index === 0))
  const notes = [
    `rates tried: ${options.rates.join(', ')} calls a second, ${options.seconds} s each, up to the first where ${TRIES} times a call failed or a backlog was left; SIPp's time-out counts as failure`,
    'peer: SIPp answering SIPp at the same rate (its response times are whole milliseconds); agent off: it takes the connection and never speaks; on: it takes the upgrade, sends its metadata and listens',
    ...climbs.map(failureNote),
    ...climbs.flatMap(agentNote),
  ]
  return { name: 'setup', title, findings, notes, raw: { peer, climbs } }
}

async function climb(
  options: BenchOptions,
  pinning: Pinning,
  name: string,
  answerer: Answerer,
): Promise<Climb> {
  const steps: Step[] = []
  for (const rate of options.rates) {
    const step = await tryRate(options, pinning, name, answerer, rate)
    steps.push(step)
    if (!step.result.clean) break
  }
  return { name, steps }
}

async function tryRate(
  options: BenchOptions,
  pinning: Pinning,
  name: string,
  answerer: Answerer,
  rate: number,
): Promise<Step> {
  const { holdMs, port } = answerer
  const { seconds } = options
  for (let attempt = 1; ; attempt += 1) {
    options.progress(`${name}, ${rate} calls a second`)
    await answerer.begin()
    const result = await callWithSipp({ port, rate, seconds, holdMs, core: pinning.load.core })
    const cpuMs = await answerer.cpuMs()
    const step = { rate, result, cpuMsPerCall: cpuMs / result.created }
    if (result.clean || attempt === TRIES) return step
  }
}

async function climbPeer(options: BenchOptions, pinning: Pinning): Promise<Climb> {
  const server = await answerWithSipp(pinning.measured.core)
  let before = 0
  try {
    return await climb(options, pinning, 'SIPp answering', {
      port: server.port,
      holdMs: 0,
      begin: () => {
        before = server.cpuMs()
        return Promise.resolve()
      },
      cpuMs: () => Promise.resolve(server.cpuMs() - before),
    })
  } finally {
    await server.stop()
  }
}

function climbEmbedded(options: BenchOptions, pinning: Pinning): Promise<Climb> {
  return withPrograms(async (start) => {
    const app = start<SipApp>('subjects/sip-app.ts', { ...pinning.measured, ...profileOf(options) })
    const { port } = await app.ask('start')
    return climb(options, pinning, 'embedded SIP server', {
      port,
      holdMs: 0,
      begin: () => app.ask('begin'),
      cpuMs: async () => (await app.ask('end')).cpuMs,
    })
  })
}

function climbProduct(
  options: BenchOptions,
  pinning: Pinning,
  agent: 'off' | 'on',
): Promise<Climb> {
  return withPrograms(async (start) => {
    const load = start<MediaLoad>('load/media-load.ts', pinning.load)
    const product = start<Product>('subjects/voicegate.ts', {
      ...pinning.measured,
      ...profileOf(options),
    })
    const { agentUrl } =
      agent === 'on' ? await load.ask('open', { calls: 0 }) : await load.ask('openDeaf')
    const agentWsUrl = agentUrl.replace('http', 'ws')
    const { port } = await product.ask('start', { agentRestUrl: agentUrl, agentWsUrl })
    try {
      const climbed = await climb(options, pinning, `whole product, agent ${agent}`, {
        port,
        holdMs: PRODUCT_HOLD_MS,
        begin: () => product.ask('begin'),
        cpuMs: async () => (await product.ask('end')).cpuMs,
      })
      return { ...climbed, agentSessions: await load.ask('agentSessions') }
    } finally {
      await product.ask('close')
    }
  })
}

const profileOf = ({ profileDir }: BenchOptions): { readonly profileDir?: string } =>
  profileDir === undefined ? {} : { profileDir }

const highest = ({ steps }: Climb): number =>
  Math.max(0, ...steps.filter(({ result }) => result.clean).map(({ rate }) => rate))

function findingsOf(climb: Climb, peer: Climb, hasGoal: boolean): readonly Finding[] {
  const { name, steps } = climb
  const rate = highest(climb)
  // Rates that stopped below the goal without a failure say nothing about it.
  const isJudged = hasGoal && (rate >= GOAL_CALLS_A_SECOND || steps.at(-1)?.result.clean === false)
  const best = steps.find((step) => step.rate === rate)
  const beside = peer.steps.find((step) => step.rate === rate)
  const ours = best?.cpuMsPerCall ?? Number.NaN
  const theirs = beside?.cpuMsPerCall ?? Number.NaN
  return [
    finding({
      what: `${name}: highest rate with no failed call`,
      unit: 'calls/s',
      value: rate,
      beside: { name: 'SIPp', value: highest(peer) },
      goal: isJudged ? { relation: '>=', limit: GOAL_CALLS_A_SECOND, of: 'value' } : undefined,
    }),
    finding({
      what: `${name}: CPU a call at ${rate}/s`,
      unit: 'ms',
      value: ours,
      beside: { name: 'SIPp', value: theirs },
    }),
    finding({
      what: `${name}: INVITE to 200 OK, mean at ${rate}/s`,
      unit: 'ms',
      value: best?.result.answerMs ?? Number.NaN,
      beside: { name: 'SIPp', value: beside?.result.answerMs ?? Number.NaN },
    }),
  ]
}

function failureNote({ name, steps }: Climb): string {
  const last = steps.at(-1)
  if (last === undefined || last.result.clean) return `${name}: no rate tried was too high`
  const { created, exitCode, failed, rate, retransmissions, successful } = last.result
  return (
    `${name}: at ${last.rate}/s ${failed} of ${created} calls failed, ${successful} went through, ` +
    `${retransmissions} messages were sent again, SIPp began ${rate.toFixed(0)}/s and exited with ${exitCode ?? 'a signal'}`
  )
}

/** The agent was really there, or really not. */
function agentNote({ agentSessions, name, steps }: Climb): readonly string[] {
  if (agentSessions === undefined) return []
  const calls = steps.reduce((total, { result }) => total + result.successful, 0)
  return [
    `${name}: ${agentSessions} agent sessions for ${calls} calls that went through (tries that failed before a second one not counted)`,
  ]
}
