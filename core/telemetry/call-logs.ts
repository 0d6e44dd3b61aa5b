// The last log lines of each of the last calls, as they were written and masked: for the debug bundle. Its bounds are
// exact and small; whoever wants all lines reads the log itself.

/** What a log line is written to. */
export interface LineDestination {
  write(line: string): void
}

export interface CallLines {
  /** Lines of JSON, oldest first. */
  readonly lines: readonly string[]
  /** Lines of the call that are kept no more. */
  readonly dropped: number
}

export interface CallLogs {
  /** The same destination, with what passes it kept. */
  before(destination: LineDestination): LineDestination
  /** Undefined: no line of this call is kept. */
  of(callId: string): CallLines | undefined
}

export interface CallLogsBounds {
  readonly calls: number
  readonly linesPerCall: number
  readonly charsPerCall: number
  readonly chars: number
}

const BOUNDS: CallLogsBounds = {
  calls: 1000,
  linesPerCall: 200,
  charsPerCall: 256 * 1024,
  chars: 8 * 1024 * 1024,
}

/** A quote in a text of JSON is escaped, so this is never found within one. */
const FIELD = '"callId":"call_'
const ID_AT = FIELD.length - 'call_'.length
const ID_CHARS = 'call_'.length + 32

interface Kept {
  lines: string[]
  chars: number
  dropped: number
}

export function createCallLogs(bounds: Partial<CallLogsBounds> = {}): CallLogs {
  const most = { ...BOUNDS, ...bounds }
  /** The call that was quiet for the longest time first. */
  const byCall = new Map<string, Kept>()
  let chars = 0
  const dropFirst = (kept: Kept): void => {
    const length = kept.lines.shift()?.length ?? 0
    kept.chars -= length
    chars -= length
    kept.dropped += 1
  }
  const forget = (callId: string, kept: Kept): void => {
    byCall.delete(callId)
    chars -= kept.chars
  }
  const boundAll = (): void => {
    for (const [callId, kept] of byCall) {
      if (byCall.size <= most.calls && chars <= most.chars) return
      forget(callId, kept)
    }
  }
  const keep = (line: string): void => {
    const callId = callIdOf(line)
    if (callId === undefined) return
    const known = byCall.get(callId)
    // A copy: a part of the line would hold the whole line for as long as the call is known.
    const kept = known ?? { lines: [], chars: 0, dropped: 0 }
    byCall.delete(callId)
    byCall.set(known ? callId : copyOf(callId), kept)
    kept.lines.push(line)
    kept.chars += line.length
    chars += line.length
    while (kept.lines.length > most.linesPerCall || kept.chars > most.charsPerCall) dropFirst(kept)
    if (byCall.size > most.calls || chars > most.chars) boundAll()
  }
  return {
    before: (destination) => ({
      write(line) {
        destination.write(line)
        keep(line)
      },
    }),
    of(callId) {
      const kept = byCall.get(callId)
      return kept && { lines: [...kept.lines], dropped: kept.dropped }
    },
  }
}

function callIdOf(line: string): string | undefined {
  const at = line.indexOf(FIELD)
  return at === -1 ? undefined : line.slice(at + ID_AT, at + ID_AT + ID_CHARS)
}

const copyOf = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')
