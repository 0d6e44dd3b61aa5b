// Which page an address shows. Each is loaded when it is first gone to, and breaks alone.
import { lazy, Suspense, type ComponentType } from 'react'
import { ErrorBoundary } from 'react-error-boundary'
import { Route, Switch, useLocation } from 'wouter'
import { Waiting } from '../components/waiting.tsx'
import { Arrived } from './arrived.tsx'
import { Crash } from './crash.tsx'
import { NoSuchPage } from './no-such-page.tsx'
import { pathsOf, type Page } from './page.ts'
import { pages } from './pages.ts'

const routes = pages.flatMap((page) => {
  const component = lazyPage(page)
  const [name] = pathsOf(page)
  return pathsOf(page).map((path) => ({ name, path, component }))
})

function lazyPage({ load }: Page): ComponentType {
  return lazy(async () => ({ default: (await load()).Component }))
}

export function Routes() {
  const [path] = useLocation()
  return (
    <ErrorBoundary FallbackComponent={Crash} resetKeys={[path]}>
      <Suspense fallback={<Waiting />}>
        <Arrived />
        <Switch>
          {/* The same for all addresses of a page: it stays what it is when one goes from one to another. */}
          {routes.map(({ name, path: pattern, component }) => (
            <Route key={name} path={pattern} component={component} />
          ))}
          <Route component={NoSuchPage} />
        </Switch>
      </Suspense>
    </ErrorBoundary>
  )
}
