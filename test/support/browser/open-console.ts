// A tab of the console in a fresh context, watched from before its first request; what went wrong in it fails the test.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { PageWatch, type Expected, type SettleOptions } from './page-watch.ts'
import type { Scope } from './scope.ts'

export interface ConsoleOptions {
  readonly browser: Browser
  /** Of the node, and the page to begin with. */
  readonly url: string
  readonly width?: 1440 | 390
  readonly colorScheme?: 'light' | 'dark'
  readonly locale?: 'en-GB' | 'ru-RU' | 'de-DE'
  readonly timezone?: string
  /** Signs in with it by the API, before the page is opened. */
  readonly key?: string
  /** Before the page is opened: answers in place of the server's. */
  readonly prepare?: (context: BrowserContext) => Promise<unknown>
}

export interface ConsoleTab {
  readonly page: Page
  readonly context: BrowserContext
  /** Goes to a path of the same node and waits until the page rests. */
  go(path: string): Promise<void>
  /** The same as by a link of the page's own: the console is not loaded anew. */
  visit(path: string): Promise<void>
  /** Until nothing was asked for a moment. */
  settled(options?: SettleOptions): Promise<void>
  /** For walks that provoke them: an answer's status, or a pattern of the problem's line. */
  expectErrors(...what: readonly Expected[]): void
  /** Up to now, and without what was expected. */
  problems(): readonly string[]
  warnings(): readonly string[]
  /** @throws Error with all problems, when there are any; the context is closed then, too */
  close(): Promise<void>
}

/** Of every wait in a page. */
export const WAIT_MS = 10_000
const HEIGHTS = { 1440: 900, 390: 844 } as const

/** What is wrong at the end fails the test: its teardown throws. */
export async function openConsole(t: Scope, options: ConsoleOptions): Promise<ConsoleTab> {
  const { browser, url, width = 1440 } = options
  const context = await browser.newContext({
    viewport: { width, height: HEIGHTS[width] },
    colorScheme: options.colorScheme ?? 'light',
    locale: options.locale ?? 'en-GB',
    timezoneId: options.timezone ?? 'Europe/Berlin',
    // Half-faded text has half the contrast.
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  context.setDefaultTimeout(WAIT_MS)
  context.setDefaultNavigationTimeout(WAIT_MS)
  const watch = await PageWatch.of(context, url)
  const late: { closed?: Promise<void> } = {}
  const close = (): Promise<void> => (late.closed ??= closeWatched(context, watch))
  t.teardown(close)
  if (options.key !== undefined) await openSession(context, url, options.key)
  await options.prepare?.(context)
  const page = await context.newPage()
  const settled = (how?: SettleOptions): Promise<void> => watch.settled(how)
  const go = async (path: string): Promise<void> => {
    await page.goto(new URL(path, url).href)
    await settled()
  }
  await go(url)
  return {
    page,
    context,
    go,
    async visit(path) {
      await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`)
      await settled()
    },
    settled,
    expectErrors: (...what) => watch.expect(...what),
    problems: () => watch.problems(),
    warnings: () => watch.warnings(),
    close,
  }
}

/** As a person does it, on the page that asks for a key. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function openSession(context: BrowserContext, url: string, key: string): Promise<void> {
  const answer = await context.request.post(new URL('/api/session', url).href, { data: { key } })
  if (!answer.ok()) throw new Error(`not signed in: ${answer.status()} ${await answer.text()}`)
}

async function closeWatched(context: BrowserContext, watch: PageWatch): Promise<void> {
  // What a page said last is on its way still.
  await Promise.all(context.pages().map((page) => page.evaluate('0').catch(() => undefined)))
  await context.close()
  const problems = watch.problems()
  if (problems.length > 0) throw new Error(`in the browser:\n  ${problems.join('\n  ')}`)
}
