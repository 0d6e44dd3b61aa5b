// What a snapshot says, as facts of a call: in the one order that a right call has, with times by our clock. A scenario
// that opened its agent before somebody had answered shows so in its ledger, because its times are told as they are.
import { epochMs, type CallEvent, type EpochMs, type LedgerEvidence } from '#core/contracts'
import type { Snapshot } from './snapshot.ts'

/** A fact of a call that is known from elsewhere. */
export type SessionFact = CallEvent extends infer E
  ? E extends CallEvent
    ? Omit<E, 'callId'>
    : never
  : never

export interface FactsContext {
  readonly sessionId: string
  /** Of a moment by the scenario's clock. */
  readonly timeOf: (moment: number) => EpochMs
  /** As the ledger has it already: what is told later is told of the same. */
  readonly evidence?: LedgerEvidence | undefined
}

/** Formats of the vendor's connector: nobody there is asked for others. */
const AGENT_AUDIO = 'pcm_16000'

/** But the end, which is its owner's to tell. */
export function factsOf(known: Snapshot, context: FactsContext): readonly SessionFact[] {
  return [
    ...signalling(known, context),
    ...verdicts(known, context),
    ...agentFacts(known, context),
    ...told(known.at.recording, context, (at) => ({ type: 'recording.started', at, data: {} })),
  ]
}

function signalling({ direction, at }: Snapshot, context: FactsContext): SessionFact[] {
  const invited = { direction, providerCallId: context.sessionId }
  return [
    ...told(at.started, context, (time) => ({ type: 'provider.invited', at: time, data: invited })),
    ...told(at.ringing, context, (time) => ({ type: 'provider.ringing', at: time, data: {} })),
    ...told(at.connected, context, (time) => ({ type: 'provider.answered', at: time, data: {} })),
  ]
}

function verdicts({ machine, consent }: Snapshot, context: FactsContext): SessionFact[] {
  const facts: SessionFact[] = []
  if (machine !== null) {
    const { verdict, at } = machine
    facts.push({ type: 'machine.verdict', at: context.timeOf(at), data: { verdict } })
  }
  if (consent !== null) {
    const { given, prompt: promptVersion, language, at } = consent
    const data = { given, promptVersion, language }
    facts.push({ type: 'consent.given', at: context.timeOf(at), data })
  }
  return facts
}

function agentFacts({ at, conversationId }: Snapshot, context: FactsContext): SessionFact[] {
  const { connected, agent_requested: requested, agent_opened: opened } = at
  const metadata = (time: EpochMs): SessionFact[] =>
    conversationId === null
      ? []
      : [
          {
            type: 'agent.metadata',
            at: time,
            data: { conversationId, inputFormat: AGENT_AUDIO, outputFormat: AGENT_AUDIO },
          },
        ]
  // Of the history alone: when the agent was opened nobody told.
  if (requested === null) return connected === null ? [] : metadata(context.timeOf(connected))
  const evidence = context.evidence ?? evidenceOf(connected ?? requested, context)
  const upgradeSentAt = requestedAt({ connected, requested }, context)
  return [
    ...streamStarted({ connected, requested }, context),
    { type: 'agent.attempted', at: upgradeSentAt, data: { evidence, attempt: 1 } },
    ...told(opened, context, (time) => ({
      type: 'agent.opened',
      at: time,
      data: { evidence, upgradeSentAt },
    })),
    ...metadata(context.timeOf(opened ?? requested)),
    ...told(at.first_audio, context, (time) => ({ type: 'agent.first_audio', at: time, data: {} })),
  ]
}

/** Before the answer when it was: also where both are put to the bounds of what can be. */
function requestedAt(
  { connected, requested }: { readonly connected: number | null; readonly requested: number },
  { timeOf }: FactsContext,
): EpochMs {
  const at = timeOf(requested)
  return connected !== null && requested < connected
    ? epochMs(Math.min(at, timeOf(connected) - 1))
    : at
}

/** The vendor joins the call with the agent: there is no answer to claim where nobody had answered. */
function streamStarted(
  { connected, requested }: { readonly connected: number | null; readonly requested: number },
  context: FactsContext,
): SessionFact[] {
  if (connected === null) return []
  const at = context.timeOf(Math.max(connected, requested))
  return [{ type: 'provider.stream_started', at, data: { dialog: context.sessionId, cseq: 1 } }]
}

const evidenceOf = (answered: number, { sessionId, timeOf }: FactsContext): LedgerEvidence => ({
  dialog: sessionId,
  cseq: 1,
  answeredAt: timeOf(answered),
})

const told = (
  moment: number | null,
  { timeOf }: FactsContext,
  fact: (at: EpochMs) => SessionFact,
): SessionFact[] => (moment === null ? [] : [fact(timeOf(moment))])
