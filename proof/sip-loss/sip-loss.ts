// npm run proof -- sip-loss: SIPp calls us and is called over lines that lose, double and reorder every tenth message.
// Not every call can go through; every call must end, on time and leaving nothing.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runSipp, type SippCounts } from '../../test/gateway/embedded/sipp.ts'
import { freeUdpPort } from '../../test/support/process.ts'
import { openSipRelay, type SipRelay } from '../../test/support/sip-relay.ts'
import { untilNothing } from '../baseline.ts'
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { seededRandom } from '../seeded-random.ts'
import { openStage, type Stage } from '../stage/gateway-stage.ts'

export interface LossOptions extends ProofOptions {
  readonly t1Ms: number
}

export const sipLoss: Proof = {
  about:
    '500 calls each way over lines that lose, double and reorder a tenth: every call ends, no dialog remains',
  defaultCount: 500,
  run: (options) => runLoss({ ...options, t1Ms: 500 }),
}

const FAULTS = { lost: 0.1, doubled: 0.1, late: 0.1, lateMs: 60 }
/** Calls a second, each way. */
const RATE = 50
const HOST = '127.0.0.1'
const TALK_MS = 300
/** A caller who gave up in silence is hung up on after this, as media.stalled does where there is audio. */
const SILENT_MS = 8_000
/** What was overtaken, and comes when SIPp's scenario is past it, ends no call. */
const LENIENT = ['-default_behaviors', 'all,-abortunexp']
/** SIPp repeats at 0.5, 1.5, 3.5, 7.5, 11.5 … s, whatever our T1. */
const SIPP_GRACE_MS = 45_000
/** A call takes half a dozen messages, each repeated: of a thousand calls one may fail. */
const FEWEST_SUCCESSFUL = 0.95

export async function runLoss(options: LossOptions): Promise<ProofReport> {
  const { count, seed, t1Ms } = options
  const [inbound, outbound] = await Promise.all([
    openSipRelay(seededRandom(seed), FAULTS),
    openSipRelay(seededRandom(seed + 1), FAULTS),
  ])
  const stage = await openStage({
    trunkDomain: `${HOST}:${outbound.near.port}`,
    sip: { timers: { t1Ms, t2Ms: 8 * t1Ms, t4Ms: 10 * t1Ms } },
    answeredBy: () => ({ ready: 0, talk: SILENT_MS }),
  })
  const problems: string[] = []
  try {
    const played = await Promise.all([
      callIn(stage, inbound, count),
      callOut(stage, outbound, count),
    ])
    problems.push(...(await whatRemains(stage, t1Ms)))
    const figures = played.map(
      ({ successful }, way) =>
        `${successful} of ${count} calls ${way === 0 ? 'in' : 'out'} went as SIPp’s scenario says`,
    )
    for (const { successful } of played)
      if (successful < count * FEWEST_SUCCESSFUL)
        problems.push(`only ${successful} of ${count} calls went through`)
    const ended = [...stage.endings.values()].reduce((sum, calls) => sum + calls, 0)
    const { retransmissionsReceived, retransmissionsSent } = await stage.sip.stats()
    figures.push(
      `lines: ${JSON.stringify(inbound.counts)} in, ${JSON.stringify(outbound.counts)} out`,
      `messages sent again: ${retransmissionsSent}, received again: ${retransmissionsReceived}`,
      `${ended} calls ended: ${[...stage.endings].map(([ending, calls]) => `${calls} ${ending}`).join(', ')}`,
    )
    if (retransmissionsSent === 0) problems.push('nothing was sent again: the lines lost nothing')
    return { figures, problems: [...problems, ...stage.defects], evidence: [] }
  } finally {
    await stage.close()
    await Promise.all([inbound.close(), outbound.close()])
  }
}

async function callIn(stage: Stage, relay: SipRelay, calls: number): Promise<SippCounts> {
  const port = await freeUdpPort()
  relay.connect({ host: HOST, port }, stage)
  const target = `${HOST}:${relay.near.port}`
  return sipp('lossy-caller', calls, port, relay.far.port, [target, '-d', String(TALK_MS)])
}

async function callOut(stage: Stage, relay: SipRelay, calls: number): Promise<SippCounts> {
  const port = await freeUdpPort()
  relay.connect(stage, { host: HOST, port })
  const called = sipp('lossy-callee', calls, port, relay.near.port, [])
  for (let call = 0; call < calls; call += 1) {
    await stage.place(`+49301${call}`, { ready: 0, talk: TALK_MS }, 30_000)
    await sleep(1000 / RATE)
  }
  return called
}

function sipp(
  scenario: string,
  calls: number,
  port: number,
  contactPort: number,
  more: readonly string[],
): Promise<SippCounts> {
  const file = join(import.meta.dirname, `../../test/integration/scenarios/${scenario}.xml`)
  const sizes = ['-m', String(calls), '-r', String(RATE), '-l', '5000']
  const self = ['-i', HOST, '-p', String(port), '-key', 'relay', `${HOST}:${contactPort}`]
  return runSipp(
    ['-sf', file, ...more, ...sizes, ...self, '-s', '+4930100', ...LENIENT],
    (calls / RATE) * 1000 + SIPP_GRACE_MS,
  )
}

/** A call that lost its last message ends by 64·T1, its BYE by as much again, its transactions by as much again. */
async function whatRemains(stage: Stage, t1Ms: number): Promise<readonly string[]> {
  const left = await untilNothing(SILENT_MS + 3 * 64 * t1Ms + 5_000, () => stage.remains())
  return left.map((each) => `left behind: ${each}`)
}
