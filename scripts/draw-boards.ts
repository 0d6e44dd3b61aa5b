// Draws the boards as pictures, from a Prometheus that runs, without Grafana: for looking at them, and for README.md.
//   node scripts/run.mjs scripts/draw-boards.ts --prometheus URL --out FOLDER [--minutes 30] [--board NAME]… [--theme dark]…
import { globSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { messageOf } from '#core/errors'
import { openBrowser } from '../test/support/browser/open-browser.ts'
import { ProgramScope } from '../test/support/browser/scope.ts'
import { Source } from './draw-boards/answers.ts'
import { readBoard } from './draw-boards/board-file.ts'
import { boardPage, type PageOptions } from './draw-boards/page.ts'

const USAGE = `draw-boards --prometheus URL --out FOLDER [options]
  --minutes 30     how far back
  --until TIME     up to when (ISO 8601); default: now
  --scrape 15      seconds from one scrape to the next
  --interval N     seconds between points and under a ratio at most, where a board wants more: for a short demonstration
  --board NAME     only this one; can be given again
  --theme dark     or light; both when given twice; default: dark
  --width 1600     of the pictures
  --rows N         only the first N rows
  --opened         closed rows too
`

interface Asked extends Omit<PageOptions, 'theme'> {
  readonly prometheus: string
  readonly out: string
  readonly from: number
  readonly to: number
  readonly scrapeSeconds: number
  readonly intervalSeconds: number
  readonly boards: readonly string[]
  readonly themes: readonly PageOptions['theme'][]
}

function readArguments(): Asked {
  const { values } = parseArgs({
    options: {
      prometheus: { type: 'string' },
      out: { type: 'string' },
      minutes: { type: 'string', default: '30' },
      until: { type: 'string' },
      scrape: { type: 'string', default: '15' },
      interval: { type: 'string', default: 'Infinity' },
      board: { type: 'string', multiple: true },
      theme: { type: 'string', multiple: true, default: ['dark'] },
      width: { type: 'string', default: '1600' },
      rows: { type: 'string' },
      opened: { type: 'boolean', default: false },
    },
  })
  const { board: boards = [], opened, out, prometheus, rows, until } = values
  if (prometheus === undefined || out === undefined) throw new Error('--prometheus and --out')
  const to = Math.floor((until === undefined ? Date.now() : Date.parse(until)) / 1000)
  return {
    ...{ prometheus, out, to, boards, opened },
    from: to - Number(values.minutes) * 60,
    scrapeSeconds: Number(values.scrape),
    intervalSeconds: Number(values.interval),
    themes: values.theme.map((theme) => (theme === 'light' ? 'light' : 'dark')),
    width: Number(values.width),
    rows: rows === undefined ? undefined : Number(rows),
  }
}

async function draw(browser: Browser, file: string, asked: Asked): Promise<void> {
  const name = basename(file, '.json')
  const board = readBoard(file)
  for (const theme of asked.themes) {
    const source = new Source(asked.prometheus, asked)
    const html = await boardPage(board, source, { ...asked, theme })
    const page = await browser.newPage({ viewport: { width: asked.width, height: 900 } })
    await page.setContent(html)
    const path = join(asked.out, `${name}-${theme}.png`)
    const picture = await page.screenshot({ fullPage: true })
    // A few colours are all there are: a quarter of the size.
    await sharp(picture).png({ palette: true, compressionLevel: 9 }).toFile(path)
    await page.close()
    process.stdout.write(`${[path, ...source.problems].join('\n  ')}\n`)
  }
}

async function main(): Promise<void> {
  const scope = new ProgramScope()
  try {
    const asked = readArguments()
    mkdirSync(asked.out, { recursive: true })
    const all = globSync('dashboards/boards/*.json').toSorted()
    const wanted = all.filter(
      (file) => asked.boards.length === 0 || asked.boards.includes(basename(file, '.json')),
    )
    const browser = await openBrowser(scope)
    for (const file of wanted) await draw(browser, file, asked)
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}`)
    process.exitCode = 2
  } finally {
    await scope.close()
  }
}

await main()
