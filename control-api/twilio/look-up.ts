// Asking Twilio what became of calls that nothing was heard of: callbacks get lost, and so do we. A call that was placed
// without an answer is looked for among all of them, and never placed again.
import { termination, type EpochMs } from '#core/contracts'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { PROVIDER_FAILED } from '../calls/vendor-endings.ts'
import { isFinal } from './call-status.ts'
import type { CallBook } from './call-book.ts'
import type { TwilioRest, VendorCall } from './client.ts'
import { hangUp } from './hang-up.ts'
import type { ProviderCallStore } from './provider-call-store.ts'
import type { TwilioCall } from './twilio-call.ts'

export interface LookUpDeps {
  readonly book: CallBook
  readonly rest: TwilioRest
  readonly store: Pick<ProviderCallStore, 'findByVendorId'>
  readonly clock: Clock
  readonly logger: Logger
}

export interface LookUpTiming {
  readonly everyMs: number
  /** Waits between searches for a call that nobody may know; behind the last one it is given up. */
  readonly searchMs: readonly number[]
}

const LOOK_UP_TIMING: LookUpTiming = { everyMs: 1000, searchMs: [7000, 20_000] }

const MOST_AT_ONCE = 4
const AGAIN_MS = 60_000
const SAYS_GOODBYE_MS = 10_000
/** Twilio writes times in whole seconds, by its own clock. */
const SKEW_MS = 5000
/** Without a word of Twilio behind the longest that the call may last: it gives its place back. */
const FORGET_AFTER_MS = 3_600_000
/** Between our asking for a call and Twilio's making it. */
const MADE_WITHIN_MS = 60_000

export class LookUp {
  readonly #deps: LookUpDeps
  readonly #timing: LookUpTiming
  readonly #asking = new Set<TwilioCall>()
  readonly #searches = new WeakMap<TwilioCall, number>()
  readonly #timer: NodeJS.Timeout

  constructor(deps: LookUpDeps, timing: LookUpTiming = LOOK_UP_TIMING) {
    this.#deps = deps
    this.#timing = timing
    this.#timer = setInterval(() => this.#look(), timing.everyMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const { book, clock } = this.#deps
    const now = clock.now()
    for (const call of book.all()) {
      if (isTooLong(call, now)) this.#end(call)
      const isBusy = this.#asking.size >= MOST_AT_ONCE
      if (isBusy || call.askAt > now || this.#asking.has(call)) continue
      this.#asking.add(call)
      const asked = this.#ask(call).finally(() => this.#asking.delete(call))
      inBackground(asked, call.logger, 'asking Twilio about a call')
    }
  }

  #end(call: TwilioCall): void {
    const { rest } = this.#deps
    const ending = termination('success', 'max-duration', 'gateway')
    inBackground(hangUp(rest, call, ending), call.logger, 'ending a call')
  }

  async #ask(call: TwilioCall): Promise<void> {
    call.askAfter(AGAIN_MS)
    const { sid } = call
    if (sid === null) return this.#search(call)
    const answer = await this.#deps.rest.getCall(sid)
    if (answer.kind === 'ok') {
      const { status } = answer.value
      call.tell({ status })
      if (call.ending === null || isFinal(status)) return
      if (call.isOverdue) await hangUp(this.#deps.rest, call, call.ending)
      else call.askAfter(SAYS_GOODBYE_MS)
      return
    }
    if (answer.kind === 'refused') {
      call.logger.warn({ err: answer.error }, 'Twilio does not know a call that is live here')
      if (answer.error.code === 'NOT_FOUND') call.giveUp(PROVIDER_FAILED, 'Twilio does not know it')
    }
    this.#forget(call)
  }

  async #search(call: TwilioCall): Promise<void> {
    const { rest } = this.#deps
    const { to, from } = call.identity
    const searches = this.#searches.get(call) ?? 0
    const answer = await rest.listCalls(to, from ?? '')
    const found = answer.kind === 'ok' ? await this.#unknownOf(call, answer.value) : []
    // Its own word came meanwhile.
    if (call.sid !== null) return
    const wait = this.#timing.searchMs[searches]
    if (answer.kind !== 'ok') {
      call.askAfter(wait ?? AGAIN_MS)
      this.#forget(call)
      return
    }
    const [only] = found
    if (only !== undefined && found.length === 1) {
      call.bind(only.sid)
      call.tell({ status: only.status })
      if (call.ending !== null) await hangUp(rest, call, call.ending)
      return
    }
    this.#searches.set(call, searches + 1)
    if (wait !== undefined) call.askAfter(wait)
    // Two that may be it: their callbacks will say which.
    else if (found.length === 0) call.giveUp(PROVIDER_FAILED, 'Twilio has no such call')
    else this.#forget(call)
  }

  /** Those that may be it: another one of ours to the same number, over already, is in the records. */
  async #unknownOf(call: TwilioCall, all: readonly VendorCall[]): Promise<readonly VendorCall[]> {
    const candidates = all.filter((one) => mayBe(call, one))
    const known = await Promise.all(
      candidates.map(({ sid }) => this.#deps.store.findByVendorId(sid)),
    )
    const { book } = this.#deps
    return candidates.filter(
      ({ sid }, index) => known[index] === undefined && book.findBySid(sid) === undefined,
    )
  }

  /** Nobody there speaks of it any more: else it would be live here for good. */
  #forget(call: TwilioCall): void {
    const { identity, plan } = call
    const agoMs = this.#deps.clock.now() - identity.createdAt
    if (agoMs > plan.ringTimeout + plan.maxDuration + FORGET_AFTER_MS)
      call.giveUp(PROVIDER_FAILED, 'Twilio says nothing of it')
  }
}

function mayBe({ identity }: TwilioCall, { direction, createdAt }: VendorCall): boolean {
  if (direction !== 'outbound-api' || createdAt === null) return false
  const lateMs = createdAt - identity.createdAt
  return lateMs > -SKEW_MS && lateMs < MADE_WITHIN_MS
}

const isTooLong = ({ answeredAt, ending, isFinished, plan }: TwilioCall, now: EpochMs): boolean =>
  answeredAt !== null && ending === null && !isFinished && now - answeredAt > plan.maxDuration
