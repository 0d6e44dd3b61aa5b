// The overview: what goes on, live; figures, savings and faults of a seeded system; how to try it, in rehearsal and not.
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'
import { eventually } from '../support/process.ts'

const WAIT_MS = 5000

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

t.setTimeout(190_000)
t.test('the overview', { ...needsBrowser(), timeout: 180_000 }, async (t) => {
  const system = await openSeededSystem(t, { staged: false })
  const browser = await openBrowser(t)
  const open = (t: Test, options: { width?: 390; path?: string } = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${system.url}${options.path ?? '/'}`, ...options })

  t.test('a call comes, is answered and goes, without anybody asking', async (t) => {
    const { page } = await open(t)
    const now = section(page, 'Now')
    const today = section(page, 'Today').getByText('Calls', { exact: true }).locator('xpath=..')
    await now.getByText('No call goes on.').waitFor()
    const before = await today.textContent()
    const id = await system.control.secondCall()
    await now.getByText('1 call goes on').waitFor()
    await now.getByText('answered: 1').waitFor()
    t.equal(
      await now.getByRole('link', { name: /^Call from/ }).getAttribute('href'),
      `/calls/${id}`,
    )
    await now.getByText('1 of 200 calls at a time are used').waitFor()
    await section(page, 'Trunks').getByText('1 call', { exact: false }).first().waitFor()
    await eventually('the count of today', WAIT_MS, async () => {
      return (await today.textContent()) !== before
    })
    await shoot(page, 'overview')
    await system.control.hangUp(id)
    await now.getByText('No call goes on.').waitFor()
  })

  t.test('figures, savings, trunks, agent and what needs somebody', async (t) => {
    const { page } = await open(t)
    const day = section(page, 'Today')
    await day.getByText('Cost').waitFor()
    for (const title of ['Answered', 'Talk time', 'Agent time', 'Cost'])
      t.ok(await day.getByText(title, { exact: true }).isVisible(), title)
    // The days before are asked for apart, and may come later.
    await day
      .getByText(/^average of 7 days: /)
      .first()
      .waitFor()
    await day.getByRole('img', { name: /Calls a day, the last 30 days/ }).waitFor()
    const guard = section(page, 'Saved by the guard')
    await guard.getByText('30 days', { exact: true }).waitFor()
    const saved = await guard.textContent()
    t.match(saved, /30 days.*US\$[1-9]/, 'a month of ringing was not paid')
    await section(page, 'Trunks').getByText('rehearsal').waitFor()
    await section(page, 'Agent').getByText('1 thing to look at').waitFor()
    t.equal(await section(page, 'Problems to be looked into').getByRole('listitem').count(), 5)
    t.same(await axe(page), [])
    const ways = [
      ['All live calls', '/live'],
      ['All trunks', '/trunks'],
      ['Agents and advice', '/agents'],
      ['All calls today', '/calls?range=today'],
      ['All failed calls today', '/calls?range=today&fault=any'],
      ['All problems', '/calls?review_status=problem'],
    ] as const
    for (const [name, href] of ways)
      t.equal(await page.getByRole('link', { name, exact: true }).getAttribute('href'), href)
  })

  t.test('a failure of today is told as it happens', async (t) => {
    const { page } = await open(t)
    const failures = section(page, 'Failures today')
    await failures.getByText(/None of ours/).waitFor()
    system.carrier.script('+493023125777', [{ wait: 50 }, { reject: 503 }])
    await system.api('/api/calls/start', {
      method: 'POST',
      body: JSON.stringify({ phone_number: '+493023125777' }),
    })
    await failures.getByRole('link', { name: /\+493023125777/ }).waitFor()
    await page.reload()
    await failures.getByRole('link', { name: /\+493023125777/ }).waitFor()
  })

  t.test('a trunk that changes, and a SIP server that is away', async (t) => {
    const tab = await open(t)
    const { page } = tab
    const answer = await (await system.api('/api/trunks')).json()
    await page.route('**/api/trunks', (route) =>
      route.fulfill({ json: { ...(answer as object), items: [], sip_server_away: true } }),
    )
    await page.routeWebSocket(/\/api\/events/, () => undefined)
    await tab.go('/')
    await page
      .getByRole('alert')
      .getByText(/The SIP server is away/)
      .waitFor()
    await section(page, 'Trunks')
      .getByText(/No trunk is set up/)
      .waitFor()
    t.same(await axe(page), [])
  })

  t.test('how to try it: an address, a line, and numbers that lead to the dial', async (t) => {
    const { page, context } = await open(t)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const part = section(page, 'Try it')
    await part.getByRole('button', { name: /^Copy: Call this address/ }).click()
    await part.getByRole('button', { name: /^Copied: Call this address/ }).waitFor()
    t.match(await page.evaluate<string>('navigator.clipboard.readText()'), /^sip:agent@127/)
    t.match(await part.textContent(), /curl -X POST http:/)
    const shown = await part.getByRole('link').count()
    await part.getByRole('button', { name: /^All \d+ numbers$/ }).click()
    t.ok((await part.getByRole('link').count()) > shown)
    await part.getByRole('link', { name: /^Dial \+4930231250086: / }).click()
    await page.waitForURL('**/dial')
    const handed = await page.evaluate<object>('history.state')
    t.match(handed, { phone_number: '+4930231250086' }, 'not in the address')
  })

  t.test('without calls: that, first; in production, what is true there', async (t) => {
    const tab = await open(t)
    const { page } = tab
    const none = { from: '2026-01-01T00:00:00Z', before: '2026-01-02T00:00:00Z', others: null }
    const given = (await (
      await system.api('/api/statistics?from_date=2020-01-01&to_date=2020-01-01')
    ).json()) as object
    await page.route('**/api/statistics?**', (route) =>
      route.fulfill({ json: { ...given, ...none } }),
    )
    const howTo = (await (await system.api('/api/how-to')).json()) as object
    await page.route('**/api/how-to', (route) =>
      route.fulfill({ json: { ...howTo, rehearsal: false, demo_numbers: [] } }),
    )
    await tab.go('/')
    const part = section(page, 'Try it')
    await part.getByText('There have been no calls yet.').waitFor()
    await part.getByText('Calls from the trunks arrive at this address:').waitFor()
    t.equal(await part.getByText(/rehearsal/).count(), 0)
    t.equal(await part.getByRole('link', { name: 'Place a call' }).getAttribute('href'), '/dial')
    await page.unroute('**/api/statistics?**')
    await page.addInitScript(`new MutationObserver(() => {
      window.invited ||= document.body?.textContent.includes('Try it')
    }).observe(document, { childList: true, subtree: true })`)
    const toldHow = page.waitForResponse('**/api/how-to')
    await tab.go('/')
    await toldHow
    await section(page, 'Today').getByText('Cost').waitFor()
    const wasInvited = await page.evaluate<boolean>('window.invited')
    t.equal(wasInvited, false, 'a node that costs money invites nobody, not for a moment')
    t.equal(await part.count(), 0)
    tab.expectErrors(500)
    await page.route('**/api/how-to', (route) => route.fulfill({ status: 500, json: {} }))
    const failed = page.waitForResponse('**/api/how-to')
    await page.evaluate(`const { now } = Date
      Date.now = () => now() + 61_000
      window.dispatchEvent(new Event('visibilitychange'))`)
    await failed
    await page.waitForTimeout(500)
    t.equal(await part.count(), 0, 'nor when it cannot say so a second time')
  })

  t.test('a part that fails says so, the others stay', async (t) => {
    const tab = await open(t)
    const { page } = tab
    tab.expectErrors(500, 502)
    await page.route('**/api/agents/*/check', (route) => route.fulfill({ status: 502, json: {} }))
    await page.route('**/api/statistics?**', (route) => route.fulfill({ status: 500, json: {} }))
    await tab.go('/')
    await section(page, 'Agent')
      .getByText(/could not be asked/)
      .waitFor()
    await section(page, 'Today').getByRole('alert').first().waitFor()
    await section(page, 'Now').getByText('No call goes on.').waitFor()
    await page.unroute('**/api/statistics?**')
    await section(page, 'Today').getByRole('button', { name: 'Try again' }).first().click()
    await section(page, 'Today').getByText('Cost').waitFor()
  })

  t.test('narrow: nothing sideways', async (t) => {
    const { page } = await open(t, { width: 390 })
    await section(page, 'Agent').getByText('1 thing to look at').waitFor()
    // Narrow and dark, axe looks at it in shell.test.ts.
    t.equal(await overflow(page), 0)
    await shoot(page, 'overview-narrow')
  })
})
