// Calls and trunks: what a carrier’s engineer reads.
import { ANSWER_SECONDS, CALL_SECONDS, MOS_GRADES, PDD_SECONDS } from './buckets.ts'
import {
  CALL_DIRECTIONS,
  CALL_OUTCOMES,
  ENDED_BY,
  TERMINATION_REASONS,
  TERMINATION_RESULTS,
} from '../../contracts/index.ts'
import { OPEN, RTP_DIRECTIONS, SIP_CLASSES, SIP_REJECTIONS } from './labels.ts'
import type { MetricDeclaration } from './metric-declaration.ts'

export const CALL_METRICS = {
  calls_total: {
    kind: 'counter',
    labels: { direction: CALL_DIRECTIONS, trunk: OPEN, outcome: CALL_OUTCOMES },
    help: 'Calls ended.',
  },
  calls_active: {
    kind: 'gauge',
    labels: { direction: CALL_DIRECTIONS },
    help: 'Calls not yet ended.',
  },
  call_post_dial_delay_seconds: {
    kind: 'histogram',
    labels: { trunk: OPEN },
    buckets: PDD_SECONDS,
    help: 'INVITE sent to first ringing, early media or answer, of outbound calls: of inbound ones we ring ourselves.',
  },
  call_answer_seconds: {
    kind: 'histogram',
    labels: { direction: CALL_DIRECTIONS, trunk: OPEN },
    buckets: ANSWER_SECONDS,
    help: 'INVITE sent or received to 200 OK.',
  },
  call_duration_seconds: {
    kind: 'histogram',
    labels: { direction: CALL_DIRECTIONS, trunk: OPEN },
    buckets: CALL_SECONDS,
    help: '200 OK to the end.',
  },
  call_mos: {
    kind: 'histogram',
    labels: { direction: RTP_DIRECTIONS, trunk: OPEN },
    buckets: MOS_GRADES,
    help: 'Mean opinion score of a call’s audio by the E-model, received and sent, where it is known; 1 where no packet came although audio was waited for (media.stalled).',
  },
  sip_responses_total: {
    kind: 'counter',
    labels: { direction: CALL_DIRECTIONS, trunk: OPEN, class: SIP_CLASSES, code: OPEN },
    help: 'SIP responses to INVITE received (outbound) or sent (inbound).',
  },
  sip_retransmissions_total: {
    kind: 'counter',
    help: 'SIP messages the embedded server sent again.',
  },
  sip_rejected_total: {
    kind: 'counter',
    labels: { reason: SIP_REJECTIONS },
    help: 'Calls that admission refused, and SIP messages that the embedded server refused (by status and cause) or dropped.',
  },
  trunk_registered: {
    kind: 'gauge',
    labels: { trunk: OPEN },
    help: '1 while the carrier’s registrar knows where we are. Of trunks that register.',
  },
  trunk_up: {
    kind: 'gauge',
    labels: { trunk: OPEN },
    help: '1 while the carrier answers our OPTIONS, 0 when it does not. Of trunks that were asked.',
  },
  trunk_failovers_total: {
    kind: 'counter',
    labels: { trunk: OPEN },
    help: 'Calls that this trunk failed and the next one was tried for.',
  },
  call_attempts_total: {
    kind: 'counter',
    labels: { direction: CALL_DIRECTIONS, trunk: OPEN },
    help: 'Tries to begin a call: INVITEs sent, one for each trunk that is tried, or received and admitted; calls that a telephony vendor placed or took for us. Second calls of transfers are not among them.',
  },
  call_terminations_total: {
    kind: 'counter',
    labels: {
      direction: CALL_DIRECTIONS,
      trunk: OPEN,
      result: TERMINATION_RESULTS,
      reason: TERMINATION_REASONS,
      by: ENDED_BY,
    },
    help: 'Calls ended, by who is responsible for how (result), why (reason) and who ended them (by).',
  },
  trunk_calls_active: {
    kind: 'gauge',
    labels: { trunk: OPEN },
    help: 'Calls that a SIP trunk carries now, both directions and second calls of transfers: what counts towards its limit.',
  },
  trunk_calls_limit: {
    kind: 'gauge',
    labels: { trunk: OPEN },
    help: 'Calls that a SIP trunk may carry at once. Of trunks with such a limit.',
  },
} as const satisfies Record<string, MetricDeclaration>
