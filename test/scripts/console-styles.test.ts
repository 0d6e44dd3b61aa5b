// Each component of Mantine that the built console has code of has its styles there, too, and no other's are loaded.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildConsole } from '../../scripts/build-console.ts'
import { consolePlaces } from '../../scripts/console/places.ts'

const STYLES = join(import.meta.dirname, '../../node_modules/@mantine/core/styles')
const LIST = 'control-api/console/shell/mantine-styles.ts'
/** Of CSS modules: in the code as in the styles. */
const HASH = /\bm_[0-9a-f]{6,8}\b/g

const hashesIn = (text: string): ReadonlySet<string> => new Set(text.match(HASH))

const firstClass = (name: string): string =>
  /\.m_[0-9a-f]{6,8}/.exec(readFileSync(join(STYLES, name), 'utf8'))?.[0] ?? ''

t.test('the styles of the console', async (t) => {
  const places = consolePlaces()
  await buildConsole(places, { whenStale: true })
  const assets = JSON.parse(readFileSync(join(places.dist, 'assets.json'), 'utf8')) as string[]
  const textOf = (end: string): string =>
    assets
      .filter((name) => name.endsWith(end))
      .map((name) => readFileSync(join(places.dist, 'assets', name), 'utf8'))
      .join('\n')
  const used = hashesIn(textOf('.js'))
  const there = hashesIn(textOf('.css'))
  const list = readFileSync(join(places.sources, 'shell/mantine-styles.ts'), 'utf8')
  t.ok(used.size > 50 && there.size > 50, 'classes are found')

  const all = readFileSync(join(STYLES, '../styles.css'), 'utf8')
  const components = readdirSync(STYLES)
    .filter((name) => /^[A-Z]\w*\.css$/.test(name))
    .map((name) => ({ name, own: [...hashesIn(readFileSync(join(STYLES, name), 'utf8'))] }))
    .filter(({ own }) => own.length > 0)
  const isListed = ({ name }: { name: string }): boolean => list.includes(`/styles/${name}'`)
  for (const component of components) {
    const { name, own } = component
    const isUsed = own.some((hash) => used.has(hash))
    if (isUsed) t.ok(isListed(component), `${name} belongs into ${LIST}`)
    else t.notOk(isListed(component), `${name} is nobody's any more in ${LIST}`)
    if (isUsed)
      t.ok(
        own.some((hash) => there.has(hash)),
        `${name} came through the build`,
      )
  }
  const listed = [...list.matchAll(/styles\/([A-Z]\w*)\.css/g)].map(([, name = '']) => name)
  const positions = listed.map((name) => all.indexOf(firstClass(`${name}.css`)))
  t.same(
    positions,
    positions.toSorted((one, other) => one - other),
    'in the order of styles.css',
  )
})
