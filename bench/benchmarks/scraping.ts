// What being watched costs: the CPU of bridged calls with Prometheus asking and without, by turns in the same calls; and
// one page of /metrics at 500 calls: its time, its size, and how long the main thread does nothing else.
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeldCalls, Scrapes } from '../load/held-calls.ts'
import type { BenchOptions } from '../options.ts'
import { pinningOf } from '../process/pinning.ts'
import { withPrograms, type Program } from '../process/program.ts'
import type { Usage } from '../process/usage-meter.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { machineBusyMs } from '../report/machine.ts'
import { median, type Spread } from '../report/statistics.ts'
import type { Product } from '../subjects/voicegate.ts'

const CALLS = [50, 200]
/** As dashboards/prometheus.yml asks. */
const USUAL_MS = 5000
/** What one page costs is lost in the noise of a window; of twenty times as many it is not. */
const OFTEN_MS = 250
const MOST_CALLS = 500
/** Few calls are asked for to see that it runs: not to wait for so many. */
const MOST_TIMES_AS_MANY = 10
/** Pages asked for at so many calls, one after the other. */
const PAGES = 20
const BETWEEN_PAGES_MS = 100
/** The last page of a window is due at its end, and belongs to it. */
const LAST_PAGE_MS = 50
const GOAL = 1.02
/** Numbers of the range kept for films, twelve digits with the count. */
const numberOf = (count: number): string => `+4930231${String(count).padStart(5, '0')}`

type Pace = 'none' | 'usual' | 'often'
const EVERY_MS: Readonly<Record<Exclude<Pace, 'none'>, number>> = {
  usual: USUAL_MS,
  often: OFTEN_MS,
}

interface Window {
  readonly pace: Pace
  readonly calls: number
  readonly usage: Usage
  readonly scrapes: Scrapes | null
  /** Calls that were there no more at its end: they would make it cheap. */
  readonly callsLost: number
  /** Cores that were busy with something else than the product: the load, and strangers. */
  readonly othersCores: number
}

interface Page {
  readonly calls: number
  readonly scrapes: Scrapes
  /** The longest of each slice of time that has one page in it. */
  readonly stallMs: Spread
  /** Of as many slices without. */
  readonly restingStallMs: Spread
}

interface Stage {
  readonly load: Program<HeldCalls>
  readonly product: Program<Product>
  readonly url: string
}

export function scraping(options: BenchOptions): Promise<Report> {
  return withPrograms(async (start) => {
    const { load: onLoad, measured } = pinningOf(options.pin, false)
    const load = start<HeldCalls>('load/held-calls.ts', onLoad)
    const profile = options.profileDir === undefined ? {} : { profileDir: options.profileDir }
    const product = start<Product>('subjects/voicegate.ts', { ...measured, ...profile })
    const { httpPort } = await product.ask('start', await load.ask('open'))
    const stage = { load, product, url: `http://127.0.0.1:${httpPort}/metrics` }
    const windows: Window[] = []
    let placed = 0
    const placeUpTo = async (calls: number): Promise<void> => {
      for (; placed < calls; placed += 1) await product.ask('call', { number: numberOf(placed) })
    }
    try {
      await load.ask('phones', { answer: true })
      for (const calls of (options.calls ?? CALLS).toSorted((one, other) => one - other)) {
        await placeUpTo(calls)
        await load.ask('talking', { calls })
        await sleep(options.warmupSeconds * 1000)
        windows.push(...(await measureByTurns(stage, options, calls)))
      }
      await load.ask('phones', { answer: false })
      const most = Math.min(MOST_CALLS, placed * MOST_TIMES_AS_MANY)
      options.progress(`a page at ${most} calls`)
      await placeUpTo(most)
      const page = await measurePage(stage, most)
      return reportOf(windows, page)
    } finally {
      await product.ask('close')
    }
  })
}

async function measureByTurns(
  stage: Stage,
  options: BenchOptions,
  calls: number,
): Promise<readonly Window[]> {
  const windows: Window[] = []
  for (let round = 0; round < options.rounds; round += 1)
    // There and back, so that what grows with time falls on all alike.
    for (const pace of ['none', 'usual', 'often', 'often', 'usual', 'none'] as const) {
      options.progress(`${calls} calls, scraped: ${pace}`)
      windows.push(await measureWindow(stage, pace, calls, options.seconds))
    }
  return windows
}

async function measureWindow(
  { load, product, url }: Stage,
  pace: Pace,
  calls: number,
  seconds: number,
): Promise<Window> {
  const forMs = Math.max(pace === 'usual' ? USUAL_MS : 0, seconds * 1000)
  if (pace !== 'none') await load.ask('beginScraping', { everyMs: EVERY_MS[pace], url })
  const busyBefore = machineBusyMs()
  await product.ask('begin')
  await sleep(forMs + LAST_PAGE_MS)
  const usage = await product.ask('end')
  const busyMs = machineBusyMs() - busyBefore
  const scrapes = pace === 'none' ? null : await load.ask('endScraping')
  const othersCores = Math.max(0, busyMs - usage.cpuMs) / usage.wallMs
  const callsLost = calls - (await load.ask('openCalls'))
  return { pace, calls, usage, scrapes, callsLost, othersCores }
}

/** Nothing but the page: its calls ring, or talk on. */
async function measurePage({ load, product, url }: Stage, calls: number): Promise<Page> {
  const watch = { forMs: PAGES * BETWEEN_PAGES_MS, sliceMs: BETWEEN_PAGES_MS }
  const restingStallMs = await product.ask('stalls', watch)
  await load.ask('beginScraping', { everyMs: BETWEEN_PAGES_MS, url })
  const stallMs = await product.ask('stalls', watch)
  return { calls, stallMs, restingStallMs, scrapes: await load.ask('endScraping') }
}

function reportOf(windows: readonly Window[], page: Page): Report {
  const sizes = [...new Set(windows.map(({ calls }) => calls))]
  const findings = [
    ...sizes.flatMap((calls) =>
      findingsOf(
        calls,
        windows.filter((each) => each.calls === calls),
      ),
    ),
    ...pageFindings(page),
  ]
  const others = Math.max(...windows.map(({ othersCores }) => othersCores))
  const failed = [page.scrapes, ...windows.flatMap(({ scrapes }) => scrapes ?? [])].reduce(
    (sum, each) => sum + each.failed,
    0,
  )
  const notes = [
    `load and strangers kept ${others.toFixed(2)} cores busy; pages that failed: ${failed}`,
    `none, each ${USUAL_MS / 1000} s and each ${OFTEN_MS} ms by turns, in the same calls, the whole product; both directions talking (the agent gives back what it hears)`,
    `by its cost: what one page costs, from the windows of ${OFTEN_MS} ms, once in ${USUAL_MS / 1000} s; two windows alike differ by more, so the first line alone tells little`,
    `a page at ${page.calls} calls: those of the windows talk on, the others ring; stalls: the longest of each ${BETWEEN_PAGES_MS} ms, in which one page is asked for, or none`,
  ]
  const title = 'bridged calls with Prometheus asking, and without'
  return { name: 'scraping', title, findings, notes, raw: { windows, page } }
}

const shareOf = ({ usage }: Window): number => (usage.cpuMs / usage.wallMs) * 100

function findingsOf(calls: number, windows: readonly Window[]): readonly Finding[] {
  const of = (pace: Pace): readonly Window[] => windows.filter((each) => each.pace === pace)
  const cpu = (pace: Pace): number => median(of(pace).map(shareOf))
  const pagesASecond = median(
    of('often').map(({ scrapes, usage }) => ((scrapes?.count ?? 0) / usage.wallMs) * 1000),
  )
  // Percent of a core are 10 ms a second.
  const pageMs = Math.max(0, ((cpu('often') - cpu('none')) * 10) / pagesASecond)
  const without = { name: 'not scraped', value: cpu('none') }
  const unit = '% of a core'
  return [
    finding({ calls, what: 'CPU, a page each 5 s', unit, value: cpu('usual'), beside: without }),
    finding({ calls, what: 'CPU, a page each 250 ms', unit, value: cpu('often'), beside: without }),
    finding({ calls, what: 'CPU of one page', unit: 'ms', value: pageMs }),
    finding({
      calls,
      what: 'CPU with one page in 5 s, by its cost',
      unit,
      value: cpu('none') + (pageMs / USUAL_MS) * 100,
      beside: without,
      goal: { relation: '<', limit: GOAL, of: 'ratio' },
    }),
    finding({
      calls,
      what: 'calls lost',
      unit: '',
      value: Math.max(...windows.map(({ callsLost }) => callsLost)),
      goal: { relation: '<=', limit: 0, of: 'value' },
    }),
  ]
}

function pageFindings({ calls, restingStallMs, scrapes, stallMs }: Page): readonly Finding[] {
  return [
    finding({ calls, what: 'a page, p50', unit: 'ms', value: scrapes.ms.p50 }),
    finding({ calls, what: 'a page, the slowest', unit: 'ms', value: scrapes.ms.max }),
    finding({ calls, what: 'a page', unit: 'kB', value: scrapes.bytes / 1000 }),
    ...(['p50', 'max'] as const).map((share) =>
      finding({
        calls,
        what: `longest stall of the main thread, ${share}`,
        unit: 'ms',
        value: stallMs[share],
        beside: { name: 'without pages', value: restingStallMs[share] },
      }),
    ),
  ]
}
