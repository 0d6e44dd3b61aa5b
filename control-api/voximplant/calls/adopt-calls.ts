// The calls that an earlier run had: Voximplant goes on with them, and with their agents, whatever becomes of us. What
// their scenarios tell from now on is theirs again; what was told while nobody listened, the history knows.
import {
  epochMs,
  ms,
  type CallEvent,
  type CallId,
  type CallIdentity,
  type Termination,
} from '#core/contracts'
import { decodePlan } from '../../calls/call-plan.ts'
import { decodeCallEvent } from '../../calls/repository.ts'
import { PROVIDER_FAILED } from '../../calls/vendor-endings.ts'
import type { CallRow } from '../../db/schema.ts'
import type { VendorCallRow } from './call-store.ts'
import { hangUp } from './hang-up.ts'
import { decodeKnown } from './snapshot.ts'
import { INBOUND_RING_MS, inboundLimits } from './take-inbound.ts'
import { VoximplantCall, type CallLimits } from './voximplant-call.ts'
import { NO_SLOT, type LiveDesk } from './live-desk.ts'

/** A first message that was cut off may be followed by another for so long. */
const HALF_FOR_MS = 600_000
const LONGEST = ms(14_400_000)

export async function adoptCalls(desk: LiveDesk): Promise<void> {
  const { store, calls, logger, book } = desk
  for (const row of await store.open()) {
    const callId = row.call_id as CallId
    const call = await calls.find(callId)
    if (call === undefined) await forgetHalf(desk, row)
    else if (call.ended_at === null) await adopt(desk, row, call)
    else await close(desk, row, call)
  }
  if (book.size > 0) logger.warn({ calls: book.size }, 'calls of Voximplant go on after a restart')
}

/** Cut off between its two records. One that we place was never asked for; of one that comes in more may be told. */
async function forgetHalf({ store, clock }: LiveDesk, row: VendorCallRow): Promise<void> {
  const isAwaited = row.plan === null && clock.now() - row.created_at < HALF_FOR_MS
  if (!isAwaited) await store.remove(row.call_id as CallId)
}

async function close({ store, clock }: LiveDesk, row: VendorCallRow, call: CallRow): Promise<void> {
  const isPending = row.recording_url !== null || call.conversation_id !== null ? 1 : 0
  const over = {
    state: 'over',
    plan: null,
    snapshot: null,
    ending: null,
    control_url: null,
  } as const
  const ended = { ...over, is_pending: isPending, ended_at: clock.now() }
  await store.change(row.call_id as CallId, ended, clock.now())
}

async function adopt(desk: LiveDesk, row: VendorCallRow, call: CallRow): Promise<void> {
  const ledger = (await desk.calls.events(row.call_id as CallId)).map(decodeCallEvent)
  const plan = decodePlan(row.plan) ?? null
  const ending = decodeEnding(row.ending)
  const adopted = new VoximplantCall(desk, {
    identity: identityOf(call),
    applicationId: row.application_id,
    vendorAccountId: row.vendor_account_id,
    plan,
    limits: await limitsOf(desk, row),
    slot: NO_SLOT,
    sessionId: row.session_id,
    before: {
      told: ledger.map(({ type }) => type),
      answeredAt: call.answered_at === null ? null : epochMs(call.answered_at),
      known: decodeKnown(row.snapshot),
      controlUrl: row.control_url,
      exchangedAt: row.exchanged_at,
      ending,
      evidence: evidenceIn(ledger),
    },
  })
  // Whether the vendor took it nobody heard.
  adopted.isUnknown = row.session_id === null
  desk.book.add(adopted)
  adopted.askAfter(desk.timing.searchAfterMs)
  adopted.publishNews()
  if (ending !== null && !adopted.isFinished) hangUp(desk, adopted, ending)
}

async function limitsOf(desk: LiveDesk, row: VendorCallRow): Promise<CallLimits> {
  const plan = decodePlan(row.plan)
  if (plan) return { ringMs: plan.ringTimeout, maxDurationMs: plan.maxDuration }
  const application = await desk.applications.find(row.application_id)
  return application
    ? inboundLimits(application.row)
    : { ringMs: INBOUND_RING_MS, maxDurationMs: LONGEST }
}

const evidenceIn = (ledger: readonly CallEvent[]) =>
  ledger.find((event) => event.type === 'agent.attempted')?.data.evidence

const identityOf = (row: CallRow): CallIdentity => ({
  callId: row.call_id as CallId,
  direction: row.direction,
  from: row.from_number,
  to: row.to_number,
  trunk: row.trunk,
  provider: 'voximplant',
  createdAt: epochMs(row.created_at),
  // What the record has of it stays there: nobody asks a live call for it.
  metadata: {},
})

function decodeEnding(text: string | null): Termination | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as Termination
  } catch {
    // Written by another version.
    return PROVIDER_FAILED
  }
}
