// Looks at pages of a running node: each path narrow and wide, light and dark, as pictures; prints what axe and the
// console say of it.
//   node test/support/browser/look.ts --url URL --out FOLDER [--key KEY] [--locale ru-RU] PATH…
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { axe, overflow } from './axe.ts'
import { openBrowser } from './open-browser.ts'
import { openConsole, type ConsoleOptions } from './open-console.ts'
import { ProgramScope } from './scope.ts'
import { shootInto } from './shoot.ts'

const USAGE =
  'look.ts --url URL --out FOLDER [--key KEY] [--locale en-GB|ru-RU|de-DE] [--wait MS] PATH…\n'

interface Look {
  readonly path: string
  readonly out: string
  readonly waitMs: number
  readonly tab: Omit<ConsoleOptions, 'browser'>
}

const MOST_OF_A_RULE = 5
/** Lines are told once: a page has most of its faults at every width. */
const told = new Set<string>()

async function lookAt(browser: Browser, { path, out, waitMs, tab: options }: Look): Promise<void> {
  const { width, colorScheme, locale } = options
  const scope = new ProgramScope()
  const tab = await openConsole(scope, {
    ...options,
    browser,
    url: new URL(path, options.url).href,
  })
  await tab.page.waitForTimeout(waitMs)
  const name = `${path === '/' ? 'overview' : path}-${width}-${colorScheme}`
  const picture = await shootInto(out, tab.page, locale === 'en-GB' ? name : `${name}-${locale}`)
  const tooWide = await overflow(tab.page)
  const found = [
    ...tab.problems(),
    ...tab.warnings().map((line) => `console warning: ${line}`),
    ...shortened(await axe(tab.page)).map((line) => `axe: ${line}`),
    ...(tooWide > 0 ? [`wider than the screen by ${tooWide} px`] : []),
  ]
  const fresh = found.filter((line) => !told.has(line))
  for (const line of fresh) told.add(line)
  const known = found.length - fresh.length
  const lines = [...fresh, ...(known > 0 ? [`(and ${known} told above)`] : [])]
  process.stdout.write([picture, ...lines.map((line) => `  ${line}`), ''].join('\n'))
  // Told already.
  await scope.close().catch(() => undefined)
}

/** Some of each rule: one wrong colour may be in a hundred places. */
function shortened(lines: readonly string[]): string[] {
  const byRule = Object.entries(Object.groupBy(lines, (line) => line.split(':', 1)[0] ?? ''))
  return byRule.flatMap(([rule, all = []]) => {
    const left = all.length - MOST_OF_A_RULE
    return [...all.slice(0, MOST_OF_A_RULE), ...(left > 0 ? [`${rule}: and ${left} more`] : [])]
  })
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      out: { type: 'string' },
      key: { type: 'string' },
      locale: { type: 'string', default: 'en-GB' },
      wait: { type: 'string', default: '0' },
    },
  })
  const { url, out, key } = values
  if (url === undefined || out === undefined) {
    process.stderr.write(USAGE)
    process.exitCode = 2
    return
  }
  const locale = values.locale as NonNullable<ConsoleOptions['locale']>
  const scope = new ProgramScope()
  try {
    const browser = await openBrowser(scope)
    for (const path of positionals.length === 0 ? ['/'] : positionals)
      for (const width of [390, 1440] as const)
        for (const colorScheme of ['light', 'dark'] as const) {
          const tab = { url, width, colorScheme, locale, ...(key === undefined ? {} : { key }) }
          await lookAt(browser, { path, out, waitMs: Number(values.wait), tab }).catch(
            (error: unknown) => {
              process.exitCode = 1
              process.stdout.write(`${path} ${width} ${colorScheme}: ${String(error)}\n`)
            },
          )
        }
  } finally {
    await scope.close()
  }
}

await main()
