// A hostile SIP party: numbers what it sends, judges what comes back, and behaves well where a call needs an end.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../seeded-random.ts'
import { readMessage, type Request, type Response } from '../party/read-message.ts'
import {
  requestText,
  responseText,
  withinDialog,
  type WithinParts,
} from '../party/write-message.ts'
import { MARK, numbered } from './corpus.ts'
import type { InputBook } from './input-book.ts'
import { openTcpWire, openUdpWire, type Address, type Wire } from './wire.ts'

/** What all parties share. */
export interface Fuzzing {
  readonly server: (transport: 'udp' | 'tcp') => Address
  readonly book: InputBook
  /** The number of the next input; undefined: enough. */
  next(): number | undefined
  /** What an answer was: `4xx`, `broken`. */
  tally(what: string): void
  problem(text: string, evidence?: string): void
}

/** A valid OPTIONS is sent again so often, and answered at last within so long. */
const SYNC_AGAIN_MS = 300
const SYNC_WITHIN_MS = 15_000
/** Now and then a call gets no ACK, or a BYE no answer: the server's timers must end it. */
const NEGLECT = 0.03

export class FuzzPeer {
  /** Responses to what this party asked in earnest, by Call-ID. */
  readonly #awaited = new Map<string, (response: Response) => void>()
  readonly #fuzzing: Fuzzing
  readonly #random: Random
  readonly #name: string
  /** Told of each INVITE to us. */
  onInvite: (invite: Request) => void = () => undefined
  readonly wire: Wire
  /** Dialogs whose re-INVITEs are no calls of their own. */
  readonly #kept = new Set<string>()
  #asked = 0

  private constructor(name: string, fuzzing: Fuzzing, random: Random, wire: Wire) {
    this.#name = name
    this.#fuzzing = fuzzing
    this.#random = random
    this.wire = wire
  }

  static async open(
    name: string,
    fuzzing: Fuzzing,
    random: Random,
    transport: 'udp' | 'tcp',
  ): Promise<FuzzPeer> {
    const late: { peer?: FuzzPeer } = {}
    const onMessage = (bytes: Buffer): void => {
      if (late.peer !== undefined) late.peer.#receive(bytes)
    }
    const wire =
      transport === 'udp'
        ? await openUdpWire(() => fuzzing.server('udp'), onMessage)
        : await openTcpWire(() => fuzzing.server('tcp'), random, onMessage)
    return (late.peer = new FuzzPeer(name, fuzzing, random, wire))
  }

  keep(callId: string): void {
    this.#kept.add(callId)
  }

  forget(callId: string): void {
    this.#kept.delete(callId)
  }

  /** Sends one input, if there is one left. */
  sendInput(template: string, mutated: (text: string) => string): boolean {
    const n = this.#fuzzing.next()
    if (n === undefined) return false
    const text = mutated(numbered(template, n))
    this.#fuzzing.book.add(n, text)
    if (text !== '') this.wire.send(Buffer.from(text, 'latin1'))
    return true
  }

  sendPlain(text: string): void {
    this.wire.send(Buffer.from(text, 'latin1'))
  }

  /** Resolves once the server has taken all that was sent before: it answers a valid OPTIONS. */
  async sync(uri: string): Promise<boolean> {
    await this.wire.refresh()
    const answered = await this.ask({ method: 'OPTIONS', uri }, SYNC_WITHIN_MS)
    if (answered === undefined)
      this.#fuzzing.problem(`no answer to a valid OPTIONS within ${SYNC_WITHIN_MS} ms`)
    return answered !== undefined
  }

  /** A valid request, repeated; its final response. */
  async ask(
    parts: { readonly method: string; readonly uri: string; readonly body?: string },
    withinMs: number,
  ): Promise<Response | undefined> {
    const callId = `${this.#name}-${(this.#asked += 1)}`
    const { local: sender, transport } = this.wire
    const text = requestText({ ...parts, mark: callId, sender, transport, callId })
    const answered = Promise.withResolvers<Response>()
    this.#awaited.set(callId, (response) => {
      if (response.status >= 200) answered.resolve(response)
    })
    const deadline = performance.now() + withinMs
    try {
      while (performance.now() < deadline) {
        this.sendPlain(text)
        const stop = new AbortController()
        const again = sleep(SYNC_AGAIN_MS, undefined, { signal: stop.signal }).catch(
          () => undefined,
        )
        const response = await Promise.race([answered.promise, again])
        stop.abort()
        if (response !== undefined) return response
      }
      return undefined
    } finally {
      this.#awaited.delete(callId)
    }
  }

  close(): Promise<void> {
    return this.wire.close()
  }

  #receive(bytes: Buffer): void {
    const answer = readMessage(bytes)
    switch (answer.kind) {
      case 'keep-alive':
        return
      case 'broken':
        this.#fuzzing.tally('broken')
        this.#fuzzing.problem(
          `a message that cannot be read: ${answer.why}`,
          bytes.toString('latin1'),
        )
        return
      case 'request':
        this.#fuzzing.tally(answer.method)
        this.#onRequest(answer)
        return
      case 'response':
        this.#fuzzing.tally(`${Math.floor(answer.status / 100)}xx`)
        this.#onResponse(answer, bytes)
        return
      default:
        answer satisfies never
    }
  }

  #onRequest(request: Request): void {
    if (request.method === 'INVITE') this.onInvite(request)
    else if (request.method !== 'ACK' && !this.#random.chance(NEGLECT))
      this.sendPlain(responseText(request, '200 OK'))
  }

  #onResponse(response: Response, bytes: Buffer): void {
    const { fields, status } = response
    const awaited = this.#awaited.get(fields.callId)
    if (awaited !== undefined) {
      awaited(response)
      return
    }
    const wrong = this.#fuzzing.book.judge(status, fields)
    if (wrong !== undefined) this.#fuzzing.problem(wrong, bytes.toString('latin1'))
    if (
      fields.method === 'INVITE' &&
      status >= 200 &&
      status < 300 &&
      !this.#random.chance(NEGLECT)
    )
      this.#endCall(response)
  }

  /** ACK and BYE: whoever was answered by mistake hangs up. */
  #endCall(answer: Response): void {
    const { seq } = answer.fields
    this.sendPlain(this.within(answer, 'ACK', seq))
    if (!this.#kept.has(answer.fields.callId)) this.sendPlain(this.within(answer, 'BYE', seq + 1))
  }

  /** A request inside the dialog that this answer made. */
  within(answer: Response, method: string, seq: number, more: { body?: string } = {}): string {
    const mark = `${this.#name}-${(this.#asked += 1)}`
    return this.#withinDialog(answer, { method, seq, mark, ...more })
  }

  /** The same as an input that is still to get its number. */
  inputWithin(answer: Response, method: string, seq: number, body: string): string {
    return this.#withinDialog(answer, { method, seq, mark: MARK, body })
  }

  #withinDialog(answer: Response, parts: Omit<WithinParts, 'sender' | 'transport'>): string {
    const { local: sender, transport } = this.wire
    return withinDialog(answer, { ...parts, sender, transport })
  }
}
