// The Dockerfile: pinned, without a secret, not root, and with everything that runs.
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { consolePlaces } from '../../scripts/console/places.ts'
import { readCompose, ROOT, textOf } from './compose-file.ts'

const LINES = textOf('Dockerfile')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

const valuesOf = (instruction: string): readonly string[] =>
  LINES.filter((line) => line.startsWith(`${instruction} `)).map((line) =>
    line.slice(instruction.length + 1).trim(),
  )

/** Lines of .dockerignore that let something in. */
const LET_IN = textOf('.dockerignore')
  .split('\n')
  .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
const isLetIn = (path: string): boolean =>
  LET_IN.some((one) => path === one || path.startsWith(`${one}/`))
const LEFT_OUT = textOf('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !/^[#!]/.test(line))

/** Of the image that runs: what stands after the last FROM. */
const RUNTIME = LINES.slice(LINES.findLastIndex((line) => line.startsWith('FROM ')))

t.test('the base is Node 24, pinned, without a registry, for both stages the same', async (t) => {
  const bases = valuesOf('FROM')
  t.match(bases, [/^node:24\.\d+\.\d+-[a-z]+-slim AS console$/, /^node:24\.\d+\.\d+-[a-z]+-slim$/])
  t.equal(bases.length, 2)
  t.equal(bases[0]?.split(' ')[0], bases[1])
})

t.test('the console is built with tools that do not run', async (t) => {
  const build = LINES.slice(0, LINES.length - RUNTIME.length)
  t.ok(build.some((line) => /^RUN npm ci --include=dev(?! .*--omit)/.test(line)))
  t.ok(build.some((line) => /^RUN node .*scripts\/build-console\.ts$/.test(line)))
  t.ok(RUNTIME.some((line) => /^RUN npm ci --omit=dev(?! .*--include)/.test(line)))
  const copies = RUNTIME.filter((line) => line.startsWith('COPY '))
  const dist = 'control-api/console/dist'
  t.equal(copies.at(-1), `COPY --from=console /app/${dist} ${dist}`, 'over what else there is')
  for (const made of [dist, 'control-api/console/api/generated*'])
    t.ok(LEFT_OUT.includes(made), `${made} of this machine stays out`)
  const places = consolePlaces(ROOT)
  for (const path of [places.apiDocument, ...places.alsoRead])
    t.ok(isLetIn(relative(ROOT, path)), path)
})

t.test('what reads photos and videos is in it, and no second Node', async (t) => {
  const install = RUNTIME.find((line) => line.startsWith('RUN npm ci'))
  // sharp's programs are optional packages.
  t.notMatch(install, '--omit=optional')
  t.match(install, 'rm -rf node_modules/node-linux-* node_modules/.bin/node ')
  t.ok(RUNTIME.some((line) => /^RUN apt-get .*--no-install-recommends ffmpeg /.test(line)))
})

t.test('it runs as nobody in particular, says how it stops and whether it lives', async (t) => {
  t.same(valuesOf('USER'), ['node'])
  t.ok(
    RUNTIME.findIndex((line) => line.startsWith('USER')) <
      RUNTIME.findIndex((line) => line.startsWith('CMD')),
  )
  t.same(valuesOf('STOPSIGNAL'), ['SIGTERM'])
  t.match(valuesOf('HEALTHCHECK')[0], 'deploy/healthcheck.mjs')
  t.match(textOf('deploy/healthcheck.mjs'), '/health`')
})

t.test('node is the first process, with the flags of npm start', async (t) => {
  const command = JSON.parse(valuesOf('CMD')[0] ?? '') as readonly string[]
  const [, flags = ''] = /const flags = \[([^\]]*)\]/.exec(textOf('scripts/run.mjs')) ?? []
  t.ok(flags.length > 0)
  t.same(command, ['node', ...flags.split(', ').map((flag) => flag.replaceAll("'", '')), 'main.ts'])
})

t.test('no secret is in it, and none gets in', async (t) => {
  t.same(valuesOf('ARG'), [])
  t.same(
    LINES.filter((line) => /SECRET|PASS|TOKEN|API_KEY/.test(line)),
    [],
  )
  t.equal(LEFT_OUT[0], '*', 'nothing is let in but what is named')
  for (const pattern of ['**/.env*', '**/*.pem', '**/*.key'])
    t.ok(LEFT_OUT.includes(pattern), pattern)
  t.same(
    LET_IN.filter((path) => /^(?:test|data|proof|bench|node_modules|\.git|\.env)/.test(path)),
    [],
  )
})

/** What a file imports of ours, by path or by a name of package.json. */
function importsOf(path: string): readonly string[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const found = [...text.matchAll(/(?:from|import\(|URL\()\s*'([^']+)'/g)]
  return found.flatMap(([, name = '']) => {
    if (name.startsWith('#')) return [name.slice(1).split('/')[0] ?? '']
    if (name.startsWith('.')) return [join(path, '..', name)]
    return []
  })
}

t.test('what runs finds all that it imports', async (t) => {
  const folders = LET_IN.filter((path) => !path.includes('.'))
  const programs = LET_IN.filter((path) => path.endsWith('.ts'))
  // What docs/operations.md has an operator run in the container.
  for (const name of ['backup', 'restore', 'secrets'])
    t.ok(programs.includes(`scripts/${name}.ts`), name)
  const files = [
    ...programs,
    ...globSync(
      folders.map((folder) => `${folder}/**/*.{ts,tsx}`),
      { cwd: ROOT, exclude: ['control-api/console/{dist,api/generated*}/**'] },
    ),
  ]
  t.ok(files.length > 200, `${files.length} files`)
  const missing = files.flatMap((file) =>
    importsOf(file)
      .filter((path) => !isLetIn(path))
      .map((path) => `${file}: ${path}`),
  )
  t.same(missing, [])
})

t.test('its tag is the version of the program', async (t) => {
  const { version } = JSON.parse(textOf('package.json')) as { version: string }
  const { image, build } = readCompose(textOf('docker-compose.yml')).services['voicegate'] ?? {}
  t.same([image, build], [`voicegate:${version}`, '.'])
})
