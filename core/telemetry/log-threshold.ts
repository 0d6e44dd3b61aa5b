// From which level on lines are written: one number that all threads of the process share, so that a change is followed
// everywhere at once, by loggers made long before too.
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What one may change to while it runs: above, nobody would read what goes wrong meanwhile. */
export const CHOSEN_LOG_LEVELS = ['debug', 'info', 'warn'] as const satisfies readonly LogLevel[]

/** Of lines that somebody should read. */
export const WARNING_LEVELS = ['warn', 'error', 'fatal'] as const satisfies readonly LogLevel[]
export type WarningLevel = (typeof WARNING_LEVELS)[number]

/** As pino counts them; behind the last there is nothing. */
const RANKS: Readonly<Record<LogLevel, number>> = {
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: 100,
}

export interface LogThreshold {
  level: LogLevel
  /** Whether a line of this rank is written; to be asked once a line, for those that are not are counted. */
  passes(rank: number): boolean
  /** How many lines of this level were kept back since it was asked last, in all threads. */
  takeKeptBack(level: WarningLevel): number
  /** For another thread's `logThresholdOf`. */
  readonly cell: SharedArrayBuffer
}

export function createLogThreshold(level: LogLevel): LogThreshold {
  const places = 1 + WARNING_LEVELS.length
  const threshold = logThresholdOf(new SharedArrayBuffer(places * Int32Array.BYTES_PER_ELEMENT))
  threshold.level = level
  return threshold
}

/** The same threshold in this thread. The cell holds the rank, and behind it what was kept back of each warning level. */
export function logThresholdOf(cell: SharedArrayBuffer): LogThreshold {
  const rank = new Int32Array(cell)
  const placeOf = (level: WarningLevel): number => 1 + WARNING_LEVELS.indexOf(level)
  return {
    cell,
    get level() {
      return LOG_LEVELS.find((level) => RANKS[level] === rank[0]) ?? 'info'
    },
    set level(level) {
      rank[0] = RANKS[level]
    },
    // Not by Atomics: asked at every suppressed line too, and a line more or less at the moment of a change is nothing.
    passes(asked) {
      if (asked >= (rank[0] ?? RANKS.info)) return true
      const warning = WARNING_LEVELS.find((level) => RANKS[level] === asked)
      if (warning !== undefined) Atomics.add(rank, placeOf(warning), 1)
      return false
    },
    takeKeptBack: (level) => Atomics.exchange(rank, placeOf(level), 0),
  }
}
