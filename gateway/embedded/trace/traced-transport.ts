// A transport that notes what passes through it, and whom we spoke to.
import type { HostPort, Peer, SipProtocol, Transport } from '../transport/transport.ts'
import type { MessageTrace } from './message-trace.ts'

export class TracedTransport implements Transport {
  readonly #inner: Transport
  readonly #trace: MessageTrace
  readonly #onExpected: (peer: Peer) => void

  /** @param onExpected told of those to whom a request went, and whose call or registration stands */
  constructor(
    inner: Transport,
    trace: MessageTrace,
    onExpected: (peer: Peer) => void = () => undefined,
  ) {
    this.#inner = inner
    this.#trace = trace
    this.#onExpected = onExpected
  }

  get protocol(): SipProtocol {
    return this.#inner.protocol
  }

  get isReliable(): boolean {
    return this.#inner.isReliable
  }

  get local(): HostPort {
    return this.#inner.local
  }

  get advertised(): HostPort {
    return this.#inner.advertised
  }

  get family(): 4 | 6 {
    return this.#inner.family
  }

  get connectionCount(): number {
    return this.#inner.connectionCount
  }

  /** Called for what the inner transport received. */
  noteReceived(bytes: Buffer, from: Peer): void {
    this.#note('received', bytes, from)
  }

  send(bytes: Buffer, to: Peer, onFailed?: (why: string) => void): void {
    this.#note('sent', bytes, to)
    this.#onExpected(to)
    this.#inner.send(bytes, to, onFailed)
  }

  reply(bytes: Buffer, to: Peer, viaPort: number | undefined): void {
    this.#note('sent', bytes, to)
    this.#inner.reply(bytes, to, viaPort)
  }

  isConnected(peer: Peer): boolean {
    return this.#inner.isConnected(peer)
  }

  keep(peer: Peer): void {
    this.#onExpected(peer)
    this.#inner.keep(peer)
  }

  isRefused(peer: Peer): Promise<boolean> {
    return this.#inner.isRefused(peer)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #note(direction: 'received' | 'sent', bytes: Buffer, peer: Peer): void {
    const { protocol, local } = this.#inner
    this.#trace.note({ direction, protocol, local, peer, bytes })
  }
}
