// A table that is on the page, as a file of the reader's.
/** Long enough for the browser to have taken it. */
const FREE_AFTER_MS = 60_000
/** Spreadsheets take a file without it for one of the last century. */
const UTF_8_MARK = '\uFEFF'

/** @param text RFC 4180 */
export function saveCsv(text: string, name: string): void {
  const blob = new Blob([UTF_8_MARK, text], { type: 'text/csv' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), FREE_AFTER_MS)
}
