// Why calls end, and whose doing it was (docs/events.md), in a word or three of English.
/** `termination.reason` (docs/events.md), in a word or three. */
export const REASONS = {
  hangup: 'hung up',
  'agent-ended': 'conversation over',
  'flow-ended': 'menu gone through',
  'no-input': 'menu never answered',
  transferred: 'handed over',
  'max-duration': 'longest duration reached',
  busy: 'busy',
  declined: 'declined',
  'no-answer': 'no answer',
  canceled: 'called off',
  'no-response': 'carrier never responded',
  rejected: 'refused',
  unreachable: 'carrier unreachable',
  'no-ack': 'never acknowledged',
  'session-expired': 'session expired',
  'provider-failed': 'provider failed',
  'media-not-acceptable': 'no codec in common',
  'dead-air': 'dead air',
  'agent-silent': 'agent gave no answer',
  'media-server-lost': 'media server lost',
  'media-lost': 'audio lost',
  'agent-refused': 'agent could not be opened',
  'agent-dropped': 'agent’s connection broke',
  'not-admitted': 'not let in',
  shutdown: 'server stopped',
  'gateway-crashed': 'server crashed',
  'sip-server-lost': 'SIP server lost',
  'internal-error': 'defect of ours',
} as const

/** `termination.by`. */
export const ENDED_BY = {
  caller: 'caller',
  callee: 'callee',
  agent: 'agent',
  api: 'console or API',
  gateway: 'gateway',
  carrier: 'carrier',
} as const
