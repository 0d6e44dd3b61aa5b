// What the choice of caller frames and of the agent's format costs, at one number of calls, beside 20 ms and ulaw_8000.
import type { BenchOptions } from '../options.ts'
import { finding, type Finding } from '../report/finding.ts'
import { median } from '../report/statistics.ts'
import { runBridge, type BridgeResult, type BridgeRun } from './bridge-run.ts'

export const VARIANT_CALLS = 200

interface Variant extends Pick<BridgeRun, 'callerFrameMs' | 'format'> {
  readonly what: string
}

const VARIANTS: readonly Variant[] = [
  { what: 'caller frames of 40 ms', callerFrameMs: 40, format: 'ulaw_8000' },
  { what: 'caller frames of 60 ms', callerFrameMs: 60, format: 'ulaw_8000' },
  { what: 'agent of pcm_16000', callerFrameMs: 20, format: 'pcm_16000' },
]

export interface VariantResults {
  readonly findings: readonly Finding[]
  readonly results: readonly BridgeResult[]
}

/** @param usual the same number of calls by 20 ms and ulaw_8000, of the same minutes */
export async function measureVariants(
  options: BenchOptions,
  usual: readonly BridgeResult[],
): Promise<VariantResults> {
  const results: BridgeResult[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    for (const { callerFrameMs, format } of VARIANTS) {
      const common = {
        kind: 'bridge',
        calls: VARIANT_CALLS,
        hasSpurts: false,
        memory: 'no',
      } as const
      results.push(await runBridge(options, { ...common, callerFrameMs, format }))
    }
  }
  const findings = VARIANTS.flatMap((variant) => {
    const own = results.filter(
      ({ run }) => run.callerFrameMs === variant.callerFrameMs && run.format === variant.format,
    )
    return [
      beside(variant, 'CPU a call', '% of a core', own, usual, ({ cpuPercent }) => cpuPercent),
      // Without marks nobody knows when a resampled frame was said.
      ...(variant.format === 'ulaw_8000'
        ? [
            beside(variant, 'last packet of a frame to agent, p50', 'ms', own, usual, upP50),
            beside(variant, 'last packet of a frame to agent, p99', 'ms', own, usual, upP99),
          ]
        : []),
    ]
  })
  return { findings, results }
}

const upP50 = ({ load }: BridgeResult): number => load.uplinkMs.p50
const upP99 = ({ load }: BridgeResult): number => load.uplinkMs.p99

function beside(
  variant: Variant,
  what: string,
  unit: string,
  own: readonly BridgeResult[],
  usual: readonly BridgeResult[],
  read: (result: BridgeResult) => number,
): Finding {
  return finding({
    calls: VARIANT_CALLS,
    what: `${variant.what}: ${what}`,
    unit,
    value: median(own.map(read)),
    beside: { name: '20 ms, ulaw_8000', value: median(usual.map(read)) },
  })
}
