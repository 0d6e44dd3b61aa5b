// One call of the old panel as rows of ours.
import { epochMs, type CallId } from '#core/contracts'
import { newCallRow } from '../../calls/call-row.ts'
import type { CallRow } from '../../db/schema.ts'
import { newVendorCall, type VendorCallRow } from '../calls/call-store.ts'
import { isPlausibleTime, plausibleCost, plausibleSeconds } from '../vendor/plausible-values.ts'
import type { BroughtApplication } from './old-accounts.ts'
import type { DumpValue } from './dump-statements.ts'
import type { OldRow } from './old-tables.ts'
import {
  amountOf,
  conversationOf,
  digitsOf,
  idOf,
  millisecondsOf,
  numberOf,
  outcomeOf,
  terminationOf,
  textOf,
} from './old-words.ts'

/** Where ours would say what a call is about. */
const OLD_PANEL = 'old panel'
/** Of accounts that were never tested here. */
const ASSUMED_CURRENCY = 'USD'

export interface OldCall {
  readonly call: CallRow
  readonly vendor: VendorCallRow
  /** Theirs; a path on the old machine. */
  readonly recording: string | null
  readonly unknownStatus: string | undefined
  readonly hasAssumedCurrency: boolean
}

/** Undefined of a call without any time that can be: nobody could find it. */
export function oldCall(
  row: OldRow<'calls'>,
  application: BroughtApplication,
  now: number,
): OldCall | undefined {
  const times = timesOf(row, now)
  if (times === undefined) return undefined
  const status = textOf(row.status) ?? 'failed'
  const callId = callIdOf(row, application)
  const conversation = conversationOf(row.conversation)
  const known = outcomeOf(status)
  const unknownStatus = known === undefined ? status.slice(0, 64) : undefined
  const cost = amountOf(row.cost)
  const call: CallRow = {
    ...newCallRow(identityOf(row, { callId, application, unknownStatus, ...times }), 0),
    ...endOf(row, { ...times, outcome: known ?? 'failed', application }),
    application_id: application.applicationId,
    agent_id: conversation === null ? null : application.agentId,
    conversation_id: conversation,
    telephony_cost: cost === null ? null : plausibleCost(cost / 100),
    telephony_currency: cost === null ? null : (application.currency ?? ASSUMED_CURRENCY),
  }
  return {
    call,
    vendor: newVendorCall({
      call_id: callId,
      vendor_account_id: application.vendorAccountId,
      application_id: application.applicationId,
      session_id: digitsOf(row.session),
      state: 'over',
      is_pending: conversation === null ? 0 : 1,
      created_at: times.createdAt,
      ended_at: times.endedAt,
    }),
    recording: textOf(row.recording),
    unknownStatus,
    hasAssumedCurrency: cost !== null && application.currency === null,
  }
}

/** The same for the same session, in whichever dump; without one by its row in the panel. */
function callIdOf(row: OldRow<'calls'>, application: BroughtApplication): CallId {
  const session = digitsOf(row.session)
  const names =
    session === null
      ? ['row', application.applicationId, row.id ?? '', row.startedAt ?? '']
      : ['session', application.vendorAccountId, session]
  return `call_${idOf('call', ...names).slice(0, 32)}` as CallId
}

interface Times {
  readonly createdAt: number
  readonly endedAt: number
}

function timesOf(row: OldRow<'calls'>, now: number): Times | undefined {
  const createdAt = timeOf(row.startedAt, now) ?? timeOf(row.createdAt, now)
  if (createdAt === null) return undefined
  const counted = createdAt + secondsOf(row) * 1000
  const told = timeOf(row.endedAt, now) ?? counted
  const isTalk = plausibleSeconds(Math.max(0, told - createdAt) / 1000) !== null
  return { createdAt, endedAt: Math.max(createdAt, Math.floor(isTalk ? told : counted)) }
}

function timeOf(value: DumpValue, now: number): number | null {
  const at = millisecondsOf(value)
  return at !== null && isPlausibleTime(at, now) ? at : null
}

const secondsOf = (row: OldRow<'calls'>): number => plausibleSeconds(amountOf(row.duration)) ?? 0

interface Identity extends Times {
  readonly callId: CallId
  readonly application: BroughtApplication
  readonly unknownStatus: string | undefined
}

function identityOf(row: OldRow<'calls'>, identity: Identity) {
  const { callId, application, createdAt, unknownStatus } = identity
  return {
    callId,
    direction: directionOf(row, application),
    from: numberOf(row.from) ?? null,
    to: numberOf(row.to) ?? 'unknown',
    trunk: 'voximplant',
    provider: 'voximplant',
    createdAt: epochMs(createdAt),
    metadata: {
      imported_from: OLD_PANEL,
      ...(unknownStatus === undefined ? {} : { old_status: unknownStatus }),
    },
  } as const
}

/** The panel did not write it down: inbound is what came to the number of the application. */
function directionOf(
  row: OldRow<'calls'>,
  { phoneNumber }: BroughtApplication,
): 'inbound' | 'outbound' {
  return phoneNumber !== null && numberOf(row.to) === phoneNumber ? 'inbound' : 'outbound'
}

interface End extends Times {
  readonly outcome: NonNullable<CallRow['outcome']>
  readonly application: BroughtApplication
}

function endOf(
  row: OldRow<'calls'>,
  { outcome, application, createdAt, endedAt }: End,
): Partial<CallRow> {
  const callee = directionOf(row, application) === 'inbound' ? 'caller' : 'callee'
  const { result, reason, by } = terminationOf(outcome, callee)
  const talkedMs = secondsOf(row) * 1000
  const answeredAt = talkedMs > 0 ? Math.max(createdAt, endedAt - talkedMs) : createdAt
  return {
    status: 'ended',
    outcome,
    termination_result: result,
    termination_reason: reason,
    termination_by: by,
    invited_at: createdAt,
    answered_at: outcome === 'answered' ? answeredAt : null,
    ended_at: endedAt,
  }
}
