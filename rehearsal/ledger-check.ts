// The ledger in the REST timeline, held against what the simulators saw. Pure.
import { stalledMs } from './gaps.ts'
import type { Take, TimelineFact } from './take.ts'

/** Our seconds and the agent's may differ by the way between them, and by what the machine made of that way. */
const SECONDS_TOLERANCE = 0.25
/** An end is known at both ends within this. */
const END_KNOWN_MS = 1000

const unless = (holds: boolean, complaint: string): string[] => (holds ? [] : [complaint])

export function checkLedger(take: Take): string[] {
  const { timeline, carrier, call } = take
  const count = (type: string): number => timeline.filter((fact) => fact.type === type).length
  const answers = carrier?.answeredAt == null ? 0 : 1
  const ended = timeline.find(({ type }) => type === 'call.ended')
  return [
    ...unless(count('sip.invite') === 1, 'the timeline does not have one sip.invite'),
    ...unless(
      count('sip.answered') === answers,
      `the timeline does not have ${answers} sip.answered`,
    ),
    ...unless(
      ended !== undefined && ended === timeline.at(-1),
      'call.ended is not the last word of the timeline',
    ),
    ...unless(
      same(objectAt(ended, 'termination')['reason'], call?.termination?.reason),
      'timeline and record disagree about the end',
    ),
    ...checkSessions(take),
  ]
}

/** One attempt, one opening and one close for each session, on the evidence of the one answer. */
function checkSessions(take: Take): string[] {
  const { timeline, sessions } = take
  const answered = timeline.findIndex(({ type }) => type === 'sip.answered')
  const entries = timeline
    .map((fact, index) => ({ fact, index }))
    .filter(({ fact }) => fact.type === 'agent.attempted' || fact.type === 'agent.opened')
  const opened = entries.filter(({ fact }) => fact.type === 'agent.opened')
  const accepted = sessions.filter(({ httpStatus }) => httpStatus === 101)
  const proof = timeline[answered]?.fields
  return [
    ...unless(
      entries.length - opened.length === sessions.length,
      `the ledger has ${entries.length - opened.length} agent.attempted, the agent saw ${sessions.length}`,
    ),
    ...unless(
      opened.length === accepted.length,
      `the ledger has ${opened.length} agent.opened, the agent saw ${accepted.length}`,
    ),
    ...unless(
      entries.every(({ index }) => answered >= 0 && index > answered),
      'the ledger has an agent before the answer',
    ),
    ...unless(
      entries.every(({ fact }) => {
        const { dialog, cseq } = objectAt(fact, 'evidence')
        return same(dialog, proof?.['dialog']) && same(cseq, proof?.['cseq'])
      }),
      'an agent was opened on other evidence than the answer',
    ),
    ...(accepted.length > 0 ? checkClose(take) : []),
  ]
}

/** What failed early is told with its seconds; the one close tells those of the last attempt. */
function checkClose({ timeline, sessions, stalls }: Take): string[] {
  const closes = timeline.filter(({ type }) => type === 'agent.closed')
  const failed = timeline.filter(({ type }) => type === 'agent.attempt_failed')
  const ours = [...closes, ...failed].reduce(
    (sum, { fields }) => sum + Number(fields['seconds']),
    0,
  )
  const theirs =
    sessions.reduce((sum, { upgradeAt, closedAt }) => sum + ((closedAt ?? NaN) - upgradeAt), 0) /
    1000
  const waitedMs = sessions.reduce((sum, { closedAt }) => {
    const at = closedAt ?? 0
    return sum + stalledMs(stalls, at - END_KNOWN_MS, at + END_KNOWN_MS)
  }, 0)
  return [
    ...unless(closes.length === 1, `the ledger has ${closes.length} agent.closed`),
    ...unless(
      failed.length === sessions.length - 1,
      `the ledger has ${failed.length} agent.attempt_failed of ${sessions.length} attempts`,
    ),
    ...unless(
      Math.abs(ours - theirs) <= SECONDS_TOLERANCE + waitedMs / 1000,
      `the ledger has ${ours.toFixed(3)} agent seconds, the agent counts ${theirs.toFixed(3)}`,
    ),
  ]
}

const same = (one: unknown, other: unknown): boolean => one !== undefined && one === other

function objectAt(fact: TimelineFact | undefined, key: string): Readonly<Record<string, unknown>> {
  const value = fact?.fields[key]
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
