// Who is let in: how much of a stranger is read at all, and which of its requests come through. Whom the application
// knows is its own affair; what it would refuse anyway costs it nothing here.
import { tagOf } from '../message/name-addr.ts'
import type { SipRequest } from '../message/sip-message.ts'
import type { GateOptions, SipLimits } from '../server-options.ts'
import type { Refusal } from '../transaction/transaction-layer.ts'
import { KnownAddresses } from './known-addresses.ts'
import { RateByAddress } from './rate-by-address.ts'
import { isScanner } from './scanners.ts'

type GateLimits = Pick<
  SipLimits,
  'strangerMessagesPerSecond' | 'strangerMessageBurst' | 'strangerRefusalsPerSecond'
>

/** Some megabytes at most. Whoever forges more senders than these is held back by nothing but the other limits. */
const MAX_ADDRESSES = 10_000
/** How long those whom we asked something may speak to us: a call goes on for longer, but within its dialog. */
const ASKED_MS = 300_000

const STRANGER: Refusal = { cause: 'stranger' }
const STRANGER_TOLD: Refusal = { response: { status: 403 }, cause: 'stranger' }
/** It speaks of a dialog that is none: of one that ended, or of one that it made up. */
const STRANGER_WITHOUT_DIALOG: Refusal = { response: { status: 481 }, cause: 'stranger' }
const SCANNER: Refusal = { cause: 'scanner' }

export class Gate {
  readonly #rate: RateByAddress
  readonly #refusals: RateByAddress
  readonly #now: () => number
  /** Undefined: everybody is known. */
  #strangers: GateOptions['strangers'] | undefined
  #known = new KnownAddresses([])
  /** What was found in `#known` lately. */
  #found = new Map<string, boolean>()
  /** Until when they are known because we asked them something; the longest unasked first. */
  readonly #asked = new Map<string, number>()

  constructor(limits: GateLimits, options?: GateOptions, now = () => performance.now()) {
    const { strangerMessagesPerSecond, strangerMessageBurst, strangerRefusalsPerSecond } = limits
    this.#rate = new RateByAddress({
      perSecond: strangerMessagesPerSecond,
      burst: strangerMessageBurst,
      maxAddresses: MAX_ADDRESSES,
    })
    this.#refusals = new RateByAddress({
      perSecond: strangerRefusalsPerSecond,
      burst: strangerRefusalsPerSecond,
      maxAddresses: MAX_ADDRESSES,
    })
    this.#now = now
    if (options !== undefined) this.replace(options)
  }

  /** @throws Error with the code EINVAL when an address is none; then nothing has changed. */
  replace({ known, strangers }: GateOptions): void {
    this.#known = new KnownAddresses(known)
    this.#found = new Map()
    this.#strangers = strangers
  }

  /** We sent it a request, or took its call: what it sends is expected. */
  expect(address: string): void {
    if (this.#strangers === undefined || this.#isListed(address)) return
    this.#asked.delete(address)
    this.#asked.set(address, this.#now() + ASKED_MS)
    if (this.#asked.size > MAX_ADDRESSES) forgetFirst(this.#asked)
  }

  /** Asked of every message before it is read. False: it is to be forgotten. */
  admits(address: string): boolean {
    return this.#isKnown(address) || this.#rate.take(address, this.#now())
  }

  /** Whether its connection goes before those of others when places are short. Nobody's, where everybody is known. */
  prefers(address: string): boolean {
    return this.#strangers !== undefined && this.#isKnown(address)
  }

  /** Whether the application has to ask it who it is. */
  isUnproven(address: string): boolean {
    return this.#strangers === 'ask' && !this.#isKnown(address)
  }

  /**
   * Why a request is turned away; undefined when it is not.
   * @param isOngoing it belongs to what was begun; a To tag alone says nothing, as anybody can write one
   */
  refusalOf(
    { method, headers }: Pick<SipRequest, 'method' | 'headers'>,
    address: string,
    isOngoing: () => boolean = () => false,
  ): Refusal | undefined {
    if (this.#strangers === undefined) return undefined
    const isKnown = this.#isKnown(address)
    const isAsked = isKnown || this.#strangers === 'ask'
    const refusal = isScanner(headers, isKnown) ? SCANNER : isAsked ? undefined : STRANGER
    if (refusal === undefined || isOngoing()) return undefined
    // An ACK is never answered: it may acknowledge our own refusal.
    if (refusal === SCANNER || this.#strangers === 'drop' || method === 'ACK') return refusal
    if (!this.#refusals.take(address, this.#now())) return STRANGER
    return tagOf(headers.get('To')) === '' ? STRANGER_TOLD : STRANGER_WITHOUT_DIALOG
  }

  #isKnown(address: string): boolean {
    if (this.#strangers === undefined || this.#isListed(address)) return true
    const until = this.#asked.get(address)
    if (until === undefined) return false
    if (until > this.#now()) return true
    this.#asked.delete(address)
    return false
  }

  #isListed(address: string): boolean {
    const found = this.#found.get(address)
    if (found !== undefined) return found
    const isListed = this.#known.has(address)
    this.#found.set(address, isListed)
    if (this.#found.size > MAX_ADDRESSES) forgetFirst(this.#found)
    return isListed
  }
}

function forgetFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}
