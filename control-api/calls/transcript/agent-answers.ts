// The agent's answers, each put together from what is told of it in any order: its words, what of them left for the
// caller, and the agent's own estimate after an interruption. Ids tie them; an agent may leave ids out (0 then), and
// may send several utterances under one id, with a pause for a tool between them.
import type { CallEventData } from '#core/contracts'
import type { Turn, Untold } from './turn.ts'

type Said = CallEventData['agent.response']
type Corrected = CallEventData['agent.response_corrected']
type Heard = CallEventData['agent.heard']

interface Answer {
  readonly eventId: number
  /** When something was first told of it. */
  readonly toldAt: number
  text: string | null
  /** The words came with the correction: the message with them may still follow. */
  isTextOfCorrection: boolean
  corrected: string | null
  interrupted: boolean
  /** Stretches without a pause of a second. */
  readonly utterances: { readonly at: number; readonly heard: Heard }[]
}

const NO_ID = 0
/** What is told of an answer comes while it is among the last so many: minutes of talk. */
const OPEN_ANSWERS = 64

export class AgentAnswers {
  readonly #settled: Answer[] = []
  /** The last ones of the agent session that is open: ids begin anew with each. */
  #open: Answer[] = []

  newSession(): void {
    this.#settled.push(...this.#open)
    this.#open = []
  }

  said(at: number, { text, eventId }: Said): void {
    if (this.#isTold(text, eventId)) return
    const waiting =
      this.#open.findLast((one) => one.text === null && one.eventId === eventId) ??
      this.#open.findLast((one) => one.text === null && isEither(one.eventId, eventId))
    if (waiting) waiting.text = text
    else this.#add(eventId, at).text = text
  }

  heard(at: number, heard: Heard): void {
    const { eventId } = heard
    const unheard = this.#open.filter(({ utterances }) => utterances.length === 0)
    const answer =
      unheard.find((one) => one.eventId === eventId) ??
      (eventId === NO_ID ? undefined : this.#open.findLast((one) => one.eventId === eventId)) ??
      unheard.find((one) => isEither(one.eventId, eventId)) ??
      this.#add(eventId, at)
    answer.utterances.push({ at, heard })
  }

  /** The id may be the answer's own or that of the next one: implementations differ. The words tell. */
  corrected(at: number, { text, eventId, originalText: original }: Corrected): void {
    const answer =
      this.#open.findLast(
        (one) => one.eventId === eventId && [null, original ?? one.text].includes(one.text),
      ) ??
      this.#open.findLast((one) => original !== undefined && one.text === original) ??
      this.#open.findLast(
        (one) => isCut(one) && one.corrected === null && (one.text === null || !original),
      ) ??
      this.#open.findLast((one) => one.eventId === eventId) ??
      this.#add(eventId, at)
    if (answer.text === null && original !== undefined) {
      answer.text = original
      answer.isTextOfCorrection = true
    }
    answer.corrected = text
    answer.interrupted = true
  }

  interrupted(eventId: number): void {
    const answer = this.#open.findLast((one) => one.eventId === eventId)
    if (answer && eventId !== NO_ID) answer.interrupted = true
  }

  turns(untold: Untold): Turn[] {
    return [...this.#settled, ...this.#open].map((answer) => turnOf(answer, untold))
  }

  /** The same words again, or more of them under the same id. */
  #isTold(text: string, eventId: number): boolean {
    const corrected = this.#open.findLast((one) => one.isTextOfCorrection && one.text === text)
    if (corrected) {
      corrected.isTextOfCorrection = false
      return true
    }
    const known = this.#open.findLast((one) => one.eventId === eventId && one.text !== null)
    if (known === undefined || eventId === NO_ID || !text.startsWith(known.text ?? '')) return false
    known.text = text
    return true
  }

  #add(eventId: number, toldAt: number): Answer {
    const answer: Answer = {
      eventId,
      toldAt,
      text: null,
      isTextOfCorrection: false,
      corrected: null,
      interrupted: false,
      utterances: [],
    }
    this.#open.push(answer)
    if (this.#open.length > OPEN_ANSWERS) this.#settled.push(...this.#open.splice(0, 1))
    return answer
  }
}

/** One of the two has no id, so they may belong together. */
const isEither = (one: number, other: number): boolean => one === NO_ID || other === NO_ID

const isCut = ({ utterances }: Answer): boolean =>
  utterances.some(({ heard }) => heard.interrupted || heard.heardMs < heard.spokenMs)

function turnOf(answer: Answer, untold: Untold): Turn {
  const { text, utterances, corrected } = answer
  const interrupted = answer.interrupted || utterances.some(({ heard }) => heard.interrupted)
  const base = { ...AGENT, ...timesOf(answer), text: text ?? null, interrupted }
  if (utterances.length === 0) {
    if (untold === 'unheard') return { ...base, ...NOTHING, spokenMs: 0 }
    return { ...base, heard: 'unknown' }
  }
  const heardMs = sum(utterances.map(({ heard }) => heard.heardMs))
  const spokenMs = sum(utterances.map(({ heard }) => heard.spokenMs))
  if (heardMs === 0) return { ...base, ...NOTHING, spokenMs }
  const lengths = { heardMs, spokenMs }
  // An agent that corrects itself stopped sending: all that it had sent may have been heard, and yet not all its words.
  if (!isCut(answer) && corrected === null)
    return { ...base, ...lengths, heard: 'whole', heardText: text, ...(text && BY_AUDIO) }
  const part = { ...base, ...lengths, heard: 'part' } as const
  const letters = lettersOf(answer)
  if (letters !== null) return { ...part, heardText: letters, ...BY_AUDIO }
  return corrected === null ? part : { ...part, heardText: corrected, heardTextBy: 'agent' }
}

const AGENT = {
  role: 'agent',
  tentative: false,
  heardText: null,
  heardTextBy: null,
  heardMs: null,
  spokenMs: null,
  promptId: null,
} as const
const BY_AUDIO = { heardTextBy: 'audio' } as const
const NOTHING = { heard: 'nothing', heardText: '', heardTextBy: 'audio', heardMs: 0 } as const

/** From the first that left for the caller to the last; from when it was told, if nothing did. */
function timesOf({ toldAt, utterances }: Answer): { at: number; endedAt: number | null } {
  const audible = utterances.filter(({ heard }) => heard.heardMs > 0)
  const first = audible[0]
  const last = audible.at(-1)
  if (!first || !last) return { at: toldAt, endedAt: null }
  return {
    at: first.heard.startedAt ?? first.at - first.heard.heardMs,
    endedAt: last.heard.endedAt ?? last.at,
  }
}

/** The letters that left for the caller, when the agent said of all its audio where they are. */
function lettersOf({ utterances }: Answer): string | null {
  const texts = utterances.map(({ heard }) => heard.text)
  if (!texts.every((one) => one !== undefined)) return null
  return texts
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .join(' ')
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)
