// The menu by Twilio's webhooks: how long each answer takes while many callers press keys at once, every step of theirs
// on the disk before it is answered, beside a bare Fastify route that keeps nothing.
import { callByKeypad, type KeypadTimes } from '../load/keypad-callers.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf } from '../process/pinning.ts'
import { withPrograms } from '../process/program.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { median, spreadOf, type Spread } from '../report/statistics.ts'
import { BENCH_TWILIO } from '../subjects/bench-twilio.ts'
import type { TwimlFloor } from '../subjects/twiml-floor.ts'
import type { Product } from '../subjects/voicegate.ts'

const CALLS = [50, 200, 500]
const P99_GOAL_MS = 50
const WARM_UP_CALLS = 20
/** Nobody is there: the menu needs no agent. */
const NO_AGENT = { agentRestUrl: 'http://127.0.0.1:9', agentWsUrl: 'ws://127.0.0.1:9' }

interface Round {
  readonly product: KeypadTimes
  readonly floor: KeypadTimes
}

export function ivr(options: BenchOptions): Promise<Report> {
  return withPrograms(async (start) => {
    const { measured } = pinningOf(options.pin, false)
    const profile = options.profileDir === undefined ? {} : { profileDir: options.profileDir }
    const product = start<Product>('subjects/voicegate.ts', { ...measured, ...profile })
    const floor = start<TwimlFloor>('subjects/twiml-floor.ts', measured)
    const ports = {
      product: (await product.ask('start', { ...NO_AGENT, twilio: 'order-ivr' })).httpPort,
      floor: (await floor.ask('start')).httpPort,
    }
    let run = 0
    const load = (name: keyof typeof ports, calls: number): Promise<KeypadTimes> =>
      callByKeypad({
        voiceUrl: `http://127.0.0.1:${ports[name]}/webhook/voice`,
        authToken: BENCH_TWILIO.authToken,
        calls,
        run: (run += 1),
      })
    try {
      const findings: Finding[] = []
      const raw: Record<number, readonly Round[]> = {}
      await Promise.all([load('product', WARM_UP_CALLS), load('floor', WARM_UP_CALLS)])
      for (const calls of options.calls ?? CALLS) {
        const rounds: Round[] = []
        for (let round = 0; round < options.rounds; round += 1) {
          options.progress(`${calls} callers at a keypad, round ${round + 1}`)
          rounds.push({ product: await load('product', calls), floor: await load('floor', calls) })
        }
        raw[calls] = rounds
        findings.push(...findingsOf(calls, rounds))
      }
      return {
        name: 'ivr',
        title: 'the menu by webhooks: request to answer, each step durable before it',
        findings,
        notes: [
          'each call is five signed webhooks with 0.2 to 1 s of thinking between them; all begin within a second, real callers take ten times as long',
          'the load shares the machine, and its own time is in every figure, for product and floor alike',
        ],
        raw,
      }
    } finally {
      await product.ask('close')
      await floor.ask('close')
    }
  })
}

function findingsOf(calls: number, rounds: readonly Round[]): readonly Finding[] {
  const figure = (name: keyof Round, of: keyof Spread): number =>
    median(rounds.map((round) => spreadOf(round[name].times)[of]))
  const failed = rounds.reduce((sum, { product }) => sum + product.failed, 0)
  return [
    ...(['p50', 'p99'] as const).map((of) =>
      finding({
        calls,
        what: `webhook to answer, ${of}`,
        unit: 'ms',
        value: figure('product', of),
        beside: { name: 'bare Fastify', value: figure('floor', of) },
        goal:
          of === 'p99' && calls <= 200
            ? { relation: '<', limit: P99_GOAL_MS, of: 'value' }
            : undefined,
      }),
    ),
    finding({
      calls,
      what: 'calls that did not reach the goodbye',
      unit: '',
      value: failed,
      goal: { relation: '<=', limit: 0, of: 'value' },
    }),
  ]
}
