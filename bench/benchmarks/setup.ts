// Calls set up a second: the embedded SIP server with the least application, drachtio-server with the same one where
// there is one, then the whole product, all beside SIPp answering SIPp. The rate rises until a call fails.
import { drachtioServerVersion } from '../../test/support/drachtio-server.ts'
import { hasSipp } from '../load/sipp.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf } from '../process/pinning.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import {
  drachtioServerAnswering,
  embeddedAnswering,
  productAnswering,
  sippAnswering,
  type SubjectOptions,
} from './answerers.ts'
import { climb, TRIES, type Climb, type Subject } from './rate-climb.ts'

const GOAL_CALLS_A_SECOND = 300

export async function setup(options: BenchOptions): Promise<Report> {
  const title = 'calls set up a second, called by SIPp'
  if (!hasSipp) {
    const notes = ['not run: sipp is not installed (apt-get install sip-tester)']
    return { name: 'setup', title, findings: [], notes, raw: null }
  }
  const { profileDir, progress, rates, rateSeconds: seconds } = options
  const pinning = pinningOf(options.pin, true)
  const subjectOptions: SubjectOptions = { pinning, profileDir }
  const climbOf = (subject: Subject): Promise<Climb> =>
    climb(subject, { rates, seconds, core: pinning.load.core, progress })
  const peer = await climbOf(sippAnswering(subjectOptions))
  const climbs: Climb[] = []
  for (const subject of subjectsOf(subjectOptions)) climbs.push(await climbOf(subject))
  const findings = climbs.flatMap((each, index) => findingsOf(each, peer, index === 0))
  const notes = [
    `rates tried: ${rates.join(', ')} calls a second, ${seconds} s each, up to the first where ${TRIES} times a call failed or a backlog was left; SIPp's time-out counts as failure`,
    'peer: SIPp answering SIPp at the same rate (its response times are whole milliseconds); agent off: it takes the connection and never speaks; on: it takes the upgrade, sends its metadata and listens',
    drachtioServerVersion === undefined
      ? 'drachtio-server: not run, no program "drachtio" on the PATH'
      : `drachtio-server ${drachtioServerVersion}: its CPU is that of the server and of the application, which share a core as the embedded server and its application do`,
    ...climbs.map(failureNote),
    ...climbs.flatMap(agentNote),
  ]
  return { name: 'setup', title, findings, notes, raw: { peer, climbs } }
}

/** The first is the one the goal is about. */
const subjectsOf = (options: SubjectOptions): readonly Subject[] => [
  embeddedAnswering(options),
  ...(drachtioServerVersion === undefined ? [] : [drachtioServerAnswering(options)]),
  productAnswering(options, 'off'),
  productAnswering(options, 'on'),
]

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
    `${name}: at ${last.rate}/s ${failed} of ${created} calls failed, ${created - failed - successful} were not over in time, ` +
    `${retransmissions} messages were sent again, SIPp began ${rate.toFixed(0)}/s and exited with ${exitCode ?? 'a signal'}`
  )
}

/** The agent was really there, or really not. */
function agentNote({ agentSessions, begun, name }: Climb): readonly string[] {
  return agentSessions === undefined
    ? []
    : [`${name}: ${agentSessions} agent sessions for ${begun} calls, failed runs too`]
}
