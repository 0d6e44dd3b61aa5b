// What every page must be, whatever it shows: readable for all, no wider than its screen, silent about numbers where
// others look.
import type { Test } from 'tap'
import { axe, overflow } from './axe.ts'
import type { ConsoleTab } from './open-console.ts'
import { shoot } from './shoot.ts'

/** Not the digits of an identifier: those are hexadecimal, and from time to time begin with those of a country. */
const NUMBERS = /(?:(?<!\w)|\+|%2b)(?:49|44)\d{6,}/i

export async function isSound(t: Test, { page }: ConsoleTab, name: string): Promise<void> {
  t.same(await axe(page), [], `axe finds nothing grave: ${name}`)
  t.equal(await overflow(page), 0, `it fits the screen: ${name}`)
  t.notMatch(await page.title(), NUMBERS, 'no number in the title')
  t.notMatch(page.url(), NUMBERS, 'none in the address')
  await shoot(page, name)
}
