// Keys of the caller → words for the agent: the socket has no message for keys, so an entry is collected and told as
// what the caller says, or as context. The digits may be a card number: they go to the agent and nowhere else.
import type { DtmfDigit } from '#core/contracts'
import type { DtmfMode } from './conversation-port.ts'
import type { ClientMessage } from './protocol.ts'

/** Longer than a card number, an account, a date: an entry is told when it is this long. */
const MAX_DIGITS = 32
/** Entries told that are remembered. */
const MAX_TOLD = 16
/** Entries that wait for the agent to be there. */
const MAX_WAITING = 8

export interface DtmfRelay {
  /** `#` ends an entry and is not part of it; alone it is one. */
  pressed(digit: DtmfDigit): void
  /** The agent can be told: what waits goes first. */
  ready(): void
  /** It cannot be told any more, or not for a while. */
  notReady(): void
  /** These words of the caller are an entry that was told: the vendor repeats what it is told as said. */
  wasTold(words: string): boolean
  /** What was not told is forgotten. */
  close(): void
}

export interface DtmfRelayOptions {
  readonly mode: DtmfMode
  readonly interDigitMs: number
  readonly send: (message: ClientMessage) => void
  /** The keys are taken as words spoken over the agent: told with the first of an entry, and before it is sent. */
  readonly onTalkedOver: () => void
}

export function createDtmfRelay(options: DtmfRelayOptions): DtmfRelay {
  return options.mode === 'off' ? DEAF : new KeyRelay(options, MESSAGES[options.mode])
}

const DEAF: DtmfRelay = {
  pressed: () => undefined,
  ready: () => undefined,
  notReady: () => undefined,
  wasTold: () => false,
  close: () => undefined,
}

const MESSAGES = {
  user_message: (digits: string): ClientMessage => ({ type: 'user_message', text: digits }),
  contextual_update: (digits: string): ClientMessage => ({
    type: 'contextual_update',
    text: `The caller pressed ${Array.from(digits).join(' ')} on the keypad.`,
  }),
} as const

class KeyRelay implements DtmfRelay {
  readonly #options: DtmfRelayOptions
  readonly #message: (digits: string) => ClientMessage
  #entry = ''
  #waiting: string[] = []
  readonly #told: string[] = []
  #isReady = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: DtmfRelayOptions, message: (digits: string) => ClientMessage) {
    this.#options = options
    this.#message = message
  }

  pressed(digit: DtmfDigit): void {
    clearTimeout(this.#timer)
    if (this.#entry === '') this.#talkOver()
    const ends = digit === '#' && this.#entry !== ''
    if (!ends) this.#entry += digit
    if (ends || digit === '#' || this.#entry.length >= MAX_DIGITS) this.#finish()
    else this.#timer = setTimeout(() => this.#finish(), this.#options.interDigitMs)
  }

  ready(): void {
    this.#isReady = true
    const waiting = this.#waiting
    this.#waiting = []
    for (const digits of waiting) this.#tell(digits)
  }

  notReady(): void {
    this.#isReady = false
  }

  wasTold(words: string): boolean {
    return words.length <= MAX_DIGITS * 2 && this.#told.includes(words.replace(/[\s.,-]/g, ''))
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#isReady = false
    this.#entry = ''
    this.#waiting = []
  }

  #finish(): void {
    const digits = this.#entry
    this.#entry = ''
    if (this.#isReady) this.#tell(digits)
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(digits)
  }

  #tell(digits: string): void {
    this.#talkOver()
    this.#told.push(digits)
    if (this.#told.length > MAX_TOLD) this.#told.shift()
    this.#options.send(this.#message(digits))
  }

  /** Context does not interrupt the agent, words do. */
  #talkOver(): void {
    if (this.#isReady && this.#options.mode === 'user_message') this.#options.onTalkedOver()
  }
}
