// Asking the history what became of calls that nothing was heard of: messages get lost, and so do we. A call that was
// placed without an answer is looked for by its token, and never placed again.
import { AppError } from '#core/errors'
import { inBackground } from '#core/telemetry'
import { backOffAfter } from '#core/time'
import type {
  HistoryQuery,
  HistorySession,
  VendorAnswer,
  VoximplantRest,
} from '../vendor/vendor-answer.ts'
import { decodeCustomData } from '../sync/custom-data.ts'
import { callIdOfGoodToken, customDataOf, tokenOf } from './call-token.ts'
import { hangUpAgain } from './hang-up.ts'
import type { KnownApplication } from './known-applications.ts'
import { settleFromHistory } from './settle.ts'
import type { VoximplantCall } from './voximplant-call.ts'
import type { LiveDesk } from './live-desk.ts'

const MOST_AT_ONCE = 4
/** Of one search among all sessions of an application. */
const MOST_PAGES = 5
const PAGE = 1000
/** The vendor counts in whole seconds, by its own clock. */
const SKEW_MS = 120_000
/** While the vendor cannot be asked a call may still be there: but not for ever. */
const UNREACHABLE_MS = 24 * 3_600_000

type Found = VendorAnswer<HistorySession | undefined>

export class LookUp {
  readonly #desk: LiveDesk
  readonly #asking = new Set<VoximplantCall>()
  readonly #timer: NodeJS.Timeout

  constructor(desk: LiveDesk) {
    this.#desk = desk
    this.#timer = setInterval(() => this.#look(), desk.timing.everyMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const { book, clock } = this.#desk
    const now = clock.now()
    for (const call of book.all()) {
      if (call.isFinished) closeAgain(call)
      const isDue = !call.isFinished && call.askAt <= now && !this.#asking.has(call)
      if (!isDue || this.#asking.size >= MOST_AT_ONCE) continue
      this.#asking.add(call)
      const asked = this.#ask(call).finally(() => this.#asking.delete(call))
      inBackground(asked, call.logger, 'asking Voximplant about a call')
    }
  }

  async #ask(call: VoximplantCall): Promise<void> {
    call.asked += 1
    call.askAfter(backOffAfter(call.asked, this.#desk.timing.backOff, Math.random))
    const application = await this.#desk.applications.find(call.applicationId)
    if (!application) {
      call.giveUp('its application was removed')
      return
    }
    const found = await this.#find(call, application).catch(failed)
    if (call.isFinished) return
    if (found.kind === 'ok' && found.value) {
      await settleFromHistory(this.#desk, call.identity.callId, found.value)
      return
    }
    if (found.kind !== 'ok')
      call.logger.warn({ err: found.error }, 'Voximplant did not say what became of a call')
    // What its scenario did not hear, or we did not send.
    hangUpAgain(this.#desk, call)
    this.#forget(call, found.kind === 'ok')
  }

  /** @throws AppError `STATE_CONFLICT`: its account is not used any more */
  async #find(call: VoximplantCall, application: KnownApplication): Promise<Found> {
    const rest = this.#desk.clients.of(application.account)
    const { sessionId } = call
    if (sessionId === null) return search(rest, { call, application, now: this.#desk.clock.now() })
    return history(rest, { sessionIds: [sessionId] }, (one) => one.sessionId === sessionId)
  }

  /** Nobody there speaks of it any more: else it would be live here for good. */
  #forget(call: VoximplantCall, wasAnswered: boolean): void {
    const wait = wasAnswered ? 0 : UNREACHABLE_MS
    if (this.#desk.clock.now() > call.forgetAt + wait) call.giveUp('Voximplant says nothing of it')
  }
}

/** @throws whatever is no error of ours */
function failed(error: unknown): Found {
  if (error instanceof AppError) return { kind: 'failed', error }
  throw error
}

/** The write that closes its record failed before. */
function closeAgain(call: VoximplantCall): void {
  if (call.isRecorded) inBackground(call.close(), call.logger, 'closing a call of Voximplant')
}

interface Search {
  readonly call: VoximplantCall
  readonly application: KnownApplication
  readonly now: number
}

/** By what it was started with; and, for the scenario adds its conversation to that, among all of its time. */
async function search(rest: VoximplantRest, { call, application, now }: Search): Promise<Found> {
  const { signingKey, row } = application
  const { callId, createdAt } = call.identity
  const customData = customDataOf(tokenOf(signingKey, callId))
  const range = {
    from: createdAt - SKEW_MS,
    to: now + SKEW_MS,
    ...(row.vendor_application_id === null ? {} : { applicationId: row.vendor_application_id }),
  }
  const isIt = ({ customData: text }: HistorySession) => {
    const { token } = decodeCustomData(text)
    return token !== null && callIdOfGoodToken(signingKey, token) === callId
  }
  const exact = await history(rest, { ...range, customData }, isIt)
  return exact.kind === 'ok' && exact.value === undefined
    ? await history(rest, { ...range, count: PAGE }, isIt)
    : exact
}

async function history(
  rest: VoximplantRest,
  query: HistoryQuery,
  isIt: (session: HistorySession) => boolean,
): Promise<Found> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await rest.history({ ...query, offset: page * PAGE })
    if (answer.kind !== 'ok') return answer
    const found = answer.value.sessions.find(isIt)
    const isLast = answer.value.sessions.length + answer.value.unreadable < (query.count ?? PAGE)
    if (found || isLast) return { kind: 'ok', value: found }
  }
  return { kind: 'ok', value: undefined }
}
