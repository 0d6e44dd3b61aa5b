// The benches run: not their figures, which no test can judge, but that each side is measured and compared.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Report } from '../../bench/report/finding.ts'

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

async function bench(args: readonly string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

t.test('media and latency measure product and floor and print a ratio', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-bench-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const json = join(folder, 'report.json')
  const sizes = ['--calls', '2', '--seconds', '2', '--warmup', '1', '--rounds', '1', '--no-pin']
  const { code, err, out } = await bench(['media', 'latency', ...sizes, '--json', json])
  t.equal(code, 0, err)
  t.match(out, /CPU a call +[\d.]+ % of a core +floor [\d.]+ % of a core +[\d.]+ x/)
  t.match(out, /RTP in to agent socket, p50 +[\d.]+ ms +floor [\d.]+ ms +[\d.]+ x/)
  t.match(out, /agent audio to first RTP, p50 +[\d.]+ ms +floor [\d.]+ ms +[\d.]+ x/)
  const { reports } = JSON.parse(readFileSync(json, 'utf8')) as { reports: Report[] }
  t.strictSame(
    reports.map(({ name }) => name),
    ['media', 'latency'],
  )
  for (const { findings, name } of reports) {
    const compared = findings.filter(({ beside }) => beside?.name === 'floor')
    t.ok(compared.length > 0, `${name} compares`)
    // Two calls of 2 s: 200 packets each way, a few talk spurts. A side that was not loaded has no figure (null).
    for (const { what, value } of findings) t.type(value, 'number', `${name}: ${what}`)
  }
  const lost = reports.flatMap(({ findings }) =>
    findings.filter(({ what }) => /lost|never/.test(what)),
  )
  t.equal(lost.length, 3)
  for (const { value, what } of lost) t.equal(value, 0, what)
})

t.test('an unknown name ends with 2 and the names there are', async (t) => {
  const { code, err, out } = await bench(['no-such-bench'])
  t.equal(code, 2)
  t.equal(out, '')
  t.match(err, /no such benchmark: no-such-bench/)
  for (const name of ['media', 'latency', 'answer', 'setup', 'memory']) t.match(err, name)
})
