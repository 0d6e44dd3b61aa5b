// Calls of the last two months in a data folder, before anything is started on it: every outcome, direction, trunk, agent,
// language, review status, consent and verdict, folded from events by the product's own code.
import { epochMs, newCallId, type CallId } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { agentColumns, newCallRow } from '../../../control-api/calls/call-row.ts'
import { foldCall } from '../../../control-api/calls/fold-call.ts'
import { transcriptWrites } from '../../../control-api/calls/transcript/kept-transcript.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import type { CallRow } from '../../../control-api/db/schema.ts'
import { ENDINGS, pastEvents, type PastCall } from './past-events.ts'

const DAY_MS = 86_400_000
export const PAST_DAYS = 60
const PRICE_PER_MINUTE = 0.08
/** Of the numbers Germany keeps for films: nobody's. */
const numberOf = (index: number): string =>
  `+493023125${String(100 + (index % 83)).padStart(3, '0')}`

const ANSWERED = ['hangup', 'agentEnded', 'byApi', 'hangup', 'maxDuration'] as const
const UNANSWERED = [
  'busy',
  'noAnswer',
  'declined',
  'canceled',
  'noAnswer',
  'notFound',
  'unavailable',
  'noResponse',
] as const
export const PAST_TRUNKS = ['rehearsal', 'berlin', 'backup'] as const
export const PAST_AGENTS = ['agent_rehearsal', 'agent_front_desk', 'agent_recall'] as const
const REVIEWS = [null, 'processing', 'processed', 'completed', 'problem'] as const
const TALKS = {
  en: [
    'Good morning, you have reached the surgery of Doctor Alder.',
    'I would like to move my appointment to Thursday, please.',
    'Certainly. Thursday at half past nine is free, or a quarter to four in the afternoon.',
    'The afternoon is better, thank you.',
    'Then I have written it down. Until Thursday!',
  ],
  de: [
    'Guten Tag, hier ist die Praxis Doktor Erle.',
    'Ich möchte meine Größe für die Bestellung ändern, geht das noch?',
    'Natürlich. Welche Bestellung ist es denn, und welche Größe soll es werden?',
    'Die vom Montag, bitte eine Nummer größer.',
    'Ich habe es notiert. Auf Wiederhören!',
  ],
  ru: [
    'Здравствуйте, вы позвонили в клинику доктора Ольхина.',
    'Добрый день, я хотел бы перенести запись на четверг.',
    'Конечно. В четверг свободно в половине десятого утра и без четверти четыре.',
    'Лучше утром, спасибо.',
    'Записала вас. До четверга!',
  ],
} as const
const LANGUAGES = ['en', 'de', 'ru'] as const

export interface PastOptions {
  readonly count: number
  /** The last of them was before. */
  readonly now: number
}

const pick = <T>(values: readonly [T, ...T[]], index: number): T =>
  values[index % values.length] ?? values[0]

/** Newest last. */
export async function recordPast(
  dataDir: string,
  { count, now }: PastOptions,
): Promise<readonly CallId[]> {
  const database = await openDatabase(createLogger('silent'), { dataDir })
  const ids: CallId[] = []
  const writes: Promise<unknown>[] = []
  for (let index = 0; index < count; index += 1) {
    const { row, call } = pastCall(index, createdAt(index, count, now), ids)
    const { query } = database
    const events = pastEvents(call)
    let folded = row
    for (const event of events) folded = { ...folded, ...foldCall(folded, event) }
    folded = { ...folded, ...laterOn(index, folded) }
    const rows = events.map(({ callId, at, type, data }, seq) => {
      return { call_id: callId, seq, at, type, data: JSON.stringify(data) }
    })
    writes.push(
      database.write([
        query.insertInto('calls').values(folded),
        query.insertInto('call_events').values(rows),
        ...transcriptWrites(query, row.call_id, events),
      ]),
    )
    ids.push(call.callId)
  }
  await Promise.all(writes)
  await database.close()
  return ids
}

/** Evenly over the days, and most of them when people are awake. */
function createdAt(index: number, count: number, now: number): number {
  const first = now - PAST_DAYS * DAY_MS
  const even = first + ((index + 0.5) * (now - first)) / count
  const hour = 8 + ((index * 7) % 11) + (index % 13 === 0 ? 5 : 0)
  const day = Math.floor(even / DAY_MS) * DAY_MS
  const inDay = day + hour * 3_600_000 + ((index * 37) % 60) * 60_000 + index
  return inDay > now - 600_000 ? inDay - DAY_MS : inDay
}

function pastCall(
  index: number,
  at: number,
  earlier: readonly CallId[],
): { readonly row: CallRow; readonly call: PastCall } {
  const callId = newCallId()
  const direction = index % 3 === 0 ? 'inbound' : 'outbound'
  const isAnswered = index % 9 < 5
  const language = pick(LANGUAGES, index >> 1)
  const trunk = pick(PAST_TRUNKS, Math.floor(index / 4))
  const ending =
    direction === 'inbound' && isAnswered && index % 2 === 0
      ? 'callerHangup'
      : isAnswered
        ? pick(ANSWERED, Math.floor(index / 9))
        : pick(UNANSWERED, Math.floor(index / 2))
  const special = index % 41 === 40 ? (['agentDropped', 'crashed'] as const)[index % 2] : undefined
  const [from, to] =
    direction === 'inbound' ? [numberOf(index), '+4930555100'] : ['+4930555100', numberOf(index)]
  const isRetry = index % 29 === 28 && !isAnswered
  const first = earlier.at(-1)
  const row = newCallRow(
    {
      callId,
      direction,
      from: index % 31 === 0 ? null : from,
      to,
      trunk,
      createdAt: epochMs(at),
      metadata: index % 5 === 0 ? { campaign: `spring-${index % 3}`, order: index } : {},
      ...(isRetry && first ? { retry: { of: first, attempt: 2 } } : {}),
    },
    PRICE_PER_MINUTE,
  )
  const agent = { agentId: pick(PAST_AGENTS, Math.floor(index / 5)), language }
  const isTalk = isAnswered || special !== undefined
  const call: PastCall = {
    callId,
    direction,
    trunk,
    at,
    ringMs: 900 + ((index * 317) % 14_000),
    talkMs: isTalk ? 6000 + ((index * 7919) % 170_000) : null,
    termination: ENDINGS[special ?? ending],
    lines: TALKS[language],
    isInterrupted: index % 4 === 1,
    mos: index % 11 === 0 ? 3.1 : 4.3,
    consent: index % 6 < 2 ? { given: index % 6 === 0, language } : undefined,
  }
  return { row: { ...row, ...agentColumns(agent) }, call }
}

/** What became known of a call after its end. */
function laterOn(index: number, row: CallRow): Partial<CallRow> {
  const { answered_at: answeredAt } = row
  const reviewed = pick(REVIEWS, index >> 2)
  return {
    review_status: reviewed,
    ...(answeredAt !== null && index % 7 === 3
      ? { machine_verdict: index % 2 === 0 ? 'machine' : 'human', machine_at: answeredAt + 1800 }
      : {}),
    ...(answeredAt !== null && index % 3 !== 0
      ? { vendor_credits: 40 + index, vendor_usd: 0.02 + (index % 17) / 100 }
      : {}),
    ...(answeredAt !== null && index % 13 === 5 ? { recording_state: 'failed' } : {}),
    ...(answeredAt !== null && index % 13 === 7 ? { recording_state: 'deleted' } : {}),
  }
}
