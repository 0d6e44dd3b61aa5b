// What a pre-flight check comes to.
export interface Finding {
  readonly verdict: 'ok' | 'info' | 'warn' | 'fail'
  readonly seen: string
  readonly todo: string | null
}

/** `broken`: calls with it do not work. `advised`: they do, with something lost. */
export type Verdict = 'ready' | 'advised' | 'broken'

export const verdictOf = (findings: readonly Finding[]): Verdict => {
  const has = (verdict: Finding['verdict']): boolean =>
    findings.some((finding) => finding.verdict === verdict)
  return has('fail') ? 'broken' : has('warn') ? 'advised' : 'ready'
}

/** What must be seen, the worst first; and the rest. */
export function sortFindings(findings: readonly Finding[]): {
  readonly urgent: readonly Finding[]
  readonly others: readonly Finding[]
} {
  const of = (verdict: Finding['verdict']): readonly Finding[] =>
    findings.filter((finding) => finding.verdict === verdict)
  return { urgent: [...of('fail'), ...of('warn')], others: [...of('info'), ...of('ok')] }
}
