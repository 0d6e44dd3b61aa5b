// One turn of a transcript: what one side said at once, and how much of it was heard.

export type TurnRole = 'caller' | 'agent' | 'gateway'

/** `unknown`: not told yet, or never, because of a crash or a flood. */
export type HeardExtent = 'whole' | 'part' | 'nothing' | 'unknown'

/** What one side said at once. Times are epoch milliseconds. */
export interface Turn {
  readonly role: TurnRole
  readonly at: number
  readonly endedAt: number | null
  /** Null when nobody told the words. */
  readonly text: string | null
  /** The caller's last words, never settled. */
  readonly tentative: boolean
  readonly interrupted: boolean
  /** Null of the caller: whoever listens says so by answering. */
  readonly heard: HeardExtent | null
  readonly heardText: string | null
  /** From what left for the caller, or from the agent's own estimate. */
  readonly heardTextBy: 'audio' | 'agent' | null
  readonly heardMs: number | null
  readonly spokenMs: number | null
  readonly promptId: string | null
}

/** What is known of words nobody has told the end of. */
export type Untold = 'pending' | 'unheard' | 'lost'
