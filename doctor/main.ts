// npm run doctor: looks at the configuration and at what it needs, or places one call, and says what to do about each
// problem.
import { writeFile } from 'node:fs/promises'
import { messageOf } from '#core/errors'
import { HELP, readArguments, USAGE, type CallWish } from './arguments.ts'
import type { Finding } from './finding.ts'
import { renderFinding, renderSummary } from './report.ts'

type ExitCode = 0 | 1 | 2

interface Report {
  /** False: it was refused. */
  readonly placed: boolean
  readonly findings: readonly Finding[]
  readonly call?: unknown
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** 0: nothing failed; 1: something did; 2: it cannot be asked for. */
async function run(args: readonly string[]): Promise<ExitCode> {
  const asked = readArguments(args)
  if ('help' in asked) {
    process.stdout.write(HELP)
    return 0
  }
  if ('problem' in asked) {
    process.stderr.write(`${asked.problem}\nusage: ${USAGE}\n`)
    return 2
  }
  const { placed, findings, call } = await (asked.call ? callOnce(asked.call) : lookAtAll())
  say(renderSummary(findings))
  const passed = findings.every(({ verdict }) => verdict !== 'fail')
  if (asked.json !== undefined) {
    const report = { format: 1, passed, findings, ...(call === undefined ? {} : { call }) }
    await writeFile(asked.json, `${JSON.stringify(report, null, 2)}\n`)
  }
  if (!placed) return 2
  return passed ? 0 : 1
}

// Each is imported when it is asked for: whoever calls loads nothing that could open an agent.
async function lookAtAll(): Promise<Report> {
  const { examine } = await import('./examine.ts')
  const findings: Finding[] = []
  await examine((finding) => {
    findings.push(finding)
    say(renderFinding(finding))
  })
  return { placed: true, findings }
}

async function callOnce(wish: CallWish): Promise<Report> {
  const { examineCall } = await import('./call/examine-call.ts')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // The second time it is not the call alone that is to end.
      if (stop.signal.aborted) process.exit(130)
      stop.abort()
    })
  const report = await examineCall(wish, { say, stop: stop.signal })
  for (const finding of report.findings) say(renderFinding(finding))
  return report
}

let code: ExitCode = 1
try {
  code = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`the doctor could not look: ${messageOf(error)}\n`)
}
// Timers of a SIP library may stay for a transaction that nobody ever answered: they are not waited for.
process.stdout.write('', () => process.exit(code))
