// npm run doctor: looks at the configuration and at what it needs, and says what to do about each problem.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { messageOf } from '#core/errors'
import { examine } from './examine.ts'
import type { Finding } from './finding.ts'
import { renderFinding, renderSummary } from './report.ts'

const USAGE = 'npm run doctor [-- --json FILE]'

type Asked = { readonly json: string | undefined } | { readonly problem: string }

function readArguments(args: readonly string[]): Asked {
  try {
    const options = { call: { type: 'string' }, json: { type: 'string' } } as const
    const { values } = parseArgs({ args: [...args], options })
    if (values.call === undefined) return { json: values.json }
    return { problem: '--call is not built yet: no call was placed and nothing was checked' }
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

/** 0: nothing failed; 1: something did; 2: it cannot be asked for. */
async function run(args: readonly string[]): Promise<0 | 1 | 2> {
  const asked = readArguments(args)
  if ('problem' in asked) {
    process.stderr.write(`${asked.problem}\nusage: ${USAGE}\n`)
    return 2
  }
  const findings: Finding[] = []
  await examine((finding) => {
    findings.push(finding)
    process.stdout.write(`${renderFinding(finding)}\n`)
  })
  process.stdout.write(`${renderSummary(findings)}\n`)
  const passed = findings.every(({ verdict }) => verdict !== 'fail')
  if (asked.json !== undefined)
    await writeFile(asked.json, `${JSON.stringify({ format: 1, passed, findings }, null, 2)}\n`)
  return passed ? 0 : 1
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`the doctor could not look: ${messageOf(error)}\n`)
  process.exitCode = 1
}
