// What was said on a call and how much of it was heard, folded from the call's events. Pure, so that it can be made at
// any time again: while the call is live, at its end, and after a crash.
import type { CallEvent } from '#core/contracts'
import { AgentAnswers } from './agent-answers.ts'
import type { Turn, Untold } from './turn.ts'

type EventOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>

/** The events a transcript is made of. */
export type SpokenEvent = EventOf<
  | 'agent.attempted'
  | 'agent.user_transcript'
  | 'agent.response'
  | 'agent.response_corrected'
  | 'agent.heard'
  | 'agent.interrupted'
  | 'prompt.started'
  | 'prompt.finished'
  | 'call.record_limited'
  | 'call.ended'
>

const SPOKEN: Readonly<Record<SpokenEvent['type'], true>> = {
  'agent.attempted': true,
  'agent.user_transcript': true,
  'agent.response': true,
  'agent.response_corrected': true,
  'agent.heard': true,
  'agent.interrupted': true,
  'prompt.started': true,
  'prompt.finished': true,
  'call.record_limited': true,
  'call.ended': true,
}

export const SPOKEN_TYPES = Object.keys(SPOKEN) as readonly SpokenEvent['type'][]

export const isSpoken = (event: CallEvent): event is SpokenEvent => event.type in SPOKEN

/** Whether a transcript with this event in it has a turn: what `has_transcript` says. */
export function makesTurn(event: CallEvent): boolean {
  switch (event.type) {
    case 'agent.user_transcript':
    case 'agent.response':
      return !isBlank(event.data.text)
    case 'agent.response_corrected':
      return !isBlank(event.data.originalText ?? event.data.text)
    case 'agent.heard':
      return event.data.spokenMs > 0
    case 'prompt.started':
    case 'prompt.finished':
      return true
    default:
      return false
  }
}

/** The turns in the order in which they began. */
export function foldTranscript(events: readonly CallEvent[]): readonly Turn[] {
  const answers = new AgentAnswers()
  const caller: Turn[] = []
  const callerIds: number[] = []
  const prompts: Turn[] = []
  for (const event of events) {
    if (!makesTurn(event)) {
      if (event.type === 'agent.attempted') answers.newSession()
      if (event.type === 'agent.interrupted') answers.interrupted(event.data.eventId)
      continue
    }
    foldTurn(event, answers, prompts)
    if (event.type === 'agent.user_transcript') hearCaller(event, caller, callerIds)
  }
  const untold = whatIsUntold(events)
  const gateway = prompts.map((turn) => settlePrompt(turn, untold))
  // The sort is stable: at the same time the caller comes first, who spoke before the words were settled.
  return [...caller, ...answers.turns(untold), ...gateway].sort((one, other) => one.at - other.at)
}

function foldTurn(event: CallEvent, answers: AgentAnswers, prompts: Turn[]): void {
  switch (event.type) {
    case 'agent.response':
      answers.said(event.at, event.data)
      return
    case 'agent.response_corrected':
      answers.corrected(event.at, event.data)
      return
    case 'agent.heard':
      answers.heard(event.at, event.data)
      return
    case 'prompt.started':
      prompts.push({ ...NO_TURN, role: 'gateway', at: event.at, promptId: event.data.promptId })
      return
    case 'prompt.finished':
      finishPrompt(event, prompts)
      return
    default:
      return
  }
}

const NO_TURN: Omit<Turn, 'role' | 'at'> = {
  endedAt: null,
  text: null,
  tentative: false,
  interrupted: false,
  heard: null,
  heardText: null,
  heardTextBy: null,
  heardMs: null,
  spokenMs: null,
  promptId: null,
}

/** The agent may tell the same words again, or more of them: words are replaced only by more of the same. */
function hearCaller(
  { at, data }: EventOf<'agent.user_transcript'>,
  turns: Turn[],
  ids: number[],
): void {
  const tentative = data.tentative === true
  const last = turns.at(-1)
  const isSame = data.eventId !== 0 && ids.at(-1) === data.eventId
  if (last && isSame && data.text.startsWith(last.text ?? '')) {
    turns[turns.length - 1] = { ...last, text: data.text, tentative }
    return
  }
  ids.push(data.eventId)
  turns.push({ ...NO_TURN, role: 'caller', at, text: data.text, tentative })
}

function finishPrompt({ at, data }: EventOf<'prompt.finished'>, prompts: Turn[]): void {
  const { promptId, how, playedMs } = data
  const begun = prompts.findLastIndex((one) => one.promptId === promptId && one.heardMs === null)
  const finished = {
    endedAt: at,
    interrupted: how !== 'played',
    heard: how === 'played' ? 'whole' : playedMs > 0 ? 'part' : 'nothing',
    heardMs: playedMs,
    // How long it would have been is told only by playing it.
    spokenMs: how === 'played' ? playedMs : null,
  } as const
  const turn = prompts[begun] ?? { ...NO_TURN, role: 'gateway', at, promptId }
  if (begun < 0) prompts.push({ ...turn, ...finished, endedAt: null })
  else prompts[begun] = { ...turn, ...finished }
}

const settlePrompt = (turn: Turn, untold: Untold): Turn =>
  turn.heard !== null ? turn : { ...turn, heard: 'unknown', interrupted: untold !== 'pending' }

/** Words that nobody told the end of: still to be heard, never sent, or lost with what would have told. */
function whatIsUntold(events: readonly CallEvent[]): Untold {
  const ended = events.findLast(({ type }) => type === 'call.ended')
  if (ended?.type !== 'call.ended') return 'pending'
  if (ended.data.termination.reason === 'gateway-crashed') return 'lost'
  return events.some(({ type }) => type === 'call.record_limited') ? 'lost' : 'unheard'
}

const isBlank = (text: string): boolean => text.trim() === ''
