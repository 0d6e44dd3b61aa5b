// The addresses of the page. Plain data: page.ts is read by Node, too.
export const TABS = { files: '/media', animations: '/media/animations' } as const
export type TabName = keyof typeof TABS

export const TAB_NAMES = ['files', 'animations'] as const satisfies readonly TabName[]

/** Of the query: which one is open. */
export const OPEN_FILE = 'file'
export const OPEN_ANIMATION = 'animation'

const withOpen = (path: string, name: string, id: string): string =>
  `${path}?${new URLSearchParams({ [name]: id }).toString()}`
export const fileAddress = (mediaId: string): string => withOpen(TABS.files, OPEN_FILE, mediaId)
export const animationAddress = (taskId: string): string =>
  withOpen(TABS.animations, OPEN_ANIMATION, taskId)
