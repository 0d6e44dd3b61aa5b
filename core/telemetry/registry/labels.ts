// The values that labels may take, but for those that contracts list. A closed list is the whole truth: whoever counts with
// another value does not compile, and a board that asks for one fails its test.

/** Names of trunks, threads, routes, operations, status codes: few, but known only while it runs. */
export const OPEN = 'open'

export const RTP_DIRECTIONS = ['received', 'sent'] as const

/** Of a response: 1xx to 6xx (RFC 3261 §7.2). */
export const SIP_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', '6xx'] as const

/** Datagrams on an RTP port that are not the caller’s audio. */
export const RTP_REJECTIONS = [
  'stranger',
  'not-rtp',
  'rtcp',
  'payload-type',
  'duplicate',
  'out-of-range',
  'too-large',
  'too-fast',
  'event',
] as const

/** Why a call or a message was not taken: our own limits, and strangers. */
const TURNED_AWAY = [
  'draining',
  'capacity_exhausted',
  'rate_exceeded',
  'trunk_exhausted',
  'agent-slots',
  'stranger',
  'scanner',
  'rate',
  'unauthorized',
] as const

/** What the embedded SIP server answered itself, by status and cause. */
const SIP_REFUSED = [
  '400 invalid',
  '400 no-contact',
  '416 invalid',
  '420 invalid',
  '422 session-too-short',
  '481 application-gone',
  '481 cancel-without-invite',
  '481 no-dialog',
  '481 stranger',
  '481 unknown-prack',
  '482 dialog-exists',
  '482 merged',
  '491 invite-in-progress',
  '500 cseq-out-of-order',
  '500 invite-in-progress',
  '501 invalid',
  '503 application-busy',
  '503 application-gone',
  '503 dialogs-full',
  '503 no-route',
  '503 transactions-full',
  '504 no-prack',
  '505 invalid',
  '513 too-large',
] as const

/** What it neither passed on nor answered, by cause. */
const SIP_DROPPED = [
  'admin-connections-full',
  'application-silent',
  'bad-ack',
  'bad-header-line',
  'broken-frame',
  'connection-displaced',
  'connections-full',
  'connections-of-one-address',
  'defect',
  'head-too-large',
  'incomplete-message',
  'invalid',
  'malformed-response',
  'no-message',
  'no-start-line',
  'no-via',
  'prack-outside-dialog',
  'refer-outside-dialog',
  'response-via-count',
  'send-failed',
  'slow-reader',
  'source-port-zero',
  'stray-response',
  'tls-handshake-failed',
  'tls-handshake-timeout',
  'too-large',
  'too-many-branches',
] as const

/** other: a cause that nobody listed here. */
export const SIP_REJECTIONS = [...TURNED_AWAY, ...SIP_REFUSED, ...SIP_DROPPED, 'other'] as const

export type SipRejection = (typeof SIP_REJECTIONS)[number]

export const isSipRejection = (reason: string): reason is SipRejection =>
  SIP_REJECTIONS.some((one) => one === reason)

export const VENDORS = ['elevenlabs', 'twilio', 'voximplant', 'd-id', 'heygen', 's3'] as const
/** missing: it has no such thing; unknown: whether it did what it was asked cannot be told. */
export const VENDOR_RESULTS = ['ok', 'missing', 'refused', 'failed', 'unknown'] as const

export const TWILIO_STREAM_ERRORS = [
  'token',
  'no-start',
  'not-answered',
  'format',
  'no-bridge',
  'malformed',
  'idle',
] as const

export const ANIMATION_PROVIDERS = ['d-id', 'heygen'] as const

export const HTTP_REFUSALS = [
  'rate',
  'lockout',
  'origin',
  'host',
  'size',
  'timeout',
  'header',
  'encoding',
  'malformed',
  'signature',
  'connections',
] as const

/** How a process ended, as the next one finds it. */
export const STOPS = ['first', 'drained', 'forced', 'crashed'] as const

/** Parts that a node cannot do without, as far as it has them. */
export const COMPONENTS = ['database', 'sip-server', 'media-server'] as const

/** What the auditor finds in ledgers: control-api/calls/audit-ledger.ts, which says what each means. */
export const AUDIT_VIOLATIONS = [
  'opened-without-answer',
  'opened-before-answer',
  'stream-without-answer',
  'wrong-dialog',
  'wrong-cseq',
  'second-session',
  'opened-after-end',
  'closed-late',
  'not-closed',
] as const
