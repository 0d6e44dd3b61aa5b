// The ids of dialogs that were answered and ended: a later INVITE must not take such an id for itself.
// Call-ID and From tag are unique over space and time (RFC 3261 §8.1.1.4, §19.3), and whoever counts what one call
// may cost counts by this id.
import { createHash } from 'node:crypto'

/** At a hundred calls a second the last three minutes. */
const MAX_REMEMBERED = 16_384

export class EndedIds {
  readonly #digests = new Set<string>()

  add(id: string): void {
    this.#digests.add(digestOf(id))
    const oldest = this.#digests.values().next()
    if (this.#digests.size > MAX_REMEMBERED && oldest.done !== true) {
      this.#digests.delete(oldest.value)
    }
  }

  has(id: string): boolean {
    return this.#digests.has(digestOf(id))
  }
}

/** An id may be as long as a message; its digest is not. */
const digestOf = (id: string): string => createHash('sha1').update(id, 'latin1').digest('base64')
