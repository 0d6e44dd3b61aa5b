// Orders, walked: the list narrowed, paged and live; one changed, taken back, changed by two at once; their statistics.
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'

// Real pages, one after the other; on a busy machine each takes its time.
t.setTimeout(150_000)

/** Named on several calls of the past, and changed by staff. */
const ORDER = '4724'
const NEEDS_OPERATOR = 'Needs a key with the role operator.'

interface Order {
  readonly order_id: string
  readonly status: string
  readonly notes: string | null
}

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()
const statusOf = (page: Page) => page.getByRole('combobox', { name: 'Status', exact: true })
const notesOf = (page: Page) => page.getByRole('textbox', { name: 'Notes', exact: true })
const rowsOf = (page: Page) => page.getByRole('table', { name: 'Orders' }).locator('tbody tr')

t.test('orders', { ...needsBrowser(), timeout: 140_000 }, async (t) => {
  const system = await openSeededSystem(t, { signIn: true, staged: false, calls: 60 })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = (t: Test, path: string, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}${path}`, key: keys.operator, ...more })
  const orders = async (query: string): Promise<readonly Order[]> =>
    ((await (await system.api(`/api/orders${query}`)).json()) as { items: Order[] }).items
  const [seeded] = await orders(`?order_number=${ORDER}`)
  if (!seeded) throw new Error('The order is not among those of the past.')
  const path = `/orders/${seeded.order_id}`
  const change = (body: object) =>
    system.api(`/api${path}/status`, { method: 'POST', body: JSON.stringify(body) })

  t.test('the list: narrowed by number, status and days, paged', async (t) => {
    const tab = await open(t, '/orders')
    const { page } = tab
    await page.getByText('New orders appear by themselves.').waitFor()
    t.equal(await rowsOf(page).count(), 50)
    t.same(await axe(page), [])
    await shoot(page, 'orders')
    await press(page, 'Older')
    await page.getByText('New orders appear on the first page.').waitFor()
    t.match(await rowsOf(page).last().innerText(), /2024-100\s*COMPLETED\s*none kept/i)
    await press(page, 'Newer')
    await page.getByLabel('Order number, or its end').fill(` ${ORDER} `)
    await page.getByLabel('Order number, or its end').press('Enter')
    await tab.settled()
    t.equal(await rowsOf(page).count(), 1)
    t.notMatch(page.url(), ORDER, 'the number is not in the address')
    await rowsOf(page).getByRole('link', { name: ORDER, exact: true }).click()
    await page.getByRole('heading', { name: `Order ${ORDER}` }).waitFor()
    t.notMatch(await page.title(), ORDER, 'nor in the title')
    await page.goBack()
    await page.getByText('New orders appear by themselves.').waitFor()
    t.match(await page.getByLabel('Order number, or its end').inputValue(), ORDER)
    await press(page, 'Clear filters')
    await statusOf(page).selectOption('canceled')
    await tab.settled()
    t.match(page.url(), '?status=canceled')
    const canceled = await orders('?status=canceled')
    t.equal(await rowsOf(page).count(), canceled.length)
    await page.getByLabel('To day').fill('2020-01-31')
    await page.getByText('No order matches').waitFor()
    t.match(page.url(), 'to=2020-01-31')
    await page.getByRole('status').getByRole('button', { name: 'Clear filters' }).click()
    await page
      .getByRole('link', { name: /^The call that named order/ })
      .first()
      .click()
    await page.waitForURL(/\/calls\/call_/)
    await tab.settled()
  })

  t.test('loading, failing, empty; narrow, in other languages', async (t) => {
    for (const [at, locale] of [
      ['/orders', 'ru-RU'],
      [path, 'de-DE'],
    ] as const) {
      const { page } = await open(t, at, { width: 390, colorScheme: 'dark', locale })
      await page.getByRole('list').first().waitFor()
      t.equal(await overflow(page), 0)
      t.same(await axe(page), [])
    }
    const tab = await open(t, '/')
    const { page } = tab
    tab.expectErrors(500)
    await page.route('**/api/orders?*', (route) => route.fulfill({ status: 500 }))
    await page.getByRole('link', { name: 'Orders', exact: true }).click()
    await page.getByRole('alert').getByText('The server answered 500.').waitFor()
    await page.unroute('**/api/orders?*')
    const none = JSON.stringify({ items: [], next_cursor: null })
    await page.route('**/api/orders?*', (route) =>
      route.fulfill({ contentType: 'application/json', body: none }),
    )
    await press(page, 'Try again')
    await page.getByText('No orders yet').waitFor()
    await page.getByText('enters an order number by keypad').waitFor()
    tab.expectErrors(404)
    await tab.go('/orders/order_of_nobody')
    await page.getByText('There is no such order').waitFor()
    t.same(await axe(page), [])
  })

  t.test('one is changed, and taken back; the list of another tab follows', async (t) => {
    await change({ status: 'confirmed', notes: null })
    const list = await open(t, '/orders', { key: keys.viewer })
    const row = rowsOf(list.page).filter({ hasText: ORDER })
    const { page } = await open(t, path)
    t.same(await axe(page), [])
    await shoot(page, 'order')
    const save = page.getByRole('button', { name: 'Save', exact: true })
    t.ok(await save.isDisabled(), 'nothing is changed yet')
    await statusOf(page).selectOption('in_progress')
    await press(page, 'Discard')
    t.equal(await statusOf(page).inputValue(), 'confirmed')
    await statusOf(page).selectOption('in_progress')
    await notesOf(page).fill('Called back, goes out on Monday')
    await save.click()
    await page.getByText('The order is saved.').waitFor()
    const history = page.getByRole('table', { name: 'History' }).locator('tbody tr')
    await history.first().getByText('Called back, goes out on Monday').waitFor()
    t.match(await history.first().innerText(), /Notes \w+[^]*You/)
    t.match(await history.nth(1).innerText(), /→\s*IN PROGRESS[^]*You/i)
    t.match(await history.last().innerText(), /Named and confirmed by keypad\s*Caller/)
    await row.getByText('in progress').waitFor()
    await row.getByText('Called back, goes out on Monday').waitFor()
    await press(page, /^Undo: back to/)
    await page.getByText('The status is the earlier one again.').waitFor()
    t.match(await orders(`?order_number=${ORDER}`), [{ status: 'confirmed' }])
    await press(page, 'Undo: back to “in progress”')
    await history.first().getByText('in progress').waitFor()
    const calls = page.getByRole('list', { name: 'Calls that named it' })
    t.ok((await calls.getByRole('listitem').count()) > 1)
    await calls.getByRole('link').first().click()
    await page.waitForURL(/\/calls\/call_/)
  })

  t.test('two change it at once: neither loses what they did', async (t) => {
    await change({ status: 'confirmed', notes: null })
    const tab = await open(t, path)
    const { page } = tab
    const meanwhile = page.getByRole('alert').filter({ hasText: 'Somebody else changed this' })
    await notesOf(page).fill('Mine')
    await change({ status: 'problem', notes: 'Theirs' })
    await meanwhile.getByText('Notes: Theirs').waitFor()
    await meanwhile.getByText('problem').waitFor()
    t.ok(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled())
    t.same(await axe(page), [])
    await press(page, 'Discard mine')
    t.equal(await notesOf(page).inputValue(), 'Theirs')

    // Of a tab that is told nothing: the server refuses, and says what there is by now.
    tab.expectErrors(409)
    await notesOf(page).fill('Mine after all')
    await page.route(
      `**/api${path}/status`,
      async (route) => {
        await change({ status: 'completed' })
        await route.continue()
      },
      { times: 1 },
    )
    const refused = page.waitForResponse(`**/api${path}/status`)
    await press(page, 'Save')
    t.equal((await refused).status(), 409)
    await meanwhile.getByText('completed').waitFor()
    await shoot(page, 'order-changed-meanwhile')
    await press(page, 'Keep my change')
    t.equal(await statusOf(page).inputValue(), 'completed', 'theirs, not touched here')
    await press(page, 'Save')
    await page.getByText('The order is saved.').waitFor()
    const [saved] = await orders(`?order_number=${ORDER}`)
    t.match(saved, { status: 'completed', notes: 'Mine after all' })
  })

  t.test(
    'a viewer sees why nothing can be changed; an administrator, whose key it was',
    async (t) => {
      const tab = await open(t, path, { key: keys.viewer })
      const { page } = tab
      await page.getByText(NEEDS_OPERATOR, { exact: true }).waitFor()
      t.ok(await statusOf(page).isDisabled())
      t.ok(await notesOf(page).isDisabled())
      t.ok(await page.getByRole('button', { name: /^Undo/ }).isDisabled())
      await tab.go('/orders')
      await rowsOf(page).first().waitFor()
      t.equal(await rowsOf(page).count(), 50)
      const admin = await open(t, path, { key: keys.admin })
      await admin.page.getByText('The operator').first().waitFor()
    },
  )

  t.test('the statistics of orders and consent', async (t) => {
    const tab = await open(t, '/statistics?range=90d')
    const { page } = tab
    const section = page.getByRole('region', { name: 'Orders and consent by keypad' })
    await section.getByRole('figure', { name: 'Orders confirmed per day' }).waitFor()
    await section.getByRole('figure', { name: 'Answers on recording per day' }).waitFor()
    await tab.settled()
    t.same(await axe(page), [])
    t.match(await section.innerText(), /19 of 20 calls: at most/)
    const [first] = await section.getByRole('table').getByRole('link').all()
    await first?.click()
    await page.getByRole('heading', { name: /^Order 47/ }).waitFor()
  })
})
