// Every filter of the page of calls: how somebody sets it, and the search that it comes to.
import type { Page } from 'playwright-core'
import { seededRandom } from '../../proof/seeded-random.ts'
import { FREQUENT_WORD, numberOf, RARE_WORD } from './random-call.ts'

export interface ConsoleFilter {
  readonly name: string
  /** How the page says it, beginning with this. */
  readonly chip: string
  readonly body: Readonly<Record<string, string>>
  act(page: Page): Promise<unknown>
}

const chosen = (label: string, words: string, body: Readonly<Record<string, string>>) => ({
  name: `${label}: ${words}`,
  chip: `${label}: ${words}`,
  body,
  act: (page: Page) => page.getByLabel(label, { exact: true }).selectOption(words),
})

const typed = (label: string, chip: string, text: string, body: ConsoleFilter['body']) => ({
  name: `${chip}: ${text}`,
  chip,
  body,
  act: (page: Page) => page.getByLabel(label).fill(text),
})

const inBox = (chip: 'Number' | 'Words', name: string, text: string): ConsoleFilter => ({
  ...typed('Search by number or words', chip, text, {
    [chip === 'Number' ? 'number' : 'text']: text,
  }),
  name,
})

export function consoleFilters(): readonly ConsoleFilter[] {
  const number = numberOf(seededRandom(1))
  return [
    chosen('Direction', 'inbound', { direction: 'inbound' }),
    chosen('State', 'ended', { status: 'ended' }),
    chosen('State', 'ringing', { status: 'ringing' }),
    chosen('Outcome', 'answered', { outcome: 'answered' }),
    chosen('Outcome', 'failed', { outcome: 'failed' }),
    chosen('Review', 'problem', { review_status: 'problem' }),
    chosen('Provider', 'SIP', { provider: 'sip' }),
    chosen('Provider', 'Voximplant', { provider: 'voximplant' }),
    typed('Application', 'Application', 'application-7', { application_id: 'application-7' }),
    typed('From day', 'From day', '2026-03-01', { from_date: '2026-03-01' }),
    typed('To day', 'To day', '2025-10-01', { to_date: '2025-10-01' }),
    inBox('Number', 'whole number', number),
    inBox('Number', 'last four digits', number.slice(-4)),
    inBox('Number', 'digits of our own line', '555001'),
    inBox('Words', 'a frequent word', FREQUENT_WORD),
    inBox('Words', 'a rare word', RARE_WORD),
    inBox('Words', 'two words', `${FREQUENT_WORD} ${RARE_WORD}`),
  ]
}
