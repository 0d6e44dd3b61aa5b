// npm run bench [-- NAME]: runs one benchmark or all and prints each figure beside its floor or peer.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { BenchOptions } from './options.ts'
import { canPin } from './process/pinning.ts'
import type { Report } from './report/finding.ts'
import { machineLine } from './report/machine.ts'
import { renderReport } from './report/table.ts'

type Benchmark = (options: BenchOptions) => Promise<Report>

/** Each is loaded when it is asked for: what the others need is large. */
const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  bridge: async () => (await import('./benchmarks/bridge.ts')).bridge,
  answer: async () => (await import('./benchmarks/answer.ts')).answer,
  setup: async () => (await import('./benchmarks/setup.ts')).setup,
  history: async () => (await import('./benchmarks/history.ts')).history,
  console: async () => (await import('./benchmarks/console.ts')).consolePages,
  ivr: async () => (await import('./benchmarks/ivr.ts')).ivr,
  stream: async () => (await import('./benchmarks/stream.ts')).stream,
  scraping: async () => (await import('./benchmarks/scraping.ts')).scraping,
  'media-jobs': async () => (await import('./benchmarks/media-jobs.ts')).mediaJobs,
  'voximplant-sync': async () => (await import('./benchmarks/voximplant-sync.ts')).voximplantSync,
}

const { names, json, options } = readArguments()
const machine = machineLine()
process.stdout.write(`${machine}\n`)
const reports: Report[] = []
for (const name of names) {
  const benchmark = await BENCHMARKS[name]?.()
  if (benchmark === undefined) continue
  const report = await benchmark(options)
  reports.push(report)
  process.stdout.write(`\n${renderReport(report)}\n`)
}
if (json !== undefined)
  writeFileSync(json, `${JSON.stringify({ machine, options, reports }, null, 2)}\n`)

function readArguments(): {
  readonly names: readonly string[]
  readonly json: string | undefined
  readonly options: BenchOptions
} {
  const known = Object.keys(BENCHMARKS)
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      allowNegative: true,
      options: {
        calls: { type: 'string' },
        seconds: { type: 'string', default: '5' },
        warmup: { type: 'string', default: '3' },
        rounds: { type: 'string', default: '2' },
        count: { type: 'string', default: '200' },
        rates: { type: 'string', default: '100,300,500' },
        'rate-seconds': { type: 'string', default: '4' },
        rows: { type: 'string', default: '1000000' },
        agent: { type: 'string', default: 'steady' },
        pin: { type: 'boolean' },
        profile: { type: 'string' },
        json: { type: 'string' },
      },
    })
    const unknown = positionals.filter((name) => !known.includes(name))
    if (unknown.length > 0) throw new Error(`no such benchmark: ${unknown.join(', ')}`)
    const { agent, json, profile } = values
    if (agent !== 'steady' && agent !== 'burst') throw new Error('--agent is steady or burst')
    if (values.pin === true && !canPin) throw new Error('--pin needs taskset and a second core')
    return {
      names: positionals.length > 0 ? positionals : known,
      json,
      options: {
        calls: values.calls?.split(',').map((each) => positive('calls', each)),
        seconds: positive('seconds', values.seconds),
        warmupSeconds: positive('warmup', values.warmup),
        rounds: positive('rounds', values.rounds),
        count: positive('count', values.count),
        rates: values.rates.split(',').map((each) => positive('rates', each)),
        rateSeconds: positive('rate-seconds', values['rate-seconds']),
        rows: positive('rows', values.rows),
        pin: values.pin,
        agent,
        profileDir: profile,
        progress: (text) => process.stderr.write(`… ${text}\n`),
      },
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    process.stderr.write(`bench: ${text}\nbenchmarks: ${known.join(', ')}\n`)
    process.exit(2)
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes numbers above 0`)
  return value
}
