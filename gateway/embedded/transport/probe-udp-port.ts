// Asks the system whether anybody listens at a UDP address.
// An unconnected socket never hears of ICMP "port unreachable"; a connected one gets ECONNREFUSED.
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { HostPort, Peer } from './transport.ts'

/** The keep-alive of RFC 5626 §3.5.1: every SIP element must take it without an answer over UDP. */
const KEEP_ALIVE = Buffer.from('\r\n\r\n')
/** An ICMP report from the same network comes within milliseconds; a second covers a far one. */
const WAIT_MS = 1_000
/** Bounds the sockets when many destinations are silent at once; beyond it Timer B or F decides. */
const MAX_PROBES = 64
let running = 0

export async function probeUdpPort(peer: Peer, from: HostPort): Promise<boolean> {
  if (running >= MAX_PROBES) return false
  running += 1
  const socket = createSocket(isIPv6(peer.address) ? 'udp6' : 'udp4')
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, WAIT_MS, false)
      const done = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timer)
        resolve(error.code === 'ECONNREFUSED')
      }
      socket.on('error', done)
      socket.bind(0, from.host, () => {
        // The callback also hears of a failure, such as a network without a route: Timer B or F decides then.
        socket.connect(peer.port, peer.address, (error?: Error) => {
          if (error === undefined) socket.send(KEEP_ALIVE)
          else done(error)
        })
      })
    })
  } finally {
    running -= 1
    socket.close()
  }
}
