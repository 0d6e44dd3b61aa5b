// One UDP socket for one call's RTP.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

/** A second of 50 packets with room for bursts; the kernel's default of 208 KiB is shared out just as well. */
const RECEIVE_BUFFER_BYTES = 64 * 1024

export interface RtpSocket {
  readonly port: number
  send(packet: Uint8Array, port: number, address: string): void
  /** Idempotent. Resolves once the port is free. */
  close(): Promise<void>
}

export interface RtpSocketHandlers {
  readonly onDatagram: (datagram: Buffer, source: RemoteInfo) => void
  readonly onError: (error: Error) => void
}

/** @throws Error with `code` EADDRINUSE when another program holds the port. */
export async function openRtpSocket(
  host: string,
  port: number,
  handlers: RtpSocketHandlers,
): Promise<RtpSocket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', lookup: addressAsIs })
  try {
    // Listened for first: with `addressAsIs` the socket is bound before `bind` returns.
    const listening = once(socket, 'listening')
    socket.bind({ address: host, port, exclusive: true })
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
  socket.on('error', handlers.onError)
  socket.on('message', handlers.onDatagram)
  return new BoundSocket(socket, port)
}

class BoundSocket implements RtpSocket {
  readonly port: number
  readonly #socket: Socket
  #closed: Promise<void> | null = null

  constructor(socket: Socket, port: number) {
    this.#socket = socket
    this.port = port
  }

  send(packet: Uint8Array, port: number, address: string): void {
    // No callback: an error comes as the event, and Node saves a turn of the microtask queue.
    if (this.#closed === null) this.#socket.send(packet, 0, packet.length, port, address)
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => this.#socket.close(resolve))
    return this.#closed
  }
}

/** Addresses come from SDP as IP literals; without this each send would go through dns.lookup and its thread pool. */
function addressAsIs(
  address: string,
  _options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  // Not isIPv6: its regular expression would be the dearest part of a send.
  callback(null, address, address.includes(':') ? 6 : 4)
}
