// The benches run: not their figures, which no test can judge, but that each side is measured and compared.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Report } from '../../bench/report/finding.ts'
import { needs, temporaryFolder } from '../support/process.ts'

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

// Eight programs one after the other: 105 s on a calm machine.
t.setTimeout(280_000)

async function bench(args: readonly string[], folder = tmpdir()) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

t.test(
  'bridge measures product, floor and plain bridge and prints ratios',
  { timeout: 90_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'voicegate-bench-test-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const json = join(folder, 'report.json')
    const sizes = [
      '--calls',
      '2',
      '--seconds',
      '1.5',
      '--warmup',
      '0.5',
      '--rounds',
      '1',
      '--no-pin',
    ]
    const { code, err, out } = await bench(['bridge', ...sizes, '--json', json])
    t.equal(code, 0, err)
    for (const other of ['floor', 'plain']) {
      t.match(
        out,
        new RegExp(`CPU a call +[\\d.]+ % of a core +${other} [\\d.]+ % of a core +[\\d.]+ x`),
      )
      for (const what of ['RTP in to agent socket, p50', 'agent audio to first RTP, p50'])
        t.match(out, new RegExp(`${what} +[\\d.]+ ms +${other} [\\d.]+ ms +[\\d.]+ x`))
    }
    const { reports } = JSON.parse(readFileSync(json, 'utf8')) as { reports: Report[] }
    t.strictSame(
      reports.map(({ name }) => name),
      ['bridge'],
    )
    const findings = reports.flatMap((report) => report.findings)
    for (const name of ['floor', 'plain'])
      t.ok(findings.filter(({ beside }) => beside?.name === name).length > 5, `beside ${name}`)
    // Two calls of 1.5 s: 150 packets each way, then a few talk spurts. A side that was not loaded has no figure (null).
    for (const { beside, value, what } of findings) {
      t.type(value, 'number', what)
      if (beside !== null) t.type(beside.value, 'number', `${what} of ${beside.name}`)
    }
    const lost = findings.filter(({ what }) => /lost|never/.test(what))
    t.equal(lost.length, 3)
    for (const { value, what } of lost) t.equal(value, 0, what)
  },
)

t.test(
  'stream measures both ways beside a bare relay and the leg of RTP',
  { timeout: 90_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'voicegate-bench-test-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const json = join(folder, 'report.json')
    const small = [
      '--calls',
      '3',
      '--rounds',
      '1',
      '--seconds',
      '0.7',
      '--warmup',
      '0.3',
      '--no-pin',
    ]
    const { code, err } = await bench(['stream', ...small, '--json', json], folder)
    t.equal(code, 0, err)
    const { reports } = JSON.parse(readFileSync(json, 'utf8')) as { reports: Report[] }
    const findings = reports.flatMap((report) => report.findings)
    const names = [
      'CPU a call',
      'caller frame to agent socket, p50',
      'agent audio to first media, p50',
    ]
    // A side that was not loaded has no figure (null).
    for (const what of names)
      for (const name of ['floor', 'RTP leg']) {
        const found = findings.find((one) => one.what === what && one.beside?.name === name)
        t.type(found?.value, 'number', what)
        t.type(found?.beside?.value, 'number', `${what} of ${name}`)
      }
    // The whole product is there, and a busy machine stands still for longer than what the bridge waits: then it makes up.
    const arrived = findings.find(({ what }) => what.startsWith('caller frames at the agent'))
    t.ok((arrived?.value ?? 0) > 50, 'the agent hears the callers')
    t.match(
      findings.find(({ what }) => what === 'agent frames never heard'),
      { value: 0, beside: { value: 0 } },
    )
  },
)

t.test('ivr measures the menu beside a bare route, and every caller gets through', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-bench-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { code, err, out } = await bench(['ivr', '--calls', '3', '--rounds', '1'], folder)
  t.equal(code, 0, err)
  for (const share of ['p50', 'p99'])
    t.match(out, new RegExp(`webhook to answer, ${share} +[\\d.]+ ms +bare Fastify [\\d.]+ ms`))
  t.match(out, /calls that did not reach the goodbye +0 /)
})

t.test('history asks every filter, over HTTP and bare, and exports', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-bench-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { code, err, out } = await bench(['history', '--rows', '1500', '--count', '4'], folder)
  t.equal(code, 0, err)
  for (const what of ['no filter', 'last four digits', 'a frequent word', 'a day'])
    t.match(out, new RegExp(`${what}, p50 +[\\d.]+ ms +bare over HTTP [\\d.]+ ms`))
  t.match(out, /a year's statistics by week, slowest of three +[\d.]+ ms/)
  t.match(out, /export as ndjson: size +[\d.]+ MB/)
  t.match(out, /a call's record durable, beside the export, p99 +[\d.]+ ms/)
})

t.test('voximplant-sync reads a history beside a bare upsert of its rows', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-bench-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { code, err, out } = await bench(['voximplant-sync', '--rows', '1500'], folder)
  t.equal(code, 0, err)
  t.match(out, /calls synchronised +[\d.]+ a second +bare upsert [\d.]+ a second/)
})

t.test('scraping measures calls with a Prometheus and without, and one page', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-bench-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const small = ['--calls', '2', '--rounds', '1', '--seconds', '0.6', '--warmup', '0.3']
  const { code, err, out } = await bench(['scraping', ...small, '--no-pin'], folder)
  t.equal(code, 0, err)
  for (const pace of ['5 s', '250 ms', '5 s, by its cost'])
    t.match(
      out,
      new RegExp(`CPU,? .*page.* ${pace}.* % of a core +not scraped [\\d.]+ % of a core`),
    )
  t.match(out, /calls lost +0 /)
  t.match(out, /a page, p50 +[\d.]+ ms/)
  t.match(out, /a page +[1-9][\d.]* kB/)
  t.match(out, /longest stall of the main thread, p50 +[\d.]+ ms +without pages [\d.]+ ms/)
  t.match(out, /pages that failed: 0/)
})

t.test(
  'setup: SIPp, the embedded server and the product each take all calls',
  needs('sipp', 'sip-tester'),
  async (t) => {
    const folder = temporaryFolder(t, 'bench')
    const { code, err, out } = await bench(
      ['setup', '--rates', '10', '--rate-seconds', '1', '--no-pin'],
      folder,
    )
    t.equal(code, 0, err)
    for (const name of [
      'embedded SIP server',
      'whole product, agent off',
      'whole product, agent on',
    ])
      t.match(out, new RegExp(`${name}: highest rate with no failed call +10 calls/s`))
    t.match(out, /whole product, agent on: 10 agent sessions for 10 calls/)
  },
)

t.test('an unknown name ends with 2 and the names there are', async (t) => {
  const { code, err, out } = await bench(['no-such-bench'])
  t.equal(code, 2)
  t.equal(out, '')
  t.match(err, /no such benchmark: no-such-bench/)
  for (const name of [
    'bridge',
    'answer',
    'setup',
    'history',
    'console',
    'ivr',
    'stream',
    'scraping',
    'voximplant-sync',
  ])
    t.match(err, name)
})
