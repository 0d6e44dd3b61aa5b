// After an update of the server a tab that was open may ask for parts of pages that are gone: loading it anew gets the
// new ones.

const LAST = 'voicegate.reloaded-at'
/** Sooner than this again, reloading does not help: the page then says what failed (shell/crash.tsx). */
const AGAIN_AFTER_MS = 30_000

export function reloadWhenOutdated(): void {
  addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(LAST) ?? 0)
    if (Date.now() - last < AGAIN_AFTER_MS) return
    event.preventDefault()
    sessionStorage.setItem(LAST, String(Date.now()))
    location.reload()
  })
}
