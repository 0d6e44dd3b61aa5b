// The settings, walked: this node, keys, retention, erasing, audit log, jobs, secrets; what other roles are told instead.
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, signIn, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'
import { temporaryFolder } from '../support/process.ts'

// Real pages, one after the other; on a busy machine each takes its time.
t.setTimeout(150_000)

const NEEDS_ADMIN = 'Needs a key with the role admin.'
/** Tab → what is asked of the API for it. */
const FOR_ADMINS = {
  keys: 'keys',
  erasures: 'erasures',
  audit: 'audit',
  jobs: 'jobs',
  secrets: 'secrets',
} as const
const NUMBER = '+493023125151'

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })
const rowOf = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text })
/** Opens it and confirms; in the dialog the button has the short name. */
async function sure(page: Page, name: string | RegExp, short: string): Promise<void> {
  await button(page, name).click()
  await dialog(page, short).getByRole('button', { name: short, exact: true }).click()
}

t.test('settings', { ...needsBrowser(), timeout: 140_000 }, async (t) => {
  const dataDir = temporaryFolder(t, 'settings-walk')
  const settings = { DATA_DIR: dataDir, RETENTION_DAYS: 'audio=30,transcripts=90,events=365' }
  const system = await openSeededSystem(t, { signIn: true, staged: false, calls: 60, settings })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = (t: Test, path: string, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}${path}`, key: keys.admin, ...more })

  t.test('an operator and a viewer: what they may see, and why not the rest', async (t) => {
    for (const role of ['operator', 'viewer'] as const) {
      const tab = await open(t, '/settings', { key: keys[role] })
      const { page, context } = tab
      await page.getByText('SQLite, in DATA_DIR').waitFor()
      for (const [name, route] of Object.entries(FOR_ADMINS)) {
        await page.locator(`a[href="/settings/${name}"]`).click()
        await page.getByText(NEEDS_ADMIN, { exact: true }).waitFor()
        const answer = await context.request.get(`${url}/api/${route}`)
        t.equal(answer.status(), 403, `the API says no to the ${role}: ${route}`)
      }
      t.match(
        await page.evaluate<string>('document.activeElement.textContent'),
        /Secrets/,
        'the keyboard stays on the tab',
      )
      const refused = await context.request.post(`${url}/api/secrets/rotate`)
      t.equal(refused.status(), 403, 'nor may they encrypt anew')
      t.equal(await button(page, 'Encrypt all anew').count(), 0)
      t.notMatch(await page.locator('main').innerText(), /Secrets kept/, 'nothing of the secrets')
      await page.getByRole('link', { name: 'Retention' }).click()
      await page.getByText('30 days').waitFor()
      t.same(tab.problems(), [], 'and the page did not ask for what it may not have')
    }
  })

  t.test('more of the log for an hour, and back', async (t) => {
    const { page } = await open(t, '/settings')
    const level = page.getByLabel('Level', { exact: true })
    const configured = await level.inputValue()
    await page.getByText('as LOG_LEVEL says').waitFor()
    const other = configured === 'warn' ? 'info' : 'warn'
    await level.selectOption(other)
    await page.getByText(/until .*, then .* again/).waitFor()
    t.equal(await level.inputValue(), other)
    await level.selectOption(configured)
    await page.getByText('as LOG_LEVEL says').waitFor()
  })

  t.test('every tab: whole, narrow, accessible, in the longest words', async (t) => {
    const tab = await open(t, '/settings', { width: 390, locale: 'de-DE', colorScheme: 'dark' })
    const { page } = tab
    await page.getByText('SQLite, in DATA_DIR').waitFor()
    t.equal(await overflow(page), 0, 'node')
    for (const name of ['retention', ...Object.keys(FOR_ADMINS)]) {
      await page.locator(`a[href="/settings/${name}"]`).click()
      await tab.settled()
      t.equal(await overflow(page), 0, name)
      t.same(await axe(page), [], name)
    }
    tab.expectErrors(/ERR_FAILED/)
    await page.route('**/api/jobs?*', (route) => route.abort(), { times: 3 })
    await tab.go('/settings/jobs')
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Noch einmal', exact: true }).click()
    await page.getByText('Keiner ist geparkt').waitFor()
  })

  t.test('keys: made with limits, used, changed, renewed, revoked', async (t) => {
    const tab = await open(t, '/settings/keys')
    const { page } = tab
    const mine = rowOf(page, 'The admin')
    await mine.getByText('yours').waitFor()
    const renew = mine.getByRole('button', { name: /^New secret/ })
    t.ok(await renew.isDisabled(), 'one would be out before one could copy it')
    t.match(await renew.getAttribute('title'), /sign you out/)
    await shoot(page, 'keys')
    t.same(await axe(page), [])
    const secret = await makeKey(t, page)
    const call = (key: string) =>
      fetch(`${url}/api/calls`, { headers: { authorization: `Bearer ${key}` } })
    t.equal((await call(secret)).status, 200, 'it works')
    const row = rowOf(page, 'Reminders')
    t.match(await row.innerText(), /operator[^]*20 a day · \+49… · berlin/)
    t.notOk((await page.content()).includes(secret), 'and is shown no more')

    await row.getByRole('button', { name: 'Change Reminders' }).click()
    const form = dialog(page, 'Change Reminders')
    await form.getByLabel('viewer').check()
    await form.getByLabel('Name').fill('Looks on')
    await form.getByRole('button', { name: 'Save' }).click()
    const changed = rowOf(page, 'Looks on')
    await changed.getByText('does not dial').waitFor()
    await sure(page, 'New secret of Looks on', 'New secret')
    const shown = dialog(page, 'The key Looks on')
    const other = await shown.getByText(/^vg_/).innerText()
    await shown.getByRole('button', { name: 'Close' }).last().click()
    t.same([(await call(secret)).status, (await call(other)).status], [401, 200])
    await sure(page, 'Revoke Looks on', 'Revoke')
    await changed.getByText('revoked', { exact: true }).waitFor()
    t.equal((await call(other)).status, 401, 'out at once')
    t.equal(await changed.getByRole('button').count(), 0)
  })

  t.test('one’s own key revoked: one is out', async (t) => {
    const body = JSON.stringify({ role: 'admin', name: 'For an hour' })
    const made = await system.api('/api/keys', { method: 'POST', body })
    const { key } = (await made.json()) as { key: string }
    const tab = await open(t, '/', { key: undefined })
    const { page } = tab
    tab.expectErrors(401)
    await signIn(page, key)
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('link', { name: 'Keys and roles' }).click()
    await button(page, 'Revoke For an hour').click()
    const ask = dialog(page, 'Revoke')
    await ask.getByText('you are signed out at once').waitFor()
    await ask.getByRole('textbox').fill('For an hour')
    await ask.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByLabel('Key', { exact: true }).waitFor()
  })

  t.test('retention: what goes when', async (t) => {
    const { page } = await open(t, '/settings/retention')
    const kinds = page.getByRole('table')
    await kinds.getByText('365 days').waitFor()
    t.match(await kinds.innerText(), /Audio\s+30 days[^]*Transcripts\s+90 days/)
    await kinds
      .getByText(/calls that ended before/)
      .first()
      .waitFor()
    await page.getByText('RETENTION_DAYS=audio=30,transcripts=90,events=365').waitFor()
  })

  t.test('a number is erased: typed twice, followed to its receipt, downloaded', async (t) => {
    const tab = await open(t, '/settings/erasures')
    const { page } = tab
    const erase = button(page, 'Erase')
    t.ok(await erase.isDisabled())
    await page.getByRole('textbox', { name: 'Number', exact: true }).fill('+49 30 23125151')
    await page.getByLabel('The same number again').fill('+49 30 23125159')
    await page.getByLabel('Reason').fill('Asked by telephone')
    await page.getByText('The two are not the same.').waitFor()
    t.ok(await erase.isDisabled(), 'one digit is another one')
    await page.getByLabel('The same number again').fill(NUMBER)
    await page.getByText('What stays', { exact: true }).waitFor()
    await shoot(page, 'erase')
    await erase.click()
    const ask = dialog(page, 'Erase')
    await ask.getByText('This cannot be undone.').waitFor()
    await ask.getByRole('button', { name: 'Erase', exact: true }).click()
    await page.getByText('Receipt of an erasure').waitFor()
    await page.getByRole('status').getByText('done', { exact: true }).waitFor()
    await page.getByText('Overwritten: what was deleted').waitFor()
    await page.getByText('Asked by telephone').waitFor()
    t.same(await axe(page), [])
    await shoot(page, 'receipt')
    const seen = await page.evaluate<string>(
      `[location.href, document.title, JSON.stringify(history.state), ...Object.values(localStorage)].join(' ') + document.body.innerText`,
    )
    t.notMatch(seen.replaceAll(/\s/g, ''), /23125151/, 'the number is nowhere any more')
    const coming = page.waitForEvent('download')
    await button(page, 'Download (JSON)').click()
    const file = await coming
    t.match(file.suggestedFilename(), /^erasure_\w+\.json$/)
    const receipt: unknown = JSON.parse(readFileSync(await file.path(), 'utf8'))
    t.match(receipt, { state: 'done', reason: 'Asked by telephone', files_cleaned: true })
    await page.getByRole('link', { name: 'All erasures' }).click()
    await rowOf(page, 'Asked by letter').waitFor()
    await rowOf(page, 'Asked by telephone').getByRole('link').click()
    await page.getByText('Receipt of an erasure').waitFor()
  })

  t.test('the audit log: in sentences, by action, key and day', async (t) => {
    const tab = await open(t, '/settings/audit')
    const { page } = tab
    await rowOf(page, 'had a number erased').first().waitFor()
    await shoot(page, 'audit')
    await page.getByLabel('What').selectOption({ label: 'revoked a key' })
    await rowOf(page, /revoked a key.*No longer used/).waitFor()
    await rowOf(page, 'signed in').first().waitFor({ state: 'detached' })
    await page.getByLabel('Who').selectOption({ label: 'The viewer' })
    await page.getByText('No change matches').waitFor()
    await button(page, 'Clear filters').click()
    await rowOf(page, 'signed in').first().waitFor()
    await page.getByLabel('To day').fill('2020-01-01')
    await page.getByText('No change matches').waitFor()
    await page.getByLabel('To day').fill('')
    await page.getByLabel('What').selectOption({ label: 'had a number erased' })
    await page.getByRole('row').getByRole('link').first().click()
    await page.getByText('Receipt of an erasure').waitFor()
  })

  t.test('jobs: one that is parked is tried again, one that waits is given up; live', async (t) => {
    const tab = await open(t, '/settings/jobs')
    const { page } = tab
    await page.getByText('Nothing needs a decision.').waitFor()
    await page.locator('label').getByText('Waiting', { exact: true }).click()
    const sweep = rowOf(page, 'retention.sweep')
    await sweep.getByText('deletes what is over its time').waitFor()
    t.same(await axe(page), [])
    await shoot(page, 'jobs')
    park(join(dataDir, 'rehearsal', 'voicegate.sqlite'))
    await tab.go('/settings/jobs')
    await sweep.getByText('the disk was full').waitFor()
    await button(page, /^Retry: /).click()
    await page.getByText('The job runs again.').waitFor()
    await page.getByText('None is parked').waitFor()
    await page.locator('label').getByText('Waiting', { exact: true }).click()
    await sweep.waitFor()
    await button(page, /^Give up: deletes what is over/).click()
    const ask = dialog(page, 'Give up')
    await ask.getByText('What is over its time is kept until the next start.').waitFor()
    await ask.getByRole('button', { name: 'Give up', exact: true }).click()
    await sweep.waitFor({ state: 'detached' })
  })

  t.test('secrets: examined and encrypted anew, never shown', async (t) => {
    const { page } = await open(t, '/settings/secrets')
    await page.getByText('Every secret opens with the keys that are set.').waitFor()
    await rowOf(page, 'encrypts what is new').getByText('3', { exact: true }).waitFor()
    await button(page, 'Examine again').click()
    await sure(page, 'Encrypt all anew', 'Encrypt all anew')
    await page.getByText('All of them are encrypted by the first key already.').waitFor()
    t.notMatch(await page.locator('main').innerText(), /whsec_/)
    t.same(await axe(page), [])
  })
})

/** @returns the secret, as it was shown */
async function makeKey(t: Test, page: Page): Promise<string> {
  await button(page, 'Make a key').click()
  const form = dialog(page, 'Make a key')
  await form.getByLabel('Name').fill('Reminders')
  await form.getByLabel('operator').check()
  await form.getByLabel('Ends').selectOption({ label: 'after 90 days' })
  await form.getByLabel('Limit what it may dial').check()
  await form.getByLabel('Calls a day').fill('many')
  await form.getByText('This is no such number.').waitFor()
  const make = form.getByRole('button', { name: 'Make a key', exact: true })
  t.ok(await make.isDisabled())
  await form.getByLabel('Calls a day').fill('20')
  await form.getByLabel('Numbers that begin with').fill('+49')
  await form.getByLabel('berlin').check()
  t.same(await axe(page, '[role=dialog]'), [])
  await make.click()
  const shown = dialog(page, 'The key Reminders')
  const secret = await shown.getByText(/^vg_/).innerText()
  await shown.getByRole('button', { name: 'Close' }).last().click()
  await shown.waitFor({ state: 'hidden' })
  return secret
}

/** As too many failed runs would. */
function park(file: string): void {
  const database = new DatabaseSync(file, { timeout: 5000 })
  database
    .prepare(`UPDATE jobs SET state = 'parked', last_error = ? WHERE kind = 'retention.sweep'`)
    .run('the disk was full')
  database.close()
}
