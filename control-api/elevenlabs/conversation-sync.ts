// The job behind a call that had an agent: asks the vendor about its conversations until it is done with them.
import { rm } from 'node:fs/promises'
import { ms, type CallId } from '#core/contracts'
import type { Clock } from '#core/time'
import type { CallRepository } from '../calls/repository.ts'
import type { CallRow } from '../db/schema.ts'
import type { JobHandler, JobResult } from '../jobs/job-queue.ts'
import type { AgentVendor } from './agent-vendor.ts'
import type { AgentVendors } from './agent-vendors.ts'
import type { ConversationAudio } from './conversation-audio.ts'
import type { ConversationRow, ConversationStore } from './conversation-store.ts'
import { isOver } from './decode-conversation.ts'
import type { VendorAnswer } from './vendor-rest.ts'

export interface SyncTiming {
  /** The first wait; each one after doubles the time since the end of the call. */
  readonly firstMs: number
  readonly maxMs: number
  /** So long the vendor may not know it yet; then it is taken for missing. */
  readonly missingAfterMs: number
  /** After that the vendor is asked no more; an operator may retry. */
  readonly giveUpAfterMs: number
}

/** The vendor's own deliveries of the same take up to 40 minutes; a day leaves it a bad one. */
export const SYNC_TIMING: SyncTiming = {
  firstMs: 5000,
  maxMs: 600_000,
  missingAfterMs: 600_000,
  giveUpAfterMs: 86_400_000,
}

export interface ConversationSyncDeps {
  readonly calls: Pick<CallRepository, 'find'>
  readonly store: ConversationStore
  readonly audio: ConversationAudio
  readonly clock: Clock
  /** Without a key for a call webhooks alone tell of it. */
  readonly vendors: Pick<AgentVendors, 'of'>
}

/** What is left to do of one conversation. */
type Left = Extract<JobResult, { kind: 'later' | 'park' }> | undefined

export function createConversationSync(deps: ConversationSyncDeps, timing: SyncTiming): JobHandler {
  return async ({ data, askedAt }, run) => {
    const call = await deps.calls.find(String(data['call_id']) as CallId)
    const vendor = call && (await deps.vendors.of(call))
    if (call === undefined || vendor === undefined) return { kind: 'done' }
    const ageMs = deps.clock.now() - askedAt
    const step = new SyncStep({ ...deps, vendor }, timing, ageMs, run.signal)
    const left: Left[] = []
    for (const row of await deps.store.ofCall(call.call_id)) {
      if (!(await run.extend())) throw new Error('the lease of this job is lost')
      left.push(await step.conversation(row, call))
    }
    const delays = left.flatMap((one) => (one?.kind === 'later' ? [one.delay] : []))
    if (delays.length > 0) return { kind: 'later', delay: ms(Math.max(...delays)) }
    return left.find((one) => one !== undefined) ?? { kind: 'done' }
  }
}

type StepDeps = ConversationSyncDeps & { readonly vendor: AgentVendor }

class SyncStep {
  readonly #deps: StepDeps
  readonly #timing: SyncTiming
  readonly #ageMs: number
  readonly #signal: AbortSignal

  constructor(deps: StepDeps, timing: SyncTiming, ageMs: number, signal: AbortSignal) {
    this.#deps = deps
    this.#timing = timing
    this.#ageMs = ageMs
    this.#signal = signal
  }

  async conversation(row: ConversationRow, call: CallRow): Promise<Left> {
    if (row.state === 'done') return this.#audio(row, call)
    if (row.state !== 'pending') return undefined
    const { store, vendor } = this.#deps
    const { conversation_id: id } = row
    const answer = await vendor.conversation(id, this.#signal)
    switch (answer.kind) {
      case 'ok': {
        const { value } = answer
        if (!isOver(value) && this.#ageMs < this.#timing.giveUpAfterMs) return this.#later()
        const state = value.status === 'done' ? 'done' : 'failed'
        await store.settle(id, { state, told: value })
        return state === 'done' && value.hasAudio ? this.#audio({ ...row, state }, call) : undefined
      }
      case 'unknown':
        if (this.#ageMs < this.#timing.missingAfterMs) return this.#later()
        await store.settle(id, { state: 'missing' })
        return undefined
      default:
        return this.#trouble(answer)
    }
  }

  /** None, or none any more, is no trouble. */
  async #audio(row: ConversationRow, call: CallRow): Promise<Left> {
    const { store, audio, vendor } = this.#deps
    if (!(await store.isAudioWanted(row, call))) return undefined
    const { conversation_id: id } = row
    const path = audio.incoming()
    try {
      const answer = await vendor.audio(id, path, this.#signal)
      if (answer.kind === 'ok') await audio.keep(id, path)
      else if (answer.kind !== 'unknown') return this.#trouble(answer)
      return undefined
    } finally {
      await rm(path, { force: true })
    }
  }

  #trouble(answer: Extract<VendorAnswer<unknown>, { readonly kind: 'refused' | 'failed' }>): Left {
    const why = `ElevenLabs: ${answer.why}`
    if (answer.kind === 'refused' || this.#ageMs >= this.#timing.giveUpAfterMs)
      return { kind: 'park', why }
    return this.#later(answer.retryAfter ?? 0)
  }

  /** As long again as it has waited already. */
  #later(atLeastMs = 0): Left {
    const { firstMs, maxMs } = this.#timing
    const delay = Math.min(maxMs, Math.max(firstMs, this.#ageMs))
    return { kind: 'later', delay: ms(Math.max(delay, atLeastMs)) }
  }
}
