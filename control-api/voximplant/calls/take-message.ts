// What a scenario tells, brought to its call: one that is live, one that comes in and is not known yet, or one whose record
// is closed already.
import { codeOf } from '#core/errors'
import { callIdOfGoodToken } from './call-token.ts'
import type { VendorCallRow } from './call-store.ts'
import type { KnownApplication } from './known-applications.ts'
import { hangUpAgain } from './hang-up.ts'
import { addLate } from './late-message.ts'
import { recorded } from './recorded.ts'
import type { ScenarioMessage } from './scenario-message.ts'
import { claimSession } from './session-claim.ts'
import { takeInbound } from './take-inbound.ts'
import type { VoximplantCall } from './voximplant-call.ts'
import type { LiveDesk } from './live-desk.ts'

/** `known`: it was told before; `ignored`: there is nothing in it for us. */
export type TakeResult = 'taken' | 'known' | 'ignored'

/**
 * Resolves when it is durable.
 * @throws AppError `DATABASE_UNAVAILABLE`: it may be told again; `STATE_CONFLICT` of a session that is another call’s
 */
export function takeMessage(
  desk: LiveDesk,
  application: KnownApplication,
  message: ScenarioMessage,
): Promise<TakeResult> {
  const { vendor_account_id: account } = application.account
  return desk.turns.take(`${account} ${message.sessionId}`, () =>
    message.token === null
      ? takeOfSession(desk, application, message)
      : takeOfToken(desk, application, { message, token: message.token }),
  )
}

/** Of a call that we placed: its own word, before the answer to our request, or in the place of one that was lost. */
async function takeOfToken(
  desk: LiveDesk,
  application: KnownApplication,
  { message, token }: { readonly message: ScenarioMessage; readonly token: string },
): Promise<TakeResult> {
  const callId = callIdOfGoodToken(application.signingKey, token)
  if (callId === undefined) return 'ignored'
  const call = desk.book.find(callId)
  // A second session that came with the token was told to call nobody: what it says is not of this call.
  if (call) {
    const isIts = await claimSession(desk, call, message.sessionId)
    return isIts ? learn(desk, { application, call, message }) : 'ignored'
  }
  const row = await desk.store.find(callId)
  if (row?.session_id !== message.sessionId || row.ended_at === null) return 'ignored'
  return addLate(desk, row, message)
}

async function takeOfSession(
  desk: LiveDesk,
  application: KnownApplication,
  message: ScenarioMessage,
): Promise<TakeResult> {
  const { row, account } = application
  const ofSession = [account.vendor_account_id, message.sessionId] as const
  const call = desk.book.findBySession(...ofSession)
  if (call) {
    const isIts = call.applicationId === row.application_id
    return isIts ? learn(desk, { application, call, message }) : 'ignored'
  }
  // Somebody else's start of our scenario: it calls nobody.
  const isInbound = message.snapshot.direction === 'inbound'
  const known = await desk.store.findBySession(...ofSession)
  if (known) return takeOfKnown(desk, { application, message, known })
  if (!isInbound) return 'ignored'
  try {
    const taken = await takeInbound(desk, application, message)
    return await learn(desk, { application, call: taken, message })
  } catch (error) {
    if (codeOf(error) !== 'STATE_CONFLICT') throw error
    // The history has told of it in the meantime.
    const added = await desk.store.findBySession(...ofSession)
    if (!added) throw error
    return takeOfKnown(desk, { application, message, known: added })
  }
}

async function takeOfKnown(
  desk: LiveDesk,
  {
    application,
    message,
    known,
  }: {
    readonly application: KnownApplication
    readonly message: ScenarioMessage
    readonly known: VendorCallRow
  },
): Promise<TakeResult> {
  if (known.application_id !== application.row.application_id) return 'ignored'
  if (known.ended_at !== null) return addLate(desk, known, message)
  // Its first message was cut off between its two records.
  const taken = await takeInbound(desk, application, message, known)
  return learn(desk, { application, call: taken, message })
}

interface Told {
  readonly application: KnownApplication
  readonly call: VoximplantCall
  readonly message: ScenarioMessage
}

async function learn(desk: LiveDesk, { application, call, message }: Told): Promise<TakeResult> {
  if (!call.isFinished) noteCost(desk, { application, call, message })
  const isNews = call.learn(message.snapshot, message.sentAt)
  if (!call.isFinished) {
    hangUpAgain(desk, call)
    await call.save()
    return isNews ? 'taken' : 'known'
  }
  await recorded(call)
  return isNews ? 'taken' : 'known'
}

/** Until the history tells of all that it cost. */
function noteCost({ recorder }: LiveDesk, { application, call, message }: Told): void {
  const { currency } = application.account
  const cost = message.snapshot.ended?.cost ?? null
  if (cost === null || currency === null) return
  recorder.assign(call.identity.callId, { telephony_cost: cost, telephony_currency: currency })
}
