// An OPTIONS over UDP: whether anybody speaks SIP there.
import { createSocket } from 'node:dgram'

const WAIT_MS = 200

/** One OPTIONS over UDP; whether anything came back within a moment. */
export async function answersOptions(port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  const local = await new Promise<number>((resolve) => {
    socket.once('listening', () => resolve(socket.address().port))
  })
  const answered = new Promise<boolean>((resolve) => {
    socket.once('message', () => resolve(true)).once('error', () => resolve(false))
    setTimeout(() => resolve(false), WAIT_MS)
  })
  const lines = [
    `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${local};branch=z9hG4bKready`,
    `From: <sip:ready@127.0.0.1>;tag=ready`,
    `To: <sip:127.0.0.1:${port}>`,
    `Call-ID: ready-${local}`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
  ]
  socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1')
  const isAnswered = await answered
  socket.close()
  return isAnswered
}
