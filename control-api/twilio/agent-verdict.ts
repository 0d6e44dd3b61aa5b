// What the audio of a call tells that ends it, and how. As the gateway has it for calls of SIP.
import {
  termination,
  type AgentCloseReason,
  type MediaEvent,
  type Termination,
} from '#core/contracts'

/** Without a frame for so long the caller is taken for lost. */
const LOST_AFTER_MS = 30_000

const MEDIA_LOST = termination('server_error', 'media-lost', 'gateway')

/** The agent's end is the call's end; what we closed ourselves ends nothing. */
const BY_CLOSE: Readonly<Record<AgentCloseReason, Termination | undefined>> = {
  'agent-ended': termination('success', 'agent-ended', 'agent'),
  refused: termination('upstream_error', 'agent-refused', 'agent'),
  dropped: termination('upstream_error', 'agent-dropped', 'agent'),
  'worker-lost': MEDIA_LOST,
  'gateway-crashed': undefined,
  'call-ended': undefined,
  'no-ack': undefined,
  silent: undefined,
  transferred: undefined,
}

export function mediaVerdictOf(event: MediaEvent): Termination | undefined {
  switch (event.type) {
    case 'agent.closed':
      return BY_CLOSE[event.data.reason]
    case 'agent.silent':
      return termination('upstream_error', 'agent-silent', 'gateway')
    case 'media.dead_air':
      return termination('indeterminate', 'dead-air', 'gateway')
    case 'media.stalled':
      return event.data.silentMs >= LOST_AFTER_MS
        ? termination('upstream_error', 'media-lost', 'gateway')
        : undefined
    case 'media.lost':
      return MEDIA_LOST
    default:
      return undefined
  }
}

/** The agent left the caller alone: a word is due before we hang up. */
export const owesFarewell = (ending: Termination | null): boolean =>
  ending !== null &&
  (ending.reason === 'agent-refused' ||
    ending.reason === 'agent-dropped' ||
    ending.reason === 'agent-silent' ||
    ending.reason === 'gateway-crashed')
