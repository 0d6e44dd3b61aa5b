// Cuts a byte stream into SIP messages and keep-alives (RFC 3261 §7.5, §18.3; RFC 5626 §3.5.1).
// Every byte is looked at once and copied at most a few times, however the stream is cut into chunks.
import { isSipHead, readContentLength } from './content-length.ts'

/** Why nothing after this point of the stream can be understood. */
export type StreamLoss =
  /** The head went on beyond the limit: nothing was handed over. */
  | 'head-too-large'
  /** The three others: the head was handed over, so that it can be answered. */
  | 'message-too-large'
  | 'content-length'
  | 'not-sip'

interface FramerSink {
  onMessage(bytes: Buffer, size?: 'too-large'): void
  /** CRLF CRLF between messages: the other side wants to see a CRLF. At most once a chunk. */
  onPing(): void
  /** Nothing more is read. */
  onLost(loss: StreamLoss): void
}

const CR = 13
const LF = 10
/** CR LF CR LF: the end of a head and, between messages, a ping. */
const BLANK_LINE_BYTES = 4
const LINE_BREAK_BYTES = 2
const FIRST_HOLD_BYTES = 1_024
const NOTHING = Buffer.alloc(0)

export class MessageFramer {
  readonly #sink: FramerSink
  readonly #maxMessageBytes: number
  #state: 'between' | 'head' | 'body' | 'stopped' = 'between'
  /** How much of CR LF CR LF has just been seen. */
  #matched = 0
  /** The message so far. While its head is read this grows by doubling; then it has the size of the whole. */
  #held: Buffer = NOTHING
  #heldBytes = 0
  #begun = 0
  #pinged = false
  #pongDue = false

  constructor(sink: FramerSink, maxMessageBytes: number) {
    this.#sink = sink
    this.#maxMessageBytes = maxMessageBytes
  }

  /** The number of the message of which a part is here; 0 between messages. */
  get incomplete(): number {
    return this.#state === 'head' || this.#state === 'body' ? this.#begun : 0
  }

  push(chunk: Buffer): void {
    this.#pinged = false
    for (let at = 0; at < chunk.length;) {
      if (this.#state === 'between') at = this.#skipLineBreaks(chunk, at)
      else if (this.#state === 'head') at = this.#readHead(chunk, at)
      else if (this.#state === 'body') at = this.#readBody(chunk, at)
      else return
    }
    if (this.#state === 'between') this.#endOfChunk()
  }

  /** We pinged: the next CRLF that stands alone is the answer, and not the first half of a ping. */
  expectPong(): void {
    this.#pongDue = true
  }

  /** Nothing more is handed over. */
  stop(): void {
    this.#state = 'stopped'
    this.#release()
  }

  #endOfChunk(): void {
    if (!this.#pongDue || this.#matched !== LINE_BREAK_BYTES) return
    this.#matched = 0
    this.#pongDue = false
  }

  /** Also a single CR or LF, as `parseMessage` does. */
  #skipLineBreaks(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (byte !== CR && byte !== LF) {
        this.#state = 'head'
        this.#matched = 0
        this.#begun += 1
        return at
      }
      this.#matched = nextMatch(this.#matched, byte)
      if (this.#matched !== BLANK_LINE_BYTES) continue
      this.#matched = 0
      if (this.#pinged) continue
      this.#pinged = true
      this.#sink.onPing()
    }
    return chunk.length
  }

  #readHead(chunk: Buffer, from: number): number {
    const limit = from + this.#maxMessageBytes - this.#heldBytes
    const stop = Math.min(chunk.length, limit)
    // A local variable: this loop sees every byte of every head.
    let matched = this.#matched
    let at = from
    for (; at < stop && matched !== BLANK_LINE_BYTES; at += 1)
      matched = nextMatch(matched, chunk[at])
    this.#matched = matched
    if (this.#matched === BLANK_LINE_BYTES) {
      this.#matched = 0
      if (this.#heldBytes === 0) this.#onHead(chunk.subarray(from, at))
      else {
        this.#hold(chunk, from, at)
        this.#onHead(this.#held.subarray(0, this.#heldBytes))
      }
    } else if (at === limit) this.#lose('head-too-large')
    else this.#hold(chunk, from, at)
    return at
  }

  #onHead(head: Buffer): void {
    if (!isSipHead(head)) {
      this.#handOverAndLose(head, 'not-sip')
      return
    }
    const bodyBytes = readContentLength(head)
    if (bodyBytes === undefined) {
      this.#handOverAndLose(head, 'content-length')
      return
    }
    if (head.length + bodyBytes > this.#maxMessageBytes) {
      this.#handOverAndLose(head, 'message-too-large')
      return
    }
    // A buffer of its own: a body kept for the length of a call must not keep its neighbours of the chunk.
    const message = Buffer.allocUnsafe(head.length + bodyBytes)
    head.copy(message)
    this.#held = message
    this.#heldBytes = head.length
    this.#state = 'body'
    if (bodyBytes === 0) this.#finish()
  }

  #readBody(chunk: Buffer, from: number): number {
    const to = Math.min(chunk.length, from + this.#held.length - this.#heldBytes)
    chunk.copy(this.#held, this.#heldBytes, from, to)
    this.#heldBytes += to - from
    if (this.#heldBytes === this.#held.length) this.#finish()
    return to
  }

  #finish(): void {
    const message = this.#held
    this.#release()
    this.#state = 'between'
    this.#sink.onMessage(message)
  }

  #handOverAndLose(head: Buffer, loss: Exclude<StreamLoss, 'head-too-large'>): void {
    const message = Buffer.from(head)
    this.stop()
    this.#sink.onMessage(message, loss === 'message-too-large' ? 'too-large' : undefined)
    this.#sink.onLost(loss)
  }

  #lose(loss: StreamLoss): void {
    this.stop()
    this.#sink.onLost(loss)
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    const needed = this.#heldBytes + to - from
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_HOLD_BYTES, needed, this.#held.length * 2))
      this.#held.copy(larger, 0, 0, this.#heldBytes)
      this.#held = larger
    }
    chunk.copy(this.#held, this.#heldBytes, from, to)
    this.#heldBytes = needed
  }

  #release(): void {
    this.#held = NOTHING
    this.#heldBytes = 0
  }
}

/** How much of CR LF CR LF has been seen after one more byte. */
function nextMatch(matched: number, byte: number | undefined): number {
  if (byte === CR) return matched === LINE_BREAK_BYTES ? LINE_BREAK_BYTES + 1 : 1
  return byte === LF && matched % 2 === 1 ? matched + 1 : 0
}
