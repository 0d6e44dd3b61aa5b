// A call that comes in at Voximplant. The vendor has it already, and its scenario has answered it or is about to: it is
// recorded, not admitted.
import { newCallId, type CallId, type CallIdentity } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { agentColumns } from '../../calls/call-row.ts'
import { callerOf } from '../../calls/caller-of.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'
import type { ApplicationRow } from '../applications/application-store.ts'
import { newVendorCall, type VendorCallRow } from './call-store.ts'
import type { KnownApplication } from './known-applications.ts'
import { clockOffset, within } from './scenario-clock.ts'
import type { ScenarioMessage } from './scenario-message.ts'
import { VoximplantCall } from './voximplant-call.ts'
import { NO_SLOT, TRUNK, type LiveDesk } from './live-desk.ts'

/** The platform drops what is not answered by then. */
export const INBOUND_RING_MS = 60_000
/** No session is older: a time before is none. */
const OLDEST_MS = 24 * 3_600_000

/** @param half its first record, where the second is missing. @throws AppError `STATE_CONFLICT`, `DATABASE_UNAVAILABLE` */
export async function takeInbound(
  desk: LiveDesk,
  application: KnownApplication,
  message: ScenarioMessage,
  half?: VendorCallRow,
): Promise<VoximplantCall> {
  const { row, account } = application
  const callId = half === undefined ? newCallId() : (half.call_id as CallId)
  const identity = identityOf(desk, { callId, row, message })
  const kept = {
    call_id: callId,
    application_id: row.application_id,
    vendor_account_id: account.vendor_account_id,
    session_id: message.sessionId,
  }
  if (half === undefined)
    await desk.store.add(newVendorCall({ ...kept, state: 'live', created_at: identity.createdAt }))
  if (desk.recorder.find(callId) === undefined) {
    desk.recorder.assign(callId, columnsOf(row))
    await desk.journal.open(identity)
  }
  const call = new VoximplantCall(desk, {
    identity,
    applicationId: row.application_id,
    vendorAccountId: account.vendor_account_id,
    plan: null,
    limits: inboundLimits(row),
    slot: NO_SLOT,
    sessionId: message.sessionId,
  })
  desk.book.add(call)
  return call
}

export const inboundLimits = ({ options }: Pick<ApplicationRow, 'options'>) => ({
  ringMs: INBOUND_RING_MS,
  maxDurationMs: decodeScenarioOptions(options).max_duration_seconds * 1000,
})

const columnsOf = (row: ApplicationRow) => ({
  application_id: row.application_id,
  ...agentColumns({ agentId: row.elevenlabs_agent_id }),
})

interface Arriving {
  readonly callId: CallId
  readonly row: ApplicationRow
  readonly message: ScenarioMessage
}

function identityOf(
  { clock }: LiveDesk,
  { callId, row, message: { snapshot, sentAt } }: Arriving,
): CallIdentity {
  const now = clock.now()
  const { from, to, at } = snapshot
  const offset = sentAt === null ? 0 : clockOffset(sentAt, now)
  const startedAt = at.started === null ? now : at.started + offset
  return {
    callId,
    direction: 'inbound',
    from: callerOf(from ?? undefined),
    to: decodePhoneNumber(to) ?? row.phone_number ?? callerOf(to) ?? 'unknown',
    trunk: TRUNK,
    provider: 'voximplant',
    createdAt: within(startedAt, { from: now - OLDEST_MS, to: now }),
    metadata: {},
  }
}
