// Everything the menu says, as data: one set of pieces a language, under one version. The version and the hash of what
// was said prove later what a caller consented to, so a change of any text is a new version.
import { createHash } from 'node:crypto'
import type { LanguagePrefix } from '#core/config'
import { german } from './de.ts'
import { english } from './en.ts'
import { russian } from './ru.ts'

export type FlowLanguage = LanguagePrefix['language']

/** `{company}` and `{website}` are filled in; each `*_plain` piece is its twin for when there is none. */
export const PROMPT_PIECES = [
  'greeting',
  'greeting_plain',
  'consent',
  'consent_plain',
  'consent_terms',
  'consent_terms_plain',
  'consent_again',
  'consent_again_plain',
  'consent_keys',
  'repeat_key',
  'human_key',
  'order',
  'order_again',
  'order_repeat_key',
  'order_human_key',
  'confirm_before',
  'confirm_after',
  'help',
  'help_again',
  'status_confirmed',
  'status_in_progress',
  'status_completed',
  'status_canceled',
  'status_problem',
  'status_unknown',
  'invalid_key',
  'invalid_order',
  'nobody',
  'nobody_answers',
  'unrecorded',
  'corrected',
  'to_human',
  'to_agent',
  'goodbye',
  'refused',
  'no_input',
  'sorry',
] as const
export type PromptPiece = (typeof PROMPT_PIECES)[number]
export type PromptSet = Readonly<Record<PromptPiece, string>>

export interface PromptCatalogue {
  /** Day and number of that day. */
  readonly version: string
  readonly languages: Readonly<Record<FlowLanguage, PromptSet>>
}

export const promptCatalogue: PromptCatalogue = {
  version: '2026-11-21.1',
  languages: { de: german, en: english, ru: russian },
}

/** Lower-case hexadecimal, of the text in UTF-8. */
export const textHash = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex')
