// The console as a whole: look, cache, session, live feed, pages.
import './mantine-styles.ts'
import './console.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { ErrorBoundary } from 'react-error-boundary'
import { setUpClient } from '../api/client.ts'
import { getSessionQueryKey } from '../api/generated/@tanstack/react-query.gen.ts'
import { queryClient } from '../api/queries.ts'
import { LiveProvider } from '../live/live.tsx'
import { SessionGate } from '../session/session.tsx'
import { forgetEverything } from '../session/sign-out.ts'
import { Crash } from './crash.tsx'
import { Frame } from './frame.tsx'
import { Routes } from './routes.tsx'
import { theme, variables } from './theme.ts'

// Before the first request: a session that ended elsewhere ends here, too.
setUpClient(({ status }) => {
  const wasSignedIn = queryClient.getQueryData(getSessionQueryKey()) !== undefined
  if (status === 401 && wasSignedIn) forgetEverything()
})

const nonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

// What keeps the page still behind a dialog writes a style element, and asks for its nonce by this name (get-nonce).
Object.assign(globalThis, { __webpack_nonce__: nonce() })

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={nonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" />
        <ErrorBoundary FallbackComponent={Crash}>
          <SessionGate>
            <LiveProvider>
              <Frame>
                <Routes />
              </Frame>
            </LiveProvider>
          </SessionGate>
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  )
}
