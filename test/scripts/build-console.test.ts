// The console is built by the real tools from a small tree of its own: what comes out, when it is built again, and that
// nobody meets half of it.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { buildConsole, MAX_FIRST_LOAD_BYTES } from '../../scripts/build-console.ts'
import { firstLoadOf } from '../../scripts/console/first-load.ts'
import { readPagePaths } from '../../scripts/console/page-paths.ts'
import { consolePlaces, type ConsolePlaces } from '../../scripts/console/places.ts'
import { isConsoleStale } from '../../scripts/console/stamp.ts'

const ROOT = join(import.meta.dirname, '../..')

const PAGES = `import.meta.glob('./pages/*/page.ts', { eager: true })`

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{"type":"module"}',
  'package-lock.json': '{}',
  'docs/openapi.json': JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'small', version: '1' },
    paths: {
      '/health': {
        get: { operationId: 'getHealth', responses: { 200: { description: 'It lives' } } },
      },
    },
  }),
  'control-api/console/vite.config.ts': `export default {
    root: import.meta.dirname,
    base: '/console/',
    build: { manifest: true, assetsInlineLimit: 0 },
  }`,
  'control-api/console/index.html':
    '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><title>small</title>' +
    '<script type="module" src="./main.ts"></script>',
  'control-api/console/style.css': 'body { color: teal }',
  'control-api/console/main.ts': `import './style.css'
    const pages = ${PAGES}
    console.log('${'first '.repeat(100)}', pages, process.env.NODE_ENV)`,
  'control-api/console/shell/page.ts': 'export const definePage = (page: object) => page',
  'control-api/console/pages/overview/page.ts': `import { definePage } from '../../shell/page.ts'
    export const page = definePage({ path: ['/', '/one/:id'], load: () => import('./overview-page.ts') })`,
  'control-api/console/pages/overview/overview-page.ts': 'export const Component = document.title',
  'control-api/console/pages/two/page.ts': `export const page = { path: '/a-second' }`,
}

function smallTree(t: Test): {
  places: ConsolePlaces
  write: (path: string, text: string) => void
} {
  const root = t.testdir()
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [path, text] of Object.entries(FILES)) write(path, text)
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  return { places: consolePlaces(root), write }
}

const assetsOf = ({ dist }: ConsolePlaces): readonly string[] =>
  readdirSync(join(dist, 'assets')).toSorted()
const scriptOf = ({ dist }: ConsolePlaces): string =>
  /src="\/console\/(assets\/[^"]+)"/.exec(readFileSync(join(dist, 'index.html'), 'utf8'))?.[1] ?? ''
const AGAIN = { whenStale: true } as const

t.test('what is built, and when it is built again', async (t) => {
  const { places, write } = smallTree(t)
  const { dist, apiClient } = places
  t.ok(isConsoleStale(places), 'there is none')
  const { isNew, firstLoad } = await buildConsole(places, AGAIN)
  t.ok(isNew)
  t.notOk(isConsoleStale(places))
  t.same(JSON.parse(readFileSync(join(dist, 'pages.json'), 'utf8')), ['/', '/a-second', '/one/:id'])
  t.match(readFileSync(join(dist, 'index.html'), 'utf8'), '__CSP_NONCE__')
  const script = readFileSync(join(dist, scriptOf(places)))
  t.match(script.toString(), 'production', 'not what this process is')
  t.same(gunzipSync(readFileSync(join(dist, `${scriptOf(places)}.gz`))), script)
  t.same(brotliDecompressSync(readFileSync(join(dist, `${scriptOf(places)}.br`))), script)
  t.match(readFileSync(join(apiClient, 'sdk.gen.ts'), 'utf8'), /from '\.\/client\.gen\.ts'/)
  t.match(readFileSync(join(apiClient, '@tanstack/react-query.gen.ts'), 'utf8'), 'getHealthOptions')

  const names = firstLoad.files.map(({ name }) => name.replace(/-[\w-]{8}\./, '.'))
  const [page, entry] = ['assets/overview-page.js', 'assets/index.js']
  t.same(names.toSorted(), ['assets/index.css', entry, page, 'index.html'], 'the first page, too')
  t.ok(firstLoad.bytes > 300 && firstLoad.bytes < 5000, `${firstLoad.bytes} bytes`)
  t.same(
    readdirSync(dist).filter((name) => name.startsWith('.stage')),
    [],
  )

  t.notOk((await buildConsole(places, AGAIN)).isNew)
  const client = join(apiClient, 'sdk.gen.ts')
  utimesSync(client, 1, 1)
  for (const path of ['control-api/console/style.css~', 'control-api/console/.style.css.swp'])
    write(path, 'left by an editor')
  t.notOk(isConsoleStale(places))
  for (const [path, text] of [
    ['control-api/console/style.css', 'body { color: red }'],
    ['control-api/console/new.ts', ''],
    ['package-lock.json', '{"changed":true}'],
  ] as const) {
    write(path, text)
    t.ok(isConsoleStale(places), path)
    t.ok((await buildConsole(places, AGAIN)).isNew)
    t.notOk(isConsoleStale(places), path)
  }
  t.equal(statSync(client).mtimeMs, 1000, 'the document is the same, and so the client')
  write('docs/openapi.json', FILES['docs/openapi.json']?.replace('getHealth', 'getLife') ?? '')
  t.ok((await buildConsole(places, AGAIN)).isNew)
  t.match(readFileSync(client, 'utf8'), 'export const getLife')
  t.same(readdirSync(dirname(apiClient)), ['generated'], 'nothing is left beside it')
})

t.test('under a running server nothing goes missing', async (t) => {
  const { places, write } = smallTree(t)
  const next = async (word: string): Promise<readonly string[]> => {
    write('control-api/console/main.ts', `console.log('${word}', ${PAGES})`)
    write('control-api/console/pages/overview/overview-page.ts', `export const is = '${word}'`)
    await buildConsole(places, AGAIN)
    return assetsOf(places)
  }
  const first = await next('one')
  const second = await next('two')
  t.ok(first.length > 0)
  for (const name of first) t.ok(second.includes(name), `an open tab still finds ${name}`)
  const third = await next('three')
  for (const name of first) t.notOk(third.includes(name), `${name} went with the build after it`)

  const page = readFileSync(join(places.dist, 'index.html'), 'utf8')
  write('control-api/console/main.ts', 'this is no program')
  await t.rejects(buildConsole(places, AGAIN))
  t.ok(isConsoleStale(places))
  t.equal(readFileSync(join(places.dist, 'index.html'), 'utf8'), page, 'what there was is served')
  t.same(assetsOf(places), third)
  const fourth = await next('four')
  t.ok(fourth.length > 0)
  t.same(
    readdirSync(places.dist).filter((name) => name.startsWith('.stage')),
    [],
  )
})

t.test('two builds at once: one builds, the other finds it done', async (t) => {
  const { places } = smallTree(t)
  const both = await Promise.all([buildConsole(places, AGAIN), buildConsole(places, AGAIN)])
  t.same(both.map(({ isNew }) => isNew).toSorted(), [false, true])
  t.ok(existsSync(join(places.dist, scriptOf(places))))
})

t.test('a page without a path, or with another’s, is told', async (t) => {
  for (const [folder, text, why] of [
    ['none', 'export const page = {}', /exports no page with a path/],
    ['relative', "export const page = { path: 'calls' }", /exports no page with a path/],
    ['another', "export const page = { path: ['/x', '/a-second'] }", /two pages .* \/a-second/],
  ] as const) {
    const { places, write } = smallTree(t)
    write(`control-api/console/pages/${folder}/page.ts`, text)
    await t.rejects(readPagePaths(places), why)
  }
})

t.test('the console itself: up to date by npm test, and within its first load', async (t) => {
  const places = consolePlaces()
  const { firstLoad } = await buildConsole(places, AGAIN)
  t.ok(firstLoad.bytes < MAX_FIRST_LOAD_BYTES, `${firstLoad.bytes} bytes`, { ...firstLoad })
  t.ok(firstLoad.files.length >= 3)
  t.equal((await firstLoadOf(places.dist)).bytes, firstLoad.bytes)
})
