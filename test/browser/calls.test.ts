// The list of calls as a viewer uses it: every filter, pages, what is live, a call and back, exports, and what goes wrong.
import { readFile } from 'node:fs/promises'
import type { Page, Request } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'
import { eventually } from '../support/process.ts'

const SEARCH = '**/api/calls/search'
const EXPORT = '**/api/calls/export'
/** Of the past; erased is another one. */
const DIGITS = '125120'
const WAIT_MS = 5000

type Body = Readonly<Record<string, unknown>>

const table = (page: Page) => page.getByRole('table', { name: 'Calls, newest first' })
const rows = (page: Page) => table(page).locator('tbody tr')
const box = (page: Page) => page.getByLabel('Search by number or words')
const firstLink = (page: Page) => rows(page).first().getByRole('link')
const chip = (page: Page, label: string) => page.getByRole('button', { name: `Remove ${label}` })

/** What the page asked the API for, the newest last. */
function watchSearches(page: Page): readonly Body[] {
  const asked: Body[] = []
  page.on('request', (request: Request) => {
    if (request.url().endsWith('/api/calls/search')) asked.push(request.postDataJSON() as Body)
  })
  return asked
}

t.setTimeout(190_000)
t.test('the list of calls', { ...needsBrowser(), timeout: 180_000 }, async (t) => {
  const system = await openSeededSystem(t, { staged: false, signIn: true })
  const browser = await openBrowser(t)
  const open = (t: Test, path = '/calls', width: 390 | 1440 = 1440): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${system.url}${path}`, width, key: system.keys.viewer })

  t.test('the box understands numbers and words, and neither is in the address', async (t) => {
    const tab = await open(t)
    const { page } = tab
    await rows(page).nth(49).waitFor()
    await tab.settled()
    const asked = watchSearches(page)
    t.equal(await rows(page).count(), 50)
    t.same(await axe(page), [])
    await shoot(page, 'calls')
    await box(page).fill('12')
    t.ok(await page.getByText('at least its last three digits').isVisible(), 'says what is missing')
    await box(page).fill(DIGITS)
    await chip(page, `Number: ${DIGITS}`).waitFor()
    await tab.settled()
    // Beside what the live feed has read anew of the list before.
    const typed = asked.filter((one) => JSON.stringify(one).includes('number'))
    t.same(typed, [{ number: DIGITS, limit: 50 }], 'asked once the typing paused')
    t.ok((await rows(page).allTextContents()).every((text) => text.includes(DIGITS)))
    t.ok((await rows(page).count()) > 0)
    await box(page).fill('appointment thursd')
    await box(page).press('Enter')
    await chip(page, 'Words: appointment thursd').waitFor()
    await tab.settled()
    t.same(asked.at(-1), { text: 'appointment thursd', limit: 50 })
    t.ok((await rows(page).count()) > 0)
    t.equal(new URL(page.url()).search, '', 'the address tells neither')
    t.notMatch(await page.title(), /thursd/)
    await chip(page, 'Words: appointment thursd').click()
    await tab.settled()
    t.equal(await box(page).inputValue(), '')
    await box(page).fill(`"${DIGITS}"`)
    await page.getByText('No call matches').waitFor()
    t.same(asked.at(-1), { text: DIGITS, limit: 50 }, 'digits as words')
    await page.getByRole('button', { name: 'Empty the box' }).click()
    await rows(page).first().waitFor()
  })

  t.test('a link of a Grafana board leads to the calls that it is about', async (t) => {
    const at = (ms: number): string => new Date(ms).toISOString()
    const [from, to] = [at(Date.now() - 30 * 24 * 3600_000), at(Date.now())]
    const trunk = 'trunk=berlin&trunk=another&outcome=busy'
    const tab = await open(t, `/calls?${trunk}&from_date=${from}&to_date=${to}`)
    const { page } = tab
    const asked = watchSearches(page)
    await chip(page, 'Trunk: berlin, another').waitFor()
    await chip(page, 'Outcome: busy').waitFor()
    await rows(page).first().waitFor()
    const shown = await rows(page).allTextContents()
    t.ok(shown.every((text) => text.includes('busy') && text.includes('berlin')))
    t.equal(await page.getByLabel('Trunk', { exact: true }).inputValue(), 'berlin, another')
    await chip(page, 'Trunk: berlin, another').click()
    await chip(page, 'Trunk: berlin, another').waitFor({ state: 'detached' })
    await tab.settled()
    t.same(asked.at(-1), { outcome: 'busy', from_date: from, to_date: to, limit: 50 })
    await page.getByLabel('Trunk', { exact: true }).fill('another')
    await page.getByText('No call matches').waitFor()
    await page.getByText('7 days', { exact: true }).click()
    await chip(page, 'Period: 7 days').waitFor()
    t.equal(new URL(page.url()).search, '?outcome=busy&trunk=another&range=7d')
  })

  t.test('every filter narrows, stands in the address, and can be taken away', async (t) => {
    const tab = await open(t, '/calls?limit=25')
    const { page } = tab
    const asked = watchSearches(page)
    await page.getByRole('button', { name: 'More filters' }).click()
    t.same(await axe(page, '[role=group][aria-label=Filters]'), [])
    const choices = [
      ['Direction', 'inbound', { direction: 'inbound' }],
      ['State', 'ended', { status: 'ended' }],
      ['Outcome', 'busy', { outcome: 'busy' }],
      ['Review', 'problem', { review_status: 'problem' }],
      ['Provider', 'SIP', { provider: 'sip' }],
    ] as const
    for (const [label, value, expected] of choices) {
      await page.getByLabel(label, { exact: true }).selectOption(value)
      await chip(page, `${label}: ${value}`).waitFor()
      await tab.settled({ quietMs: 60 })
      t.match(asked.at(-1), expected)
      t.match(page.url(), new URLSearchParams(expected).toString())
    }
    await shoot(page, 'calls-filtered')
    await page.getByRole('button', { name: 'Clear filters' }).first().click()
    await chip(page, 'Provider: SIP').waitFor({ state: 'detached' })
    t.equal(new URL(page.url()).search, '?limit=25')
    await page.getByLabel('From day').fill('2026-01-31')
    await page.getByLabel('To day').fill('2026-02-01')
    await chip(page, 'To day: 1 Feb 2026').waitFor()
    await tab.settled()
    t.same(asked.at(-1), {
      ...{ from_date: '2026-01-30T23:00:00.000Z', to_date: '2026-02-01T22:59:59.999Z', limit: 25 },
    })
    await page.getByText('30 days', { exact: true }).click()
    await chip(page, 'Period: 30 days').waitFor()
    t.match(
      page.url(),
      /\?limit=25&range=30d$|\?range=30d&limit=25$/,
      'a period takes the place of two days',
    )
    await page.getByLabel('Application').fill('shop')
    await page.getByText('No call matches').waitFor()
    t.match(page.url(), /application_id=shop/)
    t.same(await axe(page), [])
    await page.getByRole('button', { name: 'Clear filters' }).last().click()
    await rows(page).first().waitFor()
    for (const range of ['Today', 'Yesterday', '7 days', 'Any time'])
      await page.getByText(range, { exact: true }).click()
    await tab.settled()
    t.equal(await rows(page).count(), 25)
  })

  t.test('pages, a call and back, by mouse and by keyboard', async (t) => {
    const tab = await open(t, '/calls?outcome=answered')
    const { page } = tab
    await box(page).fill('+4930555100')
    await chip(page, 'Number: +4930555100').waitFor()
    await page.getByLabel('Calls per page').selectOption('25')
    await page.waitForURL(/limit=25/)
    await tab.settled()
    t.equal(await rows(page).count(), 25)
    const menu = page.getByRole('navigation', { name: 'Pages', exact: true })
    t.equal(await menu.count(), 1, 'pages of the list are called otherwise than those of the menu')
    const first = await firstLink(page).getAttribute('href')
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('Page 2').waitFor()
    await tab.settled()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('Page 3').waitFor()
    await tab.settled()
    const there = await firstLink(page).getAttribute('href')
    t.not(there, first)
    await rows(page).nth(20).scrollIntoViewIfNeeded()
    const scrolled = await page.evaluate<number>('scrollY')
    // Anywhere in it: the link is as wide as the row.
    await rows(page).nth(20).locator('td').last().click({ force: true })
    await page.waitForURL(/\/calls\/call_/)
    t.notMatch(page.url(), /4930/)
    await page.goBack()
    await page.getByText('Page 3').waitFor()
    t.equal(await firstLink(page).getAttribute('href'), there, 'the same page')
    t.equal(await box(page).inputValue(), '+4930555100', 'and the same search')
    await eventually('the place in it', WAIT_MS, async () => {
      return Math.abs((await page.evaluate<number>('scrollY')) - scrolled) < 5
    })
    await page.getByRole('button', { name: 'Newer' }).click()
    await page.getByText('Page 2').waitFor()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('Page 3').waitFor()
    await page.getByRole('button', { name: 'First page' }).click()
    await page.getByText('Page 1').waitFor()
    await tab.settled()
    t.equal(await firstLink(page).getAttribute('href'), first)
    await firstLink(page).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${first ?? ''}`)
    await page.reload()
    await page.goBack()
    await page.getByText('Page 1').waitFor()
    t.equal(await box(page).inputValue(), '+4930555100', 'also after a reload')
    await tab.settled()
  })

  t.test('live: rows come and change on the first page; a page of the past stays', async (t) => {
    const { page } = await open(t, '/calls?limit=25')
    const past = await open(t, '/calls?limit=25')
    await past.page.getByRole('button', { name: 'Older' }).click()
    await past.page.getByText('Page 2').waitFor()
    await past.settled()
    const before = await rows(past.page).allTextContents()
    const id = await system.control.secondCall()
    const row = rows(page).filter({ has: page.locator(`a[href="/calls/${id}"]`) })
    await row.getByText('answered').waitFor()
    t.match(await row.getByRole('link').textContent(), /call from \+4930555100 to \+493023125926/)
    await system.control.hangUp(id)
    // A talk that is over at once is told in milliseconds; so is how soon the agent came, with a plus.
    await row.getByText(/^[\d.]+ (ms|sec|min)/).waitFor()
    t.equal(await rows(page).count(), 25)
    t.same(await rows(past.page).allTextContents(), before)
  })

  t.test('an older answer never takes the place of a newer one', async (t) => {
    const tab = await open(t, '/calls?limit=25')
    const { page } = tab
    const late: { answer?: () => void } = {}
    await page.route(SEARCH, async (route) => {
      const { number } = route.request().postDataJSON() as Body
      if (number === DIGITS) await new Promise<void>((resolve) => (late.answer = resolve))
      // Asked for no more: the page let go of it.
      await route.continue().catch(() => undefined)
    })
    await box(page).fill(DIGITS)
    await page.getByText('Searching …').waitFor()
    t.equal(await rows(page).count(), 25, 'what was there stays meanwhile')
    t.equal(await page.locator('[aria-busy=true]').count(), 1, 'and is marked')
    await box(page).fill('thursday')
    await page.getByText('New calls appear by themselves.').waitFor()
    const found = await rows(page).allTextContents()
    late.answer?.()
    await tab.settled({ quietMs: 300 })
    t.same(await rows(page).allTextContents(), found)
  })

  t.test('the export is what was found, as a file, and no number is in an address', async (t) => {
    const tab = await open(t, '/calls?limit=25')
    const { page } = tab
    await page.evaluate(
      'delete globalThis.showSaveFilePicker; delete Window.prototype.showSaveFilePicker',
    )
    await box(page).fill(DIGITS)
    await chip(page, `Number: ${DIGITS}`).waitFor()
    await tab.settled()
    const count = await rows(page).count()
    const take = async (form: string): Promise<string> => {
      const saved = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem').first().waitFor()
      await page.getByRole('menuitem', { name: form, exact: true }).click()
      return readFile(await (await saved).path(), 'utf8')
    }
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem').first().waitFor()
    t.same(await axe(page, '[role=menu]'), [])
    await page.keyboard.press('Escape')
    const csv = await take('Table (CSV)')
    t.equal(csv.trim().split('\r\n').length, count + 1)
    const lines = (await take('A call a line (NDJSON)')).trim().split('\n')
    t.equal(lines.length, count)
    t.match(await take('NDJSON with transcripts'), /"transcript":/)
    await page.getByText('Exported:').first().waitFor()
  })

  t.test(
    'an export goes to the disk as it comes, can be stopped, and says when it breaks',
    async (t) => {
      const tab = await open(t)
      const { page } = tab
      // A file of the page's own stands for the one that somebody would choose.
      await page.evaluate(`
      globalThis.written = undefined
      globalThis.showSaveFilePicker = async ({ suggestedName }) => {
        const folder = await navigator.storage.getDirectory()
        return (globalThis.written = await folder.getFileHandle(suggestedName, { create: true }))
      }`)
      const start = async (): Promise<void> => {
        await page.getByRole('button', { name: 'Export' }).click()
        await page.getByRole('menuitem', { name: 'Table (CSV)' }).click()
      }
      const size = (): Promise<number> =>
        page.evaluate<number>('globalThis.written.getFile().then(({ size }) => size)')
      await start()
      await page.getByText('Exported:').waitFor()
      t.ok((await size()) > 10_000)
      await page.evaluate('globalThis.written.remove()')
      await page.route(EXPORT, () => undefined)
      await start()
      await page.getByText('so far').waitFor()
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('button', { name: 'Export' }).waitFor()
      const left = page.evaluate(
        "globalThis.written.getFile().then(({ size }) => `${size} bytes`, () => 'no file')",
      )
      t.equal(await left, 'no file', 'a part is not kept')
      await page.unroute(EXPORT)
      await page.route(EXPORT, (route) => route.abort())
      tab.expectErrors(/ERR_FAILED/)
      await start()
      await page.getByText('The export broke off; nothing was saved.').waitFor()
    },
  )

  t.test('a search that fails says so and can be tried again; the very first look', async (t) => {
    const tab = await open(t)
    const { page } = tab
    tab.expectErrors(500, /Failed to load resource/)
    // A live feed that never opens: its news would search again, and take the button from under the click.
    await page.routeWebSocket(/\/api\/events/, () => new Promise(() => undefined))
    await tab.go('/calls')
    await page.route(SEARCH, (route) => route.fulfill({ status: 500, json: {} }))
    await page.getByText('Yesterday', { exact: true }).click()
    await page.getByRole('alert').waitFor()
    await page.unroute(SEARCH)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await tab.settled()
    t.equal(await page.getByRole('alert').count(), 0, 'it found something, or nothing')
    await page.route(SEARCH, (route) => route.fulfill({ json: { items: [], next_cursor: null } }))
    await tab.go('/calls')
    await page.getByText('No calls yet').waitFor()
    await page.getByText(/^sip:agent@/).waitFor()
    t.same(await axe(page), [])
    await page.getByRole('main').getByRole('link', { name: 'Place a call' }).last().click()
    await page.waitForURL('**/dial')
  })

  t.test('narrow: a card a call, nothing sideways', async (t) => {
    const { page } = await open(t, '/calls?direction=inbound&range=30d&limit=25', 390)
    await page.getByRole('listitem').first().waitFor()
    // Narrow and dark, axe looks at it in shell.test.ts.
    t.equal(await overflow(page), 0)
    await shoot(page, 'calls-narrow')
  })
})
