// Pictures of pages, for people to look at: taken only when VOICEGATE_SHOTS names a folder, and never committed.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** A long page is much to paint, for a machine without a graphics card. */
const PICTURE_MS = 30_000

/** The whole page, as `NAME.png`. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['VOICEGATE_SHOTS']
  if (folder !== undefined && folder !== '') await shootInto(folder, page, name)
}

export async function shootInto(folder: string, page: Page, name: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-|-$/g, '')}.png`)
  await page.screenshot({
    path,
    fullPage: true,
    animations: 'disabled',
    caret: 'hide',
    timeout: PICTURE_MS,
  })
  return path
}
