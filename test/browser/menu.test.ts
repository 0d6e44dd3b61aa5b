// The menu on the page of a call: what it asked and was answered, the consent with its proof and its withdrawal, the
// orders that came of it; calls by Twilio and by SIP, and one that had no menu.
import t from 'tap'
import type { Page } from 'playwright-core'
import { axe } from '../support/browser/axe.ts'
import { isSound } from '../support/browser/is-sound.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleOptions } from '../support/browser/open-console.ts'
import { MENU_ORDER } from '../support/browser/seeded-menu.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'

type Role = 'viewer' | 'operator' | 'admin'

const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const steps = (page: Page) => page.getByRole('list', { name: 'Menu' }).getByRole('listitem')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

t.setTimeout(90_000)
t.test('the menu of a call', needsBrowser(), async (t) => {
  const folder = process.env['VOICEGATE_CONSOLE']
  const system = await openSeededSystem(t, {
    signIn: true,
    staged: false,
    calls: 6,
    menu: true,
    ...(folder === undefined ? {} : { console: folder }),
  })
  const { keys, menuCalls } = system
  const browser = await openBrowser(t)
  const open = (role: Role, callId: string, more: Partial<ConsoleOptions> = {}) =>
    openConsole(t, {
      browser,
      url: new URL(`/calls/${callId}`, system.url).href,
      key: keys[role],
      ...more,
    })

  t.test('by Twilio: every step in words, the proof, the order', async (t) => {
    const tab = await open('viewer', menuCalls.ordered)
    const { page } = tab
    await steps(page).first().waitFor()
    const told = (await steps(page).allInnerTexts()).map((row) => row.replaceAll(/\s+/g, ' '))
    t.match(told, [
      /^0:00 Consent silence$/i,
      /^0:06 Consent attempt 2 yes key 1$/i,
      /^0:13 Order number invalid entry 99$/i,
      new RegExp(`^0:19 Order number attempt 2 entry ${MENU_ORDER}$`, 'i'),
      /^0:26 Is the number right yes key 1$/i,
      /^0:32 Anything else no key 2$/i,
      /^0:39 Goodbye$/i,
    ])
    await region(page, 'Menu').getByText('German · 39 secs · 6 questions').waitFor()
    const consent = region(page, 'Consent')
    await consent.getByText('given', { exact: true }).waitFor()
    await consent.getByText('key 1, attempt 2').waitFor()
    const withdraw = button(page, 'Withdraw consent')
    t.ok(await withdraw.isDisabled(), 'a viewer takes nothing back')
    t.equal(await withdraw.getAttribute('title'), 'Needs a key with the role operator.')
    await page.getByText('By Twilio: no SIP of ours').waitFor()
    await page.getByText(/^The menu was gone through, and we hung up/).waitFor()
    await page.getByText('No agent belongs to this call: there is nothing to pay.').waitFor()
    await isSound(t, tab, 'menu-ordered')
    await page.getByRole('link', { name: `Order ${MENU_ORDER}` }).click()
    await page.waitForURL(/\/orders\/order_[\da-f]+$/)
  })

  t.test('a step leads to its place on the axis, by mouse and by key', async (t) => {
    const { page } = await open('operator', menuCalls.ordered)
    const chosen = region(page, 'Details of what is chosen')
    await steps(page).nth(3).click()
    await chosen.getByText('menu asks: order number (2)').first().waitFor()
    await button(page, 'Go to 0:06').press('Enter')
    await chosen.getByText('menu asks: consent (2)').first().waitFor()
    t.same(await steps(page).nth(1).getAttribute('data-selected'), 'true')
    await page.getByRole('switch', { name: 'As a list' }).check({ force: true })
    const list = page.getByRole('list', { name: 'All events in order' })
    for (const words of [
      'at the provider',
      'answered',
      'menu: silence',
      `menu: entry ${MENU_ORDER}`,
    ])
      await list.getByText(words, { exact: true }).first().waitFor()
    await list.getByText('consent given').waitFor()
  })

  t.test('consent is withdrawn, and the recording is gone with it', async (t) => {
    const tab = await open('operator', menuCalls.ordered)
    const { page } = tab
    await page.getByRole('link', { name: 'Recording (WAV)' }).waitFor()
    await button(page, 'Withdraw consent').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/the recording of this call is deleted for good/).waitFor()
    t.same(await axe(page), [])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await button(page, 'Withdraw consent').click()
    await dialog.getByRole('button', { name: 'Withdraw consent' }).click()
    const consent = region(page, 'Consent')
    await consent.getByText('withdrawn', { exact: true }).waitFor()
    await page.getByText('There is no recording.').waitFor()
    t.equal(await button(page, 'Withdraw consent').count(), 0, 'once is enough')
    t.equal((await system.api(`/api/calls/${menuCalls.ordered}/recording`)).status, 404)
    const flow = await (await system.api(`/api/calls/${menuCalls.ordered}/flow`)).json()
    t.match(flow, { consent: { given: true, withdrawn_at: /^20/, withdrawn_by: String } })
    const admin = await open('admin', menuCalls.ordered)
    await region(admin.page, 'Consent')
      .getByText(/The operator/)
      .waitFor()
  })

  t.test('by SIP: refused, narrow and dark, in Russian and German', async (t) => {
    const look = { width: 390, colorScheme: 'dark' } as const
    const russian = await open('operator', menuCalls.refused, { ...look, locale: 'ru-RU' })
    await region(russian.page, 'Согласие').getByText('отказ', { exact: true }).waitFor()
    t.equal(await button(russian.page, 'Отозвать согласие').count(), 0)
    await isSound(t, russian, 'menu-refused-390-ru')
    const german = await open('operator', menuCalls.ordered, { ...look, locale: 'de-DE' })
    await region(german.page, 'Menü').getByText('ungültige Eingabe').waitFor()
    await isSound(t, german, 'menu-ordered-390-de')
  })

  t.test('without a menu nothing is shown; what cannot be had is said', async (t) => {
    const without = system.past.at(-1) ?? ''
    const tab = await open('viewer', without)
    const { page } = tab
    await page.getByRole('heading', { name: 'Transcript' }).waitFor()
    await tab.settled()
    t.equal(await region(page, 'Menu').count(), 0)
    tab.expectErrors(500)
    await page.route('**/flow', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{}' }),
    )
    await page.goto(new URL(`/calls/${menuCalls.refused}`, system.url).href)
    await page.getByText('That did not work').waitFor()
    await page.unroute('**/flow')
    await button(page, 'Try again').click()
    await steps(page).first().waitFor()
    t.equal(await page.getByText('That did not work').count(), 0)
  })
})
