// What a page must not do: errors on its console, exceptions, requests to others, breaches of its CSP, failures of ours.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, ConsoleMessage, Page, Request, Response } from 'playwright-core'

/** A pattern that a problem's line matches, or the 4xx status of an answer. */
export type Expected = RegExp | number

export interface SettleOptions {
  /** So long nothing was asked for, from now on. */
  readonly quietMs?: number
  readonly timeoutMs?: number
}

const FAILED_FETCH = /^Failed to load resource: the server responded with a status of (\d+)/
/** They are no requests: nothing leaves the page. */
const LOCAL_SCHEMES = new Set(['data:', 'blob:', 'about:'])
const QUIET_MS = 200
const SETTLE_MS = 10_000

export class PageWatch {
  readonly #origin: string
  readonly #problems: { readonly line: string; readonly status?: number }[] = []
  readonly #expected: Expected[] = []
  readonly #warnings: string[] = []
  readonly #asked = new Set<Request>()
  #quietSince = performance.now()

  private constructor(origin: string) {
    this.#origin = origin
  }

  /** Before the first page is opened. */
  static async of(context: BrowserContext, url: string): Promise<PageWatch> {
    const watch = new PageWatch(new URL(url).origin)
    context.on('console', (message) => watch.#hear(message))
    context.on('weberror', (error) => watch.#add(`page error: ${describe(error.error())}`))
    context.on('request', (request) => watch.#ask(request))
    context.on('response', (response) => watch.#answer(response))
    context.on('requestfinished', (request) => watch.#done(request))
    context.on('requestfailed', (request) => watch.#done(request))
    context.on('page', (page) => watch.#watchSockets(page))
    await context.exposeFunction('tellCspViolation', (what: string) => {
      watch.#add(`CSP violation: ${what}`)
    })
    await context.addInitScript(() => {
      const tell = (globalThis as unknown as { tellCspViolation: (what: string) => void })
        .tellCspViolation
      const listen = globalThis as unknown as {
        addEventListener(type: string, listener: (event: Record<string, string>) => void): void
      }
      listen.addEventListener('securitypolicyviolation', (event) =>
        tell(`${event['effectiveDirective']} forbids ${event['blockedURI']}`),
      )
    })
    return watch
  }

  /** From now on, and of what happened already. */
  expect(...what: readonly Expected[]): void {
    this.#expected.push(...what)
  }

  /** What nobody expected, one line each. */
  problems(): readonly string[] {
    const isExpected = ({ line, status }: { line: string; status?: number }): boolean =>
      this.#expected.some((one) => (typeof one === 'number' ? one === status : one.test(line)))
    return [...new Set(this.#problems.filter((one) => !isExpected(one)).map(({ line }) => line))]
  }

  warnings(): readonly string[] {
    return this.#warnings
  }

  /**
   * Until nothing was asked for a moment; streams of events stay open and do not count.
   * @throws Error that names what is still asked for
   */
  async settled({ quietMs = QUIET_MS, timeoutMs = SETTLE_MS }: SettleOptions = {}): Promise<void> {
    const deadline = performance.now() + timeoutMs
    // What a click brings about is asked for in a moment.
    this.#quietSince = performance.now()
    while (this.#asked.size > 0 || performance.now() - this.#quietSince < quietMs) {
      if (performance.now() > deadline) {
        const open = [...this.#asked].map((one) => `${one.method()} ${pathOf(one.url())}`)
        throw new Error(`the page does not come to rest: ${open.join(', ') || 'it asks on and on'}`)
      }
      await sleep(25)
    }
  }

  #hear(message: ConsoleMessage): void {
    const text = message.text()
    if (message.type() === 'warning') this.#warnings.push(text)
    if (message.type() !== 'error') return
    const status = FAILED_FETCH.exec(text)?.[1]
    const { url } = message.location()
    const where = url === '' ? '' : ` (${pathOf(url)})`
    this.#add(`console error: ${text}${where}`, status === undefined ? undefined : Number(status))
  }

  #ask(request: Request): void {
    const url = new URL(request.url())
    if (LOCAL_SCHEMES.has(url.protocol)) return
    if (url.origin !== this.#origin) this.#add(`foreign request: ${url.origin}${url.pathname}`)
    this.#asked.add(request)
    this.#quietSince = performance.now()
  }

  #answer(response: Response): void {
    const request = response.request()
    const isStream = response.headers()['content-type']?.startsWith('text/event-stream') === true
    if (isStream) this.#done(request)
    const status = response.status()
    if (status < 500) return
    this.#add(`answer ${status}: ${request.method()} ${pathOf(request.url())}`, status)
  }

  #done(request: Request): void {
    if (this.#asked.delete(request)) this.#quietSince = performance.now()
  }

  #watchSockets(page: Page): void {
    page.on('websocket', (socket) => {
      const { host } = new URL(socket.url())
      if (host !== new URL(this.#origin).host) this.#add(`foreign request: WebSocket to ${host}`)
    })
  }

  #add(line: string, status?: number): void {
    this.#problems.push(status === undefined ? { line } : { line, status })
  }
}

const describe = (error: Error): string => error.stack ?? error.message

function pathOf(url: string): string {
  if (!URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  return pathname + search
}
