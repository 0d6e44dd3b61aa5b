// The rehearsal page, walked: a scenario is run and watched, canceled, failed; where it cannot be, why.
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'

/** The rehearsal is a program of its own, which has to start. */
const PLAYED_MS = 40_000

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

t.setTimeout(190_000)
t.test('rehearsal', { ...needsBrowser(), timeout: 180_000 }, async (t) => {
  const system = await openSeededSystem(t, { signIn: true, staged: false, calls: 5 })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = (t: Test, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}/rehearsal`, key: keys.operator, ...more })

  t.test('a scenario is run, and its ladder grows to a verdict', async (t) => {
    const { page } = await open(t)
    await page.getByText('Nothing was played yet.', { exact: false }).waitFor()
    t.same(await axe(page), [])
    await press(page, 'Run “Busy”')
    await page.getByText('0 of 1 played').waitFor()
    t.ok(await page.getByRole('button', { name: 'Run all' }).isDisabled(), 'one at a time')
    const rungs = page.getByRole('region', { name: 'Ladder of “Busy”' }).getByRole('listitem')
    await rungs.filter({ hasText: 'INVITE' }).waitFor({ timeout: PLAYED_MS })
    await rungs.filter({ hasText: 'carrier to gateway: 486 Busy Here' }).waitFor()
    const passed = page.getByText('Passed: everything was as it must be')
    await passed.waitFor({ timeout: PLAYED_MS })
    await rungs.filter({ hasText: 'call ended: busy (by callee)' }).waitFor()
    const figures = page.getByRole('region', { name: 'What was measured' })
    t.match(await figures.innerText(), /0\.00 s\s+of the agent before the answer/)
    t.match(await figures.innerText(), /0\.00 s\s+of the agent after the hang-up/)
    const costs = page.getByRole('region', { name: 'What the agent costs' })
    t.match(await costs.innerText(), /US\$0\.0000[^]*US\$0\.0\d+[^]*Spared in this one call/)
    await page.getByText('1 of 1 played').waitFor()
    t.same(await axe(page), [])
    await shoot(page, 'rehearsal-passed')

    await press(page, 'Run “No answer”')
    await press(page, 'Cancel the run')
    const runs = page.getByRole('table', { name: 'Runs' })
    await runs.getByText('canceled').waitFor({ timeout: PLAYED_MS })
    await press(page, 'Show the run: Busy')
    await passed.waitFor()
  })

  t.test('a run that failed says every reason; a phone shows it, too', async (t) => {
    const tab = await open(t, { width: 390, locale: 'de-DE' })
    const { page } = tab
    await page.route('**/api/rehearsals', (route) => route.fulfill({ json: FAILED_LIST }))
    await page.route('**/api/rehearsals/run_1', (route) => route.fulfill({ json: FAILED_RUN }))
    await tab.go('/rehearsal')
    await page.getByText('Gescheitert, aus 2 Gründen').waitFor()
    await page.getByText('The agent was open before the answer.').waitFor()
    await page.getByText('A gap of 60 ms.').waitFor()
    await page.getByText('The product wrote an error.').waitFor()
    await page.getByText('zu viel: dafür wird unnötig bezahlt').first().waitFor()
    await press(page, '„NAT“ ansehen'.replace('NAT', 'Hinter einem NAT'))
    await page.getByText('Bestanden: alles war, wie es sein muss').waitFor()
    t.equal(await overflow(page), 0)
    t.same(await axe(page), [])
    await shoot(page, 'rehearsal-failed-390-de')
  })

  t.test('a viewer looks on; where it cannot be, the page says why', async (t) => {
    const tab = await open(t, { key: keys.viewer })
    const { page } = tab
    const all = page.getByRole('button', { name: 'Run all' })
    await all.waitFor()
    t.ok(await all.isDisabled())
    t.equal(await all.getAttribute('title'), 'Needs a key with the role operator.')
    const other = await open(t)
    const why = 'This node has a real trunk or agent.'
    await other.page.route('**/api/rehearsals/scenarios', (route) =>
      route.fulfill({ json: { items: [], available: false, why_not: why } }),
    )
    await other.go('/rehearsal')
    await other.page.getByText(why).waitFor()
    t.same(await axe(other.page), [])
  })
})

const figures = (before: number): object => ({
  agent_sessions: 1,
  agent_seconds: 4,
  agent_seconds_before_answer: before,
  agent_seconds_after_hang_up: 0.003,
  answer_to_agent_ms: 5,
  agent_audio_to_rtp_ms: 20,
  caller_gaps: { count: 1, longest_ms: 60, excused: 0 },
  agent_gaps: { count: 0, longest_ms: 0, excused: 0 },
  seconds_from_invite: 6,
})
const rung = { offset_ms: 0, lane: 'carrier-gateway', direction: 'left', label: 'INVITE + SDP' }
const scenario = (name: string, failures: readonly string[]): object => ({
  name,
  passed: failures.length === 0,
  failures,
  notes: ['Noted.'],
  outcome: 'answered',
  figures: figures(failures.length),
  cost: { here: 0.004, opened_at_invite: 0.01, saved: 0.006 },
  ladder: [rung],
})
const FAILED_RUN = {
  run_id: 'run_1',
  scenario: 'all',
  state: 'failed',
  started_at: '2026-11-21T10:00:00.000Z',
  ended_at: '2026-11-21T10:01:00.000Z',
  error: 'The product wrote an error.',
  scenarios: [
    scenario('nat', []),
    scenario('answered', ['The agent was open before the answer.', 'A gap of 60 ms.']),
  ],
  steps: [],
}
const FAILED_LIST = {
  items: [
    {
      ...FAILED_RUN,
      scenarios: undefined,
      steps: undefined,
      scenarios_played: 2,
      scenarios_passed: 1,
    },
  ],
  next_cursor: null,
}
