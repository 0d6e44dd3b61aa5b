// What the tab's history keeps for a page (`history.state`: a search, how far down one was) is of one session. Entries that
// another one left are emptied before anybody reads them: the back button leads there from the next one's.

const STORED = 'voicegate.history-of'

const session = { mark: '' }

/** Before anything is drawn. */
export function ownHistory(): void {
  const stored = sessionStorage.getItem(STORED)
  if (stored === null) renew()
  else session.mark = stored
  for (const method of ['pushState', 'replaceState'] as const) {
    const write = history[method].bind(history)
    history[method] = (state: unknown, unused, url) => write(marked(state), unused, url)
  }
  if (!isOwn(history.state)) history.replaceState(null, '')
}

/** Nobody is signed in: whoever comes next begins with nothing. */
export function disownHistory(): void {
  sessionStorage.clear()
  renew()
  history.replaceState(null, '')
}

function renew(): void {
  session.mark = [...crypto.getRandomValues(new Uint32Array(3))].join('.')
  sessionStorage.setItem(STORED, session.mark)
}

const isKept = (state: unknown): state is object => typeof state === 'object' && state !== null

const marked = (state: unknown): unknown => (isKept(state) ? { ...state, of: session.mark } : state)

const isOwn = (state: unknown): boolean =>
  !isKept(state) || ('of' in state && state.of === session.mark)
