// What axe-core finds on a page as it stands, of WCAG 2.2 A and AA.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axeCore from 'axe-core'
import type { Page } from 'playwright-core'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']
const GRAVE = new Set(['serious', 'critical'])
/** An animation that takes longer is no transition. */
const STILL_MS = 2000

const late: { source?: string } = {}
const source = (): string =>
  (late.source ??= readFileSync(
    createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
    'utf8',
  ))

/** Serious and critical violations in readable lines; `within` is a selector: that part of the page alone. */
export async function axe(page: Page, within?: string): Promise<readonly string[]> {
  await untilStill(page)
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(source())
  const context = within === undefined ? 'document' : JSON.stringify({ include: [within] })
  const options = {
    runOnly: { type: 'tag', values: TAGS },
    resultTypes: ['violations'],
    // It would copy style sheets of shadow roots into the page, which its policy forbids.
    preload: false,
  }
  const found = await page.evaluate<Pick<axeCore.AxeResults, 'violations'>>(
    `axe.run(${context}, ${JSON.stringify(options)}).then(({ violations }) => ({ violations }))`,
  )
  return found.violations.filter(({ impact }) => GRAVE.has(impact ?? '')).flatMap(linesOf)
}

/** Wider than the screen: people would have to scroll sideways. 0: it fits. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  )

function linesOf({ id, impact, help, nodes }: axeCore.Result): string[] {
  return nodes.map(({ target, any, all, none }) => {
    const why = [...any, ...all, ...none][0]?.message ?? help
    return `${impact} ${id}: ${why} — ${target.join(' ')}`
  })
}

const untilStill = (page: Page): Promise<unknown> =>
  page.evaluate(
    `Promise.race([
      Promise.allSettled(document.getAnimations()
        .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
        .map((one) => one.finished)).then(() => 0),
      new Promise((resolve) => setTimeout(resolve, ${STILL_MS}, 0)),
    ])`,
  )
