// The log of a run without faults of ours: warnings that the plan brings about, and no errors.
import type { ProofReport } from '../proof.ts'

/** What callers that never acknowledge bring about. */
const EXPECTED = [
  'warn: no ACK for our 200 OK: the agent is closed',
  'warn: callers do not acknowledge: agents now wait for the ACK',
]
/** Lines of each kind that are saved. */
const EXAMPLES = 3

export function judgeLog(text: string): ProofReport {
  const lines = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const { level, msg, violation } = JSON.parse(line) as Readonly<Record<string, string>>
    const said = `${level}: ${msg}${violation === undefined ? '' : `: ${violation}`}`
    const known = lines.get(said)
    if (known) known.push(line)
    else lines.set(said, [line])
  }
  const told = [...lines].map(([said, { length }]) => ({
    said,
    text: `logged ${length} times: ${said}`,
  }))
  return {
    figures: told.filter(({ said }) => EXPECTED.includes(said)).map(({ text }) => text),
    problems: told.filter(({ said }) => !EXPECTED.includes(said)).map(({ text }) => text),
    evidence: [...lines]
      .filter(([said]) => !EXPECTED.includes(said))
      .flatMap(([, saidSo]) => saidSo.slice(0, EXAMPLES)),
  }
}
