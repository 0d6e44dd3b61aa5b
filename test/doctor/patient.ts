// A configuration to look at, out of settings as an operator writes them.
import { compileConfig } from '../../core/config/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import type { Patient } from '../../doctor/check.ts'
import type { Finding } from '../../doctor/finding.ts'
import { renderFinding } from '../../doctor/report.ts'

export function patient(
  env: Readonly<Record<string, string>>,
  readFile: (path: string) => string = () => '',
): Patient {
  const compiled = compileConfig(env, {}, { readFile, now: () => Date.now() })
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return { config: compiled.config, logger: createLogger('silent'), isRunning: false }
}

export const textOf = (findings: readonly Finding[]): string =>
  findings.map(renderFinding).join('\n')
