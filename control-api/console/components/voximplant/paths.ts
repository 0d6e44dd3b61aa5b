// The pages of Voximplant by their addresses. Plain data: page.ts is read by Node, too.
export const VOXIMPLANT = '/voximplant'

export const TABS = {
  history: `${VOXIMPLANT}/call-history`,
  statistics: `${VOXIMPLANT}/statistics`,
  applications: `${VOXIMPLANT}/applications`,
  setup: `${VOXIMPLANT}/setup`,
} as const
export type TabName = keyof typeof TABS

export const TAB_NAMES = Object.keys(TABS) as readonly TabName[]

/** The application stands in the address: its id is nobody's number. */
export const historyOf = (applicationId: string): string =>
  `${TABS.history}?${new URLSearchParams({ application_id: applicationId }).toString()}`
