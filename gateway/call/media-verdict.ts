// What the media tells of that ends the call, and how. A table to review; everything else it tells changes nothing.
import {
  termination,
  type AgentCloseReason,
  type MediaEvent,
  type Termination,
} from '#core/contracts'

export interface MediaVerdict {
  readonly ending: Termination
  /** The agent left the caller alone in mid-talk: a word is due before we hang up. */
  readonly owesFarewell: boolean
  /** Only the agent is gone: whoever waits for a human goes on waiting. */
  readonly isOfAgent: boolean
}

const plain = (ending: Termination): MediaVerdict => ({
  ending,
  owesFarewell: false,
  isOfAgent: ending.by === 'agent',
})
const farewell = (ending: Termination): MediaVerdict => ({
  ending,
  owesFarewell: true,
  isOfAgent: true,
})

/** The agent's end is the call's end; what we closed ourselves ends nothing. */
const BY_CLOSE: Readonly<Record<AgentCloseReason, MediaVerdict | undefined>> = {
  'agent-ended': plain(termination('success', 'agent-ended', 'agent')),
  refused: farewell(termination('upstream_error', 'agent-refused', 'agent')),
  dropped: farewell(termination('upstream_error', 'agent-dropped', 'agent')),
  // Nobody is left to play anything.
  'worker-lost': plain(termination('server_error', 'media-lost', 'gateway')),
  'gateway-crashed': undefined,
  'call-ended': undefined,
  'no-ack': undefined,
  silent: undefined,
  transferred: undefined,
}

const AGENT_SILENT = farewell(termination('upstream_error', 'agent-silent', 'gateway'))
const DEAD_AIR = plain(termination('indeterminate', 'dead-air', 'gateway'))

export function verdictOf(event: MediaEvent): MediaVerdict | undefined {
  switch (event.type) {
    case 'agent.closed':
      return BY_CLOSE[event.data.reason]
    case 'agent.silent':
      return AGENT_SILENT
    case 'media.dead_air':
      return DEAD_AIR
    // The worker died after the agent had gone, as under two callers that are joined.
    case 'media.lost':
      return BY_CLOSE['worker-lost']
    default:
      return undefined
  }
}
