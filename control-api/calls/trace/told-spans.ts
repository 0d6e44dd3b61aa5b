// What the trace of a call tells of each of its events: all of it, in one table. What is not named here is not told: no
// number, no address, nothing that anybody said or pressed, no words of a carrier or vendor.
import type { CallEventData, CallEventType } from '#core/contracts'

/** A stretch of a call that is a span of its own. */
export type Stretch =
  | 'sip.invite'
  | 'provider.invite'
  | 'provider.stream'
  | 'flow.question'
  | 'prompt'
  | 'agent.session'
  | 'agent.tool'
  | 'transfer'
  | 'recording'

type Field<T extends CallEventType> = keyof CallEventData[T] & string

interface Told<T extends CallEventType> {
  /**
   * `begins` and `ends` a stretch; `notes` that something happened during it, or on the call itself where it is not under
   * way. One that begins while another of its kind is under way ends that one, unless they have keys.
   */
  readonly what: 'begins' | 'ends' | 'notes'
  readonly of: Stretch | 'call'
  /** What tells those apart that are under way at once. */
  readonly key?: Field<T>
  /** Fields that are told, under the same name. */
  readonly fields?: readonly Field<T>[]
  /** It did not do what it was for: always, or where a field says one of these. */
  readonly failed?: true | { readonly field: Field<T>; readonly is: readonly unknown[] }
}

/** Of an agent's close: it was not meant to end. */
const FAILURES = ['refused', 'dropped', 'silent', 'worker-lost', 'gateway-crashed'] as const

export const TOLD: { readonly [T in CallEventType]?: Told<T> } = {
  'sip.invite': { what: 'begins', of: 'sip.invite', fields: ['trunk'] },
  'sip.provisional': { what: 'notes', of: 'sip.invite', fields: ['sipStatus', 'earlyMedia'] },
  'sip.answered': { what: 'ends', of: 'sip.invite' },
  'sip.failed': {
    what: 'ends',
    of: 'sip.invite',
    fields: ['sipStatus', 'q850Cause', 'local', 'nextTrunk'],
    failed: true,
  },
  'sip.acknowledged': { what: 'notes', of: 'call' },
  'sip.cancel': { what: 'notes', of: 'call', fields: ['direction'] },
  'sip.bye': { what: 'notes', of: 'call', fields: ['direction'] },
  'sip.server_lost': { what: 'notes', of: 'call' },
  'provider.invited': { what: 'begins', of: 'provider.invite' },
  'provider.ringing': { what: 'notes', of: 'provider.invite' },
  'provider.answered': { what: 'ends', of: 'provider.invite' },
  'provider.ended': { what: 'ends', of: 'provider.invite', fields: ['sipStatus'], failed: true },
  'provider.stream_started': { what: 'begins', of: 'provider.stream' },
  'provider.stream_stopped': { what: 'ends', of: 'provider.stream' },
  'machine.verdict': { what: 'notes', of: 'call', fields: ['verdict'] },
  'consent.given': { what: 'notes', of: 'call', fields: ['given'] },
  'flow.asked': { what: 'begins', of: 'flow.question', fields: ['step', 'attempt', 'language'] },
  'flow.answered': { what: 'ends', of: 'flow.question', fields: ['answer'] },
  'prompt.started': { what: 'begins', of: 'prompt', key: 'promptId' },
  'prompt.finished': {
    what: 'ends',
    of: 'prompt',
    key: 'promptId',
    fields: ['how', 'playedMs'],
    failed: { field: 'how', is: ['failed'] },
  },
  'agent.prewarmed': { what: 'notes', of: 'call', fields: ['elapsedMs'] },
  'agent.attempted': { what: 'begins', of: 'agent.session', fields: ['attempt'] },
  'agent.busy': { what: 'notes', of: 'agent.session', fields: ['asked'] },
  'agent.opened': { what: 'notes', of: 'agent.session' },
  'agent.metadata': {
    what: 'notes',
    of: 'agent.session',
    fields: ['conversationId', 'inputFormat', 'outputFormat'],
  },
  'agent.first_audio': { what: 'notes', of: 'agent.session' },
  'agent.interrupted': { what: 'notes', of: 'agent.session', fields: ['discardedMs'] },
  'agent.silent': { what: 'notes', of: 'agent.session', fields: ['silentMs'] },
  'agent.error': { what: 'notes', of: 'agent.session' },
  'agent.attempt_failed': {
    what: 'ends',
    of: 'agent.session',
    fields: ['closeCode', 'seconds'],
    failed: true,
  },
  'agent.closed': {
    what: 'ends',
    of: 'agent.session',
    fields: ['reason', 'closeCode', 'seconds'],
    failed: { field: 'reason', is: FAILURES },
  },
  'agent.tool_called': {
    what: 'begins',
    of: 'agent.tool',
    key: 'toolCallId',
    fields: ['toolName'],
  },
  'agent.tool_answered': {
    what: 'ends',
    of: 'agent.tool',
    key: 'toolCallId',
    fields: ['isError'],
    failed: { field: 'isError', is: [true] },
  },
  'media.first_packet_in': { what: 'notes', of: 'call' },
  'media.first_packet_out': { what: 'notes', of: 'call' },
  'media.stalled': { what: 'notes', of: 'call', fields: ['silentMs'] },
  'media.lost': { what: 'notes', of: 'call' },
  'media.dead_air': { what: 'notes', of: 'call', fields: ['silentMs'] },
  'media.path': { what: 'notes', of: 'call', fields: ['through'] },
  'media.server_lost': { what: 'notes', of: 'call' },
  dtmf: { what: 'notes', of: 'call', fields: ['source'] },
  'transfer.requested': { what: 'begins', of: 'transfer', fields: ['by', 'mode'] },
  'transfer.referred': { what: 'notes', of: 'transfer', fields: ['sipStatus'] },
  'transfer.progress': { what: 'notes', of: 'transfer', fields: ['sipStatus'] },
  'transfer.invite': { what: 'notes', of: 'transfer', fields: ['trunk'] },
  'transfer.answered': { what: 'notes', of: 'transfer' },
  'transfer.failed': { what: 'ends', of: 'transfer', fields: ['sipStatus'], failed: true },
  'transfer.ended': { what: 'ends', of: 'transfer', fields: ['by'] },
  'recording.started': { what: 'begins', of: 'recording' },
  'recording.paused': { what: 'notes', of: 'recording' },
  'recording.resumed': { what: 'notes', of: 'recording' },
  'recording.stored': { what: 'ends', of: 'recording', fields: ['bytes', 'durationMs'] },
  'recording.failed': { what: 'ends', of: 'recording', failed: true },
  'recording.empty': { what: 'ends', of: 'recording' },
}
