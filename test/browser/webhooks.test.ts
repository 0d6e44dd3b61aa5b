// The pages of webhooks, walked: who may see them, adding, testing, changing, sending again, deleting, all of it live.
import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'
import { eventually } from '../support/process.ts'
import { WebhookReceiver, type Received } from '../support/webhook-receiver.ts'

// Real pages, one after the other; on a busy machine each takes its time.
t.setTimeout(150_000)

const WAIT_MS = 10_000
const TOKEN = 'token-of-the-receiver-42'
const NEEDS_ADMIN = 'Needs a key with the role admin.'

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })
/** In the dialog, whose button has the name of the one that opened it. */
const confirm = (page: Page, name: string): Promise<void> =>
  dialog(page, name).getByRole('button', { name, exact: true }).click()
/** What is told on top lies over buttons for some seconds. */
async function heard(page: Page, words: string): Promise<void> {
  const told = page.getByRole('alert').filter({ hasText: words })
  await told.getByRole('button').click()
  await told.waitFor({ state: 'hidden' })
}
/** Opens it and confirms. */
async function pressTwice(page: Page, name: string): Promise<void> {
  await press(page, name)
  await confirm(page, name)
}

/** Standard Webhooks 1.0, by hand. */
function isSignedBy(secret: string, { headers, text }: Received): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id'] ?? ''}.${headers['webhook-timestamp'] ?? ''}.${text}`
  const right = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return (headers['webhook-signature'] ?? '').split(' ').includes(right)
}

t.test('webhooks', { ...needsBrowser(), timeout: 140_000 }, async (t) => {
  const system = await openSeededSystem(t, { signIn: true, staged: false, calls: 20 })
  const { url, keys, webhooks } = system
  const browser = await openBrowser(t)
  const receiver = await WebhookReceiver.listen(t)
  const open = (t: Test, path: string, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}${path}`, key: keys.admin, ...more })

  t.test('a viewer and an operator are told why there is nothing', async (t) => {
    for (const role of ['viewer', 'operator'] as const) {
      const tab = await open(t, '/webhooks', { key: keys[role] })
      const { page, context } = tab
      await page.getByText(NEEDS_ADMIN, { exact: true }).waitFor()
      const add = page.getByRole('button', { name: 'Add an endpoint' })
      t.ok(await add.isDisabled(), `${role} cannot add one`)
      t.equal(await add.getAttribute('title'), NEEDS_ADMIN)
      if (role === 'viewer') t.same(await axe(page), [])
      await tab.go(`/webhooks/${webhooks.taken}`)
      await page.getByText(NEEDS_ADMIN, { exact: true }).waitFor()
      t.notMatch(await page.locator('main').innerText(), /127\.0\.0\.1/, 'no address is shown')
      const answer = await context.request.get(`${url}/api/webhooks`)
      t.equal(answer.status(), 403, `the API says no to the ${role}, too`)
      t.same(tab.problems(), [], 'and the page did not ask')
    }
  })

  t.test('the list: loading, failing, empty, filled; narrow, in other languages', async (t) => {
    const tab = await open(t, '/webhooks', { width: 390, locale: 'de-DE' })
    const { page } = tab
    await page.getByText('Out of order').waitFor()
    t.equal(await overflow(page), 0)
    t.same(await axe(page), [])
    const wide = await open(t, '/webhooks')
    const rows = wide.page.getByRole('table', { name: 'Webhook endpoints' }).getByRole('row')
    await rows.nth(3).getByText('Switched off').waitFor()
    t.equal(await rows.count(), 4)
    t.match(await rows.nth(3).innerText(), /Switched off[^]*call\.ended[^]*OFF/i)
    t.same(await axe(wide.page), [])
    await shoot(wide.page, 'webhooks')
    wide.expectErrors(503, /ERR_FAILED/)
    await wide.page.route('**/api/webhooks', (route) => route.abort())
    await wide.go('/webhooks')
    await wide.page.getByRole('alert').getByText('cannot be reached').waitFor()
    await wide.page.unroute('**/api/webhooks')
    const none = JSON.stringify({ items: [], next_cursor: null })
    await wide.page.route('**/api/webhooks', (route) =>
      route.fulfill({ contentType: 'application/json', body: none }),
    )
    await press(wide.page, 'Try again')
    await wide.page.getByText('Nobody is told yet').waitFor()
  })

  t.test('one is added, after two refused addresses; its secret is shown once', async (t) => {
    const tab = await open(t, '/webhooks')
    const { page } = tab
    tab.expectErrors(422)
    await press(page, 'Add an endpoint')
    const form = dialog(page, 'Add an endpoint')
    await press(page, 'Which addresses may be called?')
    await form.getByText('redirects are not followed').waitFor()
    t.same(await axe(page, '[role=dialog]'), [])
    const send = form.getByRole('button', { name: 'Add an endpoint', exact: true })
    t.ok(await send.isDisabled(), 'not without an address')
    await form.getByLabel('Address').fill('http://example.com/hook')
    await send.click()
    await form.getByRole('alert').getByText('must begin with https://').waitFor()
    await form.getByLabel('Address').fill('https://10.1.2.3/hook')
    await send.click()
    await form.getByRole('alert').getByText('WEBHOOK_ALLOW_HOSTS').waitFor()
    await form.getByLabel('call.ended').uncheck()
    await form.getByLabel('transcript.ready').uncheck()
    t.ok(await send.isDisabled(), 'nor without an event')
    await form.getByLabel('Everything, kinds to come too').check()
    await form.getByLabel('Address').fill(`${receiver.url('/hook')}?token=${TOKEN}`)
    await form.getByLabel('What it is for').fill('Added by hand')
    await send.click()
    const shown = dialog(page, /^The signing secret of/)
    const secret = await shown.getByText(/^whsec_/).innerText()
    await shown.getByText('webhook.verify(rawBody').waitFor()
    t.same(await axe(page, '[role=dialog]'), [])
    await page.keyboard.press('Escape')
    t.ok(await shown.isVisible(), 'a stray key does not lose it')
    await shown.getByRole('button', { name: 'Close' }).last().click()
    await shown.waitFor({ state: 'hidden' })
    const row = page.getByRole('row').filter({ hasText: 'Added by hand' })
    await row.getByText('nothing yet').waitFor()
    t.match(await row.innerText(), /\/hook\?token=…/)
    const content = await page.content()
    t.notOk(content.includes(secret) || content.includes(TOKEN), 'neither secret nor token stay')

    await row.getByRole('link').click()
    await press(page, 'Send a test')
    await page.getByText('The test was taken: answered 200.').waitFor()
    const [test] = receiver.received
    t.equal(test?.body.type, 'webhook.test')
    t.ok(test && isSignedBy(secret, test), 'signed with the secret that was shown')
    t.notMatch(await page.title(), TOKEN)
  })

  t.test(
    'what is delivered appears by itself; it is sent again; the secret is renewed',
    async (t) => {
      const added = await endpointAt((path) => system.api(path), '/hook')
      const tab = await open(t, `/webhooks/${added}`)
      const { page } = tab
      const rows = page.getByRole('table').getByRole('row')
      const callId = await system.control.secondCall()
      const answered = rows.filter({ hasText: 'call.answered' })
      await answered.getByText('taken', { exact: true }).waitFor()
      t.equal(
        await answered.getByRole('link').getAttribute('href'),
        `/calls/${callId}`,
        'each leads to its call',
      )
      await system.control.hangUp(callId)
      await rows.filter({ hasText: 'call.ended' }).getByText('taken', { exact: true }).waitFor()
      await shoot(page, 'webhook')
      t.same(await axe(page), [])
      const sent = (): Received[] =>
        receiver.received.filter((one) => one.body.type === 'call.answered')
      await answered.getByRole('button', { name: /^Send again: call\.answered/ }).click()
      await confirm(page, 'Send again')
      await eventually('it comes a second time', WAIT_MS, () => Promise.resolve(sent().length > 1))
      t.equal(new Set(sent().map((one) => one.body.id)).size, 1, 'under the same id')

      await pressTwice(page, 'New secret')
      const shown = dialog(page, /^The signing secret of/)
      const secret = await shown.getByText(/^whsec_/).innerText()
      await shown.getByRole('button', { name: 'Close' }).last().click()
      await page.getByText('The former secret signs too until').waitFor()
      const before = receiver.received.length
      await press(page, 'Send a test')
      await page.getByText('The test was taken').waitFor()
      t.ok(receiver.received.slice(before).some((one) => isSignedBy(secret, one)))

      await press(page, 'Send again since …')
      const since = dialog(page, 'Send again since …')
      await since.getByText('Choose a moment in the past first.').waitFor()
      t.ok(await since.getByRole('button', { name: 'Send again', exact: true }).isDisabled())
      await since.getByLabel('Since').fill('2026-01-01T00:00')
      await since.getByText('a second time, under the same id').waitFor()
      const count = sent().length
      await since.getByRole('button', { name: 'Send again', exact: true }).click()
      await eventually('all of it again', WAIT_MS, () => Promise.resolve(sent().length > count))
    },
  )

  t.test('it is changed, switched off and on, and deleted by its name', async (t) => {
    const added = await endpointAt((path) => system.api(path), '/hook')
    const tab = await open(t, `/webhooks/${added}`)
    const { page } = tab
    await press(page, 'Change')
    const form = dialog(page, 'Change')
    t.equal(await form.getByLabel('Address').inputValue(), '', 'its address is not in the box')
    await form.getByLabel('What it is for').fill('Changed by hand')
    await form.getByLabel('Chosen events').check()
    await form.getByLabel('recording.ready').check()
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Changed by hand').waitFor()
    await heard(page, 'The endpoint was changed.')
    await page.locator('dd').getByText('recording.ready').waitFor()
    const now = (await (await system.api(`/api/webhooks/${added}`)).json()) as { url: string }
    t.match(now.url, TOKEN, 'and stays as it was')

    await pressTwice(page, 'Switch off')
    await page.getByText('It is switched off').waitFor()
    await heard(page, 'The endpoint is off.')
    for (const name of ['Send a test', 'Send again since …']) {
      const button = page.getByRole('button', { name, exact: true })
      t.ok(await button.isDisabled())
      t.match(await button.getAttribute('title'), /switch it on first/)
    }
    await press(page, 'Switch on')
    await heard(page, 'The endpoint is on.')
    await page.getByRole('button', { name: 'Switch off' }).waitFor()

    await press(page, 'Delete')
    const sure = dialog(page, 'Delete')
    const really = sure.getByRole('button', { name: 'Delete', exact: true })
    t.ok(await really.isDisabled())
    await sure.getByRole('textbox').fill(new URL(receiver.url('/')).host)
    await really.click()
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
    await tab.settled()
    t.equal(await page.getByText('Changed by hand').count(), 0)
    tab.expectErrors(404)
    await tab.go(`/webhooks/${added}`)
    await page.getByRole('alert').waitFor()
  })

  t.test('a receiver that fails: why, given up, sent again', async (t) => {
    const tab = await open(t, `/webhooks/${webhooks.failing}`)
    const { page } = tab
    await press(page, 'Send a test')
    await page.getByText('The test was not taken: answered 500.').waitFor()
    await page.getByRole('button', { name: 'Close' }).first().click()
    await page.locator('label').getByText('Given up', { exact: true }).click()
    const row = page.getByRole('row').filter({ hasText: 'webhook.test' })
    t.match(await row.innerText(), /given up[^]*answered 500[^]*not tried again/i)
    await press(page, 'Send all given up again')
    await dialog(page, 'Send all given up again')
      .getByText('1 delivery that was given up is sent again')
      .waitFor()
    await confirm(page, 'Send all given up again')
    await page.getByText('1 delivery waits again.').waitFor()
    await page.locator('label').getByText('Waiting', { exact: true }).click()
    await page
      .getByRole('row')
      .filter({ hasText: 'call.ended' })
      .getByText(/next try/)
      .waitFor()
    await page.getByText(/in a row, since/).waitFor()
  })
})

type Api = (path: string) => Promise<Response>

async function endpointAt(api: Api, path: string): Promise<string> {
  const { items } = (await (await api('/api/webhooks')).json()) as {
    items: { endpoint_id: string; url: string }[]
  }
  return items.find((one) => new URL(one.url).pathname === path)?.endpoint_id ?? ''
}
