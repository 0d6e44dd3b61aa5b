// What is not known for certain of the vendor, as switches: one each, its first value the likeliest and the default. A
// client has to live with every value.
import type { AgentScript } from './agent-script.ts'
import type { ElevenLabsOptions } from './simulator.ts'

export interface UncertainValue {
  readonly name: string
  readonly script?: AgentScript
  readonly options?: ElevenLabsOptions
}

export interface Uncertainty {
  readonly name: string
  /** What is not known. */
  readonly question: string
  readonly values: readonly [UncertainValue, ...UncertainValue[]]
}

const switchOf = (
  name: string,
  question: string,
  ...values: readonly [UncertainValue, ...UncertainValue[]]
): Uncertainty => ({ name, question, values })

const script = (name: string, what: AgentScript): UncertainValue => ({ name, script: what })
const options = (name: string, what: ElevenLabsOptions): UncertainValue => ({ name, options: what })

export const UNCERTAINTIES: readonly Uncertainty[] = [
  switchOf(
    'refusal',
    'how one is refused that may not join: HTTP status, or accept and close',
    options('http', { refusalStyle: 'http' }),
    options('close', { refusalStyle: 'close' }),
  ),
  switchOf(
    'refusal-code',
    'the close code of such a refusal',
    { name: 'by-reason' },
    options('1008', { refusalCode: 1008 }),
    options('3000', { refusalCode: 3000 }),
    options('1002', { refusalCode: 1002 }),
  ),
  switchOf(
    'upgrade-key',
    'whether xi-api-key on the upgrade opens a private agent',
    options('accepted', { upgradeKey: 'accepted' }),
    options('ignored', { upgradeKey: 'ignored' }),
  ),
  switchOf(
    'branch-id',
    'what branch_id on the socket’s URL does',
    options('ignored', { branchOnSocket: 'ignored' }),
    options('refused', { branchOnSocket: 'refused' }),
  ),
  switchOf(
    'conversation-id-in-url',
    'whether a signed URL for one conversation tells its id',
    options('no', { conversationIdInUrl: false }),
    options('yes', { conversationIdInUrl: true }),
  ),
  switchOf(
    'no-audio-status',
    'the status of a conversation’s audio before there is any',
    options('404', { noAudioStatus: 404 }),
    options('409', { noAudioStatus: 409 }),
    options('425', { noAudioStatus: 425 }),
  ),
  switchOf(
    'quota-code',
    'how an exceeded quota closes (with --fault quota)',
    script('1002', { quotaCode: 1002 }),
    script('1008', { quotaCode: 1008 }),
  ),
  switchOf(
    'formats',
    'whether the plan allows µ-law, or PCM comes whatever was set',
    { name: 'as-set' },
    script('pcm-only', { inputFormat: 'pcm_16000', outputFormat: 'pcm_16000' }),
  ),
  switchOf(
    'ping-every',
    'how often it pings',
    script('5s', { pingEveryMs: 5000 }),
    script('1s', { pingEveryMs: 1000 }),
    script('never', { pingEveryMs: null }),
  ),
  switchOf(
    'first-ping',
    'ping_ms of the first ping',
    script('null', { firstPing: 'null' }),
    script('absent', { firstPing: 'absent' }),
  ),
  switchOf(
    'pong-timeout',
    'how long it waits for a pong before it closes with 1002',
    script('never', { pongTimeoutMs: null }),
    script('1s', { pongTimeoutMs: 1000 }),
  ),
  switchOf(
    'chunks',
    'how long a chunk of audio is',
    script('irregular', { chunkMs: { shortest: 100, longest: 1200 } }),
    script('short', { chunkMs: { shortest: 20, longest: 60 } }),
    script('one-piece', { chunkMs: { shortest: Infinity, longest: Infinity } }),
  ),
  switchOf(
    'speed',
    'how much faster than real time an answer comes',
    script('10', { burstSpeed: 10 }),
    script('1', { burstSpeed: 1 }),
    script('at-once', { burstSpeed: Infinity }),
  ),
  switchOf(
    'final-audio',
    'whether audio tells its end, or an empty message does',
    script('untold', {}),
    script('told', { tellsFinal: true }),
    script('empty', { emptyFinal: true }),
  ),
  switchOf(
    'response-order',
    'whether an answer’s text comes before its audio',
    script('after-audio', { responseOrder: 'after-audio' }),
    script('before-audio', { responseOrder: 'before-audio' }),
  ),
  switchOf(
    'response-complete',
    'whether agent_response_complete comes with audio',
    script('never', { responseComplete: false }),
    script('told', { responseComplete: true }),
  ),
  switchOf(
    'event-ids',
    'how event ids are counted',
    script('shared', { eventIds: 'shared' }),
    script('gaps', { eventIds: 'gaps' }),
    script('by-party', { eventIds: 'by-party' }),
    script('text', { eventIds: 'text' }),
  ),
  switchOf(
    'interruption-id',
    'which id an interruption carries',
    script('interrupted', { interruptionId: 'interrupted' }),
    script('next', { interruptionId: 'next' }),
    script('same-as-reply', { interruptionId: 'same-as-reply' }),
  ),
  switchOf(
    'stale-audio',
    'whether old audio still comes after an interruption',
    script('none', { staleAudio: false }),
    script('one-chunk', { staleAudio: true }),
  ),
  switchOf(
    'correction',
    'how it estimates what was heard before an interruption',
    script('playout', { correctionBasis: 'playout' }),
    script('sent', { correctionBasis: 'sent' }),
    script('none', { corrects: false }),
  ),
  switchOf(
    'user-message',
    'whether words in text interrupt as speech does',
    script('interrupts', { userMessageInterrupts: true }),
    script('waits', { userMessageInterrupts: false }),
  ),
  switchOf(
    'tentative-transcripts',
    'whether the caller’s words come in parts',
    script('never', { tentativeTranscripts: false }),
    script('told', { tentativeTranscripts: true }),
  ),
  switchOf(
    'expects-response',
    'whether a tool call says that an answer is expected',
    script('told', { tellsExpectsResponse: true }),
    script('untold', { tellsExpectsResponse: false }),
  ),
  switchOf(
    'dtmf-payload',
    'where the keys stand in dtmf_request',
    script('event', { dtmfPayload: 'event' }),
    script('dtmf_tones', { dtmfPayload: 'dtmf_tones' }),
    script('bare-wrapper', { dtmfPayload: 'bare-wrapper' }),
    script('flat', { dtmfPayload: 'flat' }),
  ),
  switchOf(
    'unknown-messages',
    'what a message type of the client that it does not know does',
    script('ignore', { unknownMessages: 'ignore' }),
    script('close', { unknownMessages: 'close' }),
  ),
]
