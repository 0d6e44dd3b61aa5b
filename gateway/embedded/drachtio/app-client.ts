// One application connection: what it routes, and the frames sent to it.
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Peer, Transport } from '../transport/transport.ts'
import { encodeFrame } from './frame-reader.ts'

/** An application that does not read for so long is cut off rather than let to fill the memory. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024
/** Some thousand requests: more outside a dialog are refused meanwhile. */
const BUSY_BYTES = 4 * 1024 * 1024

export interface SentMessage {
  readonly bytes: Buffer
  readonly transport: Transport
  /** Requests name our own address, responses the other side's, as drachtio-server does. */
  readonly address: Peer
  readonly txnId: string
}

export class AppClient {
  readonly routes = new Set<string>()
  readonly #socket: Socket
  authenticated = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get isOpen(): boolean {
    return this.authenticated && !this.#socket.destroyed
  }

  /** Behind with its reading: calls it has are served, new ones wait. */
  get isBusy(): boolean {
    return this.#socket.writableLength > BUSY_BYTES
  }

  accept(frameId: string, ...tokens: readonly string[]): void {
    this.#write([randomUUID(), 'response', frameId, 'OK', ...tokens].join('|'))
  }

  /** Refused by the admin protocol itself: credentials, routes. */
  refuse(frameId: string, reason: string): void {
    this.#write(`${randomUUID()}|response|${frameId}|NO|${reason}`)
  }

  /** Refused by SIP. The text is part of the protocol: drachtio-srf matches on it. */
  refuseSip(frameId: string, reason: string): void {
    this.#write(`${randomUUID()}|response|${frameId}|NOK|${reason}`)
  }

  requestSent(frameId: string, sent: SentMessage): void {
    this.#write(
      `${randomUUID()}|response|${frameId}|OK|${metaOf('application', sent)}|${sent.txnId}|Msg sent:|`,
      sent.bytes,
    )
  }

  responseSent(frameId: string, sent: SentMessage, dialogId: string): void {
    this.#write(
      `${randomUUID()}|response|${frameId}|OK|${metaOf('application', sent)}|${sent.txnId}|${dialogId}||Msg sent:|`,
      sent.bytes,
    )
  }

  /** A message from the network. `receivedOn` is given for a request outside a dialog only. */
  fromNetwork(message: SentMessage, dialogId: string, receivedOn?: Peer): void {
    const destination = receivedOn === undefined ? '' : `${receivedOn.address}|${receivedOn.port}|`
    this.#write(
      `${randomUUID()}|sip|${metaOf('network', message)}|${message.txnId}|${dialogId}|${destination}`,
      message.bytes,
    )
  }

  /** A failure made here: no address, as drachtio-server writes it. */
  localFailure(bytes: Buffer, txnId: string, dialogId: string): void {
    this.#write(`${randomUUID()}|sip|network|0|udp||0|${timeOfDay()}|${txnId}|${dialogId}|`, bytes)
  }

  /** The server itself ended the dialog. */
  unsolicited(sent: SentMessage, dialogId: string): void {
    this.#write(
      `${randomUUID()}|sip|${metaOf('application', sent)}|unsolicited|${dialogId}|`,
      sent.bytes,
    )
  }

  #write(leader: string, message?: Buffer): void {
    if (this.#socket.destroyed) return
    this.#socket.write(encodeFrame(leader, message))
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy()
  }
}

const metaOf = (
  source: 'network' | 'application',
  { bytes, transport, address }: SentMessage,
): string =>
  `${source}|${bytes.length}|${transport.protocol}|${address.address}|${address.port}|${timeOfDay()}`

/** HH:MM:SS.uuuuuu, UTC. */
function timeOfDay(): string {
  return `${new Date().toISOString().slice(11, 23)}000`
}
