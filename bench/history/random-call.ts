// Calls as a year of a call centre has them, from a seed: mostly answered, some busy, a few reviewed, one in twenty with
// words.
import type { Random } from '../../proof/seeded-random.ts'
import type { CallOutcome, ReviewStatus, TerminationResult } from '../../core/contracts/index.ts'
import { epochMs, type CallId } from '../../core/contracts/index.ts'
import { newCallRow } from '../../control-api/calls/call-row.ts'
import type { CallRow } from '../../control-api/db/schema.ts'

const DAY_MS = 24 * 3600 * 1000
export const YEAR_MS = 365 * DAY_MS
/** The newest call; the oldest is a year before. */
export const NEWEST = Date.UTC(2026, 3, 1)

const TRUNKS = ['carrier-a', 'carrier-b', 'carrier-c'] as const
const AGENTS = Array.from({ length: 20 }, (_, at) => `agent_${String(at).padStart(4, '0')}`)
const APPLICATIONS = Array.from({ length: 200 }, (_, at) => `application-${at}`)
const REVIEWS: readonly [ReviewStatus, ...ReviewStatus[]] = [
  'processing',
  'processed',
  'completed',
  'problem',
]

interface Ending {
  readonly share: number
  readonly outcome: CallOutcome
  readonly result: TerminationResult
  readonly sipStatus: number | null
}
const ENDINGS: readonly Ending[] = [
  { share: 0.62, outcome: 'answered', result: 'success', sipStatus: null },
  { share: 0.8, outcome: 'no-answer', result: 'client_error', sipStatus: 480 },
  { share: 0.9, outcome: 'busy', result: 'client_error', sipStatus: 486 },
  { share: 0.95, outcome: 'canceled', result: 'client_error', sipStatus: 487 },
  { share: 0.98, outcome: 'declined', result: 'client_error', sipStatus: 603 },
  { share: 0.995, outcome: 'failed', result: 'server_error', sipStatus: 503 },
  { share: 1, outcome: 'machine', result: 'success', sipStatus: null },
]

export const callIdOf = (at: number): CallId =>
  `call_${at.toString(16).padStart(32, '0')}` as CallId

/** Most calls are of few numbers: what is asked for has anything from one call to thousands. */
export function numberOf(random: Random): string {
  const crowd = random.chance(0.3) ? 500 : 300_000
  return `+4930${String(1_000_000 + random.below(crowd)).padStart(7, '0')}`
}

/** The call at this place, the oldest first. */
export function randomCall(random: Random, at: number, of: number): CallRow {
  const createdAt = NEWEST - YEAR_MS + Math.floor(((at + random.below(1000) / 1000) * YEAR_MS) / of)
  const inbound = random.chance(0.4)
  const ours = `+4930555${String(random.below(40)).padStart(3, '0')}`
  const theirs = numberOf(random)
  const row = newCallRow(
    {
      callId: callIdOf(at),
      direction: inbound ? 'inbound' : 'outbound',
      from: inbound ? theirs : ours,
      to: inbound ? ours : theirs,
      trunk: random.pick(TRUNKS),
      createdAt: epochMs(createdAt),
      metadata: random.chance(0.3) ? { order: String(random.below(1e6)) } : {},
    },
    0.08,
  )
  const chance = random.below(100_000) / 100_000
  const ending = ENDINGS.find(({ share }) => chance < share) ?? ENDINGS[0]
  return { ...row, ...endedColumns(random, createdAt, ending), ...rareColumns(random) }
}

function endedColumns(random: Random, createdAt: number, ending = ENDINGS[0]): Partial<CallRow> {
  if (ending === undefined) throw new Error('no way to end')
  const ringingAt = createdAt + 200 + random.below(3000)
  const answered = ending.outcome === 'answered' || ending.outcome === 'machine'
  const answeredAt = answered ? ringingAt + 1000 + random.below(20_000) : null
  const endedAt = (answeredAt ?? ringingAt) + 5000 + random.below(answered ? 300_000 : 25_000)
  return {
    status: 'ended',
    outcome: ending.outcome,
    termination_result: ending.result,
    termination_reason: answered ? 'hangup' : 'busy',
    termination_by: answered ? 'caller' : 'callee',
    termination_sip_status: ending.sipStatus,
    invited_at: createdAt + 5,
    ringing_at: ringingAt,
    answered_at: answeredAt,
    ended_at: endedAt,
    agent_id: AGENTS[random.below(AGENTS.length)] ?? null,
    agent_opened_at: answeredAt,
    agent_closed_at: answered ? endedAt : null,
    agent_sessions: answered ? 1 : 0,
    agent_seconds: answeredAt === null ? 0 : (endedAt - answeredAt) / 1000,
    open_ms_after_answer: answered ? 20 + random.below(80) : null,
    language: 'de',
  }
}

const rareColumns = (random: Random): Partial<CallRow> => ({
  ...(random.chance(0.05) ? { review_status: random.pick(REVIEWS) } : {}),
  ...(random.chance(0.1) ? { application_id: APPLICATIONS[random.below(200)] ?? null } : {}),
  ...(random.chance(0.02) ? { provider: random.chance(0.7) ? 'twilio' : 'voximplant' } : {}),
  ...(random.chance(0.3) ? { consent_given: random.chance(0.8) ? 1 : 0 } : {}),
})

/** A vocabulary as talk has it: the words in front are in nearly every sentence, those at the end in one of thousands. */
const WORDS = Array.from({ length: 4000 }, (_, at) => `wort${at.toString(36)}`)
export const FREQUENT_WORD = WORDS[0] ?? ''
export const RARE_WORD = WORDS[3000] ?? ''

export function randomSentence(random: Random): string {
  const length = 4 + random.below(12)
  const word = (): string =>
    WORDS[Math.floor(WORDS.length ** (random.below(10_000) / 10_000)) - 1] ?? ''
  return Array.from({ length }, word).join(' ')
}
