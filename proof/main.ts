// npm run proof [-- NAME]: the long runs, one or all in turn. Exit code 1: something was not proven.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createProgress, timeText } from './progress.ts'
import type { Proof, ProofReport } from './proof.ts'

/** Each is loaded when it is asked for: what the others need is large. */
const PROOFS: Readonly<Record<string, () => Promise<Proof>>> = {
  'sip-fuzz': async () => (await import('./sip-fuzz/sip-fuzz.ts')).sipFuzz,
  'http-fuzz': async () => (await import('./http-fuzz/http-fuzz.ts')).httpFuzz,
  'sip-soak': async () => (await import('./sip-soak/sip-soak.ts')).sipSoak,
  'sip-loss': async () => (await import('./sip-loss/sip-loss.ts')).sipLoss,
  soak: async () => (await import('./soak/soak.ts')).soak,
  overload: async () => (await import('./overload/overload.ts')).overload,
  kill: async () => (await import('./kill/kill.ts')).kill,
  'media-kill': async () => (await import('./media-kill/media-kill.ts')).mediaKill,
  told: async () => (await import('./told/told.ts')).told,
  'rehearsal-under-load': async () =>
    (await import('./rehearsal-under-load/rehearsal-under-load.ts')).rehearsalUnderLoad,
  'long-tests': async () => (await import('./long-tests/long-tests.ts')).longTests,
}

const { names, seed, count, rate, transport } = readArguments()
// What is to be cleaned up at an exit is not at the death by a signal.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const width = Math.max(...Object.keys(PROOFS).map(({ length }) => length))
const chosen: (readonly [name: string, proof: Proof])[] = []
for (const [name, load] of Object.entries(PROOFS)) {
  const proof = names.includes(name) ? await load() : undefined
  process.stdout.write(proof ? `* ${name.padEnd(width)}  ${proof.about}\n` : `  ${name}\n`)
  if (proof !== undefined) chosen.push([name, proof])
}
const unproven: string[] = []
for (const [name, proof] of chosen) if (!(await isProven(name, proof))) unproven.push(name)
process.stdout.write(
  unproven.length === 0 ? '\nall proven\n' : `\nnot proven: ${unproven.join(', ')}\n`,
)
// A defect may have left something open that would keep the process alive.
process.exit(unproven.length === 0 ? 0 : 1)

async function isProven(name: string, proof: Proof): Promise<boolean> {
  const total = count ?? proof.defaultCount
  process.stdout.write(`\n${name}: ${total}, --seed ${seed}\n`)
  const progress = createProgress(name, total, (line) => process.stderr.write(line))
  const startedAt = performance.now()
  const report = await proof.run({ seed, count: total, rate, transport, progress }).catch(brokenOff)
  for (const figure of report.figures) process.stdout.write(`  ${figure}\n`)
  process.stdout.write(`  took ${timeText(performance.now() - startedAt)}\n`)
  if (report.problems.length === 0) return true
  for (const problem of report.problems) process.stdout.write(`  NOT PROVEN: ${problem}\n`)
  process.stdout.write(`  saved: ${saved(name, total, report)}\n`)
  return false
}

/** A proof that cannot go on has proven nothing. */
function brokenOff(error: unknown): ProofReport {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { figures: [], problems: [`broken off: ${text}`], evidence: [] }
}

/** The seed, the words, and the inputs that led to them. */
function saved(name: string, total: number, { problems, evidence }: ProofReport): string {
  const file = join(mkdtempSync(join(tmpdir(), 'voicegate-proof-')), `${name}.txt`)
  const again = `npm run proof -- ${name} --seed ${seed} --count ${total}${rate === undefined ? '' : ` --rate ${rate}`} --transport ${transport}`
  writeFileSync(file, [again, '', ...problems, '', ...evidence, ''].join('\n'))
  return file
}

function readArguments() {
  const known = Object.keys(PROOFS)
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: 'string', default: '20260401' },
        count: { type: 'string' },
        rate: { type: 'string' },
        transport: { type: 'string', default: 'udp' },
      },
    })
    const unknown = positionals.filter((name) => !known.includes(name))
    if (unknown.length > 0) throw new Error(`no such proof: ${unknown.join(', ')}`)
    const { transport } = values
    if (transport !== 'udp' && transport !== 'tcp') throw new Error('--transport is udp or tcp')
    return {
      names: positionals.length > 0 ? positionals : known,
      seed: wholeNumber('seed', values.seed),
      count: values.count === undefined ? undefined : wholeNumber('count', values.count),
      rate: values.rate === undefined ? undefined : wholeNumber('rate', values.rate),
      transport,
    } as const
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    process.stderr.write(`proof: ${text}\nproofs: ${known.join(', ')}\n`)
    process.exit(2)
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number above 0`)
  return value
}
