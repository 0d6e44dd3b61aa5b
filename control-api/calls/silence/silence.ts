// A silence of a call, whose it is, and why: the words that REST shows.

/** A stretch of time: milliseconds of any one axis, `to` not included. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

export const SILENCE_CAUSES = ['carrier', 'gateway', 'agent', 'caller'] as const
export type SilenceCause = (typeof SILENCE_CAUSES)[number]

/** Whose each reason is. */
export const CAUSE_OF = {
  /** Before the answer: the INVITE left, and the callee's side said nothing but 100 Trying, or nothing at all. */
  'post-dial-delay': 'carrier',
  'no-response': 'carrier',
  /** Answered, but its first RTP packet came late or never. */
  'no-audio-yet': 'carrier',
  /** Its RTP stopped. */
  'audio-stalled': 'carrier',
  /** Inbound: we let the caller wait for the first ringing. */
  'setup-delay': 'gateway',
  /** From the 200 OK to our request for an agent session; or there never was one. */
  'agent-not-asked': 'gateway',
  'no-agent': 'gateway',
  /** The agent had sent audio, and it left late. */
  'audio-left-late': 'gateway',
  /** A tool of ours worked. */
  'tool-running': 'gateway',
  /** The human was being called. */
  transferring: 'gateway',
  'media-lost': 'gateway',
  'media-server-lost': 'gateway',
  'sip-server-lost': 'gateway',
  /** All was said. */
  'hanging-up': 'gateway',
  /** From our request for a session to its opening; from there to its first audio. */
  'agent-opening': 'agent',
  'first-audio-slow': 'agent',
  /** It said nothing at first, and the caller spoke. */
  'no-greeting': 'agent',
  'answer-slow': 'agent',
  'agent-silent': 'agent',
  'agent-error': 'agent',
  'agent-gone': 'agent',
  /** The agent had said its words: nobody's fault. */
  'callers-turn': 'caller',
} as const satisfies Readonly<Record<string, SilenceCause>>

export type SilenceReason = keyof typeof CAUSE_OF
export const SILENCE_REASONS = Object.keys(CAUSE_OF) as SilenceReason[]

export interface Silence extends Stretch {
  readonly reason: SilenceReason
  readonly detail: string
}

export interface Speech extends Stretch {
  readonly who: 'caller' | 'agent'
}

/** When each side was heard: in order, and apart. */
export interface Heard {
  readonly caller: readonly Stretch[]
  readonly agent: readonly Stretch[]
}

/** The same by a recording. */
export interface HeardLevels extends Heard {
  /** Where it was recorded, and not paused: elsewhere it says nothing. */
  readonly covered: readonly Stretch[]
}

/** In order, with those that touch made one. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = []
  for (const one of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last !== undefined && one.from <= last.to)
      all[all.length - 1] = { from: last.from, to: Math.max(last.to, one.to) }
    else if (one.to > one.from) all.push(one)
  }
  return all
}

/** What of `within` none of the others covers; these in order and apart. */
export function gapsIn(within: Stretch, others: readonly Stretch[]): Stretch[] {
  const gaps: Stretch[] = []
  let at = within.from
  for (const { from, to } of others) {
    if (to <= at) continue
    if (from >= within.to) break
    if (from > at) gaps.push({ from: at, to: from })
    at = to
  }
  if (at < within.to) gaps.push({ from: at, to: within.to })
  return gaps
}

/** The first that begins then or later; of some in order. */
export const firstFrom = (some: readonly Stretch[], at: number): Stretch | undefined =>
  some[countBefore(some, at)]

/** The last that begins earlier; of some in order. */
export const lastBefore = (some: readonly Stretch[], at: number): Stretch | undefined =>
  some[countBefore(some, at) - 1]

function countBefore(some: readonly Stretch[], at: number): number {
  let low = 0
  let high = some.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((some[middle]?.from ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

/** A duration for a sentence. */
export const spoken = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`
