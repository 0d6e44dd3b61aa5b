// The trunks that one call may be dialled by, one after the other, and its place on the one that is at it.
import { randomBytes, randomUUID } from 'node:crypto'
import type { CallIdentity, InviteIdentity, Trunk } from '#core/contracts'
import type { TrunkBook, TrunkSlot } from '../trunks/trunk-book.ts'
import { fromHeader, requestUri, shownAs } from '../trunks/trunk.ts'

export interface TrunkAttempt {
  readonly trunk: Trunk
  /** Named here and not by the SIP server: it has to be on the disk before it leaves. */
  readonly invite: InviteIdentity
}

export class TrunkAttempts {
  readonly #book: TrunkBook
  readonly #left: Trunk[]
  readonly #from: string | undefined
  #slot: TrunkSlot | undefined

  /** @param from the caller's number when it was chosen; else each trunk shows its own */
  constructor(book: TrunkBook, candidates: readonly Trunk[], from: string | undefined) {
    this.#book = book
    this.#left = [...candidates]
    this.#from = from
  }

  /** Gives up the place on the one before. Undefined when none is left that has a place. */
  next(to: CallIdentity['to']): TrunkAttempt | undefined {
    this.release()
    for (let planned = this.#left.shift(); planned; planned = this.#left.shift()) {
      // The file may have been read again meanwhile: what was taken out is dialled no more.
      const trunk = this.#book.find(planned.name)
      if (!trunk) continue
      this.#slot = this.#book.take(trunk, 'outbound')
      if (this.#slot) return { trunk, invite: this.#inviteOf(trunk, to) }
    }
    return undefined
  }

  /** None may follow, even if it has a place then. */
  get isLast(): boolean {
    return this.#left.length === 0
  }

  release(): void {
    this.#slot?.release()
    this.#slot = undefined
  }

  #inviteOf(trunk: Trunk, to: string): InviteIdentity {
    const caller = this.#from ?? shownAs(trunk)
    return {
      requestUri: requestUri(trunk, to),
      from: `${fromHeader(trunk, caller)};tag=${randomBytes(12).toString('hex')}`,
      caller,
      sipCallId: randomUUID(),
      proxy: trunk.proxy ?? null,
      cseq: 1,
    }
  }
}
