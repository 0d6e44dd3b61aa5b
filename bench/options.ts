// What every benchmark may be told.

export interface BenchOptions {
  /** Calls at a time, each measured by itself; undefined: as the benchmark has it. */
  readonly calls: readonly number[] | undefined
  /** Length of a measured window. */
  readonly seconds: number
  /** Before it: code gets compiled, buffers find their size. */
  readonly warmupSeconds: number
  /** Product and floor by turns, so often; the figure is the median. */
  readonly rounds: number
  /** Load on the first core, measured on the last; undefined: as the benchmark has it. */
  readonly pin: boolean | undefined
  readonly agent: 'steady' | 'burst'
  /** Calls a variant of `answer`; pages of a filter in `history`. */
  readonly count: number
  /** Calls a second tried by `setup`. */
  readonly rates: readonly number[]
  /** How long `setup` keeps each of them up. */
  readonly rateSeconds: number
  /** Calls in `history`. */
  readonly rows: number
  readonly profileDir: string | undefined
  /** Says what is being done, on stderr. */
  readonly progress: (text: string) => void
}
