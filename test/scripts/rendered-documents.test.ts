// The documents made from code: none is stale, the API document is whole, and making them starts nothing.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { readEventReference } from '../../scripts/event-reference.ts'
import { buildApp } from '../support/build-app.ts'
import { temporaryFolder } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Counts what listens and the folders that are made while it runs, and says what is open at its end. */
const watchingProgram = (module: string): string => `
  import { syncBuiltinESMExports } from 'node:module'
  import { Server } from 'node:net'
  import { Socket } from 'node:dgram'
  import files from 'node:fs/promises'
  import { readFileSync } from 'node:fs'
  import { join } from 'node:path'
  const seen = { listened: 0, made: 0 }
  for (const [prototype, name] of [[Server.prototype, 'listen'], [Socket.prototype, 'bind']]) {
    const own = prototype[name]
    prototype[name] = function (...values) {
      seen.listened += 1
      return own.apply(this, values)
    }
  }
  const { mkdtemp } = files
  files.mkdtemp = (...values) => {
    seen.made += 1
    return mkdtemp(...values)
  }
  syncBuiltinESMExports()
  const { renderedDocuments } = await import(${JSON.stringify(module)})
  const documents = await renderedDocuments()
  const isStale = ({ path, text }) => readFileSync(join(${JSON.stringify(ROOT)}, path), 'utf8') !== text
  const paths = documents.map(({ path }) => path)
  const stale = documents.filter(isStale).map(({ path }) => path)
  const open = process.getActiveResourcesInfo().filter((name) => /Server|UDP|Worker|MessagePort/.test(name))
  process.stdout.write(JSON.stringify({ ...seen, open, paths, stale }))`

t.test('none is stale; making them starts nothing, leaves nothing and ends', async (t) => {
  const folder = temporaryFolder(t, 'documents')
  const work = join(folder, 'work')
  const temporary = join(folder, 'temporary')
  mkdirSync(work)
  mkdirSync(temporary)
  // A file, not --eval: the thread of the database would inherit --input-type, which belongs to no file.
  const program = join(folder, 'program.mjs')
  writeFileSync(program, watchingProgram(join(ROOT, 'scripts/rendered-documents.ts')))
  const run = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    cwd: work,
    env: { ...process.env, TMPDIR: temporary },
    encoding: 'utf8',
    timeout: 30_000,
  })
  t.equal(run.status, 0, run.stderr)
  const { paths, stale, ...what } = JSON.parse(run.stdout) as Record<string, unknown>
  t.same(what, { listened: 0, made: 1, open: [] })
  t.same(stale, [], 'if not: npm run docs')
  t.same(paths, [
    '.env.example',
    'dashboards/boards/agents-and-money.json',
    'dashboards/boards/control-api-and-jobs.json',
    'dashboards/boards/media-quality.json',
    'dashboards/boards/overview.json',
    'dashboards/boards/platform.json',
    'dashboards/boards/trunks.json',
    'dashboards/boards/vendors.json',
    'docs/errors.md',
    'docs/events.md',
    'docs/metrics.md',
    'docs/openapi.json',
    'sip-config/trunks.schema.json',
  ])
  t.same(readdirSync(work), [])
  t.same(readdirSync(temporary), [])
})

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly responses: Readonly<Record<string, { readonly content?: object }>>
}

interface ApiDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: object; readonly securitySchemes: object }
}

const document = (): ApiDocument => JSON.parse(read('docs/openapi.json')) as ApiDocument

t.test('the API document is valid OpenAPI 3.1', async (t) => {
  const validator = new Validator()
  t.same(await validator.validate({ ...document() }), { valid: true })
  t.equal(validator.version, '3.1')
})

t.test('the API document is what is served', async (t) => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  const app = await buildApp(t, { config: { version } })
  t.strictSame(await (await app.request('/openapi.json')).json(), document())
})

t.test('every operation has a name, a summary, a tag, who may, and how it refuses', async (t) => {
  const { openapi, paths, components } = document()
  t.match(openapi, /^3\.1\./)
  const names: (string | undefined)[] = []
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const { operationId, summary, tags, security, parameters = [], responses } = operation
      const which = `${method} ${path}`
      names.push(operationId)
      t.match(operationId, /^[a-z][A-Za-z]+$/, which)
      t.ok(summary, which)
      t.equal(tags?.length, 1, which)
      t.ok(Array.isArray(security), which)
      for (const scheme of (security ?? []).flatMap((one) => Object.keys(one)))
        t.ok(scheme in components.securitySchemes, which)
      t.match(responses['default']?.content, { 'application/problem+json': Object }, which)
      if ((security?.length ?? 0) > 0) t.ok('401' in responses || '4XX' in responses, which)
      t.same(
        parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`),
        path.match(/\{\w+\}/g) ?? [],
        which,
      )
    }
  t.equal(new Set(names).size, names.length, 'no two have the same name')
})

t.test('every reference in the API document leads somewhere', async (t) => {
  const whole = document()
  const references = read('docs/openapi.json').matchAll(/"\$ref": "#\/([^"]+)"/g)
  const targets = new Set([...references].map(([, path = '']) => path))
  t.ok(targets.size > 0)
  for (const path of targets) {
    let at: unknown = whole
    for (const step of path.split('/')) at = (at as Record<string, unknown> | undefined)?.[step]
    t.type(at, 'object', path)
  }
})

t.test('every event says what it means, as REST shows it', async (t) => {
  const events = readEventReference()
  for (const { type, meaning } of events)
    t.match(meaning, /\w{2,}/, `${type} has a docstring in core/contracts/call-event.ts`)
  const fieldsOf = (type: string): readonly string[] =>
    events.find((event) => event.type === type)?.fields.map(({ name }) => name) ?? []
  const answered = fieldsOf('sip.answered')
  t.ok(answered.includes('sip_call_id') && answered.includes('dialog'))
  for (const hidden of ['local_address', 'remote_address', 'route_set', 'nat_address'])
    t.notOk(answered.includes(hidden), hidden)
  t.ok(fieldsOf('call.ended').includes('termination.sip_status'))
  const opened = events.find(({ type }) => type === 'agent.opened')?.fields ?? []
  t.match(opened.find(({ name }) => name === 'upgrade_sent_at')?.type, /^time/)
})
