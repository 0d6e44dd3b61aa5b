// The database and the recordings of a run that is over, call by call: as the plan says, and as the outside saw it.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathsOf } from '../../control-api/storage/disk-paths.ts'
import type { ProofReport } from '../proof.ts'
import type { CallBook } from './call-world.ts'
import { kindOf, type CallKind, type Ending, type Ledger } from './plan.ts'

interface Row {
  readonly call_id: string
  readonly to_number: string
  readonly direction: string
  readonly status: string
  readonly outcome: string | null
  readonly termination_reason: string | null
  readonly termination_by: string | null
  readonly termination_sip_status: number | null
  readonly answered_at: number | null
  readonly ended_at: number | null
  readonly agent_opened_at: number | null
  readonly agent_sessions: number
  readonly agent_seconds: number
  readonly recording_state: string | null
  readonly recording_key: string | null
  readonly recording_bytes: number | null
  /** Of the events, in order. */
  readonly types: string | null
  readonly last_seq: number | null
}

const READ_ALL = `
  select c.call_id, c.to_number, c.direction, c.status, c.outcome, c.termination_reason, c.termination_by,
    c.termination_sip_status, c.answered_at, c.ended_at, c.agent_opened_at, c.agent_sessions, c.agent_seconds,
    c.recording_state, c.recording_key, c.recording_bytes,
    (select group_concat(type, ' ' order by seq) from call_events e where e.call_id = c.call_id) as types,
    (select max(seq) from call_events e where e.call_id = c.call_id) as last_seq
  from calls c order by c.call_id`

/** How often each event comes; what is not named never comes. */
type Expected = Readonly<Record<string, readonly [min: number, max: number]>>

const ALWAYS: Expected = {
  'sip.invite_prepared': [0, 1],
  'sip.answer_prepared': [0, 1],
  'sip.invite': [1, 1],
  'call.ended': [1, 1],
  'sip.provisional': [0, 3],
}
const ONCE = [1, 1] as const
const PERHAPS = [0, 1] as const
const AGENT_TALK: Expected = {
  'agent.prewarmed': PERHAPS,
  'agent.first_audio': PERHAPS,
  'agent.heard': PERHAPS,
  'media.first_packet_in': PERHAPS,
  'media.first_packet_out': PERHAPS,
}
const EVENTS: Readonly<Record<Ledger, Expected>> = {
  talked: {
    ...AGENT_TALK,
    'sip.answered': ONCE,
    'sip.bye': ONCE,
    'agent.attempted': ONCE,
    'agent.opened': ONCE,
    'agent.metadata': ONCE,
    'agent.closed': ONCE,
    'media.summary': ONCE,
  },
  unanswered: { 'agent.prewarmed': PERHAPS, 'sip.failed': PERHAPS, 'sip.cancel': PERHAPS },
  'cut-off': {
    ...AGENT_TALK,
    'sip.answered': ONCE,
    'sip.acknowledged': PERHAPS,
    'sip.cancel': PERHAPS,
    'sip.bye': ONCE,
    'agent.attempted': PERHAPS,
    'agent.opened': PERHAPS,
    'agent.metadata': PERHAPS,
    'agent.closed': PERHAPS,
    'media.summary': PERHAPS,
  },
}
const RECORDED: Expected = { 'recording.started': ONCE, 'recording.stored': ONCE }

/** The product counts from the request to the close, the agent from what it takes to what it hears of: once, and at most. */
const SECONDS_APART = 1
/** And on the average, a busy machine included: too much of one call does not make up for too little of another. */
const MEAN_SECONDS_APART = 0.1
/** Calls in which a side heard nothing: a machine that stands still for half a second makes a few. */
const MAX_SILENT_SHARE = 0.005
const MAX_EVIDENCE = 20

export function judgeRecords(
  dataDir: string,
  books: ReadonlyMap<string, CallBook>,
  world: { readonly placed: number; readonly nameless: number },
): ProofReport {
  const file = join(dataDir, 'voicegate.sqlite')
  const judge = new RecordJudge(join(dataDir, 'media'), books)
  const database = new DatabaseSync(file, { readOnly: true })
  for (const row of database.prepare(READ_ALL).iterate()) judge.see(row as unknown as Row)
  database.close()
  return judge.sum(world, statSync(file).size, filesIn(join(dataDir, 'spool')))
}

class RecordJudge {
  readonly #mediaDir: string
  readonly #books: ReadonlyMap<string, CallBook>
  readonly #problems = new Map<string, { times: number; example: string }>()
  readonly #endings = new Map<string, number>()
  readonly #seen = new Set<string>()
  readonly #agent = { told: 0, seen: 0, apart: 0, sessions: 0 }
  readonly #silent = { agent: 0, caller: 0 }
  #talked = 0
  /** Attempts whose session never got to say of which call it is. */
  #cutOff = 0
  #events = 0
  #recordings = 0
  #recordedBytes = 0

  constructor(mediaDir: string, books: ReadonlyMap<string, CallBook>) {
    this.#mediaDir = mediaDir
    this.#books = books
  }

  see(row: Row): void {
    const kind = kindOf(row.to_number)
    const book = this.#books.get(row.to_number)
    if (!kind || !book || this.#seen.has(row.to_number)) {
      this.#say('a call in the records that nobody placed, or twice', row)
      return
    }
    this.#seen.add(row.to_number)
    const say = (text: string): void => this.#say(`${kind.name}: ${text}`, row)
    if (row.direction !== kind.way.direction) say(`is ${row.direction}`)
    if (row.ended_at === null || row.status !== 'ended') say(`has no end: ${row.status}`)
    const how = endingText(row)
    this.#endings.set(how, (this.#endings.get(how) ?? 0) + 1)
    const end = kind.ends.find((each) => endingText(asRow(each)) === how)
    if (end === undefined) say(`ended as ${how}`)
    else {
      this.#judgeEvents(row, kind, end.ledger, say)
      this.#judgeLedger(row, end.ledger, book, say)
    }
    this.#judgeRecording(row, kind, say)
  }

  sum(
    { nameless, placed }: { readonly placed: number; readonly nameless: number },
    fileBytes: number,
    spooled: number,
  ): ProofReport {
    const problems = [...this.#problems].map(([text, { times }]) => `${times} calls: ${text}`)
    if (this.#seen.size !== placed) problems.push(`${placed} calls placed, ${this.#seen.size} kept`)
    const stored = filesIn(join(this.#mediaDir, 'recordings'))
    if (stored !== this.#recordings)
      problems.push(`${this.#recordings} recordings in the records, ${stored} on the disk`)
    if (nameless > this.#cutOff)
      problems.push(
        `${nameless} agent sessions that no call knows of, ${this.#cutOff} cut off before they spoke`,
      )
    if (spooled > 0) problems.push(`${spooled} recordings are left in the spool`)
    const { apart, seen, sessions, told } = this.#agent
    if (apart > sessions * MEAN_SECONDS_APART)
      problems.push(
        `the ledgers say ${told.toFixed(1)} agent seconds, the agent ${seen.toFixed(1)}; apart ${apart.toFixed(1)}`,
      )
    const { agent, caller } = this.#silent
    const mostSilent = Math.ceil(this.#talked * MAX_SILENT_SHARE)
    if (agent > mostSilent || caller > mostSilent)
      problems.push(`${agent} agents and ${caller} callers heard nothing`)
    const endings = [...this.#endings].sort(([, a], [, b]) => b - a)
    return {
      problems,
      evidence: [...this.#problems]
        .map(([text, { example }]) => `${text}: ${example}`)
        .slice(0, MAX_EVIDENCE),
      figures: [
        endings.map(([ending, calls]) => `${calls} ${ending}`).join(', '),
        `${told.toFixed(1)} agent seconds in the ledgers, ${seen.toFixed(1)} at the agent, of ${sessions} sessions; apart ${apart.toFixed(1)}`,
        `${agent} agents and ${caller} callers of ${this.#talked} calls heard nothing`,
        `${this.#recordings} recordings, ${(this.#recordedBytes / 1e6).toFixed(1)} MB`,
        `${this.#events} events, ${(this.#events / Math.max(1, this.#seen.size)).toFixed(1)} a call; database ${(fileBytes / 1e6).toFixed(1)} MB, ${(fileBytes / Math.max(1, this.#seen.size)).toFixed(0)} bytes a call`,
      ],
    }
  }

  #judgeEvents(row: Row, kind: CallKind, ledger: Ledger, say: (text: string) => void): void {
    const types = row.types?.split(' ') ?? []
    this.#events += types.length
    if (row.last_seq !== types.length - 1) say('has gaps in its events')
    const last = types.findLast((type) => type !== 'recording.stored')
    if (last !== 'call.ended') say(`has ${last ?? 'nothing'} as its last event`)
    const isAcknowledged = ledger === 'talked' && kind.way.direction === 'inbound'
    const expected: Expected = {
      ...ALWAYS,
      ...EVENTS[ledger],
      ...(isAcknowledged ? { 'sip.acknowledged': ONCE } : {}),
      ...(kind.recorded === true ? RECORDED : {}),
    }
    const counts = new Map<string, number>()
    for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
    for (const type of new Set([...Object.keys(expected), ...counts.keys()])) {
      const [min, max] = expected[type] ?? [0, 0]
      const times = counts.get(type) ?? 0
      if (times < min || times > max) say(`${times} times ${type}`)
    }
  }

  #judgeLedger(row: Row, ledger: Ledger, book: CallBook, say: (text: string) => void): void {
    const { agent_opened_at: openedAt, agent_seconds: seconds, answered_at: answeredAt } = row
    if (openedAt !== null && (answeredAt === null || openedAt < answeredAt))
      say('an agent before the answer')
    if ((ledger === 'unanswered') !== (answeredAt === null)) say('an answer where there was none')
    if (row.agent_sessions !== book.sessions && ledger !== 'cut-off')
      say(`${row.agent_sessions} agent sessions, the agent saw ${book.sessions}`)
    if (ledger === 'unanswered' && seconds > 0) say('agent seconds without an answer')
    if (ledger === 'cut-off') {
      const attempts =
        row.types?.split(' ').filter((type) => type === 'agent.attempted').length ?? 0
      this.#cutOff += attempts - book.sessions
    }
    if (ledger !== 'talked') return
    this.#talked += 1
    this.#agent.sessions += 1
    this.#agent.told += seconds
    this.#agent.seen += book.agentSeconds
    const apart = Math.abs(seconds - book.agentSeconds)
    this.#agent.apart += apart
    if (apart > SECONDS_APART)
      say('more than a second between its ledger and what the agent counted')
    if (book.agentHeard === 0) this.#silent.agent += 1
    if (book.callerHeard === 0) this.#silent.caller += 1
  }

  #judgeRecording(row: Row, kind: CallKind, say: (text: string) => void): void {
    const { recording_bytes: bytes, recording_key: key, recording_state: state } = row
    if (state !== (kind.recorded === true ? 'stored' : null))
      say(`its recording is ${state ?? 'missing'}`)
    if (state === null || key === null) return
    this.#recordings += 1
    this.#recordedBytes += bytes ?? 0
    const { fanned: file } = pathsOf(this.#mediaDir, key)
    if (!existsSync(file)) say('its recording is not on the disk')
    else if (statSync(file).size !== bytes) say('its recording has another size')
  }

  #say(text: string, { call_id: callId, types }: Row): void {
    const known = this.#problems.get(text)
    if (known) known.times += 1
    else this.#problems.set(text, { times: 1, example: `${callId}: ${types ?? ''}` })
  }
}

type EndingColumns = Pick<
  Row,
  'outcome' | 'termination_reason' | 'termination_by' | 'termination_sip_status'
>

const asRow = ({ outcome, reason, by, sipStatus }: Ending): EndingColumns => ({
  outcome,
  termination_reason: reason,
  termination_by: by,
  termination_sip_status: sipStatus,
})

const endingText = (row: EndingColumns): string =>
  [
    ...[row.outcome ?? 'nothing', row.termination_reason ?? 'no reason'],
    ...[`by ${row.termination_by ?? 'nobody'}`, row.termination_sip_status ?? ''],
  ]
    .join(' ')
    .trimEnd()

/** Also in folders below it, which are not counted. */
const filesIn = (folder: string): number =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
        .length
    : 0
