// More calls a second than MAX_OUTBOUND_CALLS_PER_SECOND and MAX_INBOUND_CALLS_PER_SECOND allow, with slots to spare.
import { join } from 'node:path'
import { withPrograms } from '../../bench/process/program.ts'
import type { ProofReport } from '../proof.ts'
import type { ProductProgram } from '../stage/product.ts'
import { withFolder } from '../temporary-folder.ts'
import type { LineLoad } from './line-load.ts'
import { numberOf } from './numbers.ts'
import { Offers, type OfferOutcome, type Way } from './offers.ts'

const PER_SECOND = { api: 5, invite: 8 } as const
const BURST = 30
/** What a client is told that is too fast, by the API (RFC 6585 §4) and by SIP, which has no such status. */
const REFUSALS = { api: '429 RATE_EXCEEDED', invite: '503' } as const

/** A burst each way: a second's worth is admitted, and what is refilled while it lasts; the rest may come again soon. */
export function runRateLimits(): Promise<ProofReport> {
  return withFolder('rate', (folder) =>
    withPrograms(async (start) => {
      const product = start<ProductProgram>('../proof/stage/product.ts')
      const load = start<LineLoad>('../proof/overload/line-load.ts')
      const { agentUrl, ports } = await load.ask('open', { count: 2 * BURST })
      const offers = await Offers.open(load, ports)
      try {
        const addresses = await product.ask('start', {
          settings: {
            HTTP_PORT: '0',
            SIP_LISTEN: 'udp:127.0.0.1:0',
            DATA_DIR: join(folder, 'data'),
            DIAL_ALLOW_PREFIXES: '+49',
            MAX_OUTBOUND_CALLS_PER_SECOND: String(PER_SECOND.api),
            MAX_INBOUND_CALLS_PER_SECOND: String(PER_SECOND.invite),
            RECORD_CALLS: 'off',
            LOG_LEVEL: 'warn',
          },
          carrierDomain: offers.carrierDomain,
          ...{ agentUrl, logFile: join(folder, 'log.jsonl') },
        })
        offers.callsGoTo(addresses)
        const startedAt = performance.now()
        const outcomes = await Promise.all(
          Array.from({ length: 2 * BURST }, (_, line) =>
            offers.offer(line % 2 === 0 ? 'api' : 'invite', numberOf(line, line)),
          ),
        )
        const seconds = (performance.now() - startedAt) / 1000
        offers.hangUp(offers.talking)
        await product.ask('stop')
        const report = reportOf(outcomes, seconds)
        return { ...report, problems: [...report.problems, ...offers.wrongs] }
      } finally {
        await offers.close()
      }
    }),
  )
}

function reportOf(outcomes: readonly OfferOutcome[], seconds: number): ProofReport {
  const problems: string[] = []
  const figures: string[] = []
  for (const way of ['api', 'invite'] as const) {
    const ofWay = outcomes.filter((outcome) => outcome.way === way)
    const admitted = ofWay.filter(({ kind }) => kind === 'admitted').length
    const perSecond = PER_SECOND[way]
    figures.push(`${admitted} of ${BURST} admitted by ${way} within ${seconds.toFixed(2)} s`)
    if (admitted < perSecond || admitted > perSecond * (1 + seconds) + 1)
      problems.push(`${admitted} admitted by ${way}, with ${perSecond} a second`)
    problems.push(...new Set(ofWay.flatMap((outcome) => wrongIn(outcome, way) ?? [])))
  }
  return { figures, problems, evidence: [] }
}

function wrongIn(outcome: OfferOutcome, way: Way): string | undefined {
  if (outcome.kind === 'admitted') return undefined
  const said = `${outcome.status} ${outcome.code}`.trimEnd()
  if (said === REFUSALS[way] && outcome.retryAfter === '1') return undefined
  return `refused by ${way}: ${said}, Retry-After ${outcome.retryAfter}`
}
