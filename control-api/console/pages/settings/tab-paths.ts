// The tabs of the settings by their addresses. Plain data: page.ts is read by Node, too.
export const TABS = {
  node: '/settings',
  keys: '/settings/keys',
  retention: '/settings/retention',
  erasures: '/settings/erasures',
  audit: '/settings/audit',
  jobs: '/settings/jobs',
  secrets: '/settings/secrets',
} as const
export type TabName = keyof typeof TABS

/** A receipt has an address of its own: its id is no number. */
const RECEIPT_PATH = `${TABS.erasures}/:erasure_id`

export const TAB_PATHS: readonly string[] = [...Object.values(TABS), RECEIPT_PATH]

export const TAB_NAMES = Object.keys(TABS) as readonly TabName[]

export const tabAt = (path: string): TabName =>
  TAB_NAMES.find((name) => name !== 'node' && path.startsWith(TABS[name])) ?? 'node'
