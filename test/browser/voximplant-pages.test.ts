// The pages of Voximplant beside the walk: key files, accounts changed, who may do what, what is shown when nothing comes,
// while something runs, narrow and dark, in other languages.
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededVoximplant } from '../support/browser/seeded-voximplant.ts'
import { shoot } from '../support/browser/shoot.ts'

// Real pages, one after the other; on a busy machine each takes its time.
t.setTimeout(300_000)

const WAIT_MS = 30_000
const DAY_MS = 86_400_000
const NEEDS_ADMIN = 'Needs a key with the role admin.'
const NEEDS_OPERATOR = 'Needs a key with the role operator.'

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

t.test('the pages of voximplant', { ...needsBrowser(), timeout: 290_000 }, async (t) => {
  const { system, vendor, applicationId, number } = await openSeededVoximplant(t, { signIn: true })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = (t: Test, path: string, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}${path}`, key: keys.admin, ...more })
  const list = async <T>(path: string): Promise<readonly T[]> =>
    ((await (await system.api(path)).json()) as { items: T[] }).items
  const applications = () => list<{ application_id: string }>('/api/voximplant/applications')
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await system.api(path, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }
  const account = await post('/api/voximplant/accounts', {
    account_name: 'Surgery',
    account_id: String(vendor.accountId),
    api_key: vendor.apiKey,
  })
  const application = await post('/api/voximplant/applications', {
    account: account['account_id'],
    application_name: 'Reception',
    elevenlabs_agent_id: 'agent_rehearsal',
    voximplant_application_id: String(applicationId),
    phone_number: number,
  })
  await post(`/api/voximplant/applications/${String(application['application_id'])}/sync`, {
    from_date: new Date(Date.now() - 7 * DAY_MS).toISOString(),
    to_date: new Date().toISOString(),
  })

  t.test('a key file: read in the browser, whatever is wrong with it is said', async (t) => {
    const { page } = await open(t, '/voximplant/setup')
    await press(page, 'Add an account')
    const adding = dialog(page, 'Add an account')
    await adding.getByRole('radio', { name: 'Service account' }).check()
    const text = adding.getByRole('textbox', { name: 'Key file of the service account' })
    await text.fill('{"account_email": "a@b"}')
    await adding.getByText('account_id, key_id, private_key is missing').waitFor()
    await text.fill('private key')
    await adding.getByText('This is no JSON').waitFor()
    await adding.locator('input[type=file]').setInputFiles({
      name: 'key_private.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(vendor.serviceAccountKey)),
    })
    await adding.getByText(`of account ${vendor.accountId}`).waitFor()
    t.equal(
      await adding.getByRole('textbox', { name: 'Account number' }).inputValue(),
      String(vendor.accountId),
    )
    await adding.getByRole('button', { name: 'Test connection' }).click()
    await adding.getByText('The connection works').waitFor()
    t.same(await axe(page), [])
    await adding.getByRole('button', { name: 'Cancel' }).click()
  })

  t.test('edited, switched off, and on again', async (t) => {
    const { page } = await open(t, '/voximplant/setup')
    await press(page, 'Edit Surgery')
    const editing = dialog(page, 'Edit Surgery')
    t.ok(await editing.getByRole('button', { name: 'Save' }).isDisabled(), 'nothing is changed')
    await editing.getByRole('textbox', { name: 'Name' }).fill('The surgery')
    await editing.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'The surgery' }).waitFor()
    await heard(page, 'The account was saved.')
    await press(page, 'Deactivate The surgery')
    await dialog(page, 'Deactivate').getByRole('button', { name: 'Deactivate' }).click()
    await page.getByText('deactivated', { exact: true }).waitFor()
    await heard(page, 'The account is deactivated.')
    await press(page, 'Activate The surgery')
    await page.getByText('active', { exact: true }).waitFor()
  })

  t.test('who may what', async (t) => {
    const viewer = await open(t, '/voximplant/call-history', { key: keys.viewer })
    await rowsOf(viewer.page).first().waitFor()
    const sync = viewer.page.getByRole('button', { name: 'Sync calls' })
    t.ok(await sync.isDisabled())
    t.equal(await sync.getAttribute('title'), NEEDS_OPERATOR)
    for (const key of ['viewer', 'operator'] as const) {
      const tab = await open(t, '/voximplant/setup', { key: keys[key] })
      const { page } = tab
      await page.getByRole('heading', { name: 'The surgery' }).waitFor()
      for (const name of [
        'Add an account',
        'Test the connection of The surgery',
        'Remove The surgery',
      ])
        t.equal(await page.getByRole('button', { name }).getAttribute('title'), NEEDS_ADMIN, name)
      await tab.go('/voximplant/applications')
      t.ok(await page.getByRole('button', { name: 'Push the scenario of Reception' }).isDisabled())
      await press(page, 'Scenario of Reception')
      await dialog(page, 'Scenario of Reception').getByText('VoxEngine').first().waitFor()
    }
  })

  t.test('loading, failing; narrow and dark, in other languages', async (t) => {
    const tab = await open(t, '/voximplant/setup')
    const { page } = tab
    tab.expectErrors(500)
    await page.route('**/api/voximplant/applications', (route) => route.fulfill({ status: 500 }))
    await page.getByRole('link', { name: 'Call history', exact: true }).click()
    await page.getByRole('alert').getByText('The server answered 500.').waitFor()
    await page.unroute('**/api/voximplant/applications')
    await press(page, 'Try again')
    await rowsOf(page).first().waitFor()
    await progressIsShown(t, page)
    t.same(await axe(page), [])
    await shoot(page, 'voximplant-sync-running')
    for (const [locale, colorScheme] of [
      ['ru-RU', 'dark'],
      ['de-DE', 'light'],
    ] as const) {
      const narrow = await open(t, '/voximplant/setup', { width: 390, colorScheme, locale })
      for (const name of ['setup', 'applications', 'call-history', 'statistics']) {
        await narrow.visit(`/voximplant/${name}`)
        await narrow.page.getByRole('main').getByRole('list').first().waitFor()
        t.equal(await overflow(narrow.page), 0, `${name} ${locale}`)
        // German is what Russian is, with other words; light colours are seen wide by voximplant.test.ts.
        if (locale === 'ru-RU') t.same(await axe(narrow.page), [], name)
        await shoot(narrow.page, `voximplant-${name}-390-${locale}`)
      }
      await narrow.close()
    }
  })

  /** Of one that takes long; stopping it asks first. */
  async function progressIsShown(t: Test, page: Page): Promise<void> {
    const [{ application_id: id } = { application_id: '' }] = await applications()
    const path = `/api/voximplant/applications/${id}/syncs`
    const [last] = await list<object>(path)
    const running = {
      ...last,
      sync_id: 'vsy_1',
      state: 'running',
      progress: 0.4,
      finished_at: null,
    }
    const body = JSON.stringify({ items: [running], next_cursor: null })
    await page.route(`**${path}`, (route) =>
      route.fulfill({ contentType: 'application/json', body }),
    )
    await page.route(`**${path}/vsy_1/cancel`, (route) =>
      route.fulfill({ contentType: 'application/json', body: JSON.stringify(running) }),
    )
    await page.reload()
    const bar = page.getByRole('progressbar')
    await bar.waitFor({ timeout: WAIT_MS })
    t.equal(await bar.getAttribute('aria-valuenow'), '40')
    t.ok(await page.getByRole('button', { name: 'Sync calls' }).isDisabled(), 'one at a time')
    await press(page, /^Stop: /)
    const asked = page.waitForRequest(`**${path}/vsy_1/cancel`)
    await dialog(page, 'Stop').getByRole('button', { name: 'Stop' }).click()
    await asked
    await dialog(page, 'Stop').waitFor({ state: 'hidden' })
  }
})
