// An endpoint's address without what may be a secret in it: receivers put tokens into paths and queries.
/** A longer part of a path is no word that people chose. */
const LONGEST_WORD = 24
/** Letters and digits mixed, as in tokens and ids. */
const MIXED = /^(?=.*\d)(?=.*[A-Za-z])[\w~.-]{10,}$/

/** `https://hooks.example.com/services/…?token=…` */
export function shownAddress(url: string): string {
  if (!URL.canParse(url)) return '…'
  const { protocol, host, pathname, searchParams } = new URL(url)
  const path = pathname
    .split('/')
    .map((part) => (isOpaque(part) ? '…' : part))
    .join('/')
  const names = [...new Set(searchParams.keys())].map((name) => `${name}=…`)
  const query = names.length > 0 ? `?${names.join('&')}` : ''
  return `${protocol}//${host}${path === '/' ? '' : path}${query}`
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

const isOpaque = (part: string): boolean => part.length > LONGEST_WORD || MIXED.test(part)
