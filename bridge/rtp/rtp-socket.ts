// The UDP sockets of one call: RTP on an even port, RTCP on the one above it (RFC 3550 §11).
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

/** A second of 50 packets with room for bursts; the kernel's default of 208 KiB is shared out just as well. */
const RECEIVE_BUFFER_BYTES = 64 * 1024
/** A report each few seconds needs no more. */
const RTCP_BUFFER_BYTES = 8 * 1024

export interface RtpSocket {
  readonly port: number
  send(packet: Uint8Array, port: number, address: string): void
  /** Idempotent. Resolves once the port is free. */
  close(): Promise<void>
}

/** The RTP socket, and with it the one for RTCP: opened and closed together. */
export interface RtpSocketPair extends RtpSocket {
  /** From the port above. */
  sendRtcp(packet: Uint8Array, port: number, address: string): void
}

type OnDatagram = (datagram: Buffer, source: RemoteInfo) => void

export interface RtpSocketHandlers {
  readonly onDatagram: OnDatagram
  readonly onRtcp: OnDatagram
  readonly onError: (error: Error) => void
}

/** @throws Error with `code` EADDRINUSE when another program holds one of the ports. */
export async function openRtpSocketPair(
  host: string,
  port: number,
  handlers: RtpSocketHandlers,
): Promise<RtpSocketPair> {
  const { onDatagram, onRtcp, onError } = handlers
  const rtp = await bind({ host, port, bufferBytes: RECEIVE_BUFFER_BYTES })
  try {
    const rtcp = await bind({ host, port: port + 1, bufferBytes: RTCP_BUFFER_BYTES })
    for (const socket of [rtp, rtcp]) socket.on('error', onError)
    rtp.on('message', onDatagram)
    rtcp.on('message', onRtcp)
    return new BoundPair(rtp, rtcp, port)
  } catch (error) {
    rtp.close()
    throw error
  }
}

interface Binding {
  readonly host: string
  readonly port: number
  readonly bufferBytes: number
}

async function bind({ host, port, bufferBytes }: Binding): Promise<Socket> {
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
  socket.setRecvBufferSize(bufferBytes)
  return socket
}

class BoundPair implements RtpSocketPair {
  readonly port: number
  readonly #rtp: Socket
  readonly #rtcp: Socket
  #closed: Promise<void> | null = null

  constructor(rtp: Socket, rtcp: Socket, port: number) {
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.port = port
  }

  send(packet: Uint8Array, port: number, address: string): void {
    // No callback: an error comes as the event, and Node saves a turn of the microtask queue. No offset and length
    // either: it would make another Buffer of them.
    if (this.#closed === null) this.#rtp.send(packet, port, address)
  }

  sendRtcp(packet: Uint8Array, port: number, address: string): void {
    if (this.#closed === null) this.#rtcp.send(packet, port, address)
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([closed(this.#rtp), closed(this.#rtcp)]).then(() => undefined)
    return this.#closed
  }
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.close(resolve))

/** Addresses come from SDP as IP literals; without this each send would go through dns.lookup and its thread pool. */
function addressAsIs(
  address: string,
  _options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  // Not isIPv6: its regular expression would be the dearest part of a send.
  callback(null, address, address.includes(':') ? 6 : 4)
}
