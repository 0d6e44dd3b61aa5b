// What each SIPp scenario must leave behind: the call's record and its money line. The file's name says its outcome, the
// file what is said on the wire. The same table holds for every SIP server and media server (stages.ts).
import type { Trunk } from '#core/contracts'

/** `after 200`: one agent, opened when the 200 OK had gone by and not before. `none`: nothing was opened at all. */
export type Money = 'after 200' | 'none'

export interface ExpectedRecord {
  readonly outcome: string
  readonly termination: {
    readonly result: string
    readonly reason: string
    readonly by: string
    readonly sip_status: number | null
  }
}

export interface Expectation {
  /** Absent: no call of ours comes of it. */
  readonly record?: ExpectedRecord
  readonly agent: Money
  /** Events that the timeline has, with these fields. */
  readonly timeline?: readonly Readonly<Record<string, string | number | boolean | RegExp>>[]
  /** What is asked of our API while it goes on. */
  readonly hangUp?: 'while ringing' | 'while talking'
  /** Of the trunk it is dialled by. */
  readonly trunk?: Partial<Trunk>
  readonly ringTimeoutSeconds?: number
  /** It comes from an address that no trunk has. */
  readonly fromStranger?: true
  /** There SIPp is not content, and nothing of ours can mend it (docs/sip-servers.md). */
  readonly failsOn?: 'drachtio-server'
}

const ended = (
  outcome: string,
  result: string,
  reason: string,
  by: string,
  sipStatus: number | null = null,
): Pick<Expectation, 'record'> => ({
  record: { outcome, termination: { result, reason, by, sip_status: sipStatus } },
})

const answered = (
  by: 'caller' | 'callee' | 'api',
  more: Partial<Expectation> = {},
): Expectation => ({
  ...ended('answered', 'success', 'hangup', by),
  agent: 'after 200',
  ...(by === 'api' ? { hangUp: 'while talking' } : {}),
  ...more,
})

/** @param blame `result reason by` */
const failed = (
  status: number | null,
  outcome: string,
  blame: `${string} ${string} ${string}`,
  more: Partial<Expectation> = {},
): Expectation => {
  const [result = '', reason = '', by = ''] = blame.split(' ')
  return { ...ended(outcome, result, reason, by, status), agent: 'none', ...more }
}

const nothing: Expectation = { agent: 'none' }

const ACCOUNT = {
  account: {
    user: 'carrieruser',
    password: 'circle of life',
    registers: false,
    settings: 'a test',
  },
} as const

/** We are called. */
export const INBOUND: Readonly<Record<string, Expectation>> = {
  'in-answered-then-caller-hangs-up': answered('caller'),
  'in-answered-then-hung-up-on': answered('api'),
  'in-behind-record-routing-proxy': answered('api'),
  'in-moved-by-reinvite': answered('api', {
    timeline: [{ type: 'sip.target_refreshed' }],
    // It writes the Contact of the first INVITE into its BYE.
    failsOn: 'drachtio-server',
  }),
  'in-bye-crosses-bye': answered('api'),
  'in-bye-with-q850-cause': answered('caller', {
    timeline: [{ type: 'sip.bye', direction: 'received', reason: /Q\.850;\s*cause=31/ }],
  }),
  'in-delayed-offer': answered('caller'),
  'in-reinvite-without-offer': answered('caller'),
  'in-hold-and-resume': answered('caller'),
  'in-session-refresh': answered('caller'),
  'in-update-refresh': answered('caller'),
  'in-prack-of-reliable-ringing': answered('caller'),
  'in-dtmf-by-info': answered('caller', { timeline: [{ type: 'dtmf' }] }),
  'in-refer-603': answered('caller'),
  'in-retransmitted-invite-is-one-call': answered('caller'),
  'in-late-ack-200-is-repeated': answered('caller'),
  'in-canceled-while-ringing': failed(487, 'canceled', 'client_error canceled caller'),
  'in-refused-488-no-codec': failed(488, 'failed', 'client_error media-not-acceptable gateway'),
  'in-refused-415-unknown-body': nothing,
  'in-no-contact-400': nothing,
  'in-stranger-403': { ...nothing, fromStranger: true },
  'in-options-200': nothing,
  'in-message-405': nothing,
  'in-bye-of-no-dialog-481': nothing,
}

/** We call. */
export const OUTBOUND: Readonly<Record<string, Expectation>> = {
  'out-answered-then-callee-hangs-up': answered('callee'),
  'out-answered-then-hung-up-on': answered('api'),
  'out-answered-without-ringing': answered('api'),
  'out-answered-after-183-early-media': answered('api', {
    timeline: [{ type: 'sip.provisional', sip_status: 183, early_media: true }],
  }),
  'out-answered-early-description-only': answered('api'),
  'out-behind-record-routing-proxy': answered('api'),
  'out-challenged-407': answered('api', { trunk: ACCOUNT }),
  'out-challenged-401': answered('api', { trunk: ACCOUNT }),
  'out-session-too-short-422': answered('api'),
  'out-session-refreshed-by-callee': answered('callee'),
  'out-reinvite-from-carrier': answered('callee'),
  'out-hold-and-resume': answered('callee'),
  'out-bye-with-q850-cause': answered('callee', {
    timeline: [{ type: 'sip.bye', direction: 'received', reason: /Q\.850;\s*cause=16/ }],
  }),
  'out-busy-486': failed(486, 'busy', 'client_error busy callee'),
  'out-busy-600': failed(600, 'busy', 'client_error busy callee'),
  'out-declined-603': failed(603, 'declined', 'client_error declined callee'),
  'out-unwanted-607': failed(607, 'declined', 'client_error declined callee'),
  'out-rejected-608': failed(608, 'declined', 'client_error declined callee'),
  'out-unavailable-480': failed(480, 'no-answer', 'client_error no-answer callee'),
  'out-timed-out-408-after-ringing': failed(408, 'no-answer', 'client_error no-answer callee'),
  'out-timed-out-408': failed(408, 'failed', 'upstream_error no-response carrier'),
  'out-unknown-number-404': failed(404, 'failed', 'client_error rejected carrier', {
    timeline: [{ type: 'sip.failed', sip_status: 404, q850_cause: 1 }],
  }),
  'out-forbidden-403': failed(403, 'failed', 'upstream_error rejected carrier'),
  'out-no-codec-488': failed(488, 'failed', 'upstream_error media-not-acceptable carrier'),
  'out-redirected-302-not-followed': failed(302, 'failed', 'upstream_error rejected carrier'),
  'out-overloaded-503': failed(503, 'failed', 'upstream_error rejected carrier'),
  'out-failed-500-after-183': failed(500, 'failed', 'upstream_error rejected carrier'),
  'out-503-of-a-busy-callee-q850-17': failed(503, 'failed', 'upstream_error rejected carrier', {
    timeline: [{ type: 'sip.failed', sip_status: 503, q850_cause: 17 }],
  }),
  'out-credentials-refused-407': failed(407, 'failed', 'upstream_error rejected carrier', {
    trunk: ACCOUNT,
  }),
  'out-no-answer-canceled': failed(null, 'no-answer', 'client_error no-answer callee', {
    ringTimeoutSeconds: 5,
  }),
  'out-canceled-while-ringing': failed(null, 'canceled', 'client_error canceled api', {
    hangUp: 'while ringing',
  }),
  'out-answer-crosses-cancel': failed(null, 'canceled', 'client_error canceled api', {
    hangUp: 'while ringing',
  }),
}

export interface FailoverScenario {
  readonly first: string
  /** Absent: nobody may be dialled after it, though a trunk is left. */
  readonly second?: string
}

const then = (first: string, second?: string): FailoverScenario =>
  second === undefined ? { first } : { first, second }

/** Two trunks; failover/failover-table.ts has every status. */
export const FAILOVER: readonly (readonly [FailoverScenario, Expectation])[] = [
  [then('out-overloaded-503', 'out-answered-then-hung-up-on'), answered('api')],
  [then('out-failed-500-after-183', 'out-answered-after-183-early-media'), answered('api')],
  [then('out-timed-out-408', 'out-busy-486'), failed(486, 'busy', 'client_error busy callee')],
  [then('out-declined-603'), failed(603, 'declined', 'client_error declined callee')],
  [then('out-busy-486'), failed(486, 'busy', 'client_error busy callee')],
  [
    then('out-timed-out-408-after-ringing'),
    failed(408, 'no-answer', 'client_error no-answer callee'),
  ],
  [
    then('out-503-of-a-busy-callee-q850-17'),
    failed(503, 'failed', 'upstream_error rejected carrier'),
  ],
]
