// A short slice of `npm run proof -- soak`, without the calls that take half a minute to be given up.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { SILENT } from '../../proof/progress.ts'
import type { CallBook } from '../../proof/soak/call-world.ts'
import { judgeLog } from '../../proof/soak/judge-log.ts'
import { judgeRecords } from '../../proof/soak/judge-records.ts'
import { numberOf } from '../../proof/soak/plan.ts'
import { runSoak } from '../../proof/soak/soak.ts'
import { temporaryFolder } from '../support/process.ts'

t.setTimeout(60_000)

t.test('150 short calls through the whole product', async (t) => {
  const { evidence, figures, problems } = await runSoak({
    ...{ seed: 1, count: 150, rate: 30, patient: false, transport: 'udp' },
    progress: SILENT,
  })
  t.comment(figures.join('\n'))
  t.same(problems, [], 'each ended and was recorded as planned, and nothing of it is left', {
    figures,
    evidence,
  })
})

interface Change {
  readonly row?: object
  readonly events?: readonly string[]
  readonly book?: object
}

/** The columns and events of a call that is as planned, changed: one for each change. */
function judgedWith(t: Test, ...changes: readonly Change[]): readonly string[] {
  const folder = temporaryFolder(t, 'records')
  const database = new DatabaseSync(join(folder, 'voicegate.sqlite'))
  const books = new Map<string, CallBook>()
  database.exec('create table call_events (call_id, seq, type)')
  for (const [index, change] of changes.entries()) {
    const number = numberOf(0, index + 1)
    const callId = `call_${index}`
    const row = {
      ...{ call_id: callId, to_number: number, direction: 'outbound', status: 'ended' },
      ...{ outcome: 'answered', termination_reason: 'hangup', termination_by: 'callee' },
      ...{ termination_sip_status: null, answered_at: 100, ended_at: 900, agent_opened_at: 101 },
      ...{ agent_sessions: 1, agent_seconds: 0.5, recording_state: null, recording_key: null },
      ...{ recording_bytes: null, ...change.row },
    }
    const columns = Object.keys(row)
    if (index === 0) database.exec(`create table calls (${columns.join(', ')})`)
    const marks = columns.map(() => '?').join(', ')
    database.prepare(`insert into calls values (${marks})`).run(...Object.values(row))
    for (const [seq, type] of (change.events ?? AS_PLANNED).entries())
      database.prepare('insert into call_events values (?, ?, ?)').run(callId, seq, type)
    const heard = { sessions: 1, agentSeconds: 0.5, agentHeard: 20, callerHeard: 20 }
    books.set(number, { ...heard, ...change.book })
  }
  database.close()
  return judgeRecords(folder, books, { placed: changes.length, nameless: 0 }).problems
}

const AS_PLANNED = [
  ...['sip.invite', 'sip.provisional', 'sip.answered', 'agent.attempted', 'agent.opened'],
  ...['agent.metadata', 'sip.bye', 'agent.closed', 'media.summary', 'call.ended'],
]

t.test('the judge of the records knows one that is not right', async (t) => {
  t.same(judgedWith(t, {}), [], 'this one is')
  const says = (change: Change, words: string): boolean =>
    t.match(judgedWith(t, change).join('\n'), words)
  says({ row: { to_number: '+49301' } }, 'that nobody placed')
  says({ row: { ended_at: null, status: 'answered' } }, 'has no end: answered')
  says({ row: { outcome: 'failed' } }, 'ended as failed hangup by callee')
  says({ row: { agent_opened_at: 99 } }, 'an agent before the answer')
  says({ row: { agent_sessions: 2 } }, '2 agent sessions, the agent saw 1')
  says({ row: { agent_seconds: 2 } }, 'the ledgers say 2.0 agent seconds, the agent 0.5')
  const [much, little] = [{ row: { agent_seconds: 0.9 } }, { row: { agent_seconds: 0.1 } }]
  t.match(judgedWith(t, much, little), [/1\.0 agent seconds, the agent 1\.0; apart 0\.8/])
  says({ row: { recording_state: 'stored', recording_key: 'x' } }, 'is not on the disk')
  says({ events: ['sip.invite', ...AS_PLANNED] }, '2 times sip.invite')
  says({ events: [...AS_PLANNED, 'agent.heard'] }, 'agent.heard as its last event')
  says({ events: AS_PLANNED.slice(1) }, '0 times sip.invite')
})

t.test('the judge of the log lets nothing pass that no plan brings about', async (t) => {
  const line = (level: string, msg: string): string => JSON.stringify({ level, msg })
  t.same(judgeLog(line('warn', 'no ACK for our 200 OK: the agent is closed')).problems, [])
  t.same(judgeLog(`${line('error', 'odd')}\n${line('error', 'odd')}\n`).problems, [
    'logged 2 times: error: odd',
  ])
})
