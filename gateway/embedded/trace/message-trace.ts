// The last messages of the wire, as they were, for whoever asks about one call. They lie in one ring of bytes: keeping
// one is a copy, its neighbours stay out of the garbage collector's way, and the bound is exact. The asker pays for the
// search, and pays in slices: SIP's timers run in the same thread.
import { isUtf8 } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { HostPort, Peer, SipProtocol } from '../transport/transport.ts'
import { headOf, withoutCredentials } from './mask-credentials.ts'

export interface TracedMessage {
  /** Of the monotonic clock that all threads of the process share. */
  readonly atMonotonicMs: number
  readonly direction: 'received' | 'sent'
  readonly protocol: SipProtocol
  readonly local: HostPort
  readonly remote: HostPort
  /** The message with its credentials masked; as latin1 when it is not UTF-8. */
  readonly text: string
}

export interface CallTrace {
  /** Oldest first. */
  readonly messages: readonly TracedMessage[]
  /** There are more than anybody would read: the first ones were handed over. */
  readonly cutOff: boolean
  /** What passed before, of whatever call, is kept no more, or came before the start. */
  readonly keptSinceMonotonicMs: number
}

interface Noted {
  readonly direction: 'received' | 'sent'
  readonly protocol: SipProtocol
  readonly local: HostPort
  readonly peer: Peer
  readonly bytes: Buffer
}

interface Kept extends Omit<Noted, 'bytes'> {
  readonly atMonotonicMs: number
  /** Counted from the first byte ever kept: its place in the ring is the remainder. */
  readonly start: number
  readonly length: number
}

/** One call with a thousand messages is a defect or an attack; its first ones tell the story. */
const MAX_PER_CALL = 1_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** Shorter messages than this on average are no SIP: what is noted about each would outgrow them. */
const LEAST_BYTES_A_MESSAGE = 256
/** Forgotten ones are cut off in bulk: one by one would move the whole list each time. */
const CUT_EVERY = 1_024
/** Searched in well below a millisecond. */
const SLICE_BYTES = 1024 * 1024
/** The compact form too, and folded (RFC 3261 §7.3.1, §7.3.3). */
const CALL_ID = /^(?:call-id|i)[ \t]*:(?:[ \t]|\r\n[ \t])*([^\s]+)/im

export class MessageTrace {
  readonly #ring: Buffer
  readonly #maxMessages: number
  #kept: Kept[] = []
  /** Those before it are forgotten. */
  #from = 0
  /** How many were cut off the list: what a place in it must be counted from. */
  #cut = 0
  #end = 0
  #keptSinceMonotonicMs = monotonicMs()

  /** @param maxBytes 0 keeps nothing */
  constructor(maxBytes: number) {
    // The system hands out the memory page by page, as it is written to.
    this.#ring = Buffer.allocUnsafeSlow(maxBytes)
    this.#maxMessages = Math.ceil(maxBytes / LEAST_BYTES_A_MESSAGE)
  }

  note({ direction, protocol, local, peer, bytes }: Noted): void {
    const capacity = this.#ring.length
    const { length } = bytes
    if (length > capacity || length === 0) return
    const place = this.#end % capacity
    // One that does not fit before the end of the ring begins at its start: each lies in one piece.
    const start = place + length > capacity ? this.#end - place + capacity : this.#end
    this.#end = start + length
    this.#forgetBefore(this.#end - capacity)
    bytes.copy(this.#ring, start % capacity)
    const atMonotonicMs = monotonicMs()
    this.#kept.push({ atMonotonicMs, direction, protocol, local, peer, start, length })
    if (this.#kept.length - this.#from > this.#maxMessages) this.#forgetOldest()
  }

  /** Every message of this Call-ID that is still kept. */
  async ofCall(callId: string): Promise<CallTrace> {
    const needle = Buffer.from(callId, 'latin1')
    const messages: TracedMessage[] = []
    let bytes = 0
    let cutOff = false
    let at = this.#cut + this.#from
    while (needle.length > 0 && at < this.#cut + this.#kept.length && !cutOff) {
      at = Math.max(at, this.#cut + this.#from)
      const { found, next } = this.#searchSlice(at, needle)
      for (const kept of found) {
        cutOff = messages.length === MAX_PER_CALL || bytes + kept.length > MAX_ANSWER_BYTES
        if (cutOff) break
        const message = this.#read(kept, callId)
        if (message) messages.push(message)
        bytes += message ? kept.length : 0
      }
      at = next
      await nextTurn()
    }
    return { messages, cutOff, keptSinceMonotonicMs: this.#keptSinceMonotonicMs }
  }

  /** Those whose bytes hold the needle, from the one at `at` to the end of a slice. */
  #searchSlice(at: number, needle: Buffer): { readonly found: Kept[]; readonly next: number } {
    const found: Kept[] = []
    let searched = 0
    let next = at
    for (; next < this.#cut + this.#kept.length && searched < SLICE_BYTES; next += 1) {
      const kept = this.#kept[next - this.#cut]
      if (!kept) continue
      searched += kept.length
      if (this.#bytesOf(kept).includes(needle)) found.push(kept)
    }
    return { found, next }
  }

  #read(kept: Kept, callId: string): TracedMessage | undefined {
    const bytes = this.#bytesOf(kept)
    if (CALL_ID.exec(headOf(bytes.toString('latin1')))?.[1] !== callId) return undefined
    const { atMonotonicMs, direction, protocol, local, peer } = kept
    const text = withoutCredentials(bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1'))
    const remote = { host: peer.address, port: peer.port }
    return { atMonotonicMs, direction, protocol, local, remote, text }
  }

  #bytesOf({ start, length }: Kept): Buffer {
    const place = start % this.#ring.length
    return this.#ring.subarray(place, place + length)
  }

  #forgetBefore(start: number): void {
    for (;;) {
      const oldest = this.#kept[this.#from]
      if (!oldest || oldest.start >= start) return
      this.#forgetOldest()
    }
  }

  #forgetOldest(): void {
    this.#keptSinceMonotonicMs = this.#kept[this.#from]?.atMonotonicMs ?? monotonicMs()
    this.#from += 1
    if (this.#from < CUT_EVERY && this.#from < this.#kept.length) return
    this.#kept = this.#kept.slice(this.#from)
    this.#cut += this.#from
    this.#from = 0
  }
}

function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
