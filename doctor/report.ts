// Findings for people: a line each, and below it what to do.
import type { Finding, Verdict } from './finding.ts'

export function renderFinding({ check, verdict, seen, todo }: Finding): string {
  const line = `${verdict.padEnd(4)}  ${check}: ${seen}`
  return todo === undefined ? line : `${line}\n      → ${todo}`
}

export function renderSummary(findings: readonly Finding[]): string {
  const count = (verdict: Verdict): number =>
    findings.filter((finding) => finding.verdict === verdict).length
  const failed = count('fail')
  if (failed === 0) return `no problem found, ${count('warn')} to think about`
  return `${failed} ${failed === 1 ? 'problem' : 'problems'}, ${count('warn')} to think about`
}
