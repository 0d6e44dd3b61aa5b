// The page of live calls, walked: calls come and go by themselves; one is followed, handed over and hung up.
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'

const MANY = 200

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()
const rows = (page: Page, name = 'Live') =>
  page.getByRole('list', { name, exact: true }).getByRole('button')

t.setTimeout(130_000)
t.test('live', { ...needsBrowser(), timeout: 120_000 }, async (t) => {
  const system = await openSeededSystem(t, { signIn: true, staged: false, calls: 5 })
  const { url, keys, carrier } = system
  const browser = await openBrowser(t)
  const open = (t: Test, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}/live`, key: keys.operator, ...more })
  const place = async (number: string): Promise<string> => {
    const body = JSON.stringify({ phone_number: number })
    const answer = await system.api('/api/calls/start', { method: 'POST', body })
    return ((await answer.json()) as { call_id: string }).call_id
  }

  t.test('nobody is on the line, and then somebody is', async (t) => {
    const { page } = await open(t)
    await page.getByText('Nobody is on the line').waitFor()
    t.same(await axe(page), [])
    await page.getByRole('link', { name: 'Place one now' }).waitFor()
    carrier.script('+493023125941', [
      { answer: true },
      { hearUntilQuiet: 400, maxMs: 4000 },
      { press: '4' },
      { untilHangUp: 60_000 },
    ])
    const id = await place('+493023125941')
    const row = rows(page)
    await row.filter({ hasText: 'answered' }).waitFor()
    await row.filter({ hasText: 'open' }).waitFor()
    await row.first().click()
    const pane = page.getByRole('region', { name: 'One call' })
    await pane.getByRole('log').getByRole('listitem').first().waitFor()
    await pane.getByRole('log').getByText('pressed a key').waitFor()
    await pane.getByRole('region', { name: 'What happens' }).getByText('101, agent open').waitFor()
    t.notMatch(page.url() + (await page.title()), /4930|call_/, 'neither number nor id outside')
    t.same(await axe(page), [])
    await shoot(page, 'live-one')
    t.equal(
      await pane.getByRole('link', { name: 'The call’s page' }).getAttribute('href'),
      `/calls/${id}`,
    )

    await press(page, 'Transfer …')
    const dialog = page.getByRole('dialog')
    const to = dialog.getByLabel(/To which number/)
    await to.fill('030 1')
    await to.blur()
    await dialog.getByText(/Begin with \+/).waitFor()
    t.ok(await dialog.getByRole('button', { name: 'Transfer now' }).isDisabled())
    await to.fill('+4930231250086')
    await dialog.getByRole('radio', { name: /Second call/ }).check()
    t.same(await axe(page), [])
    await dialog.getByRole('button', { name: 'Transfer now' }).click()
    await pane.getByRole('region', { name: 'What happens' }).getByText('transfer failed').waitFor()

    await press(page, 'Hang up')
    await dialog.getByText(/we send BYE/).waitFor()
    await dialog.getByRole('button', { name: 'Hang up' }).click()
    await pane.getByText('It is over. Its page tells the whole story.').waitFor()
    t.ok(await page.getByRole('button', { name: 'Hang up' }).isDisabled())
    await page.getByText('No other call goes on.').waitFor()
    await pane.getByRole('button', { name: 'Close' }).click()
    await page.getByText('Nobody is on the line').waitFor()
  })

  t.test('a viewer looks on, on a phone; back leads to the list', async (t) => {
    const id = await place('+4930231250008')
    const { page } = await open(t, { key: keys.viewer, width: 390, locale: 'ru-RU' })
    await rows(page, 'Сейчас').filter({ hasText: 'звонит' }).click()
    const hangUp = page.getByRole('button', { name: 'Завершить' })
    await hangUp.waitFor()
    t.ok(await hangUp.isDisabled())
    t.equal(await hangUp.getAttribute('title'), 'Нужен ключ с ролью operator.')
    t.equal(await overflow(page), 0)
    t.same(await axe(page), [])
    await shoot(page, 'live-390-ru')
    await page.goBack()
    await rows(page, 'Сейчас').first().waitFor()
    await system.control.hangUp(id)
    await page.getByText('На линии никого нет').waitFor()
  })

  t.test('with hundreds of calls a second moves the clocks and nothing else', async (t) => {
    const tab = await open(t)
    const { page } = tab
    await page.route('**/api/calls/search', async (route) => {
      const asked = route.request().postDataJSON() as { status: string; cursor?: string }
      const from = asked.cursor === undefined ? 0 : MANY / 2
      const items =
        asked.status === 'answered'
          ? Array.from({ length: MANY / 2 }, (_, i) => fake(from + i))
          : []
      const next = asked.status === 'answered' && from === 0 ? 'next' : null
      await route.fulfill({ json: { items, next_cursor: next } })
    })
    await tab.go('/live')
    await rows(page)
      .nth(MANY - 1)
      .waitFor()
    t.equal(await rows(page).count(), MANY)
    const seen = await page.evaluate<{ added: number; told: number }>(`new Promise((resolve) => {
      const seen = { added: 0, told: 0 }
      new MutationObserver((changes) => {
        for (const { type } of changes) seen[type === 'childList' ? 'added' : 'told'] += 1
      }).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true })
      setTimeout(() => resolve(seen), 2500)
    })`)
    t.equal(seen.added, 0, 'no row is made anew')
    t.ok(seen.told >= MANY, 'the clocks go')
    await shoot(page, 'live-many')
  })

  t.test('what cannot be read is said', async (t) => {
    const tab = await open(t)
    const { page } = tab
    tab.expectErrors(500)
    await page.route('**/api/calls/search', (route) => route.fulfill({ status: 500, json: {} }))
    await tab.go('/live')
    await page.getByRole('alert').waitFor()
    await page.unroute('**/api/calls/search')
    await press(page, 'Try again')
    await page.getByText('Nobody is on the line').waitFor()
  })
})

const fake = (index: number): object => ({
  call_id: `call_${index}`,
  provider: 'sip',
  direction: 'outbound',
  from: '+4930555100',
  to: `+49302312${String(index).padStart(5, '0')}`,
  trunk: 'rehearsal',
  status: 'answered',
  outcome: null,
  termination: null,
  created_at: new Date(Date.now() - index * 1000).toISOString(),
  answered_at: new Date(Date.now() - index * 1000).toISOString(),
  ended_at: null,
  cost: null,
  agent: {
    agent_id: 'agent_rehearsal',
    opened_at: new Date(Date.now() - index * 1000).toISOString(),
    closed_at: null,
    sessions: 1,
  },
})
