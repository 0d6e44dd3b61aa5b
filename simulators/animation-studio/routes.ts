// Which route a request means: `GET /talks/{id}`.

export class Routes {
  readonly #routes: readonly { readonly route: string; readonly pattern: RegExp }[]

  /** @param routes earlier ones win */
  constructor(routes: readonly string[]) {
    this.#routes = routes.map((route) => ({
      route,
      pattern: new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`),
    }))
  }

  /** Empty: there is none. */
  of(method: string, pathname: string): string {
    return this.#routes.find(({ pattern }) => pattern.test(`${method} ${pathname}`))?.route ?? ''
  }
}

/** The n-th part of a path, decoded; empty for what cannot be. */
export function partOf({ pathname }: URL, index: number): string {
  try {
    return decodeURIComponent(pathname.split('/')[index] ?? '')
  } catch {
    return '' // Nothing is kept under what is no UTF-8.
  }
}
