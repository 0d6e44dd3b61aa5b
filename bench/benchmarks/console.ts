// The page of calls on a year of calls, in a real browser: from going there to the first row, and from each filter to its
// rows, beside the bare request of the same search.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { consoleFilters, type ConsoleFilter } from '../history/console-filters.ts'
import { openHistory, type History } from '../history/generated-history.ts'
import { openHistoryApi } from '../history/history-api.ts'
import { installedBrowser } from '../../test/support/browser/open-browser.ts'
import type { BenchOptions } from '../options.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { spreadOf } from '../report/statistics.ts'

const CONSOLE = join(import.meta.dirname, '../../control-api/console/dist')
const GOAL_MS = 1000
/** Waiting by an expression is eval to the page's policy. */
const CONTEXT = { locale: 'en-GB', reducedMotion: 'reduce', bypassCSP: true } as const
const WAIT_MS = 20_000
/** Of the page itself: what a reader sees of 1,000,000 calls. */
const ROWS = `document.querySelector('table tbody tr a[href^="/calls/call_"]') !== null`
const IS_THERE = `document.querySelector('[aria-busy="true"]') === null && (${ROWS} ||
  [...document.querySelectorAll('[role=status]')].some(({ textContent }) => textContent.startsWith('No call matches')))`

export async function consolePages(options: BenchOptions): Promise<Report> {
  const report = { name: 'console', title: `the page of calls on ${options.rows} calls` }
  const without = (why: string): Report => {
    return { ...report, findings: [], notes: [`not measured: ${why}`], raw: null }
  }
  const executablePath = installedBrowser()
  if (executablePath === undefined) return without('chromium is not installed')
  if (!existsSync(join(CONSOLE, 'pages.json'))) return without('npm run console builds it')
  const made = await openHistory(options.rows, options.progress)
  const api = await openHistoryApi(made.dataDir, CONSOLE)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const url = `http://${api.address.host}:${api.address.port}`
    const findings = await measure(browser, url, options)
    return { ...report, findings, notes: notesOf(made, options), raw: findings }
  } finally {
    await browser.close()
    await api.close()
  }
}

async function measure(
  browser: Browser,
  url: string,
  { rounds, progress }: BenchOptions,
): Promise<readonly Finding[]> {
  const filters = consoleFilters()
  const first = new Samples('from going to the page to its first row')
  const narrowings = filters.map((filter) => ({ filter, samples: new Samples(filter.name) }))
  for (let round = 0; round < rounds; round += 1) {
    // Nothing is known from before: neither the program nor any answer.
    const context = await browser.newContext(CONTEXT)
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    const cpu = await cpuMeter(page)
    first.bare.push(await bareRequest(url, {}))
    first.add(await timed(() => arrive(page, `${url}/calls`)), await cpu())
    await page.getByRole('button', { name: 'More filters' }).click()
    for (const { filter, samples } of narrowings) {
      progress(`round ${round + 1}: ${filter.name}`)
      samples.bare.push(await bareRequest(url, filter.body))
      await cpu()
      samples.add(await narrowed(page, filter), await cpu())
      await widened(page, filter)
    }
    await context.close()
  }
  return [first, ...narrowings.map(({ samples }) => samples)].flatMap((one) => one.findings())
}

class Samples {
  readonly bare: number[] = []
  readonly #what: string
  readonly #page: number[] = []
  readonly #cpu: number[] = []

  constructor(what: string) {
    this.#what = what
  }

  add(pageMs: number, cpuMs: number): void {
    this.#page.push(pageMs)
    this.#cpu.push(cpuMs)
  }

  findings(): readonly Finding[] {
    return [
      finding({
        ...{ what: `${this.#what}, slowest`, unit: 'ms', value: spreadOf(this.#page).max },
        beside: { name: 'bare request', value: spreadOf(this.bare).max },
        goal: { relation: '<', limit: GOAL_MS, of: 'value' },
      }),
      finding({
        what: '  of it CPU of the page, most',
        unit: 'ms',
        value: spreadOf(this.#cpu).max,
      }),
    ]
  }
}

/** What the page's main thread has worked since the last time it was asked: the same however busy the machine is. */
async function cpuMeter(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  let before = 0
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    const now = (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000
    const spent = now - before
    before = now
    return spent
  }
}

async function arrive(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(IS_THERE)
}

/** From the last key or choice to the rows. */
const narrowed = (page: Page, filter: ConsoleFilter): Promise<number> =>
  timed(async () => {
    await filter.act(page)
    await page.waitForFunction(`${isNarrowedTo(filter)} && ${IS_THERE}`)
  })

async function widened(page: Page, filter: ConsoleFilter): Promise<void> {
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await page.waitForFunction(`!(${isNarrowedTo(filter)}) && ${IS_THERE}`)
}

const isNarrowedTo = ({ chip }: ConsoleFilter): string =>
  `[...document.querySelectorAll('button')].some((one) =>
    one.getAttribute('aria-label')?.startsWith(${JSON.stringify(`Remove ${chip}`)}))`

async function bareRequest(url: string, body: object): Promise<number> {
  return timed(async () => {
    const answer = await fetch(`${url}/api/calls/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, limit: 50 }),
    })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`the search is answered with ${answer.status}`)
  })
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}

const notesOf = ({ megabytes, dataDir }: History, { rounds }: BenchOptions): readonly string[] => [
  `${rounds} rounds, each in a new profile: nothing is cached; the browser, the server and the database share this machine`,
  'what is typed waits 300 ms for the next key, and that is in the figure; so is what it takes to drive the browser',
  'bare request: the same search by fetch from the process of the server, just before',
  `the database has ${megabytes.toFixed(0)} MB, in ${dataDir}`,
]
