// The harness of the browser tests finds what they rely on it to find: each fault is planted in a page, once.
import { once } from 'node:events'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, signIn, type ConsoleTab } from '../support/browser/open-console.ts'
import { ProgramScope } from '../support/browser/scope.ts'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:"
const CLEAN = '<main><h1>Calls</h1><button>Dial</button></main>'

const FAULTY = `<main style="color:red"><h1>Calls</h1><img alt="" src="http://elsewhere.example/dot.png"></main>`
/** Script → what is told of it. */
const FAULTS: Readonly<Record<string, RegExp>> = {
  "console.error('lost')": /console error: lost/,
  "setTimeout(() => { throw new Error('broken') })": /page error: Error: broken/,
  "Promise.reject(new Error('left'))": /page error: Error: left/,
  "open('http://elsewhere.example/there')": /foreign request: http:\/\/elsewhere\.example\/there/,
  "fetch('http://other.example/').catch(() => 0)": /CSP violation: connect-src forbids/,
  "try { eval('1') } catch {}": /CSP violation: script-src forbids eval/,
  "fetch('/answer/500')": /answer 500: GET \/answer\/500/,
  "fetch('/answer/404')": /console error: Failed to load resource.*404.*\(\/answer\/404\)/,
}

interface Planted {
  readonly body?: string
  readonly script?: string
}

/** A page, and whatever its script asks for: `/answer/STATUS`. */
async function servePage(t: Test, { body = CLEAN, script = '' }: Planted): Promise<string> {
  const server = createServer((request, reply) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const status = /^\/answer\/(\d+)$/.exec(pathname)?.[1]
    if (status !== undefined) reply.writeHead(Number(status)).end()
    else if (pathname === '/page.js')
      reply.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    else if (pathname === '/stream')
      reply.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    else
      reply
        .writeHead(200, { 'content-type': 'text/html', 'content-security-policy': POLICY })
        .end(
          `<!doctype html><html lang="en"><title>Page</title><link rel="icon" href="data:,"><body>${body}<script src="/page.js"></script></body></html>`,
        )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
}

t.setTimeout(120_000)
t.test('the harness', needsBrowser(), async (t) => {
  const browser = await openBrowser(t)

  /** What the teardown of a test that walks this page would throw. */
  const outcome = async (
    t: Test,
    planted: Planted,
    walk: (tab: ConsoleTab) => unknown = () => undefined,
  ): Promise<string> => {
    const url = await servePage(t, planted)
    const scope = new ProgramScope()
    const tab = await openConsole(scope, { browser, url })
    await walk(tab)
    return scope.close().then(
      () => 'passed',
      (error: unknown) => String(error),
    )
  }

  t.test('finds nothing wrong with a clean page', async (t) => {
    const script = `console.log('well'); fetch('/answer/204'); new EventSource('/stream')`
    t.equal(await outcome(t, { script }), 'passed', 'a stream that stays open is no unrest')
  })

  t.test('finds each fault that is planted in a page', async (t) => {
    const found = await outcome(t, { body: FAULTY, script: Object.keys(FAULTS).join('\n') })
    for (const [script, pattern] of Object.entries(FAULTS)) t.match(found, pattern, script)
    t.match(found, /foreign request: http:\/\/elsewhere\.example\/dot\.png/, 'a picture of others')
    t.match(found, /CSP violation: style-src-attr forbids inline/, 'an inline style')
  })

  t.test('what is expected fails nothing, and nothing else is let through', async (t) => {
    const script = `fetch('/answer/403'); console.error('asked too soon')`
    const passed = await outcome(t, { script }, (tab) => {
      tab.expectErrors(404, /another page/)
      t.match(tab.problems().toSorted(), [/403/, /asked too soon/])
      tab.expectErrors(403)
      t.match(tab.problems(), [/asked too soon/])
      tab.expectErrors(/asked too soon/)
    })
    t.equal(passed, 'passed')
  })

  t.test('a page that never rests is named', async (t) => {
    const script = `setInterval(() => fetch('/answer/204'), 50)`
    const url = await servePage(t, { body: CLEAN })
    const tab = await openConsole(t, { browser, url })
    await tab.page.evaluate(`void (${script})`)
    await t.rejects(tab.settled({ timeoutMs: 600 }), /does not come to rest/)
  })

  t.test('axe finds serious violations, under a strict CSP, and says where', async (t) => {
    const body = '<main><h1>Calls</h1><button id="bare"></button></main>'
    const { page } = await openConsole(t, { browser, url: await servePage(t, { body }) })
    t.match(await axe(page), [/^critical button-name: .* — #bare$/])
    await page.evaluate(`document.querySelector('#bare').textContent = 'Dial'`)
    t.same(await axe(page), [])
  })

  t.test('what is wider than the screen, and who looks at it', async (t) => {
    const body = `${CLEAN}<pre>${'wide '.repeat(100)}</pre>`
    const url = await servePage(t, { body })
    const tab = await openConsole(t, {
      browser,
      url,
      width: 390,
      colorScheme: 'dark',
      locale: 'ru-RU',
      timezone: 'America/New_York',
    })
    t.ok((await overflow(tab.page)) > 100)
    const seen = await tab.page.evaluate<unknown>(
      `({ width: innerWidth, dark: matchMedia('(prefers-color-scheme: dark)').matches,
        language: navigator.language, zone: Intl.DateTimeFormat().resolvedOptions().timeZone })`,
    )
    const zone = 'America/New_York'
    t.same(seen, { width: 390, dark: true, language: 'ru-RU', zone })
  })

  t.test('signs in as people do', async (t) => {
    const body = `<main><h1>Calls</h1><label>Key <input id="key"></label><button>Sign in</button></main>`
    const script = `document.querySelector('button').onclick = () => {
      document.title = document.querySelector('#key').value }`
    const { page } = await openConsole(t, { browser, url: await servePage(t, { body, script }) })
    await signIn(page, 'a key')
    t.equal(await page.title(), 'a key')
  })
})
