// What every proof is told, and what it says at its end.
import type { Progress } from './progress.ts'

export interface ProofOptions {
  /** Everything random comes from it. */
  readonly seed: number
  /** Inputs or calls. */
  readonly count: number
  /** Calls a second, where the command line says so. */
  readonly rate?: number | undefined
  readonly transport: 'udp' | 'tcp'
  readonly progress: Progress
}

export interface ProofReport {
  /** One line each; printed whatever the outcome. */
  readonly figures: readonly string[]
  /** Empty: proven. */
  readonly problems: readonly string[]
  /** What led to the problems, to be saved: text, one item a line. */
  readonly evidence: readonly string[]
}

export interface Proof {
  readonly about: string
  readonly defaultCount: number
  run(options: ProofOptions): Promise<ProofReport>
}
