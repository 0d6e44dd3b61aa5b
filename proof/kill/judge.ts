// What must hold after a kill, judged by the records of the carrier and the agent, and by what the product's own say.
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallView, TimelineItem } from '../../test/support/product-view.ts'
import type { LiveCall } from './live-call.ts'
import { within, type World } from './world.ts'

/** Times in milliseconds; undefined where nothing of the kind was there to be waited for. */
export interface Judged {
  readonly problems: readonly string[]
  readonly calls: number
  /** Kill to the close of the last agent. */
  readonly agentsMs: number | undefined
  /** Ready (or the kill, when nothing was started anew) to the last phone's BYE or CANCEL; below 0: before that. */
  readonly phonesMs: number | undefined
  /** Calls that went on as if nothing had been. */
  readonly survivors: number
  /** Agent sessions of the last moment, opened and never written down. */
  readonly unwritten: number
}

export interface Kill {
  readonly killedAt: number
  /** Of the next start; the kill itself when the process went on. */
  readonly readyAt: number
  readonly endsProcess: boolean
}

/** The mandate: an agent left open costs money. */
const AGENTS_WITHIN_MS = 5000
/** A call whose phone is told is a call whose agent goes. */
const CLOSED_WITHIN_MS = 1000
/** 20 BYEs and CANCELs a second, and a busy machine. */
const PHONES_WITHIN_MS = 5000
/** No start answers sooner, and no answer of the run that was killed is under way so long. */
const START_MS = 500
/** One worker's calls end together. */
const SETTLING_MS = 300
/** A worker that hangs is found out first. */
const NOTICED_WITHIN_MS = 12_000
const RECORDS_WITHIN_MS = 8000
/** What happened within so long before the kill may not be on the disk; what had to be was waited for. */
const UNWRITTEN_MS = 100
/** Of a call that talked for so long some audio is on the disk: all but the last seconds. */
const RECORDED_AFTER_MS = 4000

export async function judge(world: World, calls: readonly LiveCall[], kill: Kill): Promise<Judged> {
  const problems: string[] = []
  // Where the process goes on, the phones tell whose agents are to be gone.
  const agentsFirst = kill.endsProcess ? await judgeAgents(calls, kill, problems) : undefined
  const phonesMs = await judgePhones(calls, kill, problems)
  const agentsMs = agentsFirst ?? (await judgeAgents(calls, kill, problems))
  const survivors = calls.filter((call) => call.isUp && !isLeftRinging(call, kill))
  if (kill.endsProcess && survivors.length > 0) problems.push(`still up: ${survivors.join(', ')}`)
  const unwritten = await judgeRecords(world, calls, kill, problems)
  const counts = { calls: calls.length, survivors: survivors.length, unwritten }
  return { problems, agentsMs, phonesMs, ...counts }
}

async function judgeAgents(
  calls: readonly LiveCall[],
  { killedAt, endsProcess }: Kill,
  problems: string[],
): Promise<number | undefined> {
  const sessions = calls.flatMap((call) => call.sessions.map((session) => ({ call, session })))
  const due = endsProcess ? AGENTS_WITHIN_MS - (Date.now() - killedAt) : CLOSED_WITHIN_MS
  const isOpen = ({ call, session }: (typeof sessions)[number]): boolean =>
    session.closedAt === null && (endsProcess || !call.isUp)
  await within(due, () => !sessions.some(isOpen))
  for (const one of sessions.filter(isOpen))
    problems.push(`an agent left open: ${String(one.call)}`)
  const late = sessions.flatMap(({ session: { closedAt } }) => closedAt ?? [])
  const last = late.length === 0 ? undefined : Math.max(...late) - killedAt
  if (last !== undefined && last > AGENTS_WITHIN_MS && endsProcess)
    problems.push(`the last agent closed ${last} ms after the kill`)
  return last === undefined ? undefined : Math.max(0, last)
}

/** A caller that we had not answered hears ringing until its own timer, or hangs up: nobody can tell it more. */
const isLeftRinging = (
  { point, seen: { phone } }: LiveCall,
  { endsProcess, killedAt }: Kill,
): boolean =>
  endsProcess &&
  point.direction === 'inbound' &&
  // Or its INVITE, sent again, was answered by the next start: a new call, which goes on.
  (phone?.answeredAt === null || (phone?.answeredAt ?? 0) > killedAt + START_MS)

async function judgePhones(
  calls: readonly LiveCall[],
  kill: Kill,
  problems: string[],
): Promise<number | undefined> {
  const due =
    (kill.endsProcess ? PHONES_WITHIN_MS : NOTICED_WITHIN_MS) - (Date.now() - kill.readyAt)
  const cutOff = calls.filter((call) => !isLeftRinging(call, kill))
  if (kill.endsProcess) await within(due, () => !cutOff.some(({ isUp }) => isUp), 10)
  else if (await within(due, () => isSettled(calls), 10)) await sleep(SETTLING_MS)
  const ends = cutOff.flatMap(({ phones }) =>
    phones.flatMap(({ byeBy, byeAt, cancelAt }) => {
      const at = byeAt ?? cancelAt
      return at === null || byeBy === 'carrier' ? [] : [at - kill.readyAt]
    }),
  )
  for (const call of cutOff)
    for (const phone of call.phones) {
      const isOver = phone.byeAt !== null || phone.finalStatus !== 200
      if (phone.endedAt !== null && !isOver) problems.push(`ended without a BYE: ${String(call)}`)
      if (phone.endedAt === null && kill.endsProcess)
        problems.push(`a phone was left alone: ${String(call)}`)
      for (const wrong of phone.protocolErrors.filter((text) => !isExpected(text)))
        problems.push(`against the protocol: ${wrong}: ${String(call)}`)
    }
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** The process goes on: some calls are gone, and those that are left have heard something since. */
const isSettled = (calls: readonly LiveCall[]): boolean => calls.some(({ isUp }) => !isUp)

/** What a dead process does to a phone. */
const EXPECTED = [
  /^BYE was answered (408|481|503)/,
  /^no response to (BYE|INVITE)/,
  /^no ACK of the /,
  // Whether there was one, the dead process knew.
  /before any provisional response/,
  /in no dialog of ours/,
  /without a higher CSeq number/,
  /^a second BYE$/,
]
const isExpected = (text: string): boolean => EXPECTED.some((pattern) => pattern.test(text))

async function judgeRecords(
  world: World,
  calls: readonly LiveCall[],
  kill: Kill,
  problems: string[],
): Promise<number> {
  let unwritten = 0
  for (const call of calls) {
    const found = await recordsOf(world, call)
    const dialled = await call.dialled
    const wasRung = call.phones.some(
      ({ direction, provisionalAt, answeredAt }) =>
        direction === 'outbound' || provisionalAt !== null || answeredAt !== null,
    )
    const isOwed = wasRung || dialled?.kind === 'taken'
    if (found.length > 1 || (isOwed && found.length === 0))
      problems.push(`${found.length} records of one call: ${String(call)}`)
    if (dialled?.kind === 'taken' && !found.some(({ call_id }) => call_id === dialled.callId))
      problems.push(`a 202 without its record: ${String(call)}`)
    // Its SIP server or its media was being lost: an honest answer, as long as nothing rings.
    const isHonest =
      dialled?.kind === 'refused' && dialled.status === 503 && call.phones.length === 0
    if (dialled?.kind === 'refused' && !isHonest)
      problems.push(`refused with ${dialled.status}: ${String(call)}`)
    for (const record of found)
      if (!call.isUp) problems.push(...(await judgeRecord(world, call, record, kill)))
    for (const { call_id } of found) unwritten += await unwrittenIn(world, call, call_id)
  }
  const early = await world.view.metric('agent_sessions_before_answer_total')
  if (early !== 0) problems.push(`${early} agents before the answer, says the auditor`)
  return unwritten
}

const attemptsIn = (timeline: readonly TimelineItem[]): number =>
  timeline.filter(({ type }) => type === 'agent.attempted').length

async function unwrittenIn({ view }: World, call: LiveCall, callId: string): Promise<number> {
  return Math.max(0, call.sessions.length - attemptsIn(await view.timeline(callId)))
}

/** Newest first; a number is one call's alone. */
async function recordsOf(world: World, { number }: LiveCall): Promise<readonly CallView[]> {
  const response = await world.view.request(`/api/calls?number=${encodeURIComponent(number)}`)
  return ((await response.json()) as { readonly items: readonly CallView[] }).items
}

async function judgeRecord(
  world: World,
  call: LiveCall,
  { call_id: callId }: CallView,
  kill: Kill,
): Promise<readonly string[]> {
  let wrong: readonly string[] = []
  await within(
    RECORDS_WITHIN_MS,
    async () => {
      const record = (await world.view.call(callId)) as CallView & { has_recording: boolean }
      const timeline = await world.view.timeline(callId)
      wrong = [
        ...endOf(record),
        ...ledgerOf(call, timeline, kill),
        ...(await recordingOf(world, call, record)),
      ].map((text) => `${text}: ${String(call)}`)
      return wrong.length === 0
    },
    100,
  )
  return wrong
}

function endOf({ status, termination, ended_at }: CallView): readonly string[] {
  return status === 'ended' && termination !== null && ended_at !== null
    ? []
    : [`a record left ${status}`]
}

/** Every session the agent saw was attempted on an answer, and every one that was attempted is closed. */
function ledgerOf(
  { sessions }: LiveCall,
  timeline: readonly TimelineItem[],
  { killedAt }: Kill,
): readonly string[] {
  const attempted = attemptsIn(timeline)
  const owed = sessions.filter(({ upgradeAt }) => upgradeAt < killedAt - UNWRITTEN_MS).length
  const first = (wanted: TimelineItem['type']): number =>
    timeline.findIndex(({ type }) => type === wanted)
  const ends = timeline.filter(({ type }) => type === 'call.ended').length
  return [
    ...(owed > attempted ? [`${owed} agent sessions, ${attempted} in the ledger`] : []),
    ...(attempted > 0 && first('agent.attempted') < first('sip.answered')
      ? ['an agent before the answer in the ledger']
      : []),
    ...(ends === 1 ? [] : [`ended ${ends} times`]),
  ]
}

/** Mended, in the store, and a WAV file with sound. */
async function recordingOf(
  { view }: World,
  { seen: { phone } }: LiveCall,
  record: CallView & { readonly has_recording: boolean },
): Promise<readonly string[]> {
  const upMs = (phone?.byeAt ?? phone?.endedAt ?? 0) - (phone?.answeredAt ?? Infinity)
  if (!record.has_recording)
    return upMs > RECORDED_AFTER_MS && wasRecorded(record) ? ['no recording'] : []
  const response = await view.request(`/api/calls/${record.call_id}/recording`)
  const wav = Buffer.from(await response.arrayBuffer())
  const isWav = wav.toString('latin1', 0, 4) === 'RIFF' && wav.toString('latin1', 8, 12) === 'WAVE'
  const data = wav.indexOf('data')
  const bytes = data === -1 ? 0 : wav.readUInt32LE(data + 4)
  return isWav && bytes > 0 && bytes <= wav.length - data - 8 ? [] : ['a recording that is no WAV']
}

/** The phone may have been up for longer than we were: the record knows for how long we talked. */
const wasRecorded = ({ answered_at, ended_at }: CallView): boolean =>
  answered_at !== null &&
  ended_at !== null &&
  Date.parse(ended_at) - Date.parse(answered_at) > RECORDED_AFTER_MS
