// What a page tells the shell. One folder a page: `pages/NAME/page.ts` is found by itself; nothing here names any.
import type { ComponentType } from 'react'
import type { Language } from '../words/language.ts'

export interface NavEntry {
  /** Smaller is further up. */
  readonly order: number
  readonly icon: ComponentType<{ readonly size?: number }>
  readonly label: Readonly<Record<Language, string>>
  /** Set apart: things of this server, not of its calls. */
  readonly group?: 'server'
  /** Where one is, too, on other pages: those beneath this path. */
  readonly beneath?: string
}

export interface Page {
  /** As the router takes it, `/calls/:call_id`; the server answers these paths with the console (dist/pages.json). */
  readonly path: string | readonly string[]
  /** Absent: reached from other pages only. The entry leads to the (first) path. */
  readonly nav?: NavEntry
  readonly load: () => Promise<{ readonly Component: ComponentType }>
}

/** Plain data that Node can import, too: what draws the page comes with `load`. */
export const definePage = (page: Page): Page => page

export const pathsOf = ({ path }: Page): readonly string[] =>
  typeof path === 'string' ? [path] : path
