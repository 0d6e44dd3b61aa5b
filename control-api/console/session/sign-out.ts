// Signing out leaves nothing behind: not in this tab, not in the others, not behind the back button.
import { signOut as endSession } from '../api/generated/sdk.gen.ts'
import { queryClient } from '../api/queries.ts'

/** All tabs have one cookie: what one of them does with it holds for all. */
type Told = { readonly type: 'signed-out' } | { readonly type: 'signed-in'; readonly keyId: string }

const channel = new BroadcastChannel('voicegate.session')
const tell = (told: Told): void => channel.postMessage(told)

export async function signOut(): Promise<void> {
  await endSession()
  tell({ type: 'signed-out' })
  forgetEverything()
}

export const tellSignedIn = (keyId: string): void => tell({ type: 'signed-in', keyId })

/** The page is loaded anew: whatever was in memory is gone. */
export function forgetEverything(): void {
  document.body.hidden = true
  queryClient.clear()
  // What is kept for this tab alone, such as a search, may be somebody's number.
  sessionStorage.clear()
  location.replace('/')
}

/** @param keyId whose session this tab shows; undefined: nobody's */
export function followOtherTabs(keyId: string | undefined): () => void {
  const listen = ({ data: told }: MessageEvent<Told>): void => {
    if (told.type === 'signed-in' && told.keyId === keyId) return
    // The sign-in page stays where it is: there may be a page to come to behind it.
    if (keyId !== undefined) forgetEverything()
    else if (told.type === 'signed-in') location.reload()
  }
  channel.addEventListener('message', listen)
  return () => channel.removeEventListener('message', listen)
}

/** A page that the browser kept as it was asks again who this is, before anything of it is seen. */
export function distrustKeptPages(): void {
  addEventListener('pagehide', ({ persisted }) => {
    if (persisted) document.body.hidden = true
  })
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
}
