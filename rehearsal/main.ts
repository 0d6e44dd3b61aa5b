// npm run rehearse: plays calls end to end against the simulated carrier and agent, and reports.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { loadConfig } from '#core/config'
import { codeOf, messageOf } from '#core/errors'
import { chooseScenarios } from './choose-scenarios.ts'
import { createFollowLines } from './follow.ts'
import { endWithParent } from './end-with-parent.ts'
import { createProgressLine } from './progress-line.ts'
import { rehearse } from './rehearse.ts'
import { COLOURED, PLAIN, renderScenario, renderSummary } from './report.ts'
import { toJson } from './result.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

const USAGE = 'npm run rehearse [-- [--scenario NAME]… [--json FILE] [--follow]]'
/** A call, with what comes before and after it; three are played at a time. */
const CALL_SECONDS = 15

export interface RehearsalProgram {
  readonly args: readonly string[]
  readonly scenarios?: readonly Scenario[]
  readonly signal?: AbortSignal
  readonly print?: (text: string) => void
  readonly complain?: (text: string) => void
}

/** The whole program but the process. Returns the exit code: 0, 1 when a scenario fails, 2 when it cannot be asked for. */
export async function run({
  args,
  scenarios = SCENARIOS,
  signal = new AbortController().signal,
  print = (text) => void process.stdout.write(`${text}\n`),
  complain = (text) => void process.stderr.write(`${text}\n`),
}: RehearsalProgram): Promise<0 | 1 | 2> {
  const asked = readArguments(args)
  if ('problem' in asked) {
    complain(`${asked.problem}\nusage: ${USAGE}`)
    return 2
  }
  if (asked.help) {
    print(helpOf(scenarios))
    return 0
  }
  const chosen = chooseScenarios(scenarios, asked.names)
  if (chosen.kind === 'refused') {
    complain(chosen.reason)
    return 2
  }
  const paint = process.stdout.isTTY && process.stdout.hasColors() ? COLOURED : PLAIN
  const follow = asked.follow ? createFollowLines(print) : undefined
  if (!follow) complain(announcement(chosen.scenarios))
  const progress = createProgressLine(process.stderr, chosen.scenarios.length)
  const { pricePerMinute } = loadConfig().agent
  const result = await rehearse({
    scenarios: chosen.scenarios,
    pricePerMinute,
    signal,
    onProgress: progress.show,
    follower: follow,
  }).finally(progress.clear)
  if (follow) follow.finished(result)
  else {
    for (const scenario of result.scenarios) print(renderScenario(scenario, paint))
    print(renderSummary(result, paint))
  }
  if (asked.json !== undefined)
    await writeFile(asked.json, `${JSON.stringify(toJson(result), null, 2)}\n`)
  return result.passed ? 0 : 1
}

function helpOf(scenarios: readonly Scenario[]): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  return [
    'Plays calls end to end: a simulated carrier and a simulated agent on this machine, and the product between them.',
    'Nothing is dialled outside, no account is needed, nothing costs money.',
    '',
    `usage: ${USAGE}`,
    '',
    '  --scenario NAME  only this one; can be given again',
    '  --json FILE      the report for programs too (rehearsal/README.md)',
    '  --follow         what happens, as it happens, one JSON object a line, instead of the report;',
    '                   it ends early when a pipe on its standard input does',
    '  --help           this text',
    '',
    'Exit code 0: all passed; 1: something failed; 2: it cannot be asked for so. Scenarios:',
    ...scenarios.map(({ name, story }) => `  ${name.padEnd(width)}  ${story}`),
  ].join('\n')
}

/** Somebody who waits wants to know for what, and for how long. */
function announcement(scenarios: readonly Scenario[]): string {
  const longest = Math.max(...scenarios.map(({ lastsSeconds = 0 }) => lastsSeconds))
  const seconds = Math.max(longest, Math.ceil(scenarios.length / 3) * CALL_SECONDS) + 5
  const what = scenarios.length === 1 ? '1 call' : `${scenarios.length} calls, three at a time`
  return `Playing ${what}, in real time: about ${seconds} s. Nothing leaves this machine.`
}

type Asked =
  | {
      readonly help: boolean
      readonly names: readonly string[]
      readonly json: string | undefined
      readonly follow: boolean
    }
  | { readonly problem: string }

function readArguments(args: readonly string[]): Asked {
  try {
    const options = {
      scenario: { type: 'string', multiple: true },
      json: { type: 'string' },
      follow: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    } as const
    const { values } = parseArgs({ args: [...args], options })
    const { help, scenario: names = [], json, follow } = values
    return { help, names, json, follow }
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

if (import.meta.main) {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)))
  if (process.argv.includes('--follow')) endWithParent((why) => stopping.abort(new Error(why)))
  try {
    process.exitCode = await run({ args: process.argv.slice(2), signal: stopping.signal })
  } catch (error) {
    const isOurs = codeOf(error) !== undefined || stopping.signal.aborted
    const stack = error instanceof Error && !isOurs ? `\n${error.stack ?? ''}` : ''
    process.stderr.write(`the rehearsal could not be held: ${messageOf(error)}${stack}\n`)
    process.exitCode = stopping.signal.aborted ? 130 : 1
  }
}
