// The console's files as they are served, from a small build made up here: pages, assets, policy, and what there is before
// it is built. The console itself is tested in a browser.
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { consolePlaces } from '../../scripts/console/places.ts'
import { buildApp, type BuiltApp } from '../support/build-app.ts'
import { rawRequest } from '../support/raw-http.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const SCRIPT = 'console.log("the console")\n'.repeat(40)
const BROTLI = brotliCompressSync(SCRIPT)
const GZIP = gzipSync(SCRIPT)
const NAME = 'index-A1b2_c3.js'

const page = (title: string): string =>
  `<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><title>${title}</title>` +
  `<script type="module" nonce="__CSP_NONCE__" src="/console/assets/${NAME}"></script>`

function writeBuild(directory: string, title: string, pages: readonly string[]): void {
  mkdirSync(join(directory, 'assets'), { recursive: true })
  writeFileSync(join(directory, 'assets', NAME), SCRIPT)
  writeFileSync(join(directory, 'assets', `${NAME}.br`), BROTLI)
  writeFileSync(join(directory, 'assets', `${NAME}.gz`), GZIP)
  writeFileSync(join(directory, 'index.html'), page(title))
  writeFileSync(join(directory, 'pages.json'), JSON.stringify(pages))
}

const PAGES = ['/', '/calls', '/calls/:call_id', '/later/:part?', '/notes/*']

async function withConsole(t: Test): Promise<{ app: BuiltApp; directory: string }> {
  const directory = t.testdir()
  writeBuild(directory, 'first', PAGES)
  const app = await buildApp(t, {
    // Nothing of it needs a key.
    config: { consoleDirectory: directory, requireKey: true, apiKey: 'k'.repeat(32) },
  })
  return { app, directory }
}

t.test('every page has the same page, with a nonce of its own answer', async (t) => {
  const { app } = await withConsole(t)
  const nonces = new Set<string>()
  for (const path of [
    '/',
    '/?x=1',
    '/calls',
    '/calls/',
    '/calls/call_1',
    '/later',
    '/later/x',
    '/notes/a/b',
  ]) {
    const answer = await app.request(path)
    t.equal(answer.status, 200, path)
    t.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
    t.equal(answer.headers.get('cache-control'), 'no-store')
    const policy = answer.headers.get('content-security-policy') ?? ''
    const [, nonce = ''] = /style-src 'self' 'nonce-([\w+/]{22}==)'/.exec(policy) ?? []
    t.equal(await answer.text(), page('first').replaceAll('__CSP_NONCE__', nonce))
    nonces.add(nonce)
    t.same(
      policy.replace(nonce, 'N').split('; ').toSorted(),
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'nonce-N'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].toSorted(),
    )
  }
  t.equal(nonces.size, 8)
  for (const path of ['/', '/calls/call_1', '/nowhere']) {
    const head = await app.request(path, { method: 'HEAD', headers: BROWSER })
    t.equal(head.status, path === '/nowhere' ? 404 : 200, `HEAD ${path}`)
    t.match(head.headers.get('content-type'), 'text/html')
    t.equal(await head.text(), '')
  }
})

t.test('an unknown path is told by the page to a browser, by a problem to a program', async (t) => {
  const { app } = await withConsole(t)
  const ask = async (path: string, accept: string, method = 'GET') => {
    const { status, headers } = await app.request(path, { method, headers: { accept } })
    return [status, headers.get('content-type')?.split(';', 1)[0]]
  }
  for (const path of ['/nowhere', '/calls/a/b', '/callsx', '/later/x/y', '/apis', '/index.html'])
    t.same(await ask(path, BROWSER.accept), [404, 'text/html'], path)
  for (const accept of ['*/*', 'application/json', 'text/html;q=0, */*', 'text/htmlx', ''])
    t.same(await ask('/nowhere', accept), [404, 'application/problem+json'], accept)
  for (const top of ['api', 'webhook', 'webhooks', 'twilio', 'console', 'docs', 'metrics'])
    t.same(await ask(`/${top}/nowhere`, BROWSER.accept), [404, 'application/problem+json'], top)
  for (const method of ['POST', 'DELETE', 'PUT'])
    t.same(await ask('/calls', BROWSER.accept, method), [404, 'application/problem+json'], method)
})

t.test('assets come compressed, and are kept for a year', async (t) => {
  const { app } = await withConsole(t)
  const { api } = app
  for (const [encoding, { length }] of [
    ['br', BROTLI],
    ['gzip', GZIP],
    ['identity', Buffer.from(SCRIPT)],
  ] as const) {
    // fetch would unpack it.
    const bytes = `GET /console/assets/${NAME} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${encoding}\r\nConnection: close\r\n\r\n`
    const answer = (await rawRequest(t, api.address, bytes)).answers[0]
    t.equal(answer?.status, 200, encoding)
    t.match(answer?.headers, {
      'content-type': /^(?:text|application)\/javascript; charset=utf-8$/,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    })
    t.equal(answer?.headers['content-encoding'] ?? 'identity', encoding)
    t.equal(answer?.headers['content-length'], String(length))
  }
  const plain = await app.request(`/console/assets/${NAME}`)
  t.equal(await plain.text(), SCRIPT)
  const head = await app.request(`/console/assets/${NAME}`, { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(await head.text(), '')
})

t.test('nothing but assets comes out of the folder', async (t) => {
  const { app, directory } = await withConsole(t)
  const assets = join(directory, 'assets')
  writeFileSync(join(directory, 'secret.txt'), 'planted')
  writeFileSync(join(assets, '.hidden'), 'planted')
  mkdirSync(join(assets, 'folder'))
  writeFileSync(join(assets, 'folder', 'deep.js'), 'planted')
  symlinkSync(join(directory, 'secret.txt'), join(assets, 'link.js'))
  symlinkSync(directory, join(assets, 'up'))
  writeFileSync(join(assets, 'half.js'), 'fine')
  symlinkSync(join(directory, 'secret.txt'), join(assets, 'half.js.br'))
  for (const rest of [
    '',
    '.hidden',
    'link.js',
    'link.js?x',
    'half.js',
    'up/secret.txt',
    'folder/deep.js',
    'folder',
    '../secret.txt',
    '..%2fsecret.txt',
    '%2e%2e/secret.txt',
    '%2e%2e%2fsecret.txt',
    '..%5csecret.txt',
    '..\\secret.txt',
    '%252e%252e%252fsecret.txt',
    'x/%2e%2e/%2e%2e/secret.txt',
    './link.js',
    '/etc/passwd',
    '%00',
    `${NAME}%00.js`,
    `${NAME}/`,
    'nowhere.js',
  ]) {
    const bytes = `GET /console/assets/${rest} HTTP/1.1\r\nHost: localhost\r\nAccept: ${BROWSER.accept}\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n`
    const answer = (await rawRequest(t, app.api.address, bytes)).answers[0]
    t.ok([400, 404].includes(answer?.status ?? 0), `${rest}: ${answer?.status}`)
    t.match(answer?.headers['content-type'], 'application/problem+json', rest)
    t.equal(answer?.headers['cache-control'], 'no-store', rest)
    t.notMatch(answer?.body, 'planted', rest)
  }
})

t.test('before it is built it says so, and a build is met without a restart', async (t) => {
  const directory = join(t.testdir(), 'dist')
  const app = await buildApp(t, { config: { consoleDirectory: directory } })
  for (const path of ['/', '/calls', '/nowhere']) {
    const answer = await app.request(path, { headers: BROWSER })
    t.equal(answer.status, 503, path)
    t.match(answer.headers.get('content-security-policy'), /^default-src 'none'; [^;]*; [^;]*$/)
    t.match(await answer.text(), 'npm run console')
  }
  const asked = await app.request('/')
  t.equal(asked.status, 503)
  t.match(await asked.json(), { code: 'CONSOLE_NOT_BUILT', what_to_do: /npm run console/ })
  t.equal((await app.request('/calls')).status, 404, 'not known to be a page')
  t.equal((await app.request(`/console/assets/${NAME}`)).status, 404)

  writeBuild(directory, 'first', ['/'])
  t.match(await (await app.request('/')).text(), 'first')
  t.equal((await app.request(`/console/assets/${NAME}`)).status, 200)
  t.equal((await app.request('/orders2')).status, 404)
  writeBuild(directory, 'the second', ['/', '/orders2'])
  t.match(await (await app.request('/orders2')).text(), 'the second')

  writeFileSync(join(directory, 'pages.json'), '{"broken"')
  for (let i = 0; i < 3; i++)
    t.equal((await app.request('/', { headers: BROWSER })).status, 503, 'cannot be read')
  t.equal(app.logged().match(/the built console cannot be read/g)?.length, 1, 'told once')
  rmSync(directory, { recursive: true })
  t.equal((await app.request('/', { headers: BROWSER })).status, 503, 'gone')
  t.equal((await app.request('/health')).status, 200)
})

t.test('without a folder there is none', async (t) => {
  const app = await buildApp(t)
  t.equal((await app.request('/', { headers: BROWSER })).status, 503)
  t.equal((await app.request('/console/assets/x.js', { headers: BROWSER })).status, 404)
})

t.test('the page has nothing inline and nothing from outside', async (t) => {
  const html = readFileSync(join(consolePlaces().sources, 'index.html'), 'utf8')
  t.match(html, '__CSP_NONCE__')
  t.notMatch(html, /<script(?![^>]*\bsrc=)|<style/, 'no inline script, no style element')
  t.notMatch(html, /\son\w+=|\sstyle=/, 'no handler, no style')
  t.notMatch(html, /(?:src|href)="(?:https?:)?\/\//, 'nothing from outside')
})
