// What is promised of the words: the tour stays short, and no link leads nowhere.
import t from 'tap'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FEED_TYPES } from '../control-api/feed/feed.ts'
import { readPagePaths } from '../scripts/console/page-paths.ts'
import { consolePlaces } from '../scripts/console/places.ts'

/** After these five a reader can explain a call (docs/architecture.md). */
const TOUR = [
  'README.md',
  'docs/architecture.md',
  'gateway/call/call-session.ts',
  'bridge/session/media-session.ts',
  'bridge/session/pipeline.ts',
]
const MOST_LINES: Readonly<Record<string, number>> = { 'README.md': 90, 'docs/architecture.md': 72 }

const NOT_OURS = ['node_modules', 'data', '.git', '.tap']
const MARKDOWN = globSync('**/*.md', {
  exclude: NOT_OURS,
}).toSorted()
/** By hand, and about what is built. */
const WRITTEN = MARKDOWN.filter((path) =>
  /^(?:README|examples\/README|docs\/[^/]+)\.md$/.test(path),
)
/** `[text](target)`, images too; not what stands in code. */
const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g
/** As `folder/file.ts`. */
const SOURCE_FILE = /`([\w./-]+\.(?:ts|mjs))`/g
/** In code: `A_SETTING`, `AN_ERROR_CODE`, `voicegate_a_metric`, `agent.opened`. */
const NAME =
  /`((?:[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]|voicegate_[a-z_]+(?<!_)|(?:agent|call|media|sip|recording|prompt)\.[a-z_]+))(?=[`={])/g
/** Of other programs, and of our examples. */
const NAMES_OF_OTHERS = new Set([
  // Of Voximplant: a secret of an application there, a model of its detector.
  'VOICEGATE_KEY',
  'EU_GENERAL',
  ...['NODE_DEBUG', 'NODE_ENV', 'VOICEGATE_URL'],
  // Announced of the node, and no event (docs/live-events.md).
  'media.changed',
  // In docker-compose.yml.
  ...['COMPOSE_PROFILES', 'POSTGRES_PASSWORD'],
])
const OUTSIDE = /^[a-z]+:/

const linesOf = (path: string): number => readFileSync(path, 'utf8').trimEnd().split('\n').length

const proseOf = (path: string): string =>
  readFileSync(path, 'utf8')
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/`[^`\n]*`/g, '')

/** As GitHub names a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const anchorsIn = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    anchorOf(heading),
  )

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? from : join(dirname(from), decodeURIComponent(path))
  if (!existsSync(target)) return false
  return anchor === undefined || anchorsIn(target).includes(anchor)
}

t.test('the tour of five files has less than 900 lines', async (t) => {
  const lines = TOUR.map((path) => ({ path, lines: linesOf(path) }))
  const sum = lines.reduce((total, one) => total + one.lines, 0)
  t.ok(sum < 900, `${sum} lines`, { lines })
  for (const [path, most] of Object.entries(MOST_LINES))
    t.ok(linesOf(path) <= most, `${path}: ${linesOf(path)} of ${most}`)
})

t.test('every link in every document leads somewhere', async (t) => {
  t.ok(MARKDOWN.length > 30, `${MARKDOWN.length} documents were found`)
  const links = MARKDOWN.flatMap((from) =>
    [...proseOf(from).matchAll(LINK)].map(([, link = '']) => ({ from, link })),
  ).filter(({ link }) => !OUTSIDE.test(link))
  t.ok(links.length > 30, `${links.length} links were found`)
  t.same(
    links.filter(({ from, link }) => !leadsSomewhere(from, link)),
    [],
  )
})

t.test('every source file that a document names is there', async (t) => {
  const sources = globSync('**/*.{ts,mjs}', { exclude: NOT_OURS })
  // Decisions and changes tell of the day they were written.
  const present = MARKDOWN.filter(
    (path) => path !== 'CHANGELOG.md' && !path.startsWith('docs/adr/'),
  )
  const named = present.flatMap((from) =>
    [...readFileSync(from, 'utf8').matchAll(SOURCE_FILE)].map(([, file = '']) => ({ from, file })),
  )
  t.ok(named.length > 50, `${named.length} names were found`)
  t.same(
    named.filter(({ file }) => !sources.some((path) => `/${path}`.endsWith(`/${file}`))),
    [],
  )
})

t.test('every setting, error code, metric and event that a document names is there', async (t) => {
  const generated = ['.env.example', 'docs/errors.md', 'docs/metrics.md', 'docs/events.md']
  const known = [...generated.map((path) => readFileSync(path, 'utf8')), ...FEED_TYPES].join('\n')
  const isKnown = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(known)
  const named = WRITTEN.flatMap((from) =>
    [...readFileSync(from, 'utf8').matchAll(NAME)].map(([, name = '']) => ({ from, name })),
  )
  t.ok(named.length > 100, `${named.length} names were found`)
  t.same(
    named.filter(({ name }) => !isKnown(name) && !NAMES_OF_OTHERS.has(name)),
    [],
  )
})

t.test('every document of docs/ is reached from the README or the architecture', async (t) => {
  const reached = new Set(['README.md'])
  const walk = (from: string): void => {
    for (const [, link = ''] of proseOf(from).matchAll(LINK)) {
      const target = join(dirname(from), link.split('#')[0] ?? '')
      if (!target.endsWith('.md') || OUTSIDE.test(link) || reached.has(target)) continue
      reached.add(target)
      if (existsSync(target)) walk(target)
    }
  }
  walk('README.md')
  const lost = MARKDOWN.filter((path) => /^docs\/[^/]+\.md$/.test(path) && !reached.has(path))
  t.same(lost, [])
})

const COVERAGE = 'docs/coverage.md'
const ROUTE = /^(GET|POST|PUT|PATCH|DELETE) (\/\S+)$/
const FILE = /^[\w@.-]+(?:\/[\w@.-]+)+$/

interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What of a document's code leads nowhere: files and folders, routes by their method, pages and addresses. */
async function deadCode(text: string): Promise<readonly string[]> {
  const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as ApiDescription
  const addresses = new Set([...(await readPagePaths(consolePlaces())), ...Object.keys(paths)])
  // The document of the API does not name itself.
  addresses.add('/docs')
  const isDead = (code: string): boolean => {
    const [, method = '', path = ''] = ROUTE.exec(code) ?? []
    if (path !== '') return paths[path]?.[method.toLowerCase()] === undefined
    if (code.startsWith('/')) return !addresses.has(code)
    return FILE.test(code) && !existsSync(code)
  }
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code).filter(isDead)
}

t.test('what the replaced systems did: each file, route and page of it is there', async (t) => {
  const text = readFileSync(COVERAGE, 'utf8')
  t.same(await deadCode(text), [])
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|-]+$/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .filter(([, , last]) => last?.trim() !== 'shown by')
  const odd = rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell.trim() === ''))
  t.same(odd, [], 'three cells, each with something in it')
  const count = (word: string): number =>
    rows.filter(([, here = '']) => here.trim().startsWith(word)).length
  const counted = `${rows.length} rows: ${count('Partly')} partly, ${count('Missing')} missing.`
  t.ok(text.includes(`**${counted}**`), counted)
})

t.test('the check itself sees what is wrong', async (t) => {
  t.ok(leadsSomewhere('README.md', 'docs/architecture.md#the-law'))
  t.notOk(leadsSomewhere('README.md', 'docs/nowhere.md'))
  t.notOk(leadsSomewhere('README.md', 'docs/architecture.md#nowhere'))
  const dead = ['test/nowhere.test.ts', 'POST /health', 'GET /nowhere', '/nowhere/page']
  const alive = ['test/documents.test.ts', 'control-api/ivr', 'GET /health', '/calls', 'npm test']
  t.same(await deadCode([...dead, ...alive].map((code) => `\`${code}\``).join(' ')), dead)
})
