// Voximplant, walked as a newcomer does: account, test, application, scenario, push, a call, synchronisation, transcript
// and audio, filters, statistics; then all of it is taken away again.
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { DEMO_APPLICATION, openSeededVoximplant } from '../support/browser/seeded-voximplant.ts'
import { shoot } from '../support/browser/shoot.ts'
import { eventually } from '../support/process.ts'

// Real pages, one after the other; on a busy machine each takes its time.
t.setTimeout(400_000)

const WAIT_MS = 30_000
/** Talks for some seconds. */
const CALLEE = '+493023125070'

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })
/** What is told on top lies over buttons for some seconds. */
async function heard(page: Page, words: string): Promise<void> {
  const told = page.getByRole('alert').filter({ hasText: words })
  await told.getByRole('button').click()
  await told.waitFor({ state: 'hidden' })
}
const rowsOf = (page: Page) =>
  page.getByRole('table', { name: 'Calls, newest' }).locator('tbody tr')

t.test('voximplant', { ...needsBrowser(), timeout: 390_000 }, async (t) => {
  const { system, vendor, number } = await openSeededVoximplant(t, { signIn: true })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = (t: Test, path: string, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}${path}`, key: keys.admin, ...more })
  const list = async <T>(path: string): Promise<readonly T[]> =>
    ((await (await system.api(path)).json()) as { items: T[] }).items
  const applications = () =>
    list<{ application_id: string; scenario_id: string }>('/api/voximplant/applications')

  t.test('before there is an account every page says what to do first', async (t) => {
    const tab = await open(t, '/')
    const { page } = tab
    await page.getByRole('link', { name: 'Voximplant', exact: true }).click()
    await page.getByText('No account of Voximplant yet').waitFor()
    t.equal(
      await page.getByRole('link', { name: 'Voximplant' }).getAttribute('aria-current'),
      'page',
    )
    await page.getByRole('link', { name: 'Statistics' }).last().click()
    await page.getByText('No account of Voximplant yet').waitFor()
    await page.getByRole('link', { name: 'Applications', exact: true }).click()
    await page.getByText('No account of Voximplant yet').waitFor()
    t.ok(await page.getByRole('button', { name: 'Create an application' }).isDisabled())
    await page.getByRole('link', { name: 'To the set-up' }).click()
    await page.getByRole('heading', { name: 'Voximplant: Set-up' }).waitFor()
    t.equal(
      await page
        .getByRole('link', { name: 'Voximplant', exact: true })
        .getAttribute('aria-current'),
      'page',
      'the menu says where one is on the other pages, too',
    )
    await tab.settled()
    t.same(await axe(page), [])
    await shoot(page, 'voximplant-setup-empty')
  })

  t.test('an account: a wrong key is refused, the right one is tested and kept', async (t) => {
    const tab = await open(t, '/voximplant/setup')
    const { page } = tab
    tab.expectErrors(422)
    await press(page, 'Fill in the simulated account')
    const adding = dialog(page, 'Add an account')
    const key = adding.getByRole('textbox', { name: 'API key' })
    t.equal(await key.inputValue(), vendor.apiKey)
    await key.fill('0123456789-not-the-key')
    await adding.getByRole('button', { name: 'Test connection' }).click()
    await adding.getByRole('alert').getByText('Authorization failed').waitFor()
    await adding.getByRole('button', { name: 'Add an account' }).click()
    await adding.getByRole('alert').getByText('Authorization failed').waitFor()
    t.same(await list('/api/voximplant/accounts'), [], 'nothing is kept')
    await key.fill(vendor.apiKey)
    await adding.getByRole('button', { name: 'Test connection' }).click()
    await adding.getByText('The connection works').waitFor()
    await adding.getByText('€100.00').waitFor()
    const may = (what: string) => adding.getByRole('list', { name: what, exact: true })
    await may('Allowed').getByText('Read the call history').waitFor()
    await may('Known only once it is done').getByText('Place calls').waitFor()
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'voximplant-account-tested')
    await adding.getByRole('textbox', { name: 'Name' }).fill('Surgery')
    await adding.getByRole('button', { name: 'Add an account' }).click()
    await page.getByRole('heading', { name: 'Surgery' }).waitFor()
    const card = page.getByRole('list', { name: 'Accounts' }).getByRole('listitem').first()
    t.match(await card.innerText(), new RegExp(`${vendor.accountId}[^]*€100.00[^]*API key`))
    t.notMatch(await page.content(), vendor.apiKey, 'the key is not shown again')
    await heard(page, 'The account was added.')
    await press(page, 'Test the connection of Surgery')
    await card.getByText('The connection works').waitFor()
    await shoot(page, 'voximplant-setup')
  })

  t.test('an application is created from what the account has there', async (t) => {
    const tab = await open(t, '/voximplant/applications')
    const { page } = tab
    await page.getByText('No application yet').waitFor()
    await press(page, 'Create an application')
    const creating = dialog(page, 'Create an application')
    await creating.getByRole('textbox', { name: 'Name' }).fill('Reception')
    const application = creating.getByRole('combobox', { name: 'Application at Voximplant' })
    await creating.getByText(DEMO_APPLICATION).first().waitFor({ state: 'attached' })
    await application.selectOption({ index: 1 })
    await creating.getByRole('combobox', { name: 'Number' }).selectOption(number)
    await creating.getByRole('combobox', { name: 'Agent' }).click()
    await page.getByRole('listbox').getByRole('option').first().click()
    await creating.getByRole('radio', { name: 'Announced' }).check()
    await creating.getByRole('textbox', { name: 'Words of the announcement' }).fill('We record.')
    await tab.settled()
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'voximplant-application-form')
    await creating.getByRole('button', { name: 'Create an application' }).click()
    await page.getByRole('heading', { name: 'Reception' }).waitFor()
    await page.getByText('never pushed').waitFor()
    t.same(await axe(page), [])
    await shoot(page, 'voximplant-applications')
  })

  t.test('its scenario is read, copied, taken along', async (t) => {
    const tab = await open(t, '/voximplant/applications')
    const { page } = tab
    await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await press(page, 'Scenario of Reception')
    const shown = dialog(page, 'Scenario of Reception')
    const code = await shown.getByRole('region', { name: 'Code of the scenario' }).innerText()
    t.match(code, 'VoxEngine')
    await shown.getByText('VOICEGATE_KEY', { exact: true }).waitFor()
    await shown.getByText('/api/webhook/voximplant?application=vap_').waitFor()
    await shown.getByRole('button', { name: 'Copy' }).click()
    await shown.getByRole('button', { name: 'Copied' }).waitFor()
    t.equal((await page.evaluate<string>('navigator.clipboard.readText()')).trim(), code.trim())
    const coming = page.waitForEvent('download')
    await shown.getByRole('link', { name: 'Download' }).click()
    const file = await coming
    t.match(file.suggestedFilename(), /\.js$/)
    t.equal((await readFile(await file.path(), 'utf8')).trim(), code.trim())
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'voximplant-scenario')
  })

  t.test('it is pushed; changed, the diff says what; changed there, it is refused', async (t) => {
    const tab = await open(t, '/voximplant/applications')
    const { page } = tab
    await press(page, 'Push the scenario of Reception')
    const pushing = dialog(page, 'Push the scenario of Reception')
    await pushing.getByText('all of it is new').waitFor()
    await pushing.getByRole('button', { name: 'Push', exact: true }).click()
    await pushing.getByText('The scenario is at Voximplant.').waitFor()
    await pushing.getByRole('button', { name: 'Close' }).last().click()
    await page.getByText('pushed', { exact: true }).waitFor()

    await press(page, 'Edit Reception')
    const editing = dialog(page, 'Edit Reception')
    await editing.getByRole('textbox', { name: 'Words of the announcement' }).fill('We do record.')
    await editing.getByRole('button', { name: 'Save' }).click()
    await page.getByText('changed since the push').waitFor()
    await heard(page, 'The application was saved.')
    await press(page, 'Push the scenario of Reception')
    const diff = pushing.getByRole('region', { name: 'Changes of the code' })
    await diff.getByText('We do record.').waitFor()
    t.match(await diff.innerText(), /−\s*removed[^]*We record\.[^]*\+\s*added[^]*We do record\./)
    const folds = diff.getByRole('button', { name: /unchanged lines/ })
    const folded = await folds.count()
    t.ok(folded > 0, 'what stays is folded')
    await tab.settled()
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'voximplant-push-diff')
    await folds.first().click()
    t.equal(await folds.count(), folded - 1)

    // Somebody else is there meanwhile.
    tab.expectErrors(409)
    const [{ scenario_id: scenario } = { scenario_id: '' }] = await applications()
    await changeThere(Number(scenario))
    await pushing.getByRole('button', { name: 'Overwrite' }).click()
    await pushing.getByRole('button', { name: 'Look again' }).click()
    await diff.getByText('// theirs').waitFor()
    await pushing.getByRole('button', { name: 'Overwrite' }).click()
    await pushing.getByText('The scenario is at Voximplant.').waitFor()
    t.match(vendor.scriptOf(Number(scenario)), 'We do record.')
    await shoot(page, 'voximplant-pushed')
  })

  /** By the vendor's own API. */
  async function changeThere(scenario: number): Promise<void> {
    const query = new URLSearchParams({
      account_id: String(vendor.accountId),
      api_key: vendor.apiKey,
      scenario_id: String(scenario),
      scenario_script: '// theirs\n',
    })
    await fetch(`${vendor.baseUrl}/platform_api/SetScenarioInfo`, { method: 'POST', body: query })
  }

  t.test('a call is placed by it, and watched', async (t) => {
    const tab = await open(t, '/dial')
    const { page } = tab
    await page.getByRole('textbox', { name: 'Number', exact: true }).fill(CALLEE)
    // Not the menu's.
    await page
      .getByRole('region', { name: 'The call' })
      .getByText('Voximplant', { exact: true })
      .click()
    t.equal(
      await page.getByRole('combobox', { name: 'Application' }).evaluate((one) => {
        const { selectedOptions } = one as unknown as { selectedOptions: { text: string }[] }
        return selectedOptions[0]?.text
      }),
      'Reception',
    )
    await page.getByText('rings, by Voximplant.').waitFor()
    await tab.settled()
    t.same(await axe(page), [])
    await shoot(page, 'voximplant-dial')
    await page
      .getByRole('region', { name: 'The call' })
      .getByRole('button', { name: 'Call' })
      .click()
    await page.getByText(/^Over: /).waitFor({ timeout: WAIT_MS })
    await shoot(page, 'voximplant-dialled')
    await page.getByRole('link', { name: 'The call’s page' }).click()
    await page.getByRole('link', { name: 'Reception' }).waitFor()
    await tab.settled()
    await shoot(page, 'voximplant-call')
  })

  t.test('earlier calls are synchronised', async (t) => {
    // Then sound comes when somebody asks for it.
    const [{ application_id: id } = { application_id: '' }] = await applications()
    const change = { options: { recording: 'off' } }
    const path = `/api/voximplant/applications/${id}`
    t.equal((await system.api(path, { method: 'PATCH', body: JSON.stringify(change) })).status, 200)
    const tab = await open(t, '/voximplant/call-history')
    const { page } = tab
    await press(page, 'Sync calls')
    await page
      .getByText(/\d+ calls read: \d+ new, \d+ updated\./)
      .first()
      .waitFor({ timeout: WAIT_MS })
    await page.getByText('New calls appear by themselves.').waitFor()
    await eventually('a page of calls', WAIT_MS, async () => (await rowsOf(page).count()) === 25)
    await press(page, 'Last synchronisations')
    const syncs = page.getByRole('table', { name: 'Last synchronisations' })
    await syncs.getByText('done').first().waitFor()
    await tab.settled()
    t.same(await axe(page), [])
    await shoot(page, 'voximplant-history')
    await press(page, 'Older')
    await page.getByText('New calls appear on the first page.').waitFor()
    await press(page, 'Newer')
  })

  t.test('the words and the sound of calls', async (t) => {
    const tab = await open(t, '/voximplant/call-history?outcome=answered')
    const { page } = tab
    const ours = rowsOf(page).filter({ hasText: CALLEE })
    const others = rowsOf(page).filter({ hasNotText: CALLEE })
    await others
      .first()
      .getByRole('button', { name: /^Fetch the transcript/ })
      .click()
    await others
      .first()
      .getByText('The vendor has none for this call.')
      .waitFor({ timeout: WAIT_MS })
    await others
      .first()
      .getByRole('button', { name: /^Fetch the audio/ })
      .click()
    await others.first().locator('audio').waitFor({ timeout: WAIT_MS })
    t.equal(await others.first().locator('audio').getAttribute('preload'), 'none')
    const source = (await others.first().locator('audio').getAttribute('src')) ?? ''
    const part = await system.api(source, { headers: { range: 'bytes=0-99' } })
    t.equal(part.status, 206, 'players can seek')
    t.equal((await part.arrayBuffer()).byteLength, 100)
    await press(page, 'Sync transcripts & audio')
    await page
      .getByText(/\d+ transcripts and \d+ recordings fetched\./)
      .first()
      .waitFor({ timeout: WAIT_MS })
    await ours
      .first()
      .getByRole('button', { name: /^Read the transcript/ })
      .click({ timeout: WAIT_MS })
    const read = dialog(page, /^Transcript/)
    await read.getByRole('list', { name: 'Transcript' }).getByRole('listitem').first().waitFor()
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'voximplant-transcript')
    await read.getByRole('link', { name: 'To the call' }).click()
    await page.waitForURL(/\/calls\/call_/)
    await tab.settled()
  })

  t.test('filters stand in the address, numbers do not', async (t) => {
    const tab = await open(t, '/voximplant/call-history?outcome=declined')
    const { page } = tab
    await rowsOf(page).first().waitFor()
    for (const row of await rowsOf(page).allInnerTexts()) t.match(row, /declined/i)
    await press(page, 'Clear filters')
    await page.getByLabel('Number, or its end').fill(CALLEE)
    await eventually('one call', WAIT_MS, async () => {
      const texts = await rowsOf(page).allInnerTexts()
      return texts.length > 0 && texts.every((one) => one.includes(CALLEE))
    })
    t.notMatch(page.url(), CALLEE.slice(1))
    await page.getByLabel('To day').first().fill('2020-01-31')
    await page.getByText('No call matches').waitFor()
    t.match(page.url(), 'to=2020-01-31')
    const [{ application_id: id } = { application_id: '' }] = await applications()
    await tab.go('/calls?provider=voximplant')
    await page.getByRole('combobox', { name: 'Application' }).selectOption('Reception')
    await tab.settled()
    t.match(page.url(), `application_id=${id}`)
    t.ok((await page.getByRole('table').locator('tbody tr').count()) > 0)
  })

  t.test('statistics', async (t) => {
    const tab = await open(t, '/voximplant/statistics')
    const { page } = tab
    await page.getByRole('figure', { name: 'Calls by outcome per day' }).waitFor()
    await page.getByRole('figure', { name: /^Cost in EUR/ }).waitFor()
    const table = page.getByRole('table', { name: 'By application' })
    await table.getByRole('link', { name: 'Calls of Reception' }).waitFor()
    await tab.settled()
    t.same(await axe(page), [])
    await shoot(page, 'voximplant-statistics')
    const coming = page.waitForEvent('download')
    await press(page, 'Days as CSV')
    const lines = (await readFile(await (await coming).path(), 'utf8')).trim().split('\r\n')
    t.match(lines[0], /^\uFEFF?day,calls,.*,cost_minor_eur$/)
    t.match(lines.at(-1), /^\(total\),\d+/)
    await page.getByRole('combobox', { name: 'Application' }).selectOption('Reception')
    await tab.settled()
    t.match(page.url(), 'application_id=vap_')
    await page.getByText('Today', { exact: true }).click()
    await tab.settled()
    t.match(page.url(), 'range=today')
    await table.getByRole('link', { name: 'Calls of Reception' }).click()
    await page.getByRole('heading', { name: 'Voximplant: Call history' }).waitFor()
    await tab.settled()
  })

  t.test('all of it is taken away again', async (t) => {
    const { page } = await open(t, '/voximplant/setup')
    const removal = page.getByRole('button', { name: 'Remove Surgery' })
    t.equal(await removal.getAttribute('title'), 'Remove its applications first.')
    await page.getByRole('link', { name: 'Applications', exact: true }).click()
    await press(page, 'Remove Reception')
    await dialog(page, 'Remove').getByRole('textbox').fill('Reception')
    await dialog(page, 'Remove').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No application yet').waitFor()
    await page.getByRole('link', { name: 'Set-up', exact: true }).click()
    await removal.click()
    await dialog(page, 'Remove').getByRole('textbox').fill('Surgery')
    await dialog(page, 'Remove').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No account yet').waitFor()
    t.same(await list('/api/voximplant/accounts'), [])
  })
})
