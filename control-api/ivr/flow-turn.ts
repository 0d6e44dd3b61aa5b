// What a state of the flow says and waits for: a pure function of the state, so that a repeated request hears the same.
import { ms, type FlowThen, type FlowTurn, type SpokenPart } from '#core/contracts'
import type { FlowRules, FlowState, Opening, PromptProof } from './flow-state.ts'
import {
  PROMPT_PIECES,
  textHash,
  type FlowLanguage,
  type PromptPiece,
} from './prompts/catalogue.ts'

/** Silence after which a single key is asked for again; practice is 5 to 7 s. */
const KEY_TIMEOUT = ms(6_000)
/** At the order number: callers look for it, and are told that # ends the entry at once. */
const ORDER_TIMEOUT = ms(7_000)

export function turnOf(rules: FlowRules, state: FlowState): FlowTurn {
  const pieces = state.opening.map((opening) => openingPiece(state, opening))
  return {
    step: state.step,
    attempt: state.attempt,
    language: state.language,
    say: [...words(rules, state, pieces), ...questionOf(rules, state)],
    then: thenOf(rules, state),
    mayRecord: state.consent === 'given',
  }
}

/** Every text that callers of this language may hear, digits aside. */
export const textsOf = (rules: FlowRules, language: FlowLanguage): readonly string[] => [
  ...new Set(PROMPT_PIECES.map((piece) => filled(rules, language, piece))),
]

/** Which words the caller at the step `consent` answers. */
export function consentProof(rules: FlowRules, state: FlowState): PromptProof {
  const text = consentQuestion(rules, state)
    .map((part) => (part.kind === 'words' ? part.text : part.digits))
    .join(' ')
  return {
    id: state.form === 'full' ? 'consent' : 'consent-again',
    version: rules.prompts.version,
    language: state.language,
    textSha256: textHash(text),
  }
}

/** Whether key 0 leads anywhere: only then it is offered. */
export const humanReachable = (rules: FlowRules, state: FlowState): boolean =>
  rules.human !== null && !state.humanFailed

function openingPiece(state: FlowState, opening: Opening): PromptPiece {
  if (opening === 'status') return `status_${state.told ?? 'unknown'}`
  return opening
}

function questionOf(rules: FlowRules, state: FlowState): SpokenPart[] {
  const full = state.form === 'full'
  switch (state.step) {
    case 'consent':
      return [...consentQuestion(rules, state), ...keysOf(rules, state, 'repeat_key', 'human_key')]
    case 'order':
      return [
        ...words(rules, state, [full ? 'order' : 'order_again']),
        ...keysOf(rules, state, 'order_repeat_key', 'order_human_key'),
      ]
    case 'order_confirm':
      return [
        ...words(rules, state, ['confirm_before']),
        { kind: 'digits', digits: state.orderNumber ?? '' },
        ...words(rules, state, ['confirm_after']),
        ...keysOf(rules, state, 'repeat_key', 'human_key'),
      ]
    case 'help':
      return [
        ...words(rules, state, [full ? 'help' : 'help_again']),
        ...keysOf(rules, state, 'repeat_key', 'human_key'),
      ]
    case 'transfer':
      return words(rules, state, ['to_human'])
    case 'end':
      return words(rules, state, [
        state.ending?.kind === 'agent' ? 'to_agent' : (state.ending?.words ?? 'goodbye'),
      ])
    default:
      return state.step satisfies never
  }
}

const consentQuestion = (rules: FlowRules, state: FlowState): SpokenPart[] =>
  words(
    rules,
    state,
    state.form === 'full'
      ? ['consent', 'consent_terms', 'consent_keys']
      : ['consent_again', 'consent_keys'],
  )

/** What every question understands besides its own keys; the shorter form leaves it out. */
function keysOf(
  rules: FlowRules,
  state: FlowState,
  repeat: PromptPiece,
  human: PromptPiece,
): SpokenPart[] {
  if (state.form === 'short') return []
  return words(rules, state, humanReachable(rules, state) ? [human, repeat] : [repeat])
}

function thenOf(rules: FlowRules, state: FlowState): FlowThen {
  switch (state.step) {
    case 'consent':
      return { ...oneKey, keepsDigits: true }
    case 'order_confirm':
    case 'help':
      return { ...oneKey, keepsDigits: state.consent === 'given' }
    case 'order':
      return {
        kind: 'listen',
        // One more than needed: a # after the longest number still ends this entry, not the next question, and a
        // number that is too long is seen to be so.
        maxDigits: rules.maxOrderDigits + 1,
        finishOnKey: '#',
        timeout: ORDER_TIMEOUT,
        keepsDigits: state.consent === 'given',
      }
    case 'transfer':
      return state.transferTo === null
        ? { kind: 'hang-up', reason: 'flow-ended' }
        : { kind: 'transfer', to: state.transferTo }
    case 'end':
      return endOf(state)
    default:
      return state.step satisfies never
  }
}

const oneKey = { kind: 'listen', maxDigits: 1, finishOnKey: null, timeout: KEY_TIMEOUT } as const

function endOf(state: FlowState): FlowThen {
  if (state.ending?.kind !== 'agent') {
    return { kind: 'hang-up', reason: state.ending?.reason ?? 'flow-ended' }
  }
  return {
    kind: 'agent',
    // All of them always: an agent whose prompt names a variable that is missing does not start.
    variables: {
      order_number: state.told === null ? '' : (state.orderNumber ?? ''),
      order_status: state.told ?? '',
      consent: state.consent ?? 'not_asked',
      caller_language: state.language,
    },
  }
}

function words(rules: FlowRules, state: FlowState, pieces: readonly PromptPiece[]): SpokenPart[] {
  return pieces.map((piece) => ({ kind: 'words', text: filled(rules, state.language, piece) }))
}

const filled = (rules: FlowRules, language: FlowLanguage, piece: PromptPiece): string =>
  rules.prompts.languages[language][worded(rules, piece)].replaceAll(
    /\{(company|website)\}/g,
    (_, name) => (name === 'company' ? rules.company.trim() : spokenSite(rules.website)),
  )

/** The twin of a piece that names what is not known. */
function worded(rules: FlowRules, piece: PromptPiece): PromptPiece {
  switch (piece) {
    case 'greeting':
    case 'consent':
    case 'consent_again':
      return rules.company.trim() === '' ? `${piece}_plain` : piece
    case 'consent_terms':
      return rules.website.trim() === '' ? 'consent_terms_plain' : piece
    default:
      return piece
  }
}

/** `https://www.example.com/` is said `example.com`. */
const spokenSite = (website: string): string =>
  website
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/^www\./i, '')
    .replace(/[/?#].*$/, '')
