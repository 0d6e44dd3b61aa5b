// Whose session this is, and what their role may do. Nobody's: nothing is shown but the sign-in.
import {
  createContext,
  lazy,
  Suspense,
  use,
  useEffect,
  useRef,
  useState,
  type ReactNode,
} from 'react'
import { useQuery } from '@tanstack/react-query'
import { getSessionOptions } from '../api/generated/@tanstack/react-query.gen.ts'
import type { GetSessionResponse } from '../api/generated/types.gen.ts'
import { asProblem } from '../api/problem.ts'
import { Waiting } from '../components/waiting.tsx'
import { Failure } from '../components/failure.tsx'
import { askSession } from './ask-session.ts'
import { followOtherTabs, forgetEverything } from './sign-out.ts'

export type Session = GetSessionResponse
export type Role = 'viewer' | 'operator' | 'admin'

const RANKS: readonly string[] = ['viewer', 'operator', 'admin']
/** Timers wait no longer than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Who is signed in already does not need it. */
const SignInPage = lazy(async () => ({ default: (await import('./sign-in-page.tsx')).SignInPage }))

const SessionContext = createContext<Session | null>(null)

/** Inside the frame there always is one. */
export function useSession(): Session {
  const session = use(SessionContext)
  if (session === null) throw new Error('useSession outside SessionGate')
  return session
}

export const mayUse = (session: Session, role: Role): boolean =>
  RANKS.indexOf(session.role) >= RANKS.indexOf(role)

/** Of the one who is signed in. What a role may not do is shown, but cannot be pressed. */
export const useMay = (role: Role): boolean => mayUse(useSession(), role)

/** In rehearsal nobody has to say who they are. */
export const isNobody = (session: Session): boolean => session.key_id === 'rehearsal'

/** Refused: nobody is signed in, or with a key that may look at nothing. */
const NOBODY: readonly number[] = [401, 403]

export function SessionGate({ children }: { readonly children: ReactNode }) {
  const { data, error, isPending, refetch } = useQuery({
    ...getSessionOptions(),
    staleTime: Infinity,
  })
  const isOver = useEndOf(data)
  const keyId = data?.key_id
  useEffect(() => followOtherTabs(keyId), [keyId])
  useOneKey(keyId)
  if (isPending || isOver) return <Waiting />
  if (data) return <SessionContext value={data}>{children}</SessionContext>
  if (!NOBODY.includes(asProblem(error).status))
    return <Failure error={error} retry={() => void refetch()} />
  return (
    <Suspense fallback={<Waiting />}>
      <SignInPage />
    </Suspense>
  )
}

/** The cookie is another key's now: what this tab shows and keeps is not for them. */
function useOneKey(keyId: string | undefined): void {
  const first = useRef<string>(undefined)
  useEffect(() => {
    if (keyId === undefined) return
    first.current ??= keyId
    if (first.current !== keyId) forgetEverything()
  }, [keyId])
}

/** A session that has run out shows nothing more, although nobody asked the server yet. */
function useEndOf(session: Session | undefined): boolean {
  const endsAt = session?.expires_at ? Date.parse(session.expires_at) : Infinity
  const [overSince, setOverSince] = useState<number | null>(null)
  useEffect(() => {
    if (endsAt === Infinity) return undefined
    let isSaid = false
    const check = async (): Promise<void> => {
      if (isSaid || Date.now() < endsAt) return
      isSaid = true
      setOverSince(endsAt)
      // A clock that is ahead of the server's: the server is right.
      if (await askSession()) setOverSince(null)
      else forgetEverything()
    }
    const look = (): void => void check()
    const timer = setTimeout(look, Math.min(endsAt - Date.now() + 1, LONGEST_TIMER_MS))
    // Timers stand still while the computer sleeps.
    document.addEventListener('visibilitychange', look)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [endsAt])
  return overSince === endsAt
}
