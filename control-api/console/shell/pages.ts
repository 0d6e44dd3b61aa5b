// Every page there is, by its folder.
import type { Page } from './page.ts'

const found = import.meta.glob<Page>('../pages/*/page.ts', { eager: true, import: 'page' })

export const pages: readonly Page[] = Object.values(found)

export const navPages = pages
  .flatMap((page) => (page.nav ? [{ ...page, nav: page.nav }] : []))
  .toSorted((one, other) => one.nav.order - other.nav.order)
