// Calls that were in the menu, in a data folder before anything is started on it: the menu is the product's own, led by
// keys that are pressed here; the calls around it are told as the gateway and the telephony vendor would have.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  epochMs,
  newCallId,
  termination,
  type CallEvent,
  type CallEventData,
  type CallEventType,
  type CallId,
  type CallIdentity,
  type FlowInput,
} from '../../../core/contracts/index.ts'
import { createCallEventBus } from '../../../core/events/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import type { Clock } from '../../../core/time/index.ts'
import { newCallRow } from '../../../control-api/calls/call-row.ts'
import { foldCall } from '../../../control-api/calls/fold-call.ts'
import { openDatabase, type Database } from '../../../control-api/db/database.ts'
import { openFeed } from '../../../control-api/feed/feed.ts'
import { createFlowDesk } from '../../../control-api/ivr/flow-desk.ts'
import { promptCatalogue } from '../../../control-api/ivr/prompts/catalogue.ts'
import { openDiskStore } from '../../../control-api/storage/disk-store.ts'
import { wav } from '../wav-file.ts'

export interface MenuCalls {
  /** By Twilio, in German: silence first, then consent and an order; recorded; a machine was looked for. */
  readonly ordered: CallId
  /** By SIP, in English: the caller refused. */
  readonly refused: CallId
}

export const NO_MENU_CALLS = { ordered: '', refused: '' } as MenuCalls
export const MENU_ORDER = '20471133'

const RULES = {
  company: 'Muster GmbH',
  website: 'https://muster.example',
  prompts: promptCatalogue,
  isOrderNumber: (digits: string) => /^\d{4,12}$/.test(digits),
  maxOrderDigits: 12,
  onRefusal: 'end',
  human: null,
} as const
const PRICE_PER_MINUTE = 0.08
const ANSWER_AFTER_MS = 6500
const RECORDED_SECONDS = 30
const HOUR_MS = 3_600_000

const silence: FlowInput = { kind: 'silence' }
const keys = (digits: string): FlowInput => ({ kind: 'digits', digits })

export async function recordMenuCalls(dataDir: string, now: number): Promise<MenuCalls> {
  const database = await openDatabase(createLogger('silent'), { dataDir })
  try {
    const ordered = await menuCall(database, {
      at: now - HOUR_MS,
      language: 'de',
      call: { from: '+4915112345678', trunk: 'twilio', provider: 'twilio' },
      inputs: [silence, keys('1'), keys('99'), keys(MENU_ORDER), keys('1'), keys('2')],
      recording: await storeRecording(dataDir),
    })
    const refused = await menuCall(database, {
      at: now - 2 * HOUR_MS,
      language: 'en',
      call: { from: '+442071838750', trunk: 'rehearsal' },
      inputs: [keys('2')],
    })
    return { ordered, refused }
  } finally {
    await database.close()
  }
}

interface MenuStory {
  readonly at: number
  readonly language: 'de' | 'en'
  readonly call: Pick<CallIdentity, 'from' | 'trunk' | 'provider'>
  readonly inputs: readonly FlowInput[]
  readonly recording?: CallEventData['recording.stored']
}

type Tell = <T extends CallEventType>(after: number, type: T, data: CallEventData[T]) => void

async function menuCall(database: Database, story: MenuStory): Promise<CallId> {
  const callId = newCallId()
  const call: CallIdentity = {
    callId,
    direction: 'inbound',
    to: '+4930555100',
    createdAt: epochMs(story.at),
    metadata: {},
    ...story.call,
  }
  const row = newCallRow(call, PRICE_PER_MINUTE)
  await database.write([database.query.insertInto('calls').values(row)])
  const asked = await walkMenu(database, call, story)
  const events = around(call, asked, story.recording)
  let folded = row
  for (const event of events) folded = { ...folded, ...foldCall(folded, event) }
  const rows = events.map(({ at, type, data }, seq) => {
    return { call_id: callId, seq, at, type, data: JSON.stringify(data) }
  })
  await database.write([
    database.query.updateTable('calls').set(folded).where('call_id', '=', callId),
    database.query.insertInto('call_events').values(rows),
  ])
  return callId
}

/** @returns what it told of itself */
async function walkMenu(
  database: Database,
  call: CallIdentity,
  { inputs, language }: MenuStory,
): Promise<readonly CallEvent[]> {
  let now = call.createdAt + 400
  const clock: Clock = {
    now: () => epochMs(now),
    anchor: { wallMs: now, monotonicNs: 0n },
  }
  const told: CallEvent[] = []
  const events = createCallEventBus((error) => {
    throw error as Error
  })
  events.subscribe((event) => told.push(event))
  const feed = await openFeed(database, clock)
  const desk = createFlowDesk(
    { database, events, feed, clock, logger: createLogger('silent') },
    { rules: RULES, languageOf: () => language, systemVersion: '0.9.0' },
  )
  let turn = await desk.begin(call, { hasAgent: false })
  for (const input of inputs) {
    now += ANSWER_AFTER_MS
    turn = await desk.advance(call.callId, { step: turn.step, attempt: turn.attempt, input })
  }
  await desk.ended(call.callId)
  desk.close()
  return told
}

/** The call that the menu was on. */
function around(
  { callId, createdAt, provider, trunk }: CallIdentity,
  asked: readonly CallEvent[],
  recording: CallEventData['recording.stored'] | undefined,
): readonly CallEvent[] {
  const events: CallEvent[] = [...asked]
  const tell: Tell = (after, type, data) => {
    events.push({ type, callId, at: epochMs(createdAt + after), data } as CallEvent)
  }
  const end = (asked.at(-1)?.at ?? createdAt) - createdAt + 4000
  if (provider === 'twilio') {
    tell(5, 'provider.invited', { direction: 'inbound', providerCallId: `CA${'0'.repeat(32)}` })
    tell(300, 'provider.answered', {})
    tell(end, 'provider.ended', { status: 'completed', sipStatus: 200, errorCode: null })
  } else {
    const sipCallId = `${callId.slice(-12)}@127.0.0.1`
    tell(5, 'sip.invite', { direction: 'inbound', sipCallId, trunk })
    tell(300, 'sip.answered', answered(sipCallId))
    tell(350, 'dtmf', { source: 'rtp', durationMs: 120, digit: '2' })
    tell(end, 'sip.bye', { direction: 'sent' })
  }
  if (recording !== undefined) {
    const consented = asked.find(({ type }) => type === 'consent.given')?.at ?? createdAt
    tell(consented - createdAt + 20, 'recording.started', {})
    tell(end + 2, 'recording.stored', recording)
  }
  tell(end + 5, 'call.ended', { termination: termination('success', 'flow-ended', 'gateway') })
  return events.toSorted((one, other) => one.at - other.at)
}

const answered = (sipCallId: string): CallEventData['sip.answered'] => ({
  dialog: `${sipCallId};menu`,
  cseq: 1,
  sipCallId,
  localTag: 'a',
  remoteTag: 'b',
  localAddress: '<sip:gateway@127.0.0.1>;tag=a',
  remoteAddress: '<sip:phone@127.0.0.1>;tag=b',
  remoteTarget: 'sip:phone@127.0.0.1',
  natAddress: null,
  routeSet: [],
  localSeq: 1,
})

async function storeRecording(dataDir: string): Promise<CallEventData['recording.stored']> {
  const store = await openDiskStore(join(dataDir, 'media'))
  const path = join(dataDir, 'menu.wav')
  await writeFile(
    path,
    wav(
      RECORDED_SECONDS,
      () => 900,
      (second) => (second % 7 < 4 ? 6000 : 0),
    ),
  )
  const { key, bytes, sha256 } = await store.putFile('recordings/menu.wav', path, 'audio/wav')
  return { key, bytes, sha256, durationMs: RECORDED_SECONDS * 1000 }
}
