// The shell around all pages, walked: who may come in and is out again, what stays behind, keyboard, languages, looks, a
// server that is away, a page that breaks.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { consolePlaces } from '../../scripts/console/places.ts'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, signIn, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { eventually } from '../support/process.ts'

const PAGE_LIST = join(consolePlaces().dist, 'pages.json')
const LOOK = 'document.documentElement.dataset.mantineColorScheme'
/** The walks of the other pages look at them themselves. */
const SAMPLED = ['/', '/calls', '/trunks', '/rehearsal', '/settings']
const SIGN_IN_TITLE = 'Sign in · voicegate'
const OUT_MS = 5000
/** What the browser itself says of answers that a walk provokes. */
const UNREACHABLE =
  /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_FAILED|WebSocket connection/

const OUT = [401, UNREACHABLE] as const

const problem = (status: number, code: string, detail: string) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ type: 'about:blank', title: code, status, code, detail }),
})
const kept = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, location.href, document.title])`,
  )
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `document.activeElement.tagName + ':' + (document.activeElement.ariaLabel ?? document.activeElement.textContent)`,
  )
/** Nothing but the question who this is. */
const showsNothing = async (t: Test, page: Page, what: string): Promise<void> => {
  await page.getByLabel('Key', { exact: true }).waitFor({ timeout: OUT_MS })
  t.equal(await page.getByRole('navigation').count(), 0, what)
  t.notMatch(await page.locator('body').innerText(), /\+\d{6}/, `${what}: no number`)
}
/** The policy of the page lets no waitForFunction in. */
const until = (page: Page, condition: string): Promise<true> =>
  eventually(condition, OUT_MS, () => page.evaluate<boolean>(condition))
const arrived = (page: Page): Promise<void> => page.locator('main h1').first().waitFor()
const menuOf = (page: Page) => page.getByRole('navigation', { name: 'Pages', exact: true })
const goTo = (page: Page, name: string): Promise<void> =>
  menuOf(page).getByRole('link', { name, exact: true }).click()
const openReader = (page: Page): Promise<void> => page.locator('[popovertarget=reader]').click()
const signOut = async (page: Page): Promise<void> => {
  // Behind another tab a page draws too seldom for clicks.
  await page.bringToFront()
  await openReader(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
}

// Every page in three languages and two looks takes two minutes on a busy machine.
t.setTimeout(300_000)

t.test('the shell', needsBrowser(), async (t) => {
  const browser = await openBrowser(t)
  const system = await openSeededSystem(t, { signIn: true, staged: false, calls: 60 })
  const { url, keys, past, webhooks } = system
  const open = (t: Test, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url, ...more })
  const makeKey = async (role: string): Promise<{ key: string; key_id: string }> => {
    const body = JSON.stringify({ role, name: `Walks as ${role}` })
    const answer = await system.api('/api/keys', { method: 'POST', body })
    return (await answer.json()) as { key: string; key_id: string }
  }

  t.test('who may come in', async (t) => {
    const tab = await open(t)
    const { page } = tab
    tab.expectErrors(401, 403)
    await page.getByLabel('Key', { exact: true }).waitFor()
    t.equal(await page.title(), SIGN_IN_TITLE)
    t.match(await focused(page), /^INPUT:/, 'one can type at once')
    t.same(await axe(page), [])
    await signIn(page, 'vg_nobodys_key')
    await page.getByRole('alert').getByText('This key is not known').waitFor()
    await signIn(page, keys.metrics)
    await page.getByRole('alert').getByText('needs the role viewer').waitFor()
    await page.route('**/api/session', (route) => route.abort(), { times: 1 })
    tab.expectErrors(/ERR_FAILED/)
    await signIn(page, keys.admin)
    await page.getByRole('alert').getByText('cannot be reached').waitFor()
    await signIn(page, keys.admin)
    await menuOf(page).waitFor()
    t.notMatch(await kept(page), keys.admin, 'the key is nowhere')
    const [cookie] = await tab.context.cookies()
    t.match(cookie, { httpOnly: true, sameSite: 'Strict', path: '/', name: 'voicegate_session' })
    await tab.go('/calls')
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor()
  })

  t.test('signing out: here, in the other tab, behind the back button', async (t) => {
    const tab = await open(t, { key: keys.operator })
    const { page, context } = tab
    tab.expectErrors(...OUT)
    await tab.go('/calls')
    await page.getByRole('search').getByRole('textbox').fill('+493023125')
    await page.keyboard.press('Enter')
    await tab.settled()
    t.match(await kept(page), /23125/, 'the search is kept by the tab')
    t.notMatch(page.url() + (await page.title()), /23125/, 'not in address and title')
    await goTo(page, 'Live')
    await page.goto(`${url}/docs`)
    await page.goBack()
    const other = await context.newPage()
    await other.goto(`${url}/calls/${past[0] ?? ''}`)
    await menuOf(other).waitFor()
    await signOut(page)
    await showsNothing(t, page, 'this tab')
    await showsNothing(t, other, 'the other tab')
    t.equal(await other.title(), SIGN_IN_TITLE)
    const answer = await context.request.get(`${url}/api/calls/${past[0] ?? ''}/recording`)
    t.equal(answer.status(), 401)
    await page.goForward()
    await page.waitForURL('**/docs')
    await page.goBack()
    await showsNothing(t, page, 'back from the API reference')

    await signIn(page, keys.viewer)
    await menuOf(page).waitFor()
    await menuOf(other).waitFor()
    t.pass('who signs in in one tab is in in the other')
    await page.goBack()
    await page.waitForURL('**/calls')
    await menuOf(page).waitFor()
    t.notMatch(await kept(page), /23125/, 'and finds nothing of the one before')
    t.equal(await page.getByRole('search').getByRole('textbox').inputValue(), '')
    await signOut(page)
    await page.waitForURL(`${url}/`)
    await showsNothing(t, page, 'out again')
    await page.goBack()
    await showsNothing(t, page, 'behind the back button')
  })

  t.test('another key in another tab: nothing of the first is left', async (t) => {
    const tab = await open(t, { key: keys.viewer })
    tab.expectErrors(...OUT)
    const other = await tab.context.newPage()
    await other.route('**/api/session', (route) => route.fulfill(problem(401, 'NO', 'no')), {
      times: 1,
    })
    await other.goto(url)
    await signIn(other, keys.admin)
    await menuOf(other).waitFor()
    await tab.page.getByRole('button', { name: /The admin/ }).waitFor({ timeout: OUT_MS })
  })

  t.test('a page kept by the browser is not shown again unasked', async (t) => {
    const { page } = await open(t, { key: keys.viewer })
    const loaded = page.waitForEvent('load')
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`)
    t.equal(await page.evaluate('document.body.hidden'), true)
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`)
    await loaded
    await menuOf(page).waitFor()
  })

  t.test('a key revoked while somebody looks, and a session that runs out', async (t) => {
    const { key, key_id: keyId } = await makeKey('viewer')
    const walks = [
      async (): Promise<void> => {
        const tab = await open(t, { key })
        tab.expectErrors(...OUT)
        let sockets = 0
        tab.page.on('websocket', () => (sockets += 1))
        await tab.go('/calls')
        t.equal((await system.api(`/api/keys/${keyId}`, { method: 'DELETE' })).status, 204)
        await showsNothing(t, tab.page, 'revoked')
        await tab.page.waitForTimeout(1500)
        t.ok(sockets <= 3, `${sockets} sockets in all: nobody comes again and again`)
      },
      async (): Promise<void> => {
        const tab = await open(t, { key: keys.viewer })
        tab.expectErrors(...OUT)
        const { page, context } = tab
        const session = { key_id: 'vgk', name: 'Short', role: 'viewer' }
        let ended = false
        await page.route('**/api/session', (route) => {
          const json = { ...session, expires_at: new Date(Date.now() + 1200).toISOString() }
          return ended ? route.fallback() : route.fulfill({ json })
        })
        await tab.go('/calls')
        ended = true
        await context.clearCookies()
        await showsNothing(t, page, 'run out')
      },
    ]
    await Promise.all(walks.map((walk) => walk()))
  })

  t.test('each role sees each page: no error, nothing wider than the screen', async (t) => {
    const paths = JSON.parse(readFileSync(PAGE_LIST, 'utf8')) as string[]
    const filled = paths.map((path) =>
      path
        .replace(':call_id', past[0] ?? '')
        .replace(':endpoint_id', webhooks.taken)
        .replace(':erasure_id', 'unknown'),
    )
    const looks = {
      viewer: [390, 'dark'],
      operator: [1440, 'light'],
      admin: [1440, 'dark'],
    } as const
    const visit = async (role: keyof typeof looks): Promise<void> => {
      const [width, colorScheme] = looks[role]
      const tab = await open(t, { key: keys[role], width, colorScheme })
      const { page } = tab
      tab.expectErrors(404)
      for (const path of filled) {
        // The tabs of the settings are one page; an operator's pages are between the others'.
        if (path.startsWith('/settings/') && role !== 'admin') continue
        if (role === 'operator' && !SAMPLED.includes(path)) continue
        // As a link does; from outside the walk of each page comes to it, and here its document is asked for.
        await page.evaluate(`history.pushState(null, '', '${path}')`)
        await tab.settled()
        await arrived(page)
        const what = `${path} as ${role}`
        t.equal(await page.locator('h1').count(), 1, what)
        t.equal(await page.getByText('This page broke').count(), 0, what)
        t.equal(await overflow(page), 0, what)
        // A viewer's is dark and narrow. Light and wide their own walks look at them, but for the first of the settings.
        if (
          role === 'viewer' ? SAMPLED.includes(path) : role === 'operator' && path === '/settings'
        )
          t.same(await axe(page), [], `${what}, ${colorScheme}`)
      }
    }
    await Promise.all([visit('viewer'), visit('operator'), visit('admin')])
    for (const path of filled) {
      const headers = { accept: 'text/html', authorization: `Bearer ${keys.admin}` }
      const answer = await fetch(url + path, { headers })
      t.match([answer.status, await answer.text()], [200, '<div id="root"'], `${path} from outside`)
    }
  })

  t.test('three languages, two looks, and both survive', async (t) => {
    const tab = await open(t, { key: keys.viewer })
    const { page } = tab
    await tab.go('/calls')
    await arrived(page)
    const seen = async (): Promise<readonly string[]> => [
      await page.evaluate<string>('document.documentElement.lang'),
      await page.title(),
      await page.getByRole('heading', { level: 1 }).innerText(),
      ...(await menuOf(page)
        .or(page.locator('nav').first())
        .first()
        .getByRole('link')
        .allInnerTexts()),
    ]
    const english = await seen()
    t.match(english, ['en', 'Calls · voicegate', 'Calls'])
    await openReader(page)
    for (const [name, language] of [
      ['Русский', 'ru'],
      ['Deutsch', 'de'],
    ] as const) {
      await page.getByText(name, { exact: true }).click()
      await until(page, `document.documentElement.lang === '${language}'`)
      const words = await seen()
      t.equal(words[0], language)
      const same = words.filter((word, at) => word === english[at])
      t.ok(same.length <= 4, `${language}: ${same.join()} may be words of both`)
      t.same(await axe(page, '#reader'), [])
    }
    await page.locator('#reader').getByText('dunkel').click()
    await page.reload()
    await arrived(page)
    t.match(await seen(), ['de', 'Anrufe · voicegate'])
    t.equal(await page.evaluate(LOOK), 'dark')
  })

  t.test('by the keyboard alone', async (t) => {
    const tab = await open(t, { key: keys.viewer })
    const { page } = tab
    const hasRing = (): Promise<boolean> =>
      page.evaluate<boolean>(
        `getComputedStyle(document.activeElement).outlineStyle !== 'none' || document.activeElement.classList.contains('skip-link')`,
      )
    await arrived(page)
    await page.keyboard.press('Tab')
    t.match(await focused(page), /^A:Skip to the page/)
    t.ok(await page.locator('.skip-link').isVisible())
    await page.keyboard.press('Enter')
    t.match(await focused(page), /^MAIN:/)
    await page.reload()
    await arrived(page)
    for (let at = 0; at < 12 && !(await focused(page)).endsWith(':Calls'); at += 1) {
      await page.keyboard.press('Tab')
      t.ok(await hasRing(), `one sees where one is: ${await focused(page)}`)
    }
    await page.keyboard.press('Enter')
    await until(page, `document.activeElement.tagName === 'H1'`)
    t.equal(await focused(page), 'H1:Calls', 'one begins at the heading')
    t.equal(await page.title(), 'Calls · voicegate')
    await page.locator('[popovertarget=reader]').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    t.same(await axe(page, '[role=dialog]'), [])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Escape')
    t.match(await focused(page), /^BUTTON:Signed in as The viewer/, 'and the focus is back')
  })

  t.test('the menu where there is no room beside the page', async (t) => {
    const tab = await open(t, { key: keys.viewer, width: 390 })
    const { page } = tab
    const burger = page.getByRole('button', { name: /the menu$/ })
    t.equal(await burger.getAttribute('aria-expanded'), 'false')
    t.equal(await menuOf(page).count(), 0, 'nobody tabs through what is not seen')
    await burger.click()
    await menuOf(page).waitFor()
    t.same(await axe(page, 'header, nav'), [])
    await page.keyboard.press('Escape')
    await menuOf(page).waitFor({ state: 'hidden' })
    t.equal(await focused(page), 'BUTTON:Open the menu')
    await burger.click()
    await goTo(page, 'Calls')
    await menuOf(page).waitFor({ state: 'hidden' })
    await until(page, `document.activeElement.tagName === 'H1'`)
    t.equal(await burger.getAttribute('aria-expanded'), 'false')
  })

  t.test('an address that leads nowhere, and a page that breaks', async (t) => {
    const tab = await open(t, { key: keys.viewer })
    const { page } = tab
    tab.expectErrors(404, /planted/)
    const answer = await page.goto(`${url}/no/such/page`)
    t.equal(answer?.status(), 404)
    await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor()
    await page.route('**/console/assets/agents-page-*.js', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        body: `export const Component = () => { throw new Error('planted') }`,
      }),
    )
    await goTo(page, 'Agents')
    await page.getByRole('alert').getByText('This page broke').waitFor()
    await goTo(page, 'Calls')
    await page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor()
    t.equal(await page.getByRole('alert').count(), 0, 'the rest goes on')
  })
})
