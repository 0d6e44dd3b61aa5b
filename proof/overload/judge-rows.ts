// The records of an overload: one of each call that was admitted, none of those refused, and how their audio fared.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ProofReport } from '../proof.ts'

interface Row {
  readonly call_id: string
  readonly outcome: string | null
  readonly termination_reason: string | null
  readonly agent_sessions: number
  readonly summary: string | null
}

const READ_ALL = `
  select c.call_id, c.outcome, c.termination_reason, c.agent_sessions,
    (select data from call_events e where e.call_id = c.call_id and e.type = 'media.summary') as summary
  from calls c`

/** The E-model gives G.711 without loss 4.4; packet loss of 1 % brings it below this. */
const MIN_MOS = 4.2

export function judgeRows(dataDir: string, admitted: number): ProofReport {
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { readOnly: true })
  const rows = database.prepare(READ_ALL).all() as unknown as readonly Row[]
  database.close()
  const problems: string[] = []
  const evidence: string[] = []
  if (rows.length !== admitted) problems.push(`${admitted} calls admitted, ${rows.length} records`)
  const wrong = rows.filter(
    ({ agent_sessions: sessions, outcome, termination_reason: reason }) =>
      outcome !== 'answered' || reason !== 'hangup' || sessions !== 1,
  )
  if (wrong.length > 0) problems.push(`${wrong.length} records are not of a call that talked`)
  evidence.push(...wrong.slice(0, 10).map((row) => JSON.stringify(row)))
  const received = rows.flatMap(({ summary }) => receivedIn(summary))
  const lost = received.reduce((sum, stream) => sum + (stream.lost ?? 0), 0)
  const mos = received.flatMap((stream) => stream.mos ?? [])
  const worst = Math.min(...mos)
  if (received.length !== rows.length) problems.push(`${received.length} calls tell of their audio`)
  if (lost > 0) problems.push(`${lost} packets of callers were lost, by the records`)
  if (mos.length === 0 || worst < MIN_MOS) problems.push(`the worst MOS is ${worst.toFixed(2)}`)
  return {
    problems,
    evidence,
    figures: [
      `${rows.length} records; worst MOS ${worst.toFixed(2)} of ${mos.length} calls, ${lost} packets of callers lost`,
    ],
  }
}

interface Stream {
  readonly lost: number | null
  readonly mos: number | null
}

function receivedIn(summary: string | null): readonly Stream[] {
  if (summary === null) return []
  return [(JSON.parse(summary) as { readonly received: Stream }).received]
}
